//! How long a publish takes at an authority with many listings that the rulebook assesses, of which some changed.
//!
//! `cargo bench --bench publish` makes an authority of 1,000,000 listings (kept in `target/publish` for the next run), changes
//! 10,000 of them, and publishes: records that somebody puts, and documents by which the rulebook grades listings anew.
//! `-- LISTINGS CHANGES` says other numbers. Each kind is published twice, as a whole and in its parts; the peak of memory is
//! that of the whole publish.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use greengate::hub::keys::Keys;
use greengate::hub::{Author, Publishing, Registry, assess, audit, init, publish, rulebook};
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::dossier::{Document, DocumentState, Paper, Product};
use greengate::rules::record::{Listing, Reason, Record, RecordKey, ReviewLevel, Supplier};
use greengate::rules::text::Text;
use jiff::Timestamp;

const SUPPLIERS: u32 = 1_000;

fn main() {
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [listings, changes] =
        [(0, 1_000_000), (1, 10_000)].map(|(at, other)| numbers.get(at).copied().unwrap_or(other));
    let folder = world(listings);
    let mut keys = Keys::plain(&folder);
    // What a run that was broken off has left.
    timed("before", || published(&folder, &mut keys));
    timed("publish, nothing changed", || published(&folder, &mut keys));
    let kinds: [(&str, Change); 2] = [("records", change_records), ("documents", change_documents)];
    for (kind, change) in kinds {
        change(&mut opened(&folder), listings, changes);
        forget_peak();
        timed(&format!("publish, {changes} {kind} changed"), || published(&folder, &mut keys));
        println!("  {:<46} {:>6} MB", "memory at the peak", peak_mb());
        tell_files(&folder);
        let mut registry = opened(&folder);
        change(&mut registry, listings, changes);
        let settled = timed("  settled: those that are due", || assess::settle_due(&mut registry, &author()));
        println!("  {:<46} {:>6}", "changes that followed", settled.expect("settled"));
        let release = timed("  the release", || registry.release(&author())).expect("a release");
        let mut lines = 0;
        timed("  what its delta has, read", || {
            registry.lines(release.version - 1, &mut |_| {
                lines += 1;
                Ok(())
            })
        })
        .expect("lines");
        println!("  {:<46} {lines:>6}", "lines");
        timed("  the rest: delta written, log, signatures", || published(&folder, &mut keys));
    }
    let verified = timed("the whole audit log hashed, records compared", || audit::verify(&folder, None, None));
    println!("{} rows in the history", verified.expect("it holds").rows());
}

type Change = fn(&mut Registry, u32, u32);

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let made = work();
    println!("{what:<48} {:>8.3} s", begin.elapsed().as_secs_f64());
    made
}

fn opened(folder: &Path) -> Registry {
    Registry::open(folder).expect("a registry")
}

fn author() -> Author {
    Author { who: "bench".to_owned(), why: "bench".to_owned(), at: Timestamp::now() }
}

fn published(authority: &Path, keys: &mut Keys) {
    publish(authority, keys, &author(), &Publishing::default()).expect("a release");
}

/// An authority with so many listings that has published them, from the run before where that left one.
fn world(listings: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/publish/{listings}"));
    let done = folder.join("done");
    if done.exists() {
        return folder;
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let mut keys = init(&folder, None, &author()).expect("an authority");
    let mut registry = opened(&folder);
    timed(&format!("{listings} listings registered"), || fill(&mut registry, listings));
    let written =
        rulebook::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/authority/rulebook")).expect("tables");
    rulebook::adopt(&mut registry, &author(), &written).expect("a rulebook");
    timed("first publish, all listings are due", || published(&folder, &mut keys));
    fs::write(done, "").expect("a file");
    folder
}

fn fill(registry: &mut Registry, count: u32) {
    let text = |what: &str, id: u32| Text::new(format!("杭州{what}{id}"), format!("Hangzhou {what} {id}"));
    let done = registry.change(&author(), |changes| {
        changes.put(&Record::Reason(Reason { id: 220, text: text("reason", 220) }))?;
        (0..SUPPLIERS)
            .try_for_each(|id| changes.put(&Record::Supplier(Supplier { id, name: text("supplier", id) })))?;
        for id in 0..count {
            let gtin = Gtin::with_check_digit(690_000_000_000 + u64::from(id)).expect("twelve digits");
            let listing = Listing {
                id,
                supplier: id % SUPPLIERS,
                gtin,
                name: text("product", id),
                grade: Grade::Yellow,
                reason: Some(220),
                missing: Vec::new(),
                review: ReviewLevel::Normal,
                inspect: Vec::new(),
            };
            changes.put(&Record::Listing(listing))?;
            let (tags, capacities) = (BTreeSet::new(), BTreeMap::new());
            let product = Product { listing: id, category: "shampoo".to_owned(), tags, brick: None, capacities };
            changes.put_paper(&Paper::Product(product))?;
            changes.put_paper(&Paper::Document(document(id, DocumentState::Filed)))?;
        }
        Ok(())
    });
    done.expect("changes");
}

fn document(listing: u32, state: DocumentState) -> Document {
    Document {
        id: listing + 1,
        listing,
        kind: "cosmetics-safety-assessment".to_owned(),
        number: format!("SA-{listing}"),
        issuer: "somebody".to_owned(),
        issued: "2026-01-30".parse().expect("a date"),
        expires: None,
        file: None,
        items: Vec::new(),
        state,
        capture: None,
    }
}

fn spread(listings: u32, changes: u32) -> impl Iterator<Item = u32> {
    (0..listings).step_by((listings / changes).max(1) as usize)
}

/// Other names of some listings.
fn change_records(registry: &mut Registry, listings: u32, changes: u32) {
    let now = author();
    let changed = registry.change(&now, |inside| {
        spread(listings, changes).try_for_each(|id| {
            let Some(Record::Listing(listing)) = inside.record(Some(RecordKey::Listing(id)))? else {
                panic!("listing {id} is there")
            };
            let name = Text::new(format!("杭州{id}"), format!("Hangzhou {id}, {}", now.at));
            inside.put(&Record::Listing(Listing { name, ..listing }))
        })
    });
    changed.expect("changes");
}

/// Documents of some listings that are judged otherwise, so that other ones are missing.
fn change_documents(registry: &mut Registry, listings: u32, changes: u32) {
    let before = registry.documents(Some(0)).expect("readable");
    let is_filed = before.iter().any(|document| document.state == DocumentState::Filed);
    let state = if is_filed { DocumentState::Accepted } else { DocumentState::Filed };
    let changed = registry.change(&author(), |inside| {
        spread(listings, changes).try_for_each(|id| inside.put_paper(&Paper::Document(document(id, state.clone()))))
    });
    changed.expect("changes");
}

/// The newest files of records, and how long they are.
fn tell_files(authority: &Path) {
    let entries = fs::read_dir(authority.join("feed/targets")).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut files: Vec<_> = entries
        .map(|entry| (entry.metadata().expect("a file"), entry.file_name().to_string_lossy().into_owned()))
        .filter_map(|(file, name)| Some((file.modified().ok()?, file.len(), name.split_once('.')?.1.to_owned())))
        .filter(|(_, _, name)| name.contains(".jsonl"))
        .collect();
    files.sort();
    let told = files.iter().rev().take(2).map(|(_, length, name)| format!("{name} {} KB", length / 1000));
    println!("  newest files: {}", told.collect::<Vec<_>>().join(", "));
}

fn forget_peak() {
    // Where the system has no such file, the peak is that of the whole run.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1000
}
