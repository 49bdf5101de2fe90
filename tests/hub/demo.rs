//! The authority to try, and the kiosk's own demo world, both by way of what people do at an authority.

use std::collections::BTreeSet;
use std::path::Path;

use greengate::hub::accounts::{Tried, disable, sign_in};
use greengate::hub::demo::{self, Actor};
use greengate::hub::import::{Red, import};
use greengate::hub::receiver::Receiver;
use greengate::hub::{Of, Registry};
use greengate::rules::code::Grade;
use greengate::rules::record::Line;
use jiff::Timestamp;

use super::people::Pages;
use super::registry::officer;

#[test]
fn the_demo_authority_has_every_grade_accounts_and_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let now: Timestamp = "2027-03-05T04:00:00Z".parse().expect("a time");
    let made = demo::make(folder.path(), now).expect("a demo");
    let mut registry = Registry::open(folder.path()).expect("a registry");
    let grades: Vec<Grade> =
        [201, 202].iter().flat_map(|id| registry.listings_by(*id).expect("readable")).map(|l| l.grade).collect();
    assert_eq!(grades, [Grade::Yellow, Grade::Green, Grade::Green, Grade::Red]);
    let labels: Vec<u32> = made.labels.iter().map(|batch| batch.listing.id).collect();
    assert_eq!(labels, [1, 2, 3]);
    assert_eq!(registry.pending().expect("a count"), 0, "all of it is published");
    let authors: BTreeSet<String> =
        registry.history(Of::Listing(1)).expect("readable").into_iter().map(|change| change.who).collect();
    assert!(authors.contains("supplier 201") && authors.contains("mei"), "{authors:?}");
    for Actor { name, password, .. } in &made.actors {
        let tried = Tried { name, password, code: "" };
        assert!(sign_in(&mut registry, tried, now).expect("readable").is_some(), "{name}");
    }
    assert!(demo::make(folder.path(), now).is_err(), "never over an authority that is there");
    let rates = greengate::hub::grade::policy(&registry).expect("a policy").review_one_in;
    assert_eq!(rates.normal, 0, "nobody who walks through it is surprised by a review");
}

#[test]
fn a_demo_that_goes_on_has_new_passwords_and_leaves_a_disabled_account_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let now: Timestamp = "2027-03-05T04:00:00Z".parse().expect("a time");
    assert!(!demo::is_demo(folder.path()));
    let made = demo::make(folder.path(), now).expect("a demo");
    assert!(demo::is_demo(folder.path()));
    let mut registry = Registry::open(folder.path()).expect("a registry");
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
fn the_kiosks_demo_world_is_what_an_authority_publishes_of_its_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut registry = Registry::create(folder.path()).expect("a registry");
    let text = include_str!("../../assets/demo/records.jsonl");
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/records.jsonl");
    import(&mut registry, &officer(0), &[records], Red::Stays, &mut |_| ()).expect("every record is right");
    registry.release(&officer(1)).expect("a release");
    let mut published = BTreeSet::new();
    let mut keep = |line: &Line| {
        if !matches!(line, Line::Meta(_)) {
            published.insert(serde_json::to_string(line).expect("JSON"));
        }
        Ok(())
    };
    registry.lines(0, &mut keep).expect("a list");
    let parsed = |line: &str| serde_json::from_str::<Line>(line).and_then(|line| serde_json::to_string(&line));
    let wanted: BTreeSet<String> = text.lines().map(|line| parsed(line).expect("a line")).collect();
    assert_eq!(published, wanted);
}
