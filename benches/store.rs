//! How long a large list takes to load, what a lookup and a journal row cost, and how much memory it all takes.
//!
//! `cargo bench --bench store` makes a list of 1,000,000 listings with 1,000,000 exceptions (or `GREENGATE_LISTINGS` of
//! each) in a temporary folder. Loading, looking up and journaling each run in a process of their own, so that the peak
//! memory (`VmHWM` of /proc/self/status) is theirs alone. The folder is `TMPDIR`'s: point it at the card that matters.

#[path = "support/list.rs"]
mod list;
#[path = "support/verdict.rs"]
mod verdict;

use std::env;
use std::fs::File;
use std::hint::black_box;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use greengate::rules::code::{Code, Grade, Header, Product, Scope, SignedLabel};
use greengate::rules::evidence::{Evidence, Reviewing};
use greengate::rules::hex;
use greengate::rules::record::{Exception, Key, Line, Listing, Meta, Record, RecordKey};
use greengate::store::journal::Confirmed;
use greengate::store::{self, Cache, Expected, Journal, RecordsWriter, VerifiedFile};
use jiff::Timestamp;
use list::{BLOCK, gtin, listing, records};
use verdict::verdict;

const LOOKUPS: u32 = 100_000;
const ROWS: usize = 2000;
/// As the kiosk's `shelf` has it.
const PRUNED_AT_ONCE: u32 = 32;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let after = arguments.iter().position(|argument| argument == "--part").map(|at| &arguments[at + 1..]);
    match after {
        Some([part, folder, rest @ ..]) => run_part(part, Path::new(folder), rest),
        Some(_) | None => run_all(),
    }
}

fn run_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = env::var("GREENGATE_LISTINGS").map_or(1_000_000, |text| text.parse().expect("a number"));
    println!("{count} listings, {count} exceptions, {} blocks in {}", count / 100, folder.path().display());
    let snapshot = write(folder.path(), "snapshot", snapshot(count));
    let delta = write(folder.path(), "delta", delta(count));
    let count = count.to_string();
    child(folder.path(), &["load", "snapshot", &hex::encode(&snapshot.sha256)]);
    child(folder.path(), &["load", "delta", &hex::encode(&delta.sha256)]);
    child(folder.path(), &["look", &count]);
    child(folder.path(), &["append"]);
}

fn child(folder: &Path, part: &[&str]) {
    let program = env::current_exe().expect("this program");
    let folder = folder.to_str().expect("a folder with a plain name");
    let status = Command::new(program).args(["--part", part[0], folder]).args(&part[1..]).status();
    assert!(status.expect("the part starts").success(), "the part `{}` failed", part[0]);
}

fn run_part(part: &str, folder: &Path, rest: &[String]) {
    match (part, rest) {
        ("load", [name, sha256]) => load(folder, name, sha256),
        ("look", [count]) => look(folder, count.parse().expect("a number")),
        ("append", []) => append(folder),
        _ => panic!("no part `{part}`"),
    }
    println!("  peak memory {:.1} MB", peak_kb() as f64 / 1024.0);
}

// The list.

fn put(record: Record) -> Line {
    Line::Put(Box::new(record))
}

fn meta(from: u64, to: u64) -> Line {
    Line::Meta(Meta { from, to, issued: Timestamp::UNIX_EPOCH })
}

fn snapshot(count: u32) -> impl Iterator<Item = Line> {
    let key = put(Record::Key(Key { slot: 1, public: [7; 32], cut_off: None }));
    [meta(0, 1), key].into_iter().chain(records(count).map(put))
}

/// A day's changes: a thousand exceptions more, a thousand fewer, a thousand listings regraded.
fn delta(count: u32) -> impl Iterator<Item = Line> {
    let step = (count / 1000).max(1);
    let more = (0..1000).map(move |nth| {
        put(Record::Exception(Exception { index: nth * step * 10 + 1, grade: Grade::Red, reason: None }))
    });
    let fewer = (0..1000.min(count)).map(move |nth| Line::Drop(RecordKey::Exception(nth * step % count * 10)));
    let regraded = (0..1000).map(move |nth| {
        put(Record::Listing(Listing { grade: Grade::Red, reason: Some(1), ..listing(nth * step % count) }))
    });
    [meta(1, 2)].into_iter().chain(more).chain(fewer).chain(regraded)
}

fn write(folder: &Path, name: &str, lines: impl Iterator<Item = Line>) -> Expected {
    let file = File::create(folder.join(name)).expect("a file");
    let mut writer = RecordsWriter::new(BufWriter::new(file)).expect("a writer");
    for line in lines {
        writer.line(&line).expect("a line");
    }
    let (out, expected) = writer.finish().expect("an end");
    out.into_inner().expect("a whole file");
    expected
}

// The parts.

fn load(folder: &Path, name: &str, sha256: &str) {
    let path = folder.join(name);
    let length = path.metadata().expect("a file").len();
    let expected = Expected { length, sha256: hex::decode(sha256).expect("a digest") };
    let start = Instant::now();
    let file = VerifiedFile::check(&path, expected).expect("what was written");
    store::load(folder, file, &mut |_| ()).expect("it loads");
    let took_s = start.elapsed().as_secs_f64();
    let megabytes = length as f64 / 1e6;
    let database = Cache::open(folder).expect("a cache").expect("a cache").info().expect("figures").size_bytes;
    println!(
        "load {name}: {took_s:.2} s for {megabytes:.1} MB packed ({:.1} MB/s), database {:.1} MB",
        megabytes / took_s,
        database as f64 / 1e6
    );
}

fn signed(index: u32) -> Code {
    Code::Signed(SignedLabel {
        header: Header { key_slot: 1, valid_until: None, index, grade: Grade::Green, scope: Scope::Product },
        signature: [1; 64],
        product: product(0),
    })
}

fn product(listing: u32) -> Product {
    Product { gtin: gtin(listing), lot: None, serial: None, expiry: None }
}

/// A sequence that visits all of `count` in no order (Knuth's multiplicative hash).
fn scattered(nth: u32, count: u32) -> u32 {
    nth.wrapping_mul(2_654_435_761) % count
}

fn look(folder: &Path, count: u32) {
    let start = Instant::now();
    let cache = Cache::open(folder).expect("a cache").expect("a cache");
    println!("open: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let indexes = count / 100 * BLOCK;
    let kinds: [(&str, &dyn Fn(u32) -> Code); 4] = [
        ("signed", &|nth| signed(scattered(nth, indexes / 10) * 10 + 5)),
        ("exception", &|nth| signed(scattered(nth, indexes / 10) * 10)),
        ("unsigned", &|nth| Code::Unsigned(product(scattered(nth, count)))),
        ("miss", &|nth| Code::Unsigned(product(count + 16 + scattered(nth, count)))),
    ];
    for (kind, code) in kinds {
        let times = (0..LOOKUPS).map(|nth| {
            let code = code(nth);
            let start = Instant::now();
            black_box(cache.find(&code).expect("an answer"));
            start.elapsed()
        });
        report(&format!("look up {kind}"), times.collect(), 1e6, "µs");
    }
}

fn append(folder: &Path) {
    let mut journal = Journal::open(&folder.join("journal.db"), "bench").expect("a journal");
    let cache = Cache::open(folder).expect("a cache").expect("a cache");
    let times = (0..ROWS).map(|nth| {
        let code = signed(u32::try_from(nth).expect("few rows") * 10 + 5);
        let found = cache.find(&code).expect("an answer");
        let evidence = Evidence {
            code,
            cache: Some(cache.facts()),
            found,
            taken_in: None,
            review: Reviewing::default(),
            draw_seed: [0; 32],
        };
        let entry = verdict(nth, gtin(0), evidence);
        let start = Instant::now();
        journal.append(&entry).expect("a row");
        start.elapsed()
    });
    report("append a row, on disk", times.collect(), 1e3, "ms");
    let full = size(&journal, &folder.join("full.db"));
    prune(&mut journal);
    let left = size(&journal, &folder.join("pruned.db"));
    println!("a row takes {} bytes, and {} when it was pruned", (full - left) / ROWS, left / ROWS);
}

/// Bytes of the journal without free pages.
fn size(journal: &Journal, copy: &Path) -> usize {
    journal.copy_to(copy).expect("a copy");
    usize::try_from(copy.metadata().expect("a file").len()).expect("few")
}

/// As many rows at once as a running kiosk prunes: a verdict that comes at that moment waits so long.
fn prune(journal: &mut Journal) {
    let confirmed = Confirmed { epoch: journal.epoch(), seq: ROWS as u64 };
    let mut times = Vec::new();
    loop {
        let start = Instant::now();
        if journal.prune(confirmed, Timestamp::MAX, PRUNED_AT_ONCE).expect("it is pruned") == 0 {
            break;
        }
        times.push(start.elapsed());
    }
    report(&format!("prune {PRUNED_AT_ONCE} rows, on disk"), times, 1e3, "ms");
}

fn report(what: &str, mut times: Vec<Duration>, scale: f64, unit: &str) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * scale;
    println!("{what}: median {:.2} {unit}, p99 {:.2} {unit}, longest {:.2} {unit}", at(50), at(99), at(100));
}

/// The most memory that this process ever had, in KiB; 0 where the system does not tell.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string(PathBuf::from("/proc/self/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
