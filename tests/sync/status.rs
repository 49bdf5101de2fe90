//! How the last sync went is told alike on the screen, by the panel, in the metrics and by `greengate status`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::authority::Authority;
use super::command::{authority, config};
use super::follow::Running;
use super::server::{Server, waiting};

/// A kiosk's folder that follows this feed.
fn dock(authority: &Authority, feed: &str) -> TempDir {
    let config = config(&format!("[feed]\n{feed}\nroot = \"root.json\"\n[panel]\nlisten = \"127.0.0.1:8080\"\n"));
    super::write(&config.path().join("root.json"), authority.root(1));
    config
}

/// What `greengate status` says of the kiosk whose panel listens there.
fn says(config: &Path, panel: &str, more: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.args(["status", "--panel", panel, "--config"]).arg(config).args(more);
    let output = command.output().expect("the program");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (text, output.status.code())
}

impl Running {
    /// What `greengate status` says of it.
    pub fn told(&self, config: &Path) -> String {
        let (text, code) = says(config, self.address.trim_start_matches("http://"), &[]);
        assert_eq!(code, Some(0), "{text}");
        text
    }

    /// The figure of this name, if there is one.
    fn figure(&self, name: &str) -> Option<String> {
        let mut answer = self.agent.get(format!("{}/metrics", self.address)).call().expect("figures");
        let text = answer.body_mut().read_to_string().expect("text");
        text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(' ')?.to_owned()))
    }

    fn wait_for_fault(&self, begins: &str) {
        self.wait_for(|status| status["sync"]["fault"].as_str().is_some_and(|fault| fault.starts_with(begins)));
        assert_eq!(self.figure("greengate_sync_ok").as_deref(), Some("0"));
    }
}

fn line<'a>(told: &'a str, begins: &str) -> &'a str {
    told.lines().find_map(|line| line.strip_prefix(begins)).unwrap_or_else(|| panic!("no `{begins}` in\n{told}"))
}

#[test]
fn a_sync_that_never_was_one_that_went_well_and_ones_that_failed() {
    let mut authority = authority();
    let server = Server::of(authority.folder.path());
    let config = dock(&authority, &format!("url = \"{}\"", server.address));
    let (trick, request, leave) = waiting();
    server.once("timestamp.json", trick);
    let running = Running::start(config.path());
    request.recv().expect("the first request");
    let never = running.told(config.path());
    assert_eq!((line(&never, "list       "), line(&never, "synced     ")), ("none", "not yet"));
    assert!(!never.contains("failed") && running.figure("greengate_sync_ok").is_none(), "{never}");
    leave.send(()).expect("the server waits");

    running.wait_for(|status| status["cache"]["version"] == 1 && status["sync"]["synced"].is_string());
    let good = running.told(config.path());
    assert!(line(&good, "list       ").starts_with("version 1, "), "{good}");
    let synced = line(&good, "synced     ");
    assert!(synced.contains(" s ago, ") && synced.ends_with(&format!("kB from {}", server.address)), "{synced}");
    assert_eq!(running.figure("greengate_sync_ok").as_deref(), Some("1"));
    assert!(
        running.figure("greengate_sync_bytes").is_some_and(|bytes| bytes.parse().is_ok_and(|bytes: u64| bytes > 0))
    );

    authority.signers.insert("timestamp", vec![99]);
    authority.publish_timestamp(8);
    running.post("/sync", 202);
    running.wait_for_fault("the feed's timestamp is not signed as the root of trust asks");
    let failed = running.told(config.path());
    assert!(line(&failed, "synced     ").contains(" ago, "), "the last good one is still told: {failed}");
    assert!(failed.contains("\n           the last sync failed: the feed's timestamp is not signed"), "{failed}");

    authority.signers.insert("timestamp", vec![13]);
    let name = authority.delta(1, 2);
    authority.versions.insert("timestamp", 8);
    authority.publish();
    let part = format!("state/feed/{}.part", name.split('.').next().expect("a digest"));
    std::os::unix::fs::symlink("/dev/full", config.path().join(part)).expect("a link");
    running.post("/sync", 202);
    running.wait_for_fault("no room for `");
    running.post("/sync", 202);
    running.wait_for(|status| status["cache"]["version"] == 2 && status["sync"]["fault"].is_null());
    assert_eq!(running.figure("greengate_sync_ok").as_deref(), Some("1"));
}

#[test]
fn without_a_network_the_screen_itself_says_why_there_is_no_list() {
    let authority = authority();
    let config = dock(&authority, "url = \"http://127.0.0.1:1\"");
    let running = Running::start(config.path());
    running.wait_for_fault("`http://127.0.0.1:1/metadata/timestamp.json` cannot be reached: ");
    let detail = |status: &Value| status["scene"]["body"]["fault"]["detail"].as_str().map(str::to_owned);
    running.wait_for(|status| detail(status).is_some_and(|detail| detail.contains("cannot be reached")));
    let told = running.told(config.path());
    assert!(line(&told, "screen     ").starts_with("There is no list yet: `http://127.0.0.1:1/"), "{told}");
    assert_eq!(line(&told, "synced     "), "not yet");
    let kept = "to nobody: the kiosk is not enrolled, so every row is kept and the journal grows";
    assert_eq!(line(&told, "handed up  "), kept);
}

#[test]
fn a_stick_is_told_when_it_is_there_and_asked_for_when_it_is_not() {
    let authority = authority();
    let config = dock(&authority, "folder = \"stick\"");
    let stick = config.path().join("stick");
    let running = Running::start(config.path());
    running.wait_for_fault(&format!("there is no feed in `{}`; plug the stick in", stick.display()));
    std::os::unix::fs::symlink(authority.folder.path(), &stick).expect("the stick is there");
    running.wait_for(|status| status["cache"]["version"] == 1 && status["sync"]["fault"].is_null());
    let told = running.told(config.path());
    assert!(line(&told, "synced     ").ends_with(&format!(" from {}", stick.display())), "{told}");
    let address = running.address.clone();
    drop(running);
    // The next one starts without the stick and knows of the last.
    std::fs::remove_file(&stick).expect("the stick is pulled out");
    let (told, code) = says(config.path(), address.trim_start_matches("http://"), &[]);
    assert_eq!(code, Some(69), "{told}");
    assert!(
        told.contains("no kiosk answers at `")
            && told.contains("start it with `greengate run`")
            && line(&told, "synced     ").ends_with(" ago"),
        "{told}"
    );
    let (json, _) = says(config.path(), address.trim_start_matches("http://"), &["--json"]);
    let json: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&json["kiosk"], &json["cache"]["version"]), (&"dock".into(), &1.into()));
    let running = Running::start(config.path());
    running.wait_for_fault("there is no feed in `");
    assert!(running.status()["sync"]["synced"].is_string());
}
