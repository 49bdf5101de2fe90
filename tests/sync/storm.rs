//! Random feeds, random damage: whatever comes, a kiosk has one of the authority's lists whole, never an older one than
//! before, and has the newest one as soon as that can be had.
//!
//! `GREENGATE_ROUNDS=200` plays so many rounds in place of the usual number.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use greengate::rules::code::{Grade, Gtin};
use greengate::rules::record::{Listing, Record, RecordKey, ReviewLevel};
use greengate::rules::text::Text;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::authority::Authority;
use super::{Kiosk, now};
use crate::support::Seeded;

const ROUNDS: u64 = 25;
const DAYS: usize = 5;
/// Enough for a list of some forty pages.
const LISTINGS: u32 = 400;

/// The grades of a list's listings by their numbers.
type List = BTreeMap<u32, u8>;

fn grade(number: u8) -> Grade {
    [Grade::Green, Grade::Yellow, Grade::Red][usize::from(number) - 1]
}

fn put(id: u32, number: u8) -> Value {
    let gtin = Gtin::with_check_digit(690_000_000_000 + u64::from(id)).expect("twelve digits");
    let name = Text::new(format!("第{id}号"), format!("product number {id} of a long list"));
    let reason = (number > 1).then_some(1);
    let (missing, inspect) = (Vec::new(), Vec::new());
    let review = ReviewLevel::Normal;
    let listing =
        Listing { id, supplier: 1, gtin, name, grade: grade(number), reason, missing, review, inspect, unseen: false };
    json!({"put": Record::Listing(listing)})
}

fn whole(list: &List) -> Vec<Value> {
    let first = [
        json!({"put": {"key": {"slot": 1, "public": "01".repeat(32)}}}),
        json!({"put": {"reason": {"id": 1, "text": {"zh": "原因", "en": "reason"}}}}),
        json!({"put": {"supplier": {"id": 1, "name": {"zh": "商贸", "en": "Trading"}}}}),
    ];
    first.into_iter().chain(list.iter().map(|(id, number)| put(*id, *number))).collect()
}

fn difference(from: &List, to: &List) -> Vec<Value> {
    let dropped = from.keys().filter(|id| !to.contains_key(id)).map(|id| json!({"drop": RecordKey::Listing(*id)}));
    let changed = to.iter().filter(|(id, number)| from.get(id) != Some(number)).map(|(id, number)| put(*id, *number));
    dropped.chain(changed).collect()
}

/// The next day's list.
fn turned(random: &mut Seeded, list: &List) -> List {
    let mut list = list.clone();
    for _ in 0..=random.below(9) {
        let id = 1 + u32::try_from(random.below(u64::from(LISTINGS))).expect("a number");
        let number = u8::try_from(random.below(4)).expect("a grade or none");
        list.remove(&id);
        list.extend((number > 0).then_some((id, number)));
    }
    list
}

/// One round: an authority, its lists, and a kiosk.
struct Round {
    random: Seeded,
    authority: Authority,
    kiosk: Kiosk,
    /// By their versions; 0 is none.
    lists: Vec<List>,
    now: Timestamp,
}

impl Round {
    fn new(seed: u64) -> Self {
        let mut authority = Authority::silent();
        authority.publish_root();
        let mut random = Seeded::new(seed);
        let first = (1..=LISTINGS).map(|id| (id, 1 + u8::try_from(random.below(3)).expect("a grade"))).collect();
        let kiosk = Kiosk::of(&authority);
        Self { random, authority, kiosk, lists: vec![List::new(), first], now: now() }
    }

    fn newest(&self) -> usize {
        self.lists.len() - 1
    }

    /// Another day begins.
    fn turn(&mut self) {
        let newest = self.newest();
        self.lists.push(turned(&mut self.random, &self.lists[newest]));
    }

    /// Publishes the newest list: a snapshot of it or of one of before, and deltas that lead on from there, and from others.
    fn publish(&mut self) {
        let newest = self.newest();
        self.authority.targets.clear();
        let snapshot = 1 + usize::try_from(self.random.below(newest as u64)).expect("a version");
        self.add(0, snapshot, None);
        for from in 1..newest {
            let is_on_the_way = from >= snapshot;
            if is_on_the_way || self.random.below(2) == 0 {
                self.add(from, from + 1, None);
            }
            if self.random.below(3) == 0 {
                self.add(from, newest, None);
            }
        }
        self.authority.publish();
    }

    fn add(&mut self, from: usize, to: usize, wrong: Option<Value>) {
        let lines = if from == 0 { whole(&self.lists[to]) } else { difference(&self.lists[from], &self.lists[to]) };
        let lines: Vec<Value> = lines.into_iter().chain(wrong).collect();
        let name = if from == 0 { format!("snapshot-{to}") } else { format!("delta-{from}-{to}") };
        self.authority.add(&format!("{name}.jsonl.zst"), from as u64, to as u64, &lines);
    }

    /// Some of the feed's files are cut short, changed, gone, or another one's; one is signed and makes no sense.
    fn damage_feed(&mut self) {
        let targets = self.authority.path("targets", "");
        let mut files: Vec<PathBuf> =
            fs::read_dir(targets).expect("a folder").map(|file| file.expect("a file").path()).collect();
        files.sort();
        for _ in 0..=self.random.below(3) {
            let file = self.random.pick(&files).clone();
            let mut bytes = fs::read(&file).unwrap_or_default();
            let at = usize::try_from(self.random.below(1 + bytes.len() as u64)).expect("a place");
            match self.random.below(4) {
                0 => drop(fs::remove_file(&file)),
                1 => super::write(&file, &bytes[..at]),
                2 => super::write(&file, fs::read(self.random.pick(&files)).unwrap_or_default()),
                _ => {
                    bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << (at % 8));
                    super::write(&file, bytes);
                }
            }
        }
        if self.newest() > 1 && self.random.below(3) == 0 {
            let to = self.newest();
            self.add(to - 1, to, Some(json!({"drop": {"listing": 999_999}})));
            self.authority.publish();
        }
    }

    /// Pages of the list are lost, or it is cut short.
    fn damage_list(&mut self) {
        let lists = crate::store::files(self.kiosk.state.path())
            .into_iter()
            .filter(|name| Path::new(name).extension() == Some("db".as_ref()));
        let path = self.kiosk.state.path().join(lists.max().expect("a list"));
        let mut bytes = fs::read(&path).expect("a file");
        let pages = bytes.len() as u64 / 4096;
        for _ in 0..=self.random.below(4) {
            let at = usize::try_from(self.random.below(pages)).expect("a page") * 4096;
            match self.random.below(5) {
                0 => bytes.truncate(bytes.len().min(at)),
                1 => bytes.iter_mut().skip(at).take(4096).for_each(|byte| *byte = 0),
                _ => {
                    let random = &mut self.random;
                    bytes.iter_mut().skip(at).take(4096).for_each(|byte| *byte = random.next().to_be_bytes()[0]);
                }
            }
        }
        super::write(&path, bytes);
    }

    fn sync(&self) -> Result<u64, String> {
        let outcome = greengate::sync::sync(&self.kiosk.settings(&[&self.authority.source()]), &mut |_| (), self.now);
        outcome.map(|outcome| outcome.after).map_err(|fault| fault.to_string())
    }

    /// What the kiosk judges by: one of the authority's lists, whole, and not older than `before`.
    fn check(&self, before: u64, told: &str) -> u64 {
        let version = self.kiosk.version();
        assert!(version >= before && version <= self.newest() as u64, "{before} → {version}: {told}");
        let names = crate::store::files(self.kiosk.state.path());
        assert!(names.iter().all(|name| !name.contains("part")), "{names:?}");
        let Some(name) = names.iter().find(|name| Path::new(name).extension() == Some("db".as_ref())) else {
            assert_eq!(version, 0);
            return 0;
        };
        let database = Connection::open(self.kiosk.state.path().join(name)).expect("a database");
        let mut statement = database.prepare("SELECT id, grade FROM listing").expect("a list");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        let found: List = rows.map(|row| row.expect("a row")).collect();
        assert!(found == self.lists[usize::try_from(version).expect("a version")], "{version} is mixed: {told}");
        version
    }
}

fn rounds() -> u64 {
    std::env::var("GREENGATE_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"))
}

#[test]
fn whatever_comes_from_a_feed_a_kiosk_has_one_list_whole_and_never_an_older_one() {
    for seed in 0..rounds() {
        let (mut round, mut before) = (Round::new(seed), 0);
        for day in 1..=DAYS {
            if day > 1 {
                round.turn();
            }
            round.publish();
            if round.random.below(2) == 0 {
                round.damage_feed();
            }
            let told = format!("{:?} of round {seed}, day {day}", round.sync());
            before = round.check(before, &told);
            if round.random.below(2) == 0 {
                round.publish();
                assert_eq!(round.sync(), Ok(day as u64), "round {seed}, day {day}: the feed is whole again");
                before = round.check(before, &told);
            }
        }
    }
}

#[test]
fn whatever_of_a_list_is_lost_is_there_again_with_the_first_sync_of_a_day() {
    for seed in 0..rounds() {
        let mut round = Round::new(1000 + seed);
        round.publish();
        for day in 1..=DAYS {
            assert_eq!(round.sync(), Ok(round.newest() as u64), "round {seed}, day {day}");
            round.check(0, &format!("round {seed}, day {day}"));
            round.damage_list();
            // On half of the days there is nothing new.
            if round.random.below(2) == 0 {
                round.turn();
                round.publish();
            }
            round.now += SignedDuration::from_hours(25);
            if round.random.below(3) == 0 {
                // A sync that is cut off: what was found then is not forgotten.
                let targets = [round.authority.path("targets", ""), round.authority.path("away", "")];
                fs::rename(&targets[0], &targets[1]).expect("renamed");
                let cut_off = round.sync();
                fs::rename(&targets[1], &targets[0]).expect("renamed");
                let is_over = matches!(cut_off, Ok(version) if version == round.newest() as u64);
                assert!(cut_off.is_err() || is_over, "{cut_off:?}");
            }
        }
    }
}
