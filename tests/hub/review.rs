//! What reviews found at the docks, from a kiosk's journal to the listing's review level.

use std::path::Path;

use greengate::hub::receiver::Receiver;
use greengate::hub::{Of, Registry, review};
use greengate::rules::code::Code;
use greengate::rules::entry::{Checked, What};
use greengate::rules::record::{Record, RecordKey, ReviewLevel};
use greengate::store::Journal;

use super::engines::home;
use super::service::{Hub, exported};
use super::{author, records};
use crate::store::{TEA, entry, unsigned};

/// Rows of a journal in which the items of these listings were checked.
fn checks(folder: &Path, checked: &[(Option<u32>, bool)]) -> Vec<String> {
    let path = folder.join("checks.db");
    let mut journal = Journal::create(&path, "dock-3", [9; 16]).expect("a journal");
    for (second, (listing, passed)) in (1..).zip(checked) {
        let code: Code = unsigned(TEA);
        let checked = Checked { row: 1, code, listing: *listing, item: None, passed: *passed };
        journal.append(&entry(second, None, What::Reviewed(Box::new(checked)))).expect("a row");
    }
    exported(&path)
}

/// The registry of a hub's folder, with listing 17.
fn listings(folder: &Path) -> Registry {
    let mut registry = Registry::open(home(folder)).expect("a registry");
    registry
        .change(&author(), |changes| records().iter().try_for_each(|record| changes.put(record)))
        .expect("listings");
    registry
}

fn level(registry: &Registry) -> ReviewLevel {
    match registry.record(Some(RecordKey::Listing(17))).expect("readable") {
        Some(Record::Listing(listing)) => listing.review,
        other => panic!("{other:?}"),
    }
}

#[test]
pub fn two_failures_at_the_dock_tighten_a_listing_once_however_often_they_come() {
    let hub = Hub::start();
    let mut registry = listings(hub.folder.path());
    assert_eq!(level(&registry), ReviewLevel::Normal);
    let journal = tempfile::tempdir().expect("a folder");
    let rows = checks(journal.path(), &[(Some(17), false), (None, false), (Some(4711), true), (Some(17), false)]);
    let token = hub.token("dock-3");
    let mut receiver: Receiver = hub.receiver();
    hub.hand_up(&token, "dock-3", 9, &rows[..3]);
    assert_eq!(review::collect(&mut registry, &mut receiver, &author()).expect("taken up"), 1);
    assert_eq!(level(&registry), ReviewLevel::Normal);
    for taken in [1, 0] {
        hub.hand_up(&token, "dock-3", 9, &rows);
        assert_eq!(review::collect(&mut registry, &mut receiver, &author()).expect("taken up"), taken);
        assert_eq!(level(&registry), ReviewLevel::Tightened);
    }
    let history = registry.history(Of::Listing(17)).expect("a history");
    let last = history.last().expect("a change");
    assert_eq!(last.who, "kiosk dock-3");
    assert_eq!(last.why, format!("a review failed, row 4 of its journal {}", "09".repeat(16)));
}

#[test]
fn a_row_that_the_registry_took_up_before_a_power_cut_is_not_counted_again() {
    let hub = Hub::start();
    let mut registry = listings(hub.folder.path());
    let journal = tempfile::tempdir().expect("a folder");
    let rows = checks(journal.path(), &[(Some(17), false)]);
    hub.hand_up(&hub.token("dock-3"), "dock-3", 9, &rows);
    let mut receiver = hub.receiver();
    assert_eq!(review::collect(&mut registry, &mut receiver, &author()).expect("taken up"), 1);
    // As if the power went before the journals' database had noted it.
    hub.database().execute("UPDATE found SET counted = 0", []).expect("noted");
    assert_eq!(review::collect(&mut registry, &mut receiver, &author()).expect("taken up"), 0);
    assert_eq!(level(&registry), ReviewLevel::Normal);
}
