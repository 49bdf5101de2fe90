//! Anything happens to records, to the feed's files and to their copy, and how many deltas are kept is another number each
//! time: after each release every kiosk has the registry's list. `GREENGATE_RELEASES=60` makes so many in place of the usual
//! number, `GREENGATE_SEED=7` others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use greengate::hub::{HubFault, Publishing, Registry};
use greengate::rules::code::Grade;
use greengate::rules::record::{Block, Exception, Line, Reason, Record, RecordKey};
use greengate::rules::text::Text;
use greengate::store;
use tempfile::TempDir;

use super::kept::{list, listing, named, sync};
use super::{Authority, author, copy, kept, names};
use crate::support::Seeded;

const RELEASES: u64 = 8;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// One thing that an officer may do; what makes no sense is refused, and nothing has changed.
fn stir(authority: &Authority, random: &mut Seeded) {
    let id = 1 + u32::try_from(random.below(60)).expect("small");
    let grade = *random.pick(&[Grade::Green, Grade::Yellow]);
    let record = match random.below(7) {
        0 => named(300 + id, random),
        1 => listing(id, grade),
        2 => Record::Exception(Exception { index: id * 100 + id % 7, grade, reason: None }),
        3 => Record::Reason(Reason { id, text: Text::new("原因", format!("reason {}", random.next())) }),
        // A block shrinks, grows, or leads to another listing.
        4 => Record::Block(Block { first: id * 100, last: id * 100 + 20 + id % 80, listing: 1 + id % 40 }),
        5 => Record::Block(Block { first: id * 100 + 30, last: id * 100 + 99, listing: id }),
        _ => named(id, random),
    };
    let dropped = match random.below(6) {
        0 => Some(RecordKey::Supplier(300 + id)),
        1 => Some(RecordKey::Exception(id * 100 + id % 7)),
        2 => Some(RecordKey::Block(id * 100)),
        3 => Some(RecordKey::Listing(id)),
        4 => Some(RecordKey::Reason(id)),
        _ => None,
    };
    let mut registry = Registry::open(authority.path()).expect("a registry");
    let mut change = |key: Option<RecordKey>, record: Option<&Record>| {
        let changed = registry.change(&author(0), |changes| {
            key.map_or(Ok(()), |key| changes.drop(key))?;
            record.map_or(Ok(()), |record| changes.put(record))
        });
        assert!(matches!(changed, Ok(()) | Err(HubFault::Refused(_))), "{changed:?}");
        changed.is_ok()
    };
    // Both in one, as where a block moves; else one by one.
    if !change(dropped, Some(&record)) {
        change(dropped, None);
        change(None, Some(&record));
    }
}

/// Something happens to one of a folder's files of records.
fn harm(folder: &Path, random: &mut Seeded, may_rot: bool) -> String {
    let targets = folder.join("targets");
    let files: Vec<String> = names(&targets).into_iter().filter(|name| name.contains(".jsonl")).collect();
    let name = random.pick(&files).clone();
    let path = targets.join(&name);
    let mut bytes = fs::read(&path).expect("a file");
    let how = random.below(if may_rot { 5 } else { 4 });
    match how {
        0 => fs::remove_file(&path).expect("removed"),
        1 => fs::write(&path, &bytes[..bytes.len() / 2]).expect("written"),
        2 => fs::write(&path, "").expect("written"),
        4 => {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
            fs::write(&path, bytes).expect("written");
        }
        _ => return "nothing".to_owned(),
    }
    format!("{how} {}", &name[65..])
}

/// The list that the registry has, brought by nothing that is published.
fn registrys(authority: &Authority) -> Vec<String> {
    let mut lines = Vec::new();
    let registry = Registry::open(authority.path()).expect("a registry");
    let mut each = |line: &Line| {
        lines.push(line.clone());
        Ok(())
    };
    registry.lines(0, &mut each).expect("lines");
    let folder = tempfile::tempdir().expect("a folder");
    store::load_lines(folder.path(), &lines).expect("a list");
    list(folder.path())
}

fn another(state: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(state, folder.path());
    folder
}

#[test]
fn every_kiosk_has_the_registrys_list_whatever_happened_to_the_feed() {
    let random = &mut Seeded::new(number("GREENGATE_SEED", 11));
    let mut authority = kept::authority(random);
    let rooms = tempfile::tempdir().expect("a folder");
    let places: [PathBuf; 2] = [authority.feed(), rooms.path().join("www")];
    authority.publish_with(0, &Publishing { to: Some(places[1].clone()), ..Publishing::default() });
    let mut kiosks: BTreeMap<u64, PathBuf> = BTreeMap::new();
    for round in 0..number("GREENGATE_RELEASES", RELEASES) {
        (0..=random.below(20)).for_each(|_| stir(&authority, random));
        let mut harmed = Vec::new();
        if random.below(2) == 0 {
            harmed.push(harm(&places[0], random, true));
        }
        if random.below(2) == 0 {
            harmed.push(harm(&places[1], random, false));
        }
        let keep = *random.pick(&[0, 1, 2, 5, 30]);
        let published = authority.publish_with(0, &Publishing { keep, to: Some(places[1].clone()) });
        let (release, expected) = (published.release.version, registrys(&authority));
        for place in &places {
            let told = format!("round {round}, release {release}, keep {keep}, {harmed:?}, {}", place.display());
            let fresh = tempfile::tempdir().expect("a folder");
            assert_eq!(sync(&authority, place, fresh.path()).after, release, "{told}");
            assert!(list(fresh.path()) == expected, "from nothing: {told}");
            if !kiosks.is_empty() {
                let older = *random.pick(&kiosks.keys().copied().collect::<Vec<_>>());
                let kiosk = another(&kiosks[&older]);
                assert_eq!(sync(&authority, place, kiosk.path()).after, release, "{told}");
                assert!(list(kiosk.path()) == expected, "from release {older}: {told}");
            }
            let state = rooms.path().join(release.to_string());
            if !state.exists() {
                copy(fresh.path(), &state);
                kiosks.insert(release, state);
            }
        }
    }
}
