//! Deltas stand beside a snapshot's rows, and nobody can tell: the list is what a snapshot of the same records would be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use greengate::rules::code::Code;
use greengate::rules::evidence::Found;
use greengate::store::Difference;
use tempfile::tempdir;

use super::{LIST, MASKS, TEA, load, open, signed, unsigned};
use crate::support::Seeded;

const ROUNDS: u64 = 30;
const LISTINGS: u64 = 12;
const EXCEPTIONS: u64 = 40;
const OTHER: u64 = 96_385_074;

/// The long tables of a list, each record by its key and as the rest of its line.
#[derive(Clone, Default)]
struct Model {
    listings: BTreeMap<u64, String>,
    exceptions: BTreeMap<u64, String>,
}

impl Model {
    /// Changes up to twenty records, some of them more than once, and gives the lines that do the same.
    fn change(&mut self, seeded: &mut Seeded) -> String {
        let mut lines = String::new();
        for _ in 0..seeded.below(20) {
            let (id, index) = (100 + seeded.below(LISTINGS), 1000 + seeded.below(EXCEPTIONS));
            let line = match seeded.below(4) {
                0 => self.put_listing(id, seeded),
                1 if self.listings.remove(&id).is_some() => {
                    format!("{{\"drop\":{{\"block\":{}}}}}\n{{\"drop\":{{\"listing\":{id}}}}}\n", id * 10)
                }
                2 if self.exceptions.remove(&index).is_some() => format!("{{\"drop\":{{\"exception\":{index}}}}}\n"),
                _ => self.put_exception(index, seeded),
            };
            lines.push_str(&line);
        }
        lines
    }

    fn put_listing(&mut self, id: u64, seeded: &mut Seeded) -> String {
        let (gtin, grade) = (seeded.pick(&[TEA, MASKS, OTHER]), seeded.pick(&["green", "yellow", "red"]));
        let more = seeded.pick(&["", ",\"reason\":1", ",\"missing\":[2,1]", ",\"inspect\":[2]"]);
        let rest = format!(r#""supplier":1,"gtin":"{gtin:014}","name":{{"zh":"茶","en":"T"}},"grade":"{grade}"{more}"#);
        self.listings.insert(id, rest);
        self.listing(id)
    }

    fn put_exception(&mut self, index: u64, seeded: &mut Seeded) -> String {
        let rest = format!(r#""grade":"{}""#, seeded.pick(&["yellow", "red"]));
        self.exceptions.insert(index, rest);
        self.exception(index)
    }

    /// A listing with its block of labels.
    fn listing(&self, id: u64) -> String {
        let (first, last, rest) = (id * 10, id * 10 + 9, &self.listings[&id]);
        format!(r#"{{"put":{{"listing":{{"id":{id},{rest}}}}}}}"#)
            + "\n"
            + &format!(r#"{{"put":{{"block":{{"first":{first},"last":{last},"listing":{id}}}}}}}"#)
            + "\n"
    }

    fn exception(&self, index: u64) -> String {
        format!(r#"{{"put":{{"exception":{{"index":{index},{}}}}}}}"#, self.exceptions[&index]) + "\n"
    }

    /// Everything, as a snapshot has it.
    fn snapshot(&self) -> String {
        let listings = self.listings.keys().map(|id| self.listing(*id));
        let exceptions = self.exceptions.keys().map(|index| self.exception(*index));
        LIST.to_owned() + &listings.chain(exceptions).collect::<String>()
    }
}

fn answers(folder: &Path) -> (Vec<Found>, u64, [u64; 4]) {
    let cache = open(folder);
    let mut codes: Vec<Code> = (990..1000 + 10 * 13).map(|index| signed(1, index)).collect();
    codes.extend([TEA, MASKS, OTHER].map(unsigned));
    let found = codes.iter().map(|code| cache.find(code).expect("an answer")).collect();
    let info = cache.info().expect("counts");
    (found, cache.listings(), [info.listings, info.exceptions, info.blocks, info.suppliers])
}

#[test]
fn after_any_deltas_the_list_is_what_a_snapshot_would_be() {
    let seed = 4;
    let mut seeded = Seeded::new(seed);
    let mut model = Model::default();
    model.change(&mut seeded);
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, &model.snapshot()).expect("it loads");
    let mut seen = BTreeSet::new();
    for version in 7..7 + ROUNDS {
        let at = format!("seed {seed}, version {version}");
        let delta = model.change(&mut seeded);
        load(folder.path(), version, version + 1, &delta).unwrap_or_else(|fault| panic!("{at}: {fault}\n{delta}"));
        let whole = tempdir().expect("a folder");
        load(whole.path(), 0, version + 1, &model.snapshot()).expect("it loads");
        assert_eq!(answers(folder.path()), answers(whole.path()), "{at}\n{delta}");
        let (changed, built) = (open(folder.path()), open(whole.path()));
        assert_eq!(changed.facts(), built.facts(), "{at}");
        assert_eq!(changed.differences(&built).expect("both are read"), Difference::default(), "{at}\n{delta}");
        assert_eq!(built.differences(&changed).expect("both are read"), Difference::default(), "{at}\n{delta}");
        seen.insert((model.listings.len(), model.exceptions.len()));
    }
    assert!(seen.len() > 10, "the list hardly changed: {seen:?}");
}

#[test]
fn what_a_delta_dropped_is_not_there_to_be_dropped_or_named_again() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let drop = r#"
        {"drop":{"block":30}}
        {"drop":{"listing":12}}
        {"drop":{"exception":15}}
    "#;
    load(folder.path(), 7, 8, drop).expect("it loads");
    let told = |delta: &str| load(folder.path(), 8, 9, delta).expect_err(delta).to_string();
    let again = told(r#"{"drop":{"listing":12}}"#);
    assert!(again.ends_with("line 2: there is no listing 12 to drop"), "{again}");
    let again = told(r#"{"drop":{"exception":15}}"#);
    assert!(again.ends_with("line 2: there is no exception 15 to drop"), "{again}");
    let named = told(r#"{"put":{"block":{"first":40,"last":40,"listing":12}}}"#);
    assert_eq!(named, "block 40 names a listing that is not there; the list is as before");
}

#[test]
fn a_list_without_listings_may_lose_its_last_names() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let everything = r#"
        {"drop":{"block":10}}
        {"drop":{"block":30}}
        {"drop":{"listing":11}}
        {"drop":{"listing":12}}
        {"drop":{"exception":15}}
        {"drop":{"supplier":1}}
        {"drop":{"supplier":2}}
        {"drop":{"reason":1}}
        {"drop":{"reason":2}}
        {"put":{"exception":{"index":15,"grade":"yellow"}}}
    "#;
    let facts = load(folder.path(), 7, 8, everything).expect("nobody names them any more");
    assert_eq!(facts.index_end, 0);
    assert_eq!(super::told(folder.path()).2, "[0, 0, 0, 2, 1, 0]");
}
