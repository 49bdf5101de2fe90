//! The authority to try, and the kiosk's own demo world, which it publishes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use greengate::hub::accounts::{Tried, disable, sign_in};
use greengate::hub::demo::{self, Actor, Demo};
use greengate::hub::receiver::Receiver;
use greengate::hub::{Author, Of, Registry, assess, init};
use greengate::rules::code::Grade;
use greengate::rules::dossier::DocumentState;
use greengate::rules::record::{Key, Line, Record, RecordKey};
use jiff::Timestamp;
use tempfile::TempDir;

use super::people::Pages;
use super::registry::officer;
use super::{failure, hub};

fn now() -> Timestamp {
    "2027-03-05T04:00:00Z".parse().expect("a time")
}

fn made() -> (TempDir, Registry, Demo) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = demo::make(folder.path(), now()).expect("a demo");
    let registry = Registry::open(folder.path()).expect("a registry");
    (folder, registry, made)
}

/// What the authority publishes, in the feed's order.
fn published(registry: &Registry) -> Vec<Record> {
    let mut records = Vec::new();
    let mut keep = |line: &Line| {
        match line {
            Line::Put(record) => records.push(record.as_ref().clone()),
            Line::Meta(_) | Line::Drop(_) => {}
        }
        Ok(())
    };
    registry.lines(0, &mut keep).expect("a list");
    records
}

#[test]
fn the_demo_authority_has_every_grade_accounts_and_labels() {
    let (folder, mut registry, made) = made();
    let listings: Vec<_> = [201, 202].iter().flat_map(|id| registry.listings_by(*id).expect("readable")).collect();
    let grades: Vec<Grade> = listings.iter().map(|listing| listing.grade).collect();
    assert_eq!(grades, [Grade::Yellow, Grade::Green, Grade::Green, Grade::Red]);
    let labels: Vec<u32> = made.labels.iter().map(|batch| batch.listing.id).collect();
    assert_eq!(labels, [31, 32, 33]);
    assert_eq!(registry.pending().expect("a count"), 0, "all of it is published");
    let authors: BTreeSet<String> =
        registry.history(Of::Listing(31)).expect("readable").into_iter().map(|change| change.who).collect();
    assert!(authors.contains("supplier 201") && authors.contains("mei"), "{authors:?}");
    for Actor { name, password, .. } in &made.actors {
        let tried = Tried { name, password, code: "" };
        assert!(sign_in(&mut registry, tried, now()).expect("readable").is_some(), "{name}");
    }
    assert!(demo::make(folder.path(), now()).is_err(), "never over an authority that is there");
    let rates = greengate::hub::grade::policy(&registry).expect("a policy").review_one_in;
    assert_eq!(rates.normal, 0, "nobody who walks through it is surprised by a review");
}

#[test]
fn a_demo_that_goes_on_has_new_passwords_and_leaves_a_disabled_account_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let now = now();
    let made = demo::make(folder.path(), now).expect("a demo");
    let mut registry = Registry::open(folder.path()).expect("a registry");
    assert!(demo::is_demo(&registry).expect("readable"));
    disable(&mut registry, &officer(2), "li", true).expect("an account");
    let again = demo::go_on(folder.path(), now).expect("it goes on");
    let names: Vec<&str> = again.actors.iter().map(|actor| actor.name).collect();
    assert_eq!(names, ["wang", "mei", "chen", "admin"]);
    let mut opens = |Actor { name, password, .. }: &Actor| {
        sign_in(&mut registry, Tried { name, password, code: "" }, now).expect("readable").is_some()
    };
    assert!(again.actors.iter().all(&mut opens));
    assert!(!made.actors.iter().any(&mut opens), "the old ones are void");
    assert!(again.code.is_some() && again.code != made.code, "its kiosk has not enrolled");
    let mut receiver = Receiver::open(folder.path()).expect("a receiver");
    receiver.enroll(&again.code.expect("a code"), None, now).expect("a database").expect("enrolled");
    assert_eq!(demo::go_on(folder.path(), now).expect("it goes on").code, None);
}

#[test]
fn a_demo_says_so_however_it_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    demo::make(folder.path(), Timestamp::now()).expect("a demo");
    let style = |pages: &Pages| pages.stranger().get("/hub.css").text().to_owned();
    assert!(style(&Pages::over(folder)).contains("DEMO"));
    assert!(!style(&Pages::open()).contains("DEMO"));
}

#[test]
fn a_demo_that_was_broken_off_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let author = Author { who: "mei".to_owned(), why: "DEMO: the authority begins".to_owned(), at: now() };
    init(folder.path(), None, &author).expect("an authority");
    let mut registry = Registry::open(folder.path()).expect("a registry");
    assert!(!demo::is_demo(&registry).expect("readable"));
    registry.release(&author).expect("a release");
    assert!(demo::is_demo(&registry).expect("readable"));
}

#[test]
fn a_demo_that_was_moved_to_a_database_says_how_it_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    demo::make(folder.path(), Timestamp::now()).expect("a demo");
    let registry = folder.path().join("registry.db");
    fs::rename(&registry, registry.with_extension("db.moved")).expect("renamed");
    let path = folder.path().display().to_string();
    let served = hub(folder.path(), &["serve", "--demo", &path, "--listen", "127.0.0.1:0"]);
    let said = failure(&served, 66);
    assert!(said.contains(&format!("go on with `greengate-hub --folder {path} --database URL serve`")), "{said}");
}

/// `UPDATE_EXPECTED=1` writes the kiosk's world anew.
#[test]
fn the_kiosks_demo_world_is_what_the_demo_authority_publishes() {
    let (_folder, registry, _) = made();
    let (keys, mut records): (Vec<Record>, Vec<Record>) =
        published(&registry).into_iter().partition(|record| matches!(record, Record::Key(_)));
    // Suppliers first: who imports the file has every record behind those that it names.
    records.sort_by_key(|record| !matches!(record, Record::Supplier(_)));
    // The keys are each demo's own; the kiosk's are in its source, and the same one of them is cut off.
    let slots: Vec<(u16, Option<u32>)> = keys
        .iter()
        .filter_map(|key| if let Record::Key(Key { slot, cut_off, .. }) = key { Some((*slot, *cut_off)) } else { None })
        .collect();
    assert_eq!(slots, [(1, None), (2, Some(0))]);
    let line = |record| serde_json::to_string(&Line::Put(Box::new(record))).expect("JSON") + "\n";
    let lines: String = records.into_iter().map(line).collect();
    let kept: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/records.jsonl");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&kept, &lines).expect("the records can be written");
    }
    let wanted = fs::read_to_string(&kept).expect("the records");
    for (published, wanted) in lines.lines().zip(wanted.lines()) {
        assert_eq!(published, wanted, "if that is right, run again with UPDATE_EXPECTED=1");
    }
    assert_eq!(lines.lines().count(), wanted.lines().count());
}

/// No grade of the kiosk's world is written anywhere: each is what the rulebook says, or two persons said of it.
#[test]
fn the_rulebook_grades_the_demo_world() {
    let (_folder, registry, _) = made();
    let today = "2027-03-05".parse().expect("a date");
    let (version, assessed) = assess::look(&registry, None, today, 30).expect("a rulebook");
    assert_eq!((version, assessed.len()), (1, 34));
    for found in &assessed {
        let id = found.listing.id;
        assert_eq!(found.listing.grade, found.standing.grade, "listing {id}");
        assert_eq!(found.standing.by_person, id == 6, "listing {id}");
    }
    let yellow: Vec<u32> = graded(&registry, Grade::Yellow);
    assert_eq!(yellow, [2, 7, 14, 16, 24, 27, 31]);
    assert_eq!(graded(&registry, Grade::Red), [3, 10, 19, 34]);
    let missing = |id: u32| match registry.record(Some(RecordKey::Listing(id))).expect("readable") {
        Some(Record::Listing(listing)) => listing.missing.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!([2, 7, 14, 16, 24, 27].map(missing), [2, 7, 1, 1, 2, 1]);
    let drops: Vec<u32> = assessed.iter().filter(|found| found.drops.is_some()).map(|found| found.listing.id).collect();
    assert_eq!(drops, [20], "its report is nearly too old");
    let waits = registry.documents(Some(27)).expect("readable").into_iter();
    assert_eq!(waits.filter(|document| document.state == DocumentState::Filed).count(), 1, "something is in the inbox");
}

fn graded(registry: &Registry, grade: Grade) -> Vec<u32> {
    let records = published(registry).into_iter();
    records
        .filter_map(|record| if let Record::Listing(listing) = record { Some(listing) } else { None })
        .filter(|listing| listing.grade == grade)
        .map(|listing| listing.id)
        .collect()
}
