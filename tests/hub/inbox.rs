//! What waits for an officer, since when, and how long a supplier waited.

use greengate::hub::document::{self, Filing};
use greengate::hub::import::{Red, import};
use greengate::hub::inbox::{Clock, Waiting, clock, waiting};
use greengate::hub::{Author, HubFault, Registry};
use greengate::rules::dossier::{CapacityKind, DocumentState};
use jiff::{SignedDuration, Timestamp};

use super::assess::{assets, office, on};

fn at(moment: &str) -> Timestamp {
    format!("2026-{moment}Z").parse().expect("a moment")
}

fn supplier(moment: &str) -> Author {
    Author { who: "wang".to_owned(), why: "a test".to_owned(), at: at(moment) }
}

fn file(registry: &mut Registry, listing: u32, moment: &str) -> u32 {
    let filing = Filing {
        listing,
        kind: "inspection-report".to_owned(),
        number: format!("QX {moment}"),
        issuer: "钱塘检测".to_owned(),
        issued: "2026-04-30".parse().expect("a date"),
        expires: None,
        items: Vec::new(),
    };
    document::file(std::path::Path::new("."), registry, &supplier(moment), filing, None).expect("a document").id
}

fn judge(registry: &mut Registry, id: u32, state: DocumentState, moment: &str) -> Result<(), HubFault> {
    document::judge(registry, &supplier(moment), id, state).map(drop)
}

/// Listing, and the documents and capacities that wait.
fn told(registry: &Registry) -> Vec<(u32, Vec<u32>, usize)> {
    let waiting = waiting(registry).expect("readable").into_iter();
    waiting.map(|w| (w.listing.id, w.documents, w.capacities.len())).collect()
}

#[test]
fn what_waits_is_told_oldest_first_until_somebody_judged_it() {
    let (_folder, mut registry) = office();
    assert_eq!(told(&registry), []);
    let late = file(&mut registry, 2003, "05-03T02:00:00");
    let early = file(&mut registry, 2001, "05-02T01:00:00");
    let later = file(&mut registry, 2001, "05-04T01:00:00");
    assert_eq!(told(&registry), [(2001, vec![early, later], 0), (2003, vec![late], 0)]);
    judge(&mut registry, early, DocumentState::Refused("blurred".to_owned()), "05-04T03:00:00").expect("a document");
    assert_eq!(told(&registry), [(2003, vec![late], 0), (2001, vec![later], 0)]);
    judge(&mut registry, late, DocumentState::Accepted, "05-04T03:00:00").expect("a document");
    judge(&mut registry, later, DocumentState::Revoked("forged".to_owned()), "05-04T03:00:00").expect("a document");
    assert_eq!(told(&registry), []);
}

#[test]
fn a_listings_clock_runs_from_the_oldest_that_waits_and_is_due_after_two_days() {
    let (_folder, mut registry) = office();
    let first = file(&mut registry, 2001, "05-02T01:00:00");
    let second = file(&mut registry, 2001, "05-02T09:00:00");
    let Clock { waiting: Some(Waiting { since, is_new, .. }), .. } = clock(&registry, 2001).expect("readable") else {
        panic!("it waits");
    };
    assert_eq!((since, is_new), (at("05-02T01:00:00"), false));
    judge(&mut registry, first, DocumentState::Accepted, "05-02T10:00:00").expect("a document");
    let now = clock(&registry, 2001).expect("readable");
    assert_eq!(now.answered, Some((at("05-02T01:00:00"), at("05-02T10:00:00"))));
    let due = now.waiting.expect("it waits").due();
    assert_eq!(due, at("05-02T09:00:00") + SignedDuration::from_hours(48));
    judge(&mut registry, second, DocumentState::Accepted, "05-05T09:00:00").expect("a document");
    let now = clock(&registry, 2001).expect("readable");
    assert_eq!((now.waiting, now.answered), (None, Some((at("05-02T09:00:00"), at("05-05T09:00:00")))));
}

#[test]
fn a_capacity_waits_from_when_it_was_declared_until_it_was_assessed() {
    let (folder, mut registry) = office();
    let mut bring = |rows: &str, moment: &str| {
        let path = folder.path().join("capacities.csv");
        let rows = format!("capacity,listing,declared,evidence,assessed,note\n{rows}\n");
        std::fs::write(&path, rows).expect("a file");
        import(&mut registry, &supplier(moment), &[path], Red::Stays, &mut |_| ()).expect("right");
        waiting(&registry).expect("readable")
    };
    assert_eq!(bring("production,2001,more,,,", "05-02T01:00:00")[0].capacities, [CapacityKind::Production]);
    assert_eq!(bring("production,2001,still more,photographs,,", "05-03T01:00:00")[0].since, at("05-02T01:00:00"));
    assert_eq!(bring("production,2001,still more,photographs,80,seen", "05-04T01:00:00"), []);
}

#[test]
fn a_product_is_new_until_something_of_it_was_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut registry = Registry::create(folder.path()).expect("a registry");
    let names = ["documents.csv", "firms.csv", "listings.csv", "products.csv", "reasons.csv", "suppliers.csv"];
    let files: Vec<_> = names.iter().map(|name| assets("assessed").join(name)).collect();
    import(&mut registry, &on("05-01"), &files, Red::Stays, &mut |_| ()).expect("right");
    let news = |registry: &Registry| waiting(registry).expect("readable").iter().map(|w| w.is_new).collect::<Vec<_>>();
    assert_eq!(news(&registry), [true; 4]);
    judge(&mut registry, 1, DocumentState::Accepted, "05-02T01:00:00").expect("a document");
    assert_eq!(news(&registry), [false, true, true, true]);
}
