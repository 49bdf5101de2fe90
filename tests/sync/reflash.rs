//! A running kiosk whose disk lost rows, and one that was set up anew: the rest of the rows still reaches the hub.

use serde_json::Value;

use super::follow::Running;
use super::prune::Dock;
use crate::hub::service::Hub;

fn handed_up(seq: u64) -> impl Fn(&Value) -> bool {
    move |status| status["sync"]["handed_up"] == seq
}

/// The hub's rows of all journals, how many it put aside, and its newest journal.
fn at(hub: &Hub) -> (u64, u64, String) {
    let kiosk = hub.receiver().kiosks().expect("kiosks").swap_remove(0);
    (kiosk.rows, kiosk.parked, kiosk.epoch.expect("a journal"))
}

#[test]
fn rows_that_were_damaged_are_reported_by_the_kiosk_and_hold_up_nothing() {
    let (hub, dock) = (Hub::start(), Dock::new(30, 5));
    let damage = "DELETE FROM row WHERE seq = 7; UPDATE row SET body = 'rubbish' WHERE seq = 9;";
    rusqlite::Connection::open(dock.journal()).expect("a database").execute_batch(damage).expect("damage");
    dock.enroll(&hub);
    let running = Running::start(dock.config.path());
    // Row 8 cannot be checked without row 7. The lamp test of the start is a row too, and may come after the first hand-up.
    running.wait_for(|status| status["sync"]["parked"] == 3 && status["journal_seq"] == 36);
    running.post("/sync", 202);
    running.wait_for(handed_up(36));
    assert_eq!((at(&hub).0, at(&hub).1), (33, 3));
    let told = running.told(dock.config.path());
    let aside = "put aside there: 3 rows; `greengate-hub kiosk parked` tells why";
    assert!(told.contains(&format!("handed up  all rows up to 36 to {}\n           {aside}", hub.url("/"))), "{told}");
    // What is damaged is old, and does not stay for ever.
    running.wait_for(|status| status["journal"]["pruned"] == 30);
    drop(running);
    assert_eq!(dock.rows(), [31, 32, 33, 34, 35, 36]);
}

#[test]
fn a_kiosk_that_was_set_up_anew_begins_another_journal_under_its_name() {
    let (hub, dock) = (Hub::start(), Dock::new(0, 3));
    dock.enroll(&hub);
    let running = Running::start(dock.config.path());
    running.wait_for(|status| status["journal_seq"] == 4);
    running.post("/sync", 202);
    running.wait_for(handed_up(4));
    drop(running);
    let (rows, _, first) = at(&hub);
    assert_eq!((rows, first.as_str()), (4, "09".repeat(16).as_str()));
    std::fs::remove_dir_all(dock.state()).expect("a card");
    std::fs::create_dir(dock.state()).expect("a new card");
    dock.load_list();
    dock.enroll(&hub);
    let running = Running::start(dock.config.path());
    running.wait_for(|status| status["journal_seq"] == 1);
    running.post("/sync", 202);
    running.wait_for(handed_up(1));
    let (rows, parked, second) = at(&hub);
    assert_eq!((rows, parked, second == first), (5, 0, false), "the first journal stays, and the new one is beside it");
}
