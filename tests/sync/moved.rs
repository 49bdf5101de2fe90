//! A kiosk goes over to another authority: nothing of the first one lights green any more, and at no moment are both mixed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use greengate::rules::entry::{Entry, What};
use greengate::store::{Journal, journal};
use tempfile::TempDir;

use super::command::config;
use super::follow;
use super::hand_up::{Running, hub_program, start_service, told};

/// An authority with the sample records, its service, and a label.
struct Office {
    folder: TempDir,
    url: String,
    _service: Running,
}

impl Office {
    /// One that has published so many lists.
    fn new(lists: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/authority");
        let mut records: Vec<PathBuf> =
            fs::read_dir(samples).expect("samples").map(|file| file.expect("a file").path()).collect();
        records.retain(|path| path.extension().is_some_and(|ending| ending == "csv"));
        hub(folder.path(), &["init"]);
        let mut import = hub_program(folder.path());
        assert_eq!(told(import.arg("import").args(records)).2, Some(0));
        let labels = folder.path().join("labels");
        let labels = labels.to_str().expect("a path");
        hub(
            folder.path(),
            &["issue", "1001", "--lot", "A-1", "--count", "1", "--host", "QR.EXAMPLE.COM", "-o", labels],
        );
        for list in 0..lists {
            let kiosk_limits = ["policy", "--normal-h", &(20 + list).to_string(), "--why", "test"].map(str::to_owned);
            hub(folder.path(), &kiosk_limits.each_ref().map(String::as_str));
            hub(folder.path(), &["publish"]);
        }
        let (service, url) = start_service(folder.path());
        Self { folder, url, _service: service }
    }

    fn code(&self) -> String {
        hub(self.folder.path(), &["kiosk", "add", "dock"])
    }

    fn label(&self) -> PathBuf {
        let labels = fs::read_dir(self.folder.path().join("labels")).expect("labels");
        labels.map(|file| file.expect("a file").path()).next().expect("a label")
    }
}

fn hub(folder: &Path, arguments: &[&str]) -> String {
    let (words, fault, exit) = told(hub_program(folder).args(arguments));
    assert_eq!(exit, Some(0), "{arguments:?}: {fault}");
    words
}

/// A kiosk whose program is started anew for everything.
struct Dock(TempDir);

impl Dock {
    fn state(&self, file: &str) -> PathBuf {
        self.0.path().join("state").join(file)
    }

    /// What a command says, and how it ends.
    fn run(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
        command.env_remove("RUST_LOG").arg("--config").arg(self.0.path()).args(arguments);
        let (words, fault, exit) = told(&mut command);
        (words + &fault, exit)
    }

    fn enroll(&self, office: &Office, code: &str, more: &[&str]) -> (String, Option<i32>) {
        self.run(&[&["enroll", office.url.as_str(), "--code", code], more].concat())
    }

    #[track_caller]
    fn sync(&self, wanted: &str) {
        let (said, exit) = self.run(&["sync"]);
        assert!(exit == Some(0) && said.contains(wanted), "{exit:?} {said}");
    }

    /// How the scan of an authority's label ends: 0 is green.
    fn scan(&self, office: &Office) -> Option<i32> {
        self.run(&["scan", office.label().to_str().expect("a path")]).1
    }

    #[track_caller]
    fn has_no_list(&self, office: &Office) {
        let (said, exit) = self.run(&["scan", office.label().to_str().expect("a path")]);
        assert!(exit == Some(65) && said.contains("no cache in"), "{exit:?} {said}");
    }

    /// Every file of list and trust that is there.
    fn holds(&self) -> Vec<String> {
        let files = fs::read_dir(self.state("")).expect("a folder");
        let mut names: Vec<String> =
            files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name.starts_with("cache-") || name == "feed.json" || name == "feed");
        names.sort();
        names
    }
}

const REPLACE: &[&str] = &["--replace"];

#[test]
fn a_kiosk_that_moves_to_another_authority_forgets_the_list_and_keeps_the_journal() {
    let (first, second) = (Office::new(3), Office::new(1));
    let dock = Dock(config("[panel]\nlisten = \"127.0.0.1:8080\"\n"));
    assert_eq!(dock.enroll(&first, &first.code(), &[]).1, Some(0));
    dock.sync("version 0 → 3");
    assert_eq!((dock.scan(&first), dock.scan(&second)), (Some(0), Some(2)));
    let row = Entry { cache_version: Some(3), ..crate::store::entry(1, None, What::Recovered) };
    Journal::open(&dock.state("journal.db"), "dock").and_then(|mut rows| rows.append(&row)).expect("a row");

    let code = second.code();
    let (said, exit) = dock.enroll(&second, &code, &[]);
    assert!(exit == Some(64) && said.contains("with `--replace` it leaves that one"), "{exit:?} {said}");
    let running = follow::Running::start(dock.0.path());
    let (said, exit) = dock.enroll(&second, &code, REPLACE);
    assert!(exit == Some(65) && said.contains("is in use by another kiosk; stop that one first"), "{exit:?} {said}");
    drop(running);

    // The last step fails: the kiosk is still the first authority's, and can bring its list again.
    fs::create_dir(dock.state("enrolment.json.part")).expect("a folder in the way");
    let (said, exit) = dock.enroll(&second, &code, REPLACE);
    assert!(exit == Some(74) && said.contains("enrolment.json` cannot be written"), "{exit:?} {said}");
    assert_eq!(dock.holds(), [""; 0]);
    dock.has_no_list(&first);
    dock.sync("version 0 → 3");
    assert_eq!(dock.scan(&first), Some(0));
    fs::remove_dir(dock.state("enrolment.json.part")).expect("the folder");

    let (said, exit) = dock.enroll(&second, &second.code(), REPLACE);
    assert!(exit == Some(0) && said.contains("the list was another authority's and is gone"), "{exit:?} {said}");
    assert_eq!(dock.holds(), [""; 0]);
    dock.has_no_list(&first);
    dock.sync("version 0 → 1");
    assert_eq!((dock.scan(&first), dock.scan(&second)), (Some(2), Some(0)));

    // A kiosk that remembers version 3 of the first authority takes version 1 of the second.
    let rows = journal::verify(&dock.state("journal.db")).expect("a whole chain");
    assert!(rows.rows >= 3, "{rows:?}");
    let running = follow::Running::start(dock.0.path());
    running.wait_for(|status| status["cache"]["version"] == 1);
}

#[test]
fn a_new_enrolment_at_the_same_authority_changes_nothing_of_what_is_trusted() {
    let office = Office::new(2);
    let dock = Dock(config(""));
    dock.enroll(&office, &office.code(), &[]);
    dock.sync("version 0 → 2");
    let trusted = || fs::read(dock.state("feed.json")).expect("what is trusted");
    let (before, holds) = (trusted(), dock.holds());
    hub(office.folder.path(), &["keys", "rotate", "root-1", "--why", "a year is over"]);
    hub(office.folder.path(), &["publish"]);
    let (said, exit) = dock.enroll(&office, &office.code(), REPLACE);
    assert!(exit == Some(0) && !said.contains("gone"), "{exit:?} {said}");
    assert_eq!((trusted(), dock.holds()), (before, holds));
    assert_eq!(dock.scan(&office), Some(0));
    dock.sync("version 2");
}

#[test]
fn a_kiosk_with_a_list_enrols_at_another_authority_only_when_told_to() {
    let (first, second) = (Office::new(1), Office::new(1));
    let dock = Dock(config(""));
    let from = first.folder.path().join("feed");
    let root = from.join("metadata/1.root.json");
    let (from, root) = (from.to_str().expect("a path"), root.to_str().expect("a path"));
    assert_eq!(dock.run(&["sync", "--from", from, "--root", root]).1, Some(0));
    let (said, exit) = dock.enroll(&second, &second.code(), &[]);
    assert!(exit == Some(64) && said.contains("is another authority's than the kiosk's list"), "{exit:?} {said}");
    assert_eq!(dock.scan(&first), Some(0));
    assert!(!dock.state("enrolment.json").exists());
    assert_eq!(dock.enroll(&first, &first.code(), &[]).1, Some(0));
}
