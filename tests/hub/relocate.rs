//! An authority moves from its files to a server's database, whole, and goes on there.

use std::fs;
use std::path::Path;
use std::process::Command;

use greengate::hub::{Home, Registry, demo};
use jiff::Timestamp;

use super::engines::Server;
use super::service::{self, Hub};

/// What a command says, with the database if there is one; whether it succeeds.
fn hub(folder: &Path, database: Option<&str>, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    command.env_remove("GREENGATE_DATABASE").arg("--folder").arg(folder).args(["--as", "mei"]).args(arguments);
    if let Some(url) = database {
        command.env("GREENGATE_DATABASE", url);
    }
    let output = command.output().expect("the program");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("text"))
}

/// All that the commands tell of an authority.
fn told(folder: &Path, database: Option<&str>) -> Vec<String> {
    let questions: [&[&str]; 8] = [
        &["status"],
        &["history", "1"],
        &["history", "--accounts"],
        &["history", "--keys"],
        &["assess", "2"],
        &["document", "list", "1"],
        &["kiosk", "list"],
        &["platform", "list"],
    ];
    let told = |question: &[&str]| {
        let (is_done, said) = hub(folder, database, question);
        assert!(is_done, "{question:?}: {said}");
        said
    };
    questions.map(told).to_vec()
}

#[test]
fn everything_is_there_and_goes_on() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let folder = tempfile::tempdir().expect("a folder");
    demo::make(folder.path(), Timestamp::now()).expect("an authority");
    let serving = Hub::over(folder);
    let token = serving.token("dock-3");
    let rows = service::rows("dock-3", 9, ["S1", "S2", "S3"]);
    assert_eq!(serving.hand_up(&token, "dock-3", 9, &rows[..2]).taken(), (2, vec![]));

    let (is_done, said) = hub(serving.folder.path(), Some(&url), &["move"]);
    assert!(!is_done && said.contains("stop the hubs of this folder first"), "{said}");
    let folder = serving.stopped();
    let before = told(folder.path(), None);
    let (is_done, said) = hub(folder.path(), None, &["move"]);
    assert!(!is_done && said.contains("name the database in `GREENGATE_DATABASE`"), "{said}");
    let (is_done, said) = hub(folder.path(), Some(&url), &["move"]);
    assert!(is_done && said.contains("rows moved to the database"), "{said}");

    assert_eq!(told(folder.path(), Some(&url)), before);
    let root = folder.path().join("feed/metadata/1.root.json");
    let believed = fs::read(&root).expect("a root");
    for arguments in [["status"], ["init"]] {
        let (is_done, said) = hub(folder.path(), None, &arguments);
        assert!(!is_done && said.contains("name it in `GREENGATE_DATABASE`"), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read(&root).expect("a root"), believed, "no other authority is begun in its place");
    for arguments in [&["audit", "verify"][..], &["policy", "--review-normal", "7", "--why", "a try"], &["publish"]] {
        let (is_done, said) = hub(folder.path(), Some(&url), arguments);
        assert!(is_done, "{arguments:?}: {said}");
    }
    let (is_done, said) = hub(folder.path(), Some(&url), &["move"]);
    assert!(!is_done && said.contains("already"), "{said}");
}

#[test]
fn a_move_that_was_broken_off_is_begun_anew() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let folder = tempfile::tempdir().expect("a folder");
    demo::make(folder.path(), Timestamp::now()).expect("an authority");
    let before = told(folder.path(), None);
    // What a crash leaves before the server has its rows for good.
    for name in ["registry.db", "journals.db"] {
        fs::rename(folder.path().join(name), folder.path().join(format!("{name}.moving"))).expect("renamed");
    }
    for (database, arguments) in [
        (None, &["status"][..]),
        (None, &["init"]),
        (None, &["kiosk", "list"]),
        (None, &["serve", "--listen", "127.0.0.1:0"]),
        (Some(&*url), &["status"]),
        (Some(&*url), &["init"]),
        (Some(&*url), &["serve", "--listen", "127.0.0.1:0"]),
    ] {
        let (is_done, said) = hub(folder.path(), database, arguments);
        assert!(!is_done && said.contains("give `greengate-hub move` again"), "{arguments:?}: {said}");
    }
    // Another crash, while the files got their names back.
    fs::rename(folder.path().join("registry.db.moving"), folder.path().join("registry.db")).expect("renamed");
    let (is_done, said) = hub(folder.path(), None, &["kiosk", "list"]);
    assert!(!is_done && said.contains("give `greengate-hub move` again"), "{said}");
    let (is_done, said) = hub(folder.path(), Some(&url), &["move"]);
    assert!(is_done, "{said}");
    assert_eq!(told(folder.path(), Some(&url)), before);
    // What one leaves after the server has its rows for good.
    for name in ["journals.db", "platforms.db"] {
        let [moved, moving] = ["moved", "moving"].map(|ending| folder.path().join(format!("{name}.{ending}")));
        fs::rename(moved, moving).expect("renamed");
    }
    let (is_done, said) = hub(folder.path(), None, &["status"]);
    assert!(!is_done && said.contains("give `greengate-hub move` again"), "{said}");
    let (is_done, said) = hub(folder.path(), Some(&url), &["move"]);
    assert!(is_done && said.contains("all rows were in the database already"), "{said}");
    assert!(folder.path().join("journals.db.moved").exists() && !folder.path().join("journals.db.moving").exists());
    assert_eq!(told(folder.path(), Some(&url)), before);
}

#[test]
fn a_demo_that_was_moved_says_so_from_every_folder() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let [folder, other] = [(), ()].map(|()| tempfile::tempdir().expect("a folder"));
    demo::make(folder.path(), Timestamp::now()).expect("an authority");
    let (is_done, said) = hub(folder.path(), Some(&url), &["move"]);
    assert!(is_done, "{said}");
    let elsewhere = Home::with_database(other.path(), &url).expect("an address");
    assert!(demo::is_demo(&Registry::open(&elsewhere).expect("a registry")).expect("readable"));
}

#[test]
fn an_authority_that_is_there_is_not_written_over() {
    let Some(server) = Server::shared() else { return };
    let url = server.database();
    let [first, second] = [(), ()].map(|()| tempfile::tempdir().expect("a folder"));
    for (folder, database) in [(&first, Some(&*url)), (&second, None)] {
        let (is_done, said) = hub(folder.path(), database, &["init"]);
        assert!(is_done, "{said}");
    }
    let before = hub(first.path(), Some(&url), &["status"]);
    let (is_done, said) = hub(second.path(), Some(&url), &["move"]);
    assert!(!is_done && said.contains("already"), "{said}");
    assert_eq!(hub(first.path(), Some(&url), &["status"]), before);
    assert!(hub(second.path(), None, &["status"]).0, "the files are as before");
}
