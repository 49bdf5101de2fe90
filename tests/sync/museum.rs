//! The museum of bad feeds: each folder of `museum/` is a whole feed as files, and its `case.json` tells in words what is
//! wrong with it and what a kiosk says. Some are right, for a kiosk that refuses everything is none.
//!
//! Nothing here is made by the test: what is read is what is committed. `make` wrote it.

mod make;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use greengate::rules::code::{Code, Grade, Gtin, Product};
use greengate::store::Cache;
use greengate::sync::{Http, Source, SyncFault};
use jiff::Timestamp;
use serde::Deserialize;
use tempfile::TempDir;

use super::server::Server;
use super::{Kiosk, now, patient};

/// What every kiosk accepts afterwards, to show that it took no harm.
const NEXT: &str = "good-next";
/// The product that all lists of the museum have.
const GTIN: u64 = 6_901_234_567_892;

/// A folder's `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// In words, for whoever reads it.
    what: String,
    /// The folder whose feed the kiosk has synced before; without it the kiosk is new.
    before: Option<String>,
    /// The kiosk's clock.
    now: Timestamp,
    then: Then,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Then {
    /// The kiosk has this list.
    Accepted { list: u64 },
    Refused {
        /// The fault's name in the source.
        fault: String,
        /// A part of what a person is told.
        says: String,
        /// The metadata is right and believed; what is wrong is a file.
        #[serde(default)]
        is_believed: bool,
    },
}

pub fn museum() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sync/museum")
}

/// The names of its folders.
fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(museum()).expect("the museum").map(|entry| entry.expect("an entry").path());
    // The rooms of the workshop have no case.
    let names = entries.filter(|path| path.is_dir() && !path.ends_with("make"));
    names.map(|path| path.file_name().expect("a name").to_string_lossy().into_owned()).collect()
}

/// For each feed whether its metadata is right, whatever its files are.
pub fn judged() -> BTreeMap<String, bool> {
    let is_right = |case: &Case| match case.then {
        Then::Accepted { .. } => true,
        Then::Refused { is_believed, .. } => is_believed,
    };
    folders().into_iter().map(|name| (name.clone(), is_right(&Case::read(&name)))).collect()
}

/// Brings the feed in a folder of the museum.
type Way<'a> = &'a dyn Fn(&str) -> Source;

impl Case {
    fn read(name: &str) -> Self {
        let path = museum().join(name).join("case.json");
        let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A kiosk as it is before the feed `name` comes. `Err` is what went wrong with the feed before.
    fn kiosk(&self, name: &str, way: Way<'_>) -> Result<Kiosk, SyncFault> {
        let first = museum().join(self.before.as_deref().unwrap_or(name)).join("metadata/1.root.json");
        let mut kiosk = Kiosk { state: TempDir::new().expect("a folder"), root: fs::read(first).ok() };
        if let Some(before) = &self.before {
            let earlier = Self::read(before);
            kiosk = earlier.kiosk(before, way)?;
            kiosk.sync_at(&way(before), earlier.now)?;
        }
        Ok(kiosk)
    }

    /// What is not as the case says; nothing if all is.
    fn wrong(&self, name: &str, way: Way<'_>) -> Option<String> {
        let mut kiosk = match self.kiosk(name, way) {
            Ok(kiosk) => kiosk,
            Err(fault) => return Some(format!("the feed before it is refused: {fault}")),
        };
        let had = state(&kiosk);
        let came = kiosk.sync_at(&way(name), self.now);
        match (&self.then, came) {
            (Then::Accepted { list }, Ok(outcome)) => {
                let is_right = outcome.after == *list && knows(&kiosk) == Some(grade(*list));
                (!is_right).then(|| format!("the kiosk has list {} and says {:?}", outcome.after, knows(&kiosk)))
            }
            (Then::Accepted { .. }, Err(fault)) => Some(format!("it is refused: {fault:?}")),
            (Then::Refused { .. }, Ok(outcome)) => Some(format!("it is accepted: {outcome:?}")),
            (Then::Refused { fault, says, is_believed }, Err(found)) => {
                let told = told(&found, &way(name));
                if kind(&found) != *fault || !told.contains(says) {
                    return Some(format!("the fault is {}: {told}", kind(&found)));
                }
                let (list, trust) = state(&kiosk);
                // A file that is the one that was promised is not brought again, for it is no better the next time.
                let may_stay = matches!(found, SyncFault::Store(_));
                if list != had.0 || (trust != had.1) != *is_believed || !(may_stay || kiosk.parts().is_empty()) {
                    return Some(format!("it leaves its mark: {list:?}, trust {}", trust != had.1));
                }
                self.still_works(&mut kiosk, name, &told, way)
            }
        }
    }

    /// The same feed is refused again, and the next good one comes in.
    fn still_works(&self, kiosk: &mut Kiosk, name: &str, before: &str, way: Way<'_>) -> Option<String> {
        match kiosk.sync_at(&way(name), self.now) {
            Err(again) if told(&again, &way(name)) == before => {}
            other => return Some(format!("the second time it is {other:?}")),
        }
        if self.before.is_none() {
            kiosk.root = fs::read(museum().join(NEXT).join("metadata/1.root.json")).ok();
        }
        match kiosk.sync_at(&way(NEXT), now()) {
            Ok(outcome) if outcome.after == 4 && knows(kiosk) == Some(grade(4)) && kiosk.parts().is_empty() => None,
            other => Some(format!("afterwards a good feed is {other:?}")),
        }
    }
}

/// What a person is told, with `FEED` for the place.
fn told(fault: &SyncFault, source: &Source) -> String {
    fault.to_string().replace(&source.shown(), "FEED")
}

/// What a kiosk has: the list with what it says of the product, and what it trusts.
type State = ((u64, Option<Grade>), Option<Vec<u8>>);

fn state(kiosk: &Kiosk) -> State {
    ((kiosk.version(), knows(kiosk)), fs::read(kiosk.state.path().join("feed.json")).ok())
}

/// What the kiosk's list says of the product.
fn knows(kiosk: &Kiosk) -> Option<Grade> {
    let cache = Cache::open(kiosk.state.path()).expect("a readable list")?;
    let product = Product { gtin: Gtin::from_number(GTIN)?, lot: None, serial: None, expiry: None };
    let found = cache.find(&Code::Unsigned(product)).expect("an answer");
    found.listings.first().map(|listing| listing.grade)
}

/// What each list of the museum says of it: no two that follow each other say the same.
fn grade(list: u64) -> Grade {
    [Grade::Yellow, Grade::Green, Grade::Red][usize::try_from(list % 3).expect("a small number")]
}

/// The name of a fault's variant.
fn kind(fault: &SyncFault) -> String {
    let text = match fault {
        SyncFault::Store(fault) => format!("{fault:?}"),
        fault => format!("{fault:?}"),
    };
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

#[track_caller]
fn walk(way: Way<'_>) {
    let names = folders();
    let wrong: Vec<String> =
        names.iter().filter_map(|name| Some(format!("{name}: {}", Case::read(name).wrong(name, way)?))).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

#[test]
fn each_feed_of_the_museum_is_taken_for_what_it_is() {
    walk(&|name| Source::folder(museum().join(name)).with_pace(patient()));
}

#[test]
fn a_server_makes_no_feed_of_the_museum_better_or_worse() {
    let server = Server::of(&museum());
    let http = |name: &str| Http::new(&format!("{}/{name}", server.address)).expect("an address");
    walk(&|name| Source::http(http(name)).with_pace(patient()));
}

#[test]
fn the_museum_shows_every_fault_that_files_can_have_and_feeds_that_are_right() {
    let mut shown = BTreeSet::new();
    for name in folders() {
        let case = Case::read(&name);
        assert!(case.what.len() > 20, "{name} says too little");
        shown.insert(match case.then {
            Then::Accepted { .. } => "none".to_owned(),
            Then::Refused { fault, .. } => fault,
        });
    }
    let faults = [
        "BadRoot",
        "Expired",
        "File",
        "Line",
        "Missing",
        "Mixed",
        "NoWay",
        "Older",
        "References",
        "Rollback",
        "Signature",
        "SkippedRoot",
        "TooLarge",
        "Unreadable",
        "Wrong",
        "none",
    ];
    assert_eq!(shown.iter().map(String::as_str).collect::<Vec<_>>(), faults);
}
