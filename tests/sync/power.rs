//! The power goes during a sync, at any moment: the list is the one before or the one after, and the next sync succeeds.
//!
//! Authority and kiosk are the real programs. `GREENGATE_KILLS=500` cuts so often in place of the usual number.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use greengate::rules::code::{Code, Grade, Gtin, Product};
use greengate::rules::evidence::Found;
use greengate::rules::record::{Block, Exception, Listing, Reason, Record, ReviewLevel, Supplier};
use greengate::rules::text::Text;
use greengate::store::Cache;
use tempfile::{TempDir, tempdir};

use super::command::config;
use crate::support::Seeded;

const KILLS: u64 = 40;
const LISTINGS: u32 = 4000;
/// What the second release has more.
const MORE: u32 = 100;

/// A list: its version, its listings and exceptions, and what it says of products all over it.
type Tells = (u64, u64, u64, Vec<Found>);

/// A published list, what a kiosk then has, and how long a sync of it takes.
struct Release {
    feed: PathBuf,
    tells: Tells,
    usual: Duration,
}

fn gtin(id: u32) -> Gtin {
    Gtin::with_check_digit(690_000_000_000 + u64::from(id)).expect("twelve digits")
}

/// Listings that all have this grade, and as many exceptions.
fn records(count: u32, grade: Grade) -> String {
    let text = |what: &str, id: u32| Text::new(format!("第{id}号"), format!("{what} number {id}"));
    let listing = |id| Listing {
        id,
        supplier: 1,
        gtin: gtin(id),
        name: text("product", id),
        grade,
        reason: (grade != Grade::Green).then_some(1),
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: vec![1],
    };
    let first = [
        Record::Supplier(Supplier { id: 1, name: text("supplier", 1) }),
        Record::Reason(Reason { id: 1, text: text("reason", 1) }),
    ];
    let listings = (1..=count).map(|id| Record::Listing(listing(id)));
    // All labels are of one listing, which has to be there first.
    let block = Record::Block(Block { first: 1, last: LISTINGS + MORE, listing: 1 });
    let exceptions =
        (1..=count).map(|index| Record::Exception(Exception { index, grade: Grade::Red, reason: Some(1) }));
    let all = first.into_iter().chain(listings).chain([block]).chain(exceptions);
    all.map(|record| serde_json::to_string(&record).expect("JSON") + "\n").collect()
}

fn hub(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    let output = command.current_dir(folder).args(["--folder", ".", "--as", "mei"]).args(arguments).output();
    let output = output.expect("the program");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Two releases of an authority, each in a folder of its own. The second one can be reached by a delta.
fn publish(authority: &Path) -> [PathBuf; 2] {
    hub(authority, &["init"]);
    [("first", LISTINGS, Grade::Green), ("second", LISTINGS + MORE, Grade::Yellow)].map(|(name, count, grade)| {
        super::write(&authority.join("records.jsonl"), records(count, grade));
        hub(authority, &["import", "records.jsonl"]);
        hub(authority, &["publish", "--to", name]);
        authority.join(name)
    })
}

fn tells(state: &Path) -> Option<Tells> {
    let cache = Cache::open(state).expect("a readable list")?;
    let info = cache.info().expect("counts");
    let find = |id| {
        let product = Product { gtin: gtin(id), lot: None, serial: None, expiry: None };
        cache.find(&Code::Unsigned(product)).expect("an answer")
    };
    let found = (1..=LISTINGS + MORE).step_by(97).chain([LISTINGS + MORE]).map(find);
    Some((cache.facts().version, info.listings, info.exceptions, found.collect()))
}

/// A kiosk whose program is started anew for each sync.
struct Dock {
    config: TempDir,
    state: TempDir,
    root: PathBuf,
}

impl Dock {
    fn new(root: PathBuf) -> Self {
        Self { config: config(""), state: tempdir().expect("a folder"), root }
    }

    fn start(&self, feed: &Path) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
        command.args(["sync", "--config"]).arg(self.config.path()).arg("--state").arg(self.state.path());
        command.arg("--from").arg(feed).arg("--root").arg(&self.root);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
    }

    /// Syncs undisturbed. Tells what the list is then and how long it took.
    #[track_caller]
    fn sync(&self, feed: &Path) -> (Tells, Duration) {
        let start = Instant::now();
        assert!(self.start(feed).wait().expect("our child").success(), "the sync failed");
        let took = start.elapsed();
        (tells(self.state.path()).expect("a list"), took)
    }

    /// Kills a sync at this moment after its start. Tells whether it was still at work.
    fn kill_at(&self, feed: &Path, moment: Duration) -> bool {
        let start = Instant::now();
        let mut child = self.start(feed);
        while child.try_wait().expect("our child").is_none() {
            if start.elapsed() >= moment {
                child.kill().expect("our child");
                return !child.wait().expect("our child").success();
            }
        }
        false
    }

    /// The files that only a sync at work has.
    fn leftovers(&self) -> Vec<String> {
        let folders = [self.state.path().to_owned(), self.state.path().join("feed")];
        let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("part")).collect()
    }
}

#[test]
fn a_killed_sync_leaves_the_list_before_or_the_one_after_and_the_next_sync_succeeds() {
    let authority = tempdir().expect("a folder");
    let feeds = publish(authority.path());
    let root = feeds[0].join("metadata/1.root.json");
    let measured = Dock::new(root.clone());
    let releases = feeds.map(|feed| {
        let (tells, usual) = measured.sync(&feed);
        Release { feed, tells, usual }
    });
    assert_eq!([0, 1].map(|nth| releases[nth].tells.1), [LISTINGS, LISTINGS + MORE].map(u64::from));

    let kills = std::env::var("GREENGATE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut seeded = Seeded::new(21);
    let mut dock = Dock::new(root.clone());
    let (mut killed, mut befores, mut afters) = (0, 0, 0);
    for kill in 0..kills {
        // From nothing to the first release, from there to the second, and from nothing again.
        let (before, after) = if kill.is_multiple_of(2) {
            dock = Dock::new(root.clone());
            (None, &releases[0])
        } else {
            (Some(&releases[0].tells), &releases[1])
        };
        let usual = u64::try_from(after.usual.as_micros()).expect("a short while");
        // A little beyond, because the list is exchanged at the very end.
        let moment = Duration::from_micros(seeded.below(usual * 5 / 4));
        killed += u64::from(dock.kill_at(&after.feed, moment));
        let found = tells(dock.state.path());
        if found.as_ref() == Some(&after.tells) {
            afters += 1;
        } else {
            befores += 1;
            assert_eq!(found.as_ref(), before, "kill {kill} after {moment:?}");
        }
        assert_eq!(dock.sync(&after.feed).0, after.tells, "kill {kill} after {moment:?}");
        assert_eq!(dock.leftovers(), Vec::<String>::new(), "kill {kill} after {moment:?}");
    }
    println!("{killed} of {kills} syncs were killed at work: {befores} lists of before, {afters} of after");
    assert!(befores > 0, "no kill came early enough");
}
