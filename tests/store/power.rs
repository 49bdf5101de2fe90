//! The power goes at any moment: the list is the old one or the new one, and every reported row is there.
//!
//! Two ways to cut: a program killed in the middle of its work, and files of which only the first bytes reached the disk.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use greengate::rules::evidence::Found;
use greengate::rules::hex;
use greengate::rules::ruling::Ruling;
use greengate::store::{Cache, Journal, journal};
use tempfile::tempdir;

use super::{LIST, load, open, records, signed, told, verdict};
use crate::support::Seeded;

const KILLS: u64 = 25;
const MANY: u32 = 20_000;

/// `LIST` with many exceptions in grade `grade`, from index 100 on.
fn many(grade: &str) -> String {
    let line = |index| format!("{{\"put\":{{\"exception\":{{\"index\":{index},\"grade\":\"{grade}\"}}}}}}\n");
    (100..100 + MANY).map(line).collect()
}

/// What the list says of some codes at its beginning, in its middle and at its end, with its version and its counts.
fn tells(folder: &Path) -> (u64, String, Vec<Found>) {
    let cache = open(folder);
    let (facts, _, counts) = told(folder);
    let found = (100..100 + MANY).step_by(997).chain([99 + MANY]);
    (facts.version, counts, found.map(|index| cache.find(&signed(1, index)).expect("an answer")).collect())
}

fn copy_folder(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}

/// A configuration of a plain site, for the program as users start it.
fn configuration(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = folder.join("config");
    fs::create_dir(&config).expect("a folder");
    fs::copy(root.join("boards/sim-headless.toml"), config.join("board.toml")).expect("a board");
    fs::copy(root.join("assets/site.example.toml"), config.join("site.toml")).expect("a site");
    config
}

fn loader(config: &Path, state: &Path, (file, sha256): &(PathBuf, [u8; 32])) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.args(["cache", "load"]).arg(file).args(["--sha256", &hex::encode(sha256)]);
    command.arg("--config").arg(config).arg("--state").arg(state);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// How many bytes the cache's files have.
fn size(state: &Path) -> u64 {
    let files = fs::read_dir(state).expect("a folder").flatten();
    let files = files.filter(|file| file.file_name().to_string_lossy().starts_with("cache-"));
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

/// Watches a loader until it ends or `enough` says so of the number of looks and the bytes; then kills it.
fn watch(mut child: Child, state: &Path, enough: impl Fn(u64, u64) -> bool) -> (u64, u64) {
    let (mut looks, mut largest) = (0, 0);
    while child.try_wait().expect("our child").is_none() {
        looks += 1;
        let bytes = size(state);
        largest = bytes.max(largest);
        if enough(looks, bytes) {
            child.kill().expect("our child");
            child.wait().expect("our child");
        }
    }
    (looks, largest)
}

/// Kills a loader at seeded moments of its work: after so many looks at its files, or at so many bytes in them.
fn kill_loads(from: u64, to: u64, text: &str, seed: u64) {
    let folder = tempdir().expect("a folder");
    let config = configuration(folder.path());
    let before = tempdir().expect("a folder");
    load(before.path(), 0, 7, &format!("{LIST}{}", many("red"))).expect("the old list");
    let old = tells(before.path());
    let (file, expected) = records(folder.path(), from, to, text);
    let file = (file, expected.sha256);

    let whole = tempdir().expect("a folder");
    copy_folder(before.path(), whole.path());
    let start = size(whole.path());
    let (looks, largest) = watch(loader(&config, whole.path(), &file), whole.path(), |_, _| false);
    let new = tells(whole.path());
    assert_eq!((old.0, new.0), (7, to));

    let mut seeded = Seeded::new(seed);
    let (mut olds, mut news) = (0, 0);
    for kill in 0..KILLS {
        let state = tempdir().expect("a folder");
        copy_folder(before.path(), state.path());
        let look = seeded.below(looks.max(1));
        let byte = start + 1 + seeded.below((largest - start).max(1));
        watch(loader(&config, state.path(), &file), state.path(), |looks, bytes| {
            if kill.is_multiple_of(2) { looks > look } else { bytes >= byte }
        });
        let found = tells(state.path());
        match found.0 {
            7 => olds += 1,
            _ => news += 1,
        }
        assert_eq!(&found, if found.0 == 7 { &old } else { &new }, "kill {kill}, look {look}, byte {byte}");
        let mut again = loader(&config, state.path(), &file);
        assert_eq!(again.wait().expect("our child").success(), found.0 == 7, "the list can be loaded as before");
        assert_eq!(tells(state.path()), new);
        let parts = super::files(state.path()).into_iter().filter(|name| name.contains("part")).count();
        assert_eq!(parts, 0, "half a list was left behind");
    }
    println!("{olds} old lists and {news} new ones after {KILLS} kills");
    assert!(olds > 0, "no kill came early enough");
}

#[test]
fn a_killed_snapshot_leaves_the_old_list_or_the_new_one() {
    kill_loads(0, 8, &format!("{LIST}{}", many("yellow")), 11);
}

#[test]
fn a_killed_delta_leaves_the_old_list_or_the_new_one() {
    kill_loads(7, 8, &many("yellow"), 12);
}

#[test]
fn of_a_delta_any_first_part_on_disk_is_the_old_list_or_the_new_one() {
    let before = tempdir().expect("a folder");
    load(before.path(), 0, 7, LIST).expect("the old list");
    let old = told(before.path());
    // As long as somebody reads, the delta stays in the write-ahead log.
    let reader = open(before.path());
    let delta: String = many("red").lines().take(2000).flat_map(|line| [line, "\n"]).collect();
    load(before.path(), 7, 8, &delta).expect("the new list");
    let log = fs::read(before.path().join("cache-7.db-wal")).expect("a write-ahead log");
    let state = tempdir().expect("a folder");
    let database = fs::read(before.path().join("cache-7.db")).expect("a database");
    let mut seeded = Seeded::new(13);
    let mut olds = 0;
    let cuts = (0..log.len()).step_by(4096 + 24).map(|at| at + usize::try_from(seeded.below(4120)).expect("small"));
    for cut in cuts.chain([0, 32, log.len() - 1, log.len()]).map(|cut| cut.min(log.len())).collect::<Vec<_>>() {
        fs::write(state.path().join("cache-7.db"), &database).expect("a file");
        fs::write(state.path().join("cache-7.db-wal"), &log[..cut]).expect("a file");
        let _ = fs::remove_file(state.path().join("cache-7.db-shm"));
        let found = told(state.path());
        if cut < log.len() {
            assert_eq!(found, old, "{cut} of {} bytes", log.len());
            olds += 1;
        } else {
            assert_eq!((found.0.version, found.2.as_str()), (8, "[2, 2, 2, 2002, 1, 2]"));
        }
    }
    assert!(olds > 5, "{olds} cuts");
    drop(reader);
}

#[test]
fn of_a_journal_any_first_part_on_disk_is_a_whole_chain() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, "dock-3", [1; 16]).expect("a journal");
    let rows = 30;
    for row in 0..rows {
        journal.append(&verdict(row, "S1", Ruling::Accept, None)).expect("a row");
    }
    let (database, log) =
        (fs::read(&path).expect("a file"), fs::read(folder.path().join("journal.db-wal")).expect("a log"));
    let state = tempdir().expect("a folder");
    let torn = state.path().join("journal.db");
    let mut seeded = Seeded::new(14);
    let mut last = 0;
    for cut in (32..=log.len()).step_by(4096 + 24) {
        let cut = if cut == log.len() { cut } else { cut + usize::try_from(seeded.below(100)).expect("small") };
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(state.path().join(format!("journal.db{ending}")));
        }
        fs::write(&torn, &database).expect("a file");
        fs::write(state.path().join("journal.db-wal"), &log[..cut.min(log.len())]).expect("a file");
        let mut opened = Journal::create(&torn, "dock-3", [1; 16]).expect("it opens");
        let head = opened.head().seq;
        assert!(head >= last, "{head} rows after {last} with more of the log");
        last = head;
        opened.append(&verdict(99, "S9", Ruling::Accept, None)).expect("the chain goes on");
        assert_eq!(journal::verify(&torn).expect("whole").rows, head + 1, "cut at {cut}");
    }
    assert_eq!(last, u64::try_from(rows).expect("few"));
}

#[test]
fn a_killed_kiosk_keeps_every_row_that_it_reported() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut seeded = Seeded::new(15);
    let mut rows = 0;
    for kill in 0..20 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "store::power::appends_until_it_is_killed", "--ignored", "--nocapture"])
            .env("GREENGATE_TEST_JOURNAL", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this program starts");
        let mut reported = BufReader::new(child.stdout.take().expect("piped")).lines().filter_map(|line| {
            line.expect("text").rsplit_once("committed ").map(|(_, seq)| seq.parse::<u64>().expect("a number"))
        });
        let wanted = rows + 1 + seeded.below(40);
        let mut last = reported.by_ref().find(|seq| *seq >= wanted).expect("it appends until it is killed");
        child.kill().expect("our child");
        child.wait().expect("our child");
        // What it said before it died counts too.
        last = reported.last().unwrap_or(last);
        let report = journal::verify(&path).expect("whole");
        assert!(report.rows >= last, "kill {kill}: {last} rows were reported, {} are there", report.rows);
        assert!(report.rows <= last + 1, "kill {kill}: {last} rows were reported, {} are there", report.rows);
        rows = report.rows;
    }
    let journal = Journal::open(&path, "dock-3").expect("nobody holds it any more");
    assert_eq!(journal.head().seq, rows);
    assert!(Cache::open(folder.path()).expect("a folder").is_none());
}

#[test]
#[ignore = "the other half of a_killed_kiosk_keeps_every_row_that_it_reported"]
fn appends_until_it_is_killed() {
    let Some(path) = std::env::var_os("GREENGATE_TEST_JOURNAL") else { return };
    let mut journal = Journal::open(Path::new(&path), "dock-3").expect("a journal");
    loop {
        let committed = journal.append(&verdict(1, "S1", Ruling::Accept, None)).expect("a row");
        println!("committed {}", committed.seq);
    }
}
