//! Another implementation of The Update Framework as the judge: python-tuf reads what our authority publishes, our kiosk
//! refuses what python-tuf forges, and of the museum's feeds both say the same.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use greengate::rules::hex;
use greengate::sync::{Did, Source, SyncFault};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::authority::Authority;
use super::server::Server;
use super::{Kiosk, museum, patient};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sync/python_tuf.py");

/// A Python that has python-tuf, or a line that says why the test is skipped.
fn python() -> Option<OsString> {
    let named = env::var_os("GREENGATE_PYTHON");
    let has_tuf = |program: &OsString| {
        let imported = Command::new(program).args(["-c", "import cryptography, tuf.ngclient"]).output();
        imported.is_ok_and(|output| output.status.success())
    };
    let found = named.into_iter().chain(["python3".into()]).find(has_tuf);
    if found.is_none() {
        println!("skipped: no Python with python-tuf and cryptography (looked for $GREENGATE_PYTHON, python3)");
    }
    found
}

/// What the script prints.
#[track_caller]
fn script(python: &OsStr, arguments: &[&OsStr]) -> String {
    // A proxy that the machine may have knows nothing of loopback.
    let output = Command::new(python).arg(SCRIPT).args(arguments).env("NO_PROXY", "127.0.0.1").output();
    printed(&output.expect("the program"))
}

#[track_caller]
fn hub(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    command.arg("--folder").arg(folder).args(["--as", "mei"]).args(arguments);
    printed(&command.output().expect("the program"));
}

#[track_caller]
fn printed(output: &std::process::Output) -> String {
    let [told, complained] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(output.status.success(), "{complained}");
    told
}

/// What lies in a feed's folder of files, as python-tuf would tell it.
fn files(feed: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(feed.join("targets")).expect("a folder").map(|entry| entry.expect("an entry"));
    let digest = |path| hex::encode(&Sha256::digest(std::fs::read(path).expect("a file")));
    let named = entries.map(|entry| {
        let (name, digest) = (entry.file_name().to_string_lossy().into_owned(), digest(entry.path()));
        let plain = name.strip_prefix(&format!("{digest}.")).expect("a name that begins with the digest").to_owned();
        (plain, digest)
    });
    named.collect()
}

/// An authority with the project's own records, as an officer begins it.
fn begin(folder: &Path) {
    let csv = |name| format!("{}/assets/authority/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    hub(folder, &["init"]);
    hub(folder, &["import", &csv("suppliers"), &csv("reasons"), &csv("listings")]);
    hub(folder, &["publish"]);
}

#[test]
fn python_tuf_reads_what_the_authority_publishes() {
    let Some(python) = python() else { return };
    let place = TempDir::new().expect("a folder");
    let (authority, feed) = (place.path().join("authority"), place.path().join("authority/feed"));
    begin(&authority);
    let server = Server::of(&feed);
    let root = feed.join("metadata/1.root.json");
    let read = |folder: &str| -> Value {
        let folder = place.path().join(folder);
        let arguments = ["read".as_ref(), server.address.as_ref(), root.as_os_str(), folder.as_os_str()];
        serde_json::from_str(&script(&python, &arguments)).expect("JSON")
    };
    let first = read("follower");
    assert_eq!((&first["root"], &first["targets"]), (&json!(1), &json!(1)));
    hub(&authority, &["keys", "rotate", "timestamp", "--why", "a year is over"]);
    hub(&authority, &["publish"]);
    assert_eq!(read("follower")["root"], 2);
    hub(&authority, &["revoke", "1001", "--reason", "120", "--why", "too many bacteria"]);
    hub(&authority, &["publish"]);
    // One that followed along and one that begins at the first root end at the same.
    let last = read("newcomer");
    assert_eq!(read("follower"), last);
    assert_eq!((&last["root"], last["timestamp"].as_u64() > first["timestamp"].as_u64()), (&json!(2), true));
    let told = last["files"].as_object().expect("files").iter();
    let told: BTreeMap<&str, &Value> = told.map(|(name, file)| (name.as_str(), file)).collect();
    let names: Vec<&str> = told.keys().copied().collect();
    assert_eq!(names, ["audit.checkpoint", "delta-1-2.jsonl.zst", "snapshot-1.jsonl.zst"]);
    let there = files(&feed);
    for (name, (from, to, issued)) in names.into_iter().skip(1).zip([(1, 2, &last["issued"]), (0, 1, &first["issued"])])
    {
        let custom = json!({"from": from, "to": to, "issued": issued});
        assert_eq!(told[name], &json!({"sha256": there[name], "custom": custom}), "{name}");
    }
}

/// Where the kiosk is stricter: it knows no delegations, and reads nothing that is nested without end.
const STRICTER: [&str; 2] = ["role-unknown", "timestamp-too-deep"];

#[test]
fn python_tuf_agrees_about_the_museum() {
    let Some(python) = python() else { return };
    let server = Server::of(&museum::museum());
    let folder = museum::museum();
    let told = script(&python, &["museum".as_ref(), server.address.as_ref(), folder.as_os_str()]);
    let told: BTreeMap<String, Option<String>> = serde_json::from_str(&told).expect("JSON");
    let judged = museum::judged();
    assert!(told.keys().eq(judged.keys()), "it looked at {} of {} feeds", told.len(), judged.len());
    for (name, objection) in told {
        let is_right = judged[&name] || STRICTER.contains(&name.as_str());
        assert_eq!(objection.is_none(), is_right, "{name}: {objection:?}");
    }
}

type IsRight = fn(&SyncFault) -> bool;

/// What the kiosk has to say to each of python-tuf's forged feeds.
const FORGED: [(&str, IsRight); 22] = [
    ("rollback-timestamp", |fault| matches!(fault, SyncFault::Rollback { have: 2, offered: 1, .. })),
    ("rollback-snapshot", |fault| matches!(fault, SyncFault::Rollback { have: 2, offered: 1, .. })),
    ("rollback-targets", |fault| matches!(fault, SyncFault::Rollback { have: 2, offered: 1, .. })),
    ("freeze-timestamp", |fault| matches!(fault, SyncFault::Expired { role: "the feed's timestamp", .. })),
    ("freeze-snapshot", |fault| matches!(fault, SyncFault::Expired { role: "the feed's snapshot", .. })),
    ("freeze-targets", |fault| matches!(fault, SyncFault::Expired { role: "the feed's list of files", .. })),
    ("mixed-snapshot", |fault| matches!(fault, SyncFault::Mixed { .. })),
    ("mixed-targets", |fault| matches!(fault, SyncFault::Mixed { .. })),
    ("swapped-timestamp", |fault| is_signature(fault, "timestamp")),
    ("swapped-snapshot", |fault| is_signature(fault, "snapshot")),
    ("swapped-targets", |fault| is_signature(fault, "targets")),
    ("disguised-timestamp", |fault| is_signature(fault, "timestamp")),
    ("disguised-snapshot", |fault| is_signature(fault, "snapshot")),
    ("disguised-targets", |fault| is_signature(fault, "targets")),
    ("root-skipped", |fault| matches!(fault, SyncFault::SkippedRoot { have: 1, offered: 3 })),
    ("root-hole", |fault| is_signature(fault, "timestamp")),
    ("root-one-signature", |fault| is_signature(fault, "root")),
    ("root-signed-twice", |fault| is_signature(fault, "root")),
    ("root-taken-over", |fault| is_signature(fault, "root")),
    ("file-longer", |fault| matches!(fault, SyncFault::Wrong { what: "bytes", .. })),
    ("file-shorter", |fault| matches!(fault, SyncFault::Wrong { what: "bytes", .. })),
    ("file-changed", |fault| matches!(fault, SyncFault::Wrong { what: "SHA-256", .. })),
];

fn is_signature(fault: &SyncFault, of: &str) -> bool {
    matches!(fault, SyncFault::Signature { role, .. } if role.contains(of))
}

/// The kiosk's list, and for metadata that is not believed also its trust.
fn held(kiosk: &Kiosk, name: &str) -> BTreeMap<String, Vec<u8>> {
    let is_held = |path: &str| path.contains("cache-") || (path.ends_with("feed.json") && !name.starts_with("file-"));
    kiosk.files().into_iter().filter(|(path, _)| is_held(path)).map(|(path, (_, bytes))| (path, bytes)).collect()
}

#[test]
fn feeds_that_python_tuf_forges_leave_the_list_as_it_is() {
    let Some(python) = python() else { return };
    let mut lists = Authority::new();
    let lists = [1, 2].map(|to| {
        let name = lists.snapshot(to);
        (std::fs::read(lists.path("targets", &name)).expect("a list"), name)
    });
    let place = TempDir::new().expect("a folder");
    let at = |name: &str| place.path().join(name);
    for (bytes, name) in &lists {
        super::write(&at(name), bytes);
    }
    let paths = ["feeds", &lists[0].1, &lists[1].1].map(at);
    let [feeds, first, second] = &paths;
    let arguments = ["forge".as_ref(), feeds.as_os_str(), first.as_os_str(), second.as_os_str()];
    script(&python, &arguments);
    let source = |name: &str| Source::folder(feeds.join(name)).with_pace(patient());
    let root = std::fs::read(feeds.join("good/metadata/1.root.json")).expect("a root");
    for (name, is_right) in FORGED {
        let kiosk = Kiosk { state: TempDir::new().expect("a folder"), root: Some(root.clone()) };
        let outcome = kiosk.sync(&source("good")).expect("a good feed");
        assert_eq!((outcome.before, outcome.after, outcome.did), (0, 1, Did::Snapshot(0)));
        let before = held(&kiosk, name);
        let fault = kiosk.sync(&source(name)).expect_err(name);
        assert!(is_right(&fault), "{name}: {fault:?}");
        assert!(held(&kiosk, name) == before && kiosk.version() == 1, "{name} changed what the kiosk has: {fault}");
        assert_eq!(kiosk.parts(), [""; 0], "{name}");
        // Nothing but the forgery was wrong, and the kiosk is none the worse for it.
        assert_eq!(kiosk.sync(&source("next")).expect(name).after, 2, "{name}");
    }
}
