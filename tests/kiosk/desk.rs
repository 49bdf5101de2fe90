//! The desk with a real journal and cache: the promises that need a disk.

use greengate::kiosk::{Happened, Shelf, demo};
use greengate::rules::intake::Part;
use greengate::rules::orders::{Lamp, Lights};
use greengate::rules::record::{Line, Meta, Record};
use greengate::rules::scene::Body;
use greengate::rules::{code::Grade, entry::What};
use greengate::store::{self, Journal, journal};
use jiff::SignedDuration;
use tempfile::tempdir;

use super::{Dock, morning, site, world};

fn text_of<'a>(world: &'a demo::World, id: &str) -> &'a str {
    world.rack.iter().find(|label| label.id == id).map(|label| label.text.as_str()).expect("a label")
}

#[test]
fn no_green_is_lit_while_the_journal_is_full_and_it_comes_back_by_itself() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    dock.desk.limit_journal(true);
    for _ in 0..40 {
        dock.sees(&[text_of(&world, "tea")]);
    }
    assert_eq!(dock.shown(), "fault");
    let lit = dock.outputs.orders.iter().filter(|orders| orders.scene.body.slug() != "self-test");
    assert_eq!(lit.filter(|orders| orders.lights.lamp() == Some(Lamp::Green)).count(), 0);
    dock.desk.limit_journal(false);
    dock.passes(SignedDuration::from_secs(5));
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!(dock.last.lights.lamp(), Some(Lamp::Green));
}

#[test]
fn every_lamp_has_its_row_on_disk_before_it_is_lit() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    for label in world.rack.iter().filter(|label| label.expected.is_some()) {
        dock.sees_nothing_for_a_while();
        dock.outputs.early.clear();
        dock.sees(&[label.text.lines().next().unwrap_or_default()]);
        let Body::Verdict(body) = &dock.last.scene.body else { continue };
        assert_eq!(dock.outputs.early, [Lights::Off], "what is ordered before the row is darkness");
        let journal = Journal::open_read_only(&Shelf::journal_path(&dock.site.state)).expect("another reader");
        let row = journal.row(journal.head().seq).expect("a row").expect("a row");
        let What::Verdict(judgement) = row.entry.what else { panic!("the newest row is the verdict's") };
        assert_eq!(judgement.ruling.slug(), body.slug);
        assert_eq!(dock.last.lights.lamp(), Some(Lamp::of(judgement.outcome)));
    }
}

#[test]
fn a_listing_that_turns_red_is_red_within_the_next_round() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    let green = text_of(&world, "tea");
    dock.sees(&[green]);
    assert_eq!(dock.shown(), "accept");
    turn_red(&world, &dock, 1);
    dock.passes(SignedDuration::from_secs(1));
    assert_ne!(dock.last.lights.lamp(), Some(Lamp::Green), "the old verdict is over with the old cache");
    dock.sees(&[green]);
    assert_eq!(dock.shown(), "red");
    // However old it gets.
    dock.clock.set_wall(morning() + SignedDuration::from_hours(24 * 365));
    dock.sees_nothing_for_a_while();
    dock.sees(&[green]);
    assert_eq!(dock.shown(), "red");
}

/// A delta from the demo's version that turns every listing red.
fn turn_red(world: &demo::World, dock: &Dock, newer: u64) {
    let Some(Line::Meta(meta)) = world.lines.first() else { panic!("a snapshot begins with its meta") };
    let (from, to) = (meta.to, meta.to + newer);
    let mut lines = vec![Line::Meta(Meta { from, to, issued: morning() })];
    for line in &world.lines {
        if let Line::Put(record) = line
            && let Record::Listing(listing) = record.as_ref()
        {
            let mut listing = listing.clone();
            listing.grade = Grade::Red;
            lines.push(Line::Put(Box::new(Record::Listing(listing))));
        }
    }
    store::load_lines(&dock.site.state, &lines).expect("the delta applies");
}

#[test]
fn an_older_list_never_replaces_a_newer_one() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    turn_red(&world, &dock, 5);
    let fault = store::load_lines(&dock.site.state, &world.lines).expect_err("a version goes back");
    assert!(fault.to_string().contains("older"), "{fault}");
    dock.passes(SignedDuration::from_secs(1));
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!(dock.shown(), "red");
}

#[test]
fn an_older_list_that_is_put_back_by_hand_is_not_believed() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let old: Vec<_> =
        std::fs::read_dir(folder.path()).expect("files").map(|file| file.expect("a file").path()).collect();
    let old = old
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "db") && path.to_string_lossy().contains("cache-"));
    let (old, kept) = (old.expect("the list"), folder.path().join("kept"));
    std::fs::copy(&old, &kept).expect("a copy");
    let mut dock = Dock::ready(site(folder.path()));
    turn_red(&world, &dock, 1);
    dock.passes(SignedDuration::from_secs(1));
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!(dock.shown(), "red");
    let put_back = || {
        let _ =
            (std::fs::remove_file(old.with_extension("db-wal")), std::fs::remove_file(old.with_extension("db-shm")));
        std::fs::remove_file(&old).expect("the newer list goes");
        std::fs::copy(&kept, &old).expect("the older list comes back");
    };
    put_back();
    for _ in 0..3 {
        dock.passes(SignedDuration::from_secs(1));
        dock.sees(&[text_of(&world, "tea")]);
        assert_eq!(dock.shown(), "fault", "while it runs");
    }
    let Dock { site, desk, .. } = dock;
    drop(desk);
    let mut dock = Dock::open(site);
    dock.passes(SignedDuration::from_secs(5));
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!(dock.shown(), "fault", "and after it was off");
}

#[test]
fn a_journal_that_was_taken_away_takes_no_row_and_lights_no_green() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    std::fs::remove_dir_all(folder.path()).expect("the folder goes");
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!((dock.shown().as_str(), dock.last.lights), ("fault", Lights::Off));
}

#[test]
fn a_lost_camera_leaves_no_green_lit() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!(dock.last.lights.lamp(), Some(Lamp::Green));
    dock.turn(Happened::Failed(Part::Camera, "unplugged".to_owned()));
    assert_eq!(dock.last.lights, Lights::Off);
    assert_eq!(dock.shown(), "fault");
    dock.turn(Happened::Recovered(Part::Camera));
    assert_eq!(dock.shown(), "ready");
}

#[test]
fn lights_that_do_not_follow_are_a_fault_until_they_do() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    dock.outputs.broken = Some(Part::Lights);
    dock.sees(&[text_of(&world, "tea")]);
    assert_eq!((dock.shown().as_str(), dock.last.lights), ("fault", Lights::Off));
    dock.outputs.broken = None;
    dock.passes(SignedDuration::from_secs(1));
    assert_eq!(dock.shown(), "ready");
}

#[test]
fn a_delivery_and_what_was_taken_in_survive_a_power_cut() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let item = text_of(&world, "sesame-item");
    let mut dock = Dock::ready(site(folder.path()));
    dock.sees(&["(00)106141412345678908"]);
    dock.sees_nothing_for_a_while();
    dock.sees(&[item]);
    assert_eq!(dock.shown(), "accept");
    let Dock { site, desk, .. } = dock;
    drop(desk);
    let mut dock = Dock::ready(site);
    let (id, tally) = dock.last.scene.bar.delivery.clone().expect("the delivery is still open");
    assert_eq!((id.as_str(), tally.accepted), ("(00)106141412345678908", 1));
    dock.sees(&[item]);
    assert_eq!(dock.shown(), "already-taken-in");
    drop(dock);
    journal::verify(&Shelf::journal_path(folder.path())).expect("a whole chain");
}

#[test]
fn whatever_a_code_holds_ends_in_a_verdict_or_a_notice() {
    let folder = tempdir().expect("a folder");
    world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    let mut random = crate::support::Seeded::new(7);
    for _ in 0..300 {
        let bytes = random.bytes(400);
        dock.clock.advance(std::time::Duration::from_secs(10));
        dock.turn(Happened::Seen(greengate::rules::code::Sighting::of(&[]), 0));
        dock.turn(Happened::Seen(greengate::rules::code::Sighting::of(&[&bytes]), 0));
        assert_ne!(dock.last.lights.lamp(), Some(Lamp::Green));
        assert_ne!(dock.shown(), "fault");
    }
}
