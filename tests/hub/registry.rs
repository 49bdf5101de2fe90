//! The registry: records and their references, transactions, history, and what leads a kiosk from one release to another.

use std::collections::BTreeMap;
use std::path::Path;

use greengate::hub::{Author, Changes, Counts, Did, HubFault, Of, Registry};
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::policy::Policy;
use greengate::rules::record::{
    Block, Exception, Key, Line, Listing, Reason, Record, RecordKey, ReviewLevel, Supplier,
};
use greengate::rules::text::Text;
use greengate::store;
use jiff::{SignedDuration, Timestamp};
use tempfile::{TempDir, tempdir};

use super::engines::home;
use crate::support::Seeded;

pub const TEA: &str = "06901234567892";
const MASKS: &str = "04006381333931";

/// An officer, this many seconds after a morning in November.
pub fn officer(second: i64) -> Author {
    let morning: Timestamp = "2026-11-24T01:00:00Z".parse().expect("a time");
    let at = morning + SignedDuration::from_secs(second);
    Author { who: "mei".to_owned(), why: format!("reason {second}"), at }
}

pub fn authority() -> (TempDir, Registry) {
    let folder = tempdir().expect("a folder");
    let registry = Registry::create(home(folder.path())).expect("a registry");
    (folder, registry)
}

pub fn supplier(id: u32) -> Record {
    Record::Supplier(Supplier { id, name: Text::new("龙井茶业", format!("Tea {id}")) })
}

pub fn reason(id: u32) -> Record {
    Record::Reason(Reason { id, text: Text::new("召回", format!("reason {id}")) })
}

/// A GTIN of its own for each number; 1 has [`TEA`].
pub fn gtin(id: u32) -> Gtin {
    Gtin::with_check_digit(690_123_456_788 + u64::from(id)).expect("twelve digits")
}

pub fn listing(id: u32, supplier: u32, grade: Grade) -> Listing {
    Listing {
        id,
        supplier,
        gtin: gtin(id),
        name: Text::new("茶", format!("Tea {id}")),
        grade,
        reason: None,
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
    }
}

pub fn block(first: u32, last: u32, listing: u32) -> Record {
    Record::Block(Block { first, last, listing })
}

fn exception(index: u32, grade: Grade, reason: Option<u32>) -> Record {
    Record::Exception(Exception { index, grade, reason })
}

fn key(slot: u16) -> Record {
    Record::Key(Key { slot, public: [7; 32], cut_off: None })
}

/// Puts these records in one change.
pub fn put(registry: &mut Registry, records: &[Record]) -> Result<(), HubFault> {
    registry.change(&officer(0), |changes| records.iter().try_for_each(|record| changes.put(record)))
}

pub fn drop_record(registry: &mut Registry, key: RecordKey) -> Result<(), HubFault> {
    registry.change(&officer(0), |changes| changes.drop(key))
}

pub fn refused(result: Result<impl Sized, HubFault>) -> String {
    match result.err().expect("a refusal") {
        HubFault::Refused(message) => message,
        other => panic!("{other}"),
    }
}

fn lines(registry: &Registry, from: u64) -> Vec<Line> {
    let mut lines = Vec::new();
    let told = registry.lines(from, &mut |line| {
        lines.push(line.clone());
        Ok(())
    });
    told.expect("a release");
    lines
}

/// The lines behind the `meta`, as JSON.
fn body(registry: &Registry, from: u64) -> Vec<String> {
    let lines = lines(registry, from);
    assert!(matches!(lines[0], Line::Meta(meta) if meta.from == from), "{lines:?}");
    lines[1..].iter().map(|line| serde_json::to_string(line).expect("JSON")).collect()
}

/// A supplier, three reasons, a listing with a block and a key: release 1.
pub fn small() -> (TempDir, Registry) {
    let (folder, mut registry) = authority();
    let tea = Record::Listing(listing(1, 1, Grade::Green));
    let records = [key(1), reason(1), reason(2), reason(3), supplier(1), tea, block(1, 10, 1)];
    put(&mut registry, &records).expect("they fit");
    registry.release(&officer(1)).expect("release 1");
    (folder, registry)
}

#[test]
pub fn a_registry_is_begun_once_and_opened_again() {
    let (folder, mut registry) = authority();
    put(&mut registry, &[supplier(1)]).expect("a supplier");
    drop(registry);
    let exists = Registry::create(folder.path()).expect_err("there is one").to_string();
    assert_eq!(exists, format!("`{}` has an authority already; take another folder", folder.path().display()));
    let registry = Registry::open(folder.path()).expect("the registry");
    assert_eq!(registry.record(Some(RecordKey::Supplier(1))).expect("readable"), Some(supplier(1)));
    let empty = tempdir().expect("a folder");
    let none = Registry::open(empty.path()).expect_err("there is none").to_string();
    assert!(none.ends_with("begin one with `greengate-hub init`"), "{none}");
}

#[test]
pub fn a_registry_of_a_newer_program_is_refused_by_name() {
    let (folder, registry) = authority();
    drop(registry);
    let path = folder.path().join("registry.db");
    rusqlite::Connection::open(&path).expect("open").pragma_update(None, "user_version", 999).expect("newer");
    let message = Registry::open(folder.path()).expect_err("newer").to_string();
    let begins = format!("`{}` has schema 999 and this program knows ", path.display());
    assert!(message.starts_with(&begins) && message.ends_with("; update the program"), "{message}");
}

#[test]
pub fn a_change_is_made_whole_or_not_at_all() {
    let (_folder, mut registry) = small();
    let before = (registry.counts().expect("counts"), registry.pending().expect("a count"));
    let nine = |supplier| Record::Listing(listing(9, supplier, Grade::Green));
    let failed = put(&mut registry, &[supplier(8), nine(8), nine(77)]);
    assert_eq!(refused(failed), "listing 9 names supplier 77, which is not there");
    assert_eq!((registry.counts().expect("counts"), registry.pending().expect("a count")), before);
    assert_eq!(registry.record(Some(RecordKey::Supplier(8))).expect("readable"), None);
    assert_eq!(registry.history(Of::Listing(9)).expect("readable"), []);
}

#[test]
pub fn what_a_record_names_must_be_there() {
    let (_folder, mut registry) = small();
    let with = |change: fn(&mut Listing)| {
        let mut listing = listing(2, 1, Grade::Yellow);
        change(&mut listing);
        Record::Listing(listing)
    };
    let cases = [
        (with(|listing| listing.supplier = 5), "listing 2 names supplier 5, which is not there"),
        (with(|listing| listing.reason = Some(5)), "listing 2 names reason 5, which is not there"),
        (with(|listing| listing.missing = vec![1, 6]), "listing 2 names reason 6, which is not there"),
        (with(|listing| listing.inspect = vec![1, 7]), "listing 2 names reason 7, which is not there"),
        (block(50, 60, 4), "block 50 names listing 4, which is not there"),
        (exception(3, Grade::Red, Some(9)), "exception 3 names reason 9, which is not there"),
        (block(9, 8, 1), "block 9 ends before it begins"),
    ];
    for (record, message) in cases {
        assert_eq!(refused(put(&mut registry, &[record])), message);
    }
}

#[test]
pub fn what_is_named_cannot_be_dropped() {
    let (_folder, mut registry) = small();
    let mut second = listing(2, 1, Grade::Red);
    (second.reason, second.missing, second.inspect) = (Some(1), vec![2], vec![3]);
    put(&mut registry, &[Record::Listing(second), reason(4), exception(5, Grade::Red, Some(4))]).expect("they fit");
    let cases = [
        (RecordKey::Supplier(1), "supplier 1 is named by listing 1"),
        (RecordKey::Listing(1), "listing 1 is named by block 1"),
        (RecordKey::Reason(1), "reason 1 is named by listing 2"),
        (RecordKey::Reason(2), "reason 2 is named by listing 2"),
        (RecordKey::Reason(3), "reason 3 is named by listing 2"),
        (RecordKey::Reason(4), "reason 4 is named by exception 5"),
        (RecordKey::Key(9), "there is no key 9"),
    ];
    for (key, message) in cases {
        assert_eq!(refused(drop_record(&mut registry, key)), message);
    }
    for key in [RecordKey::Listing(2), RecordKey::Reason(2), RecordKey::Exception(5), RecordKey::Reason(4)] {
        drop_record(&mut registry, key).expect("nothing names it any more");
        assert_eq!(registry.record(Some(key)).expect("readable"), None);
    }
}

#[test]
pub fn what_was_dropped_in_the_same_change_is_no_longer_there() {
    let (_folder, mut registry) = small();
    let change = registry.change(&officer(2), |changes| {
        let mut second = listing(2, 1, Grade::Yellow);
        second.missing = vec![3];
        changes.put(&Record::Listing(second.clone()))?;
        changes.drop(RecordKey::Listing(2))?;
        changes.drop(RecordKey::Reason(3))?;
        changes.put(&Record::Listing(second))
    });
    assert_eq!(refused(change), "listing 2 names reason 3, which is not there");
}

#[test]
pub fn history_keeps_who_when_and_why() {
    let (_folder, mut registry) = small();
    let mut tea = listing(1, 1, Grade::Red);
    tea.reason = Some(1);
    registry.change(&officer(60), |changes| changes.put(&Record::Listing(tea.clone()))).expect("a change");
    registry.change(&officer(70), |changes| changes.put(&Record::Listing(tea))).expect("no change");
    drop_record(&mut registry, RecordKey::Block(1)).expect("it may go");
    registry.change(&officer(80), |changes| changes.drop(RecordKey::Listing(1))).expect("it may go");
    let history = registry.history(Of::Listing(1)).expect("readable");
    let told: Vec<_> = history.iter().map(|change| (change.at, change.who.as_str(), change.why.as_str())).collect();
    let at = |second, why| (officer(second).at, "mei", why);
    // The listing and its block, the new grade, and the end of the listing; the block's own end tells of no listing.
    assert_eq!(told, [at(0, "reason 0"), at(0, "reason 0"), at(60, "reason 60"), at(80, "reason 80")]);
    let did: Vec<_> = history.into_iter().map(|change| change.did).collect();
    assert!(matches!(&did[0], Did::Put(Record::Listing(tea)) if tea.grade == Grade::Green), "{did:?}");
    assert_eq!(did[1], Did::Put(block(1, 10, 1)));
    assert!(matches!(&did[2], Did::Put(Record::Listing(tea)) if tea.grade == Grade::Red), "{did:?}");
    assert_eq!(did[3], Did::Drop(RecordKey::Listing(1)));
    let policy = Policy { normal_h: 12, ..Policy::default() };
    put(&mut registry, &[Record::Policy(policy)]).expect("a policy");
    let policies = registry.history(Of::Policy).expect("readable");
    assert_eq!(policies.into_iter().map(|change| change.did).collect::<Vec<_>>(), [Did::Put(Record::Policy(policy))]);
    assert_eq!(registry.record(None).expect("readable"), Some(Record::Policy(policy)));
}

#[test]
pub fn listings_are_found_by_their_product() {
    let (_folder, mut registry) = small();
    let masks = Listing { gtin: Gtin::parse(MASKS).expect("a GTIN"), ..listing(2, 1, Grade::Green) };
    let other = Listing { gtin: gtin(1), ..listing(3, 2, Grade::Green) };
    put(&mut registry, &[supplier(2), Record::Listing(masks), Record::Listing(other)]).expect("they fit");
    let of = |gtin| registry.listings_of(gtin).expect("readable").iter().map(|found| found.id).collect::<Vec<_>>();
    assert_eq!((of(TEA), of(MASKS), of("00000000000000")), (vec![1, 3], vec![2], vec![]));
    let counts = Counts { suppliers: 2, listings: 3, reasons: 3, blocks: 1, exceptions: 0, keys: 1 };
    assert_eq!(registry.counts().expect("counts"), counts);
}

#[test]
pub fn a_suppliers_product_has_one_listing() {
    let (folder, mut registry) = small();
    let of_one = |id| Listing { gtin: gtin(1), ..listing(id, 1, Grade::Yellow) };
    let message = format!(
        "listing 2 is of supplier 1 and GTIN `{TEA}`, as listing 1 is already; a supplier's product has one listing"
    );
    assert_eq!(refused(put(&mut registry, &[Record::Listing(of_one(2))])), message);
    let second = Record::Listing(listing(2, 1, Grade::Green));
    put(&mut registry, std::slice::from_ref(&second)).expect("another product");
    assert_eq!(refused(put(&mut registry, &[Record::Listing(of_one(2))])), message);
    let told = |id| registry.record(Some(RecordKey::Listing(id))).expect("readable");
    assert_eq!((told(1), told(2)), (Some(Record::Listing(listing(1, 1, Grade::Green))), Some(second)));
    // The database holds it too, whoever writes into it.
    let database = rusqlite::Connection::open(folder.path().join("registry.db")).expect("a database");
    let sql = "INSERT INTO record (kind, key, body, version, gtin, supplier)
               SELECT 3, 9, body, 2, gtin, supplier FROM record WHERE kind = 3 AND key = 1";
    let fault = database.execute(sql, []);
    assert!(fault.is_err_and(|fault| fault.to_string().contains("UNIQUE")));
    for key in [RecordKey::Block(1), RecordKey::Listing(1)] {
        drop_record(&mut registry, key).expect("it may go");
    }
    put(&mut registry, &[Record::Listing(of_one(3))]).expect("the first one is gone");
}

#[test]
pub fn a_delta_has_what_is_not_as_before_and_nothing_else() {
    let (_folder, mut registry) = small();
    let mut change = |make: &dyn Fn(&mut Changes<'_>) -> Result<(), HubFault>| {
        registry.change(&officer(2), |changes| make(changes)).expect("a change");
    };
    // Came and went; changed and back; dropped and again as it was; dropped and another; dropped; new.
    change(&|changes| changes.put(&supplier(5)));
    change(&|changes| changes.drop(RecordKey::Supplier(5)));
    change(&|changes| changes.put(&Record::Listing(listing(1, 1, Grade::Yellow))));
    change(&|changes| changes.put(&Record::Listing(listing(1, 1, Grade::Green))));
    change(&|changes| changes.drop(RecordKey::Reason(1)));
    change(&|changes| changes.put(&reason(1)));
    change(&|changes| changes.drop(RecordKey::Reason(2)));
    change(&|changes| changes.put(&Record::Reason(Reason { id: 2, text: Text::new("", "other") })));
    change(&|changes| changes.drop(RecordKey::Reason(3)));
    change(&|changes| changes.put(&exception(3, Grade::Yellow, None)));
    assert_eq!(registry.pending().expect("a count"), 3);
    let release = registry.release(&officer(3)).expect("release 2");
    assert_eq!((release.version, release.changed, release.issued), (2, 3, officer(3).at));
    assert_eq!(registry.newest_release().expect("readable"), Some(release));
    let delta = [
        r#"{"put":{"reason":{"id":2,"text":{"zh":"","en":"other"}}}}"#,
        r#"{"drop":{"reason":3}}"#,
        r#"{"put":{"exception":{"index":3,"grade":"yellow"}}}"#,
    ];
    assert_eq!(body(&registry, 1), delta);
    // What waits for release 3 is not in it.
    put(&mut registry, &[supplier(6), supplier(1), exception(3, Grade::Red, Some(1)), reason(3)]).expect("they fit");
    drop_record(&mut registry, RecordKey::Block(1)).expect("it may go");
    assert_eq!(body(&registry, 1), delta);
    assert!(body(&registry, 0).iter().any(|line| line.contains("block")) && registry.pending().expect("a count") == 4);
}

#[test]
pub fn dropped_and_made_again_over_several_releases() {
    let (_folder, mut registry) = small();
    drop_record(&mut registry, RecordKey::Reason(3)).expect("it may go");
    registry.release(&officer(2)).expect("release 2");
    registry.release(&officer(3)).expect("release 3, in which nothing changed");
    put(&mut registry, &[reason(3)]).expect("again");
    registry.release(&officer(4)).expect("release 4");
    assert_eq!(body(&registry, 1), [""; 0], "it is as it was");
    assert_eq!(body(&registry, 2), body(&registry, 3));
    assert_eq!(body(&registry, 3), [r#"{"put":{"reason":{"id":3,"text":{"zh":"召回","en":"reason 3"}}}}"#]);
    for from in [4, 5] {
        let nothing = registry.lines(from, &mut |_| Ok(()));
        assert_eq!(refused(nothing), format!("nothing leads from release {from} to the newest one, which is 4"));
    }
}

#[test]
pub fn there_is_no_list_before_the_first_release() {
    let (_folder, registry) = authority();
    assert_eq!(refused(registry.lines(0, &mut |_| Ok(()))), "there is no release yet");
    assert_eq!(registry.newest_release().expect("readable"), None);
}

/// Everything in a cache but the moment and the version of its list.
fn told(folder: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let path = files.filter(|path| path.extension().is_some_and(|end| end == "db")).max().expect("a cache");
    let connection = rusqlite::Connection::open(path).expect("the cache");
    let tables = ["supplier", "listing", "reason", "block", "exception", "key", "meta"];
    let rows = |table: &'static str| {
        let mut query = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1")).expect("a table");
        let columns = query.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let values = (0..columns).map(|at| format!("{:?}", row.get_ref(at).expect("a value")));
            Ok(values.collect::<Vec<_>>().join(" "))
        };
        (table, query.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect())
    };
    tables.into_iter().map(rows).collect()
}

/// Any change at all, sensible or not.
fn anything(random: &mut Seeded, changes: &mut Changes<'_>) -> Result<(), HubFault> {
    let mut id = |end: u64| u32::try_from(random.below(end)).expect("small") + 1;
    let (what, one, two, three) = (id(12), id(5), id(4), id(30));
    let grade = [Grade::Green, Grade::Yellow, Grade::Red][three as usize % 3];
    let some_reason = (two > 2).then_some(one);
    match what {
        1 => changes.put(&Record::Supplier(Supplier { id: one, name: Text::new("", format!("{three}")) })),
        2 => changes.put(&Record::Reason(Reason { id: one, text: Text::new("", format!("{three}")) })),
        3 | 4 => {
            let mut listing = listing(one, two, grade);
            (listing.reason, listing.missing) = (some_reason, if three > 15 { vec![two, one] } else { vec![] });
            changes.put(&Record::Listing(listing))
        }
        5 => changes.put(&block(three, three + one, two)),
        6 => changes.take_block(one, two).map(drop),
        7 => changes.put(&exception(three, grade, some_reason)),
        8 => changes.put(&Record::Policy(Policy { normal_h: three, ..Policy::default() })),
        9 => changes.drop(RecordKey::Supplier(one)).or_else(|_| changes.drop(RecordKey::Reason(two))),
        10 => changes.drop(RecordKey::Listing(one)),
        11 => changes.drop(RecordKey::Block(three)),
        _ => changes.drop(RecordKey::Exception(three)),
    }
}

#[test]
pub fn a_snapshot_and_deltas_lead_to_the_same_list_as_the_newest_snapshot() {
    for seed in 0..6 {
        let mut random = Seeded::new(seed);
        let (_folder, mut registry) = authority();
        put(&mut registry, &[key(1), reason(9)]).expect("a key, without which no kiosk takes a list");
        let (mut snapshots, mut steps) = (Vec::new(), Vec::new());
        for version in 1..=6 {
            for _ in 0..25 {
                let _ = registry.change(&officer(0), |changes| anything(&mut random, changes));
            }
            let pending = registry.pending().expect("a count");
            let release = registry.release(&officer(version)).expect("a release");
            assert_eq!(release.changed, pending);
            snapshots.push(lines(&registry, 0));
            steps.push((version > 1).then(|| lines(&registry, release.version - 1)));
        }
        // Changes that wait for the next release are seen nowhere.
        for _ in 0..25 {
            let _ = registry.change(&officer(9), |changes| anything(&mut random, changes));
        }
        assert_eq!(lines(&registry, 0), snapshots[5]);
        let newest = loaded(&[&snapshots[5]]);
        let every_step: Vec<&[Line]> =
            std::iter::once(&snapshots[0][..]).chain(steps.iter().flatten().map(Vec::as_slice)).collect();
        assert_eq!(loaded(&every_step), newest, "seed {seed}");
        for (from, snapshot) in (1..).zip(&snapshots[..5]) {
            let delta = lines(&registry, from);
            assert_eq!(loaded(&[snapshot, &delta]), newest, "seed {seed}, from {from}");
        }
    }
}

/// What a kiosk has after these files.
fn loaded(files: &[&[Line]]) -> BTreeMap<&'static str, Vec<String>> {
    let kiosk = tempdir().expect("a folder");
    for lines in files {
        store::load_lines(kiosk.path(), lines).expect("a kiosk takes it");
    }
    told(kiosk.path())
}
