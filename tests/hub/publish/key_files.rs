//! Key files: closed to others, sealed on request, readable by OpenSSL; and the commands that make them.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use greengate::hub::keys::{Ask, KeyName, Keys, Passphrase};
use greengate::hub::{self, HubFault, Publishing};

use super::{Authority, author, client, names};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).expect("a passphrase")
}

fn giving(text: &'static str) -> Ask {
    Box::new(move || Passphrase::new(text.to_owned()))
}

/// The public half of a key file as OpenSSL prints it; nothing where there is no OpenSSL.
fn openssl(path: &Path, secret: &str) -> Option<String> {
    let arguments = ["pkey", "-noout", "-text_pub", "-passin", &format!("pass:{secret}"), "-in"];
    let output = Command::new("openssl").args(arguments).arg(path).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    Some(text.lines().skip(2).flat_map(|line| line.trim().chars()).filter(char::is_ascii_hexdigit).collect())
}

fn hub_program(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    command.arg("--folder").arg(folder).args(arguments).env_remove("GREENGATE_PASSPHRASE");
    command.output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn keys_are_closed_to_others() {
    let authority = Authority::new();
    let keys = authority.path().join("keys");
    assert_eq!(mode(&keys), 0o700);
    let files = names(&keys);
    let expected = [
        "audit.pem",
        "label-1.pem",
        "root-1.pem",
        "root-2.pem",
        "root-3.pem",
        "snapshot.pem",
        "targets.pem",
        "timestamp.pem",
    ];
    assert_eq!(files, expected);
    assert!(files.iter().all(|name| mode(&keys.join(name)) == 0o600));
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let mut authority = Authority::new();
    authority.keys = Keys::plain(authority.path());
    let path = authority.path().join("keys/timestamp.pem");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("opened to the group");
    let fault = authority.try_publish().expect_err("refused").to_string();
    let shown = path.display();
    let expected = format!("the key `{shown}` has mode `640`, so others can read it; run `chmod 600 {shown}`");
    assert_eq!(fault, expected);
}

#[test]
fn openssl_reads_plain_and_sealed_keys() {
    for secret in [None, Some("correct horse")] {
        let folder = tempfile::tempdir().expect("a folder");
        let passphrase = secret.map(passphrase);
        hub::init(folder.path(), passphrase.as_ref(), &author(0)).expect("a new authority");
        let path = folder.path().join("keys/label-1.pem");
        let text = fs::read_to_string(&path).expect("a key file");
        assert_eq!(text.contains("ENCRYPTED"), secret.is_some());
        let mut keys = Keys::of(folder.path(), giving("correct horse"));
        let public = keys.open(KeyName::Label(1)).expect("a key").verifying_key().to_bytes();
        if let Some(seen) = openssl(&path, "correct horse") {
            assert_eq!(seen, greengate::rules::hex::encode(&public));
        }
    }
}

#[test]
fn sealed_keys_want_their_passphrase_and_tell_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = passphrase("correct horse");
    let keys = hub::init(folder.path(), Some(&given), &author(0)).expect("a new authority");
    assert_eq!(format!("{given:?}"), "Passphrase(…)");
    let shown = format!("{keys:?}");
    assert!(!shown.contains("horse") && !shown.contains("Signing"), "{shown}");
    let mut wrong = Keys::of(folder.path(), giving("battery staple"));
    let fault = hub::publish(folder.path(), &mut wrong, &author(0), &Publishing::default()).expect_err("refused");
    assert!(matches!(fault, HubFault::Key { .. }), "{fault}");
    assert!(fault.to_string().contains("give the right passphrase"), "{fault}");
    assert!(!format!("{fault:?}").contains("battery"));
}

#[test]
fn new_keys_are_sealed_as_the_old_ones_were() {
    let folder = tempfile::tempdir().expect("a folder");
    hub::init(folder.path(), Some(&passphrase("correct horse")), &author(0)).expect("a new authority");
    let root = hub::newest_root(folder.path()).expect("a root");
    let mut keys = Keys::of(folder.path(), giving("correct horse"));
    for which in ["timestamp", "label", "root-1"] {
        let rotation = which.parse().expect("a key");
        hub::rotate(folder.path(), &mut keys, &author(0), rotation, None).expect("rotated");
    }
    for name in names(&folder.path().join("keys")) {
        let path = folder.path().join("keys").join(&name);
        assert!(fs::read_to_string(&path).expect("a key file").contains("ENCRYPTED"), "{name}");
        assert_eq!(mode(&path), 0o600, "{name}");
    }
    let mut keys = Keys::of(folder.path(), giving("correct horse"));
    hub::publish(folder.path(), &mut keys, &author(0), &Publishing::default()).expect("published");
    client::read(&root, &hub::feed_folder(folder.path())).expect("it verifies");
}

#[test]
fn there_is_one_authority_in_a_folder_and_a_broken_beginning_is_finished() {
    let authority = Authority::new();
    let again = hub::init(authority.path(), None, &author(0));
    assert!(matches!(again, Err(HubFault::Exists { .. })));
    fs::remove_file(authority.path().join("registry.db")).expect("removed");
    fs::remove_file(authority.path().join("keys/label-1.pem")).expect("removed");
    fs::create_dir(authority.path().join("init-part")).expect("left by a crash");
    hub::init(authority.path(), None, &author(0)).expect("begun again");
    assert!(!authority.path().join("init-part").exists());
}

#[test]
fn the_program_begins_publishes_and_rotates() {
    let place = tempfile::tempdir().expect("a folder");
    let (folder, www, secret) = (place.path().join("a"), place.path().join("www"), place.path().join("secret"));
    fs::write(&secret, "correct horse\n").expect("written");
    let secret_file = secret.to_str().expect("a path");
    let open = hub_program(&folder, &["init", "--passphrase-file", secret_file]);
    assert!(said(&open).contains("chmod 600"), "{}", said(&open));
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).expect("closed");
    let run = |arguments: &[&str]| {
        let output = hub_program(&folder, &[arguments, &["--passphrase-file", secret_file]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    };
    assert!(run(&["init"]).contains("next: give `root-1.pem`"));
    assert_eq!(mode(&folder), 0o700, "journals are nobody else's business");
    let root = hub::newest_root(&folder).expect("a root");
    let to = www.to_str().expect("a path");
    let told = run(&["publish", "--to", to]);
    assert!(told.starts_with("release 1: 2 records changed · snapshot and 0 deltas · timestamp 1"), "{told}");
    assert_eq!(run(&["keys", "rotate", "snapshot", "--why", "lost", "--to", to]), "root 2 names the new key\n");
    assert!(run(&["keys", "rotate", "label", "--why", "old"]).starts_with("the new key is in slot 2"));
    let cut = hub_program(&folder, &["keys", "cut-off", "1", "--index", "7", "--why", "stolen"]);
    assert!(cut.status.success(), "{}", said(&cut));
    let told = run(&["publish", "--to", to]);
    assert!(told.starts_with("release 2: 2 records changed · snapshot and 1 delta · timestamp 3"), "{told}");
    let view = client::read(&root, &www).expect("it verifies");
    assert_eq!((view.root, view.release()), (2, 2));
    let list = hub_program(&folder, &["keys", "list"]);
    assert!(said(&list).contains("cut off at index 7") && said(&list).contains("root-1     sealed"), "{}", said(&list));
    let wrong = hub_program(&folder, &["keys", "rotate", "label-1", "--why", "old"]);
    assert_eq!(wrong.status.code(), Some(64), "{}", said(&wrong));
    let nowhere = hub_program(&place.path().join("b"), &["publish"]);
    assert_eq!(nowhere.status.code(), Some(66), "{}", said(&nowhere));
}
