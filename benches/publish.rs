//! How long a publish takes at an authority with many listings that the rulebook assesses, of which some changed.
//!
//! `cargo bench --bench publish` makes 100,000 of them (`-- COUNT`), and changes 100. Beside the publish it prints its
//! parts: all listings settled, as it was before, those alone that are due, and the audit log hashed anew.

use std::path::Path;
use std::time::Instant;

use greengate::hub::keys::Keys;
use greengate::hub::{Author, Publishing, Registry, assess, audit, init, publish, rulebook};
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::dossier::{Document, DocumentState, Paper, Product};
use greengate::rules::record::{Listing, Reason, Record, ReviewLevel, Supplier};
use greengate::rules::text::Text;
use jiff::Timestamp;

const SUPPLIERS: u32 = 1_000;
const CHANGES: u32 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let count: u32 = arguments.first().map_or(100_000, |count| count.parse().expect("how many listings"));
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("authority");
    let mut keys = init(&authority, None, &author()).expect("an authority");
    let mut registry = Registry::open(&authority).expect("a registry");
    timed("registered", || fill(&mut registry, count));
    let written =
        rulebook::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/authority/rulebook")).expect("tables");
    rulebook::adopt(&mut registry, &author(), &written).expect("a rulebook");
    timed("first publish, all listings are due", || published(&authority, &mut keys));
    timed("publish, nothing changed", || published(&authority, &mut keys));
    change(&mut registry, count);
    timed("publish, 100 documents changed", || published(&authority, &mut keys));
    change(&mut registry, count);
    timed("  settled: all listings, as before", || {
        assess::settle_all(&mut registry, &author()).expect("settled");
    });
    change(&mut registry, count);
    timed("  settled: those that are due", || {
        assess::settle_due(&mut registry, &author()).expect("settled");
    });
    published(&authority, &mut keys);
    let verified = timed("  audit log hashed anew, and records compared", || {
        audit::verify(&authority, None, None).expect("it holds")
    });
    println!("{} rows in the history", verified.rows());
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let made = work();
    println!("{what:<48} {:>8.3} s", begin.elapsed().as_secs_f64());
    made
}

fn author() -> Author {
    Author { who: "bench".to_owned(), why: "bench".to_owned(), at: Timestamp::now() }
}

fn published(authority: &Path, keys: &mut Keys) {
    publish(authority, keys, &author(), &Publishing::default()).expect("a release");
}

fn fill(registry: &mut Registry, count: u32) {
    let text = |what: &str, id: u32| Text::new(format!("杭州{what}{id}"), format!("Hangzhou {what} {id}"));
    let done = registry.change(&author(), |changes| {
        changes.put(&Record::Reason(Reason { id: 220, text: text("reason", 220) }))?;
        (0..SUPPLIERS)
            .try_for_each(|id| changes.put(&Record::Supplier(Supplier { id, name: text("supplier", id) })))?;
        for id in 0..count {
            let body = 690_000_000_000 + u64::from(id);
            let gtin =
                (0..10).find_map(|check| Gtin::from_number(body * 10 + check)).expect("one of ten check digits fits");
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
            let (tags, capacities) = (std::collections::BTreeSet::new(), std::collections::BTreeMap::new());
            let product = Product { listing: id, category: "shampoo".to_owned(), tags, brick: None, capacities };
            changes.put_paper(&Paper::Product(product))?;
            changes.put_paper(&Paper::Document(document(id, 0)))?;
        }
        Ok(())
    });
    done.expect("changes");
}

fn document(listing: u32, nth: u32) -> Document {
    Document {
        id: listing + 1,
        listing,
        kind: "cosmetics-safety-assessment".to_owned(),
        number: format!("SA-{listing}-{nth}"),
        issuer: "somebody".to_owned(),
        issued: "2026-01-30".parse().expect("a date"),
        expires: None,
        file: None,
        items: Vec::new(),
        state: if nth.is_multiple_of(2) { DocumentState::Filed } else { DocumentState::Accepted },
        capture: None,
    }
}

/// Other documents of some listings, so that they are graded anew.
fn change(registry: &mut Registry, count: u32) {
    static NTH: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    let nth = NTH.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let step = (count / CHANGES).max(1);
    let changed = registry.change(&author(), |changes| {
        let listings = (0..count).step_by(step as usize);
        listings.map(|id| Paper::Document(document(id, nth))).try_for_each(|paper| changes.put_paper(&paper))
    });
    changed.expect("changes");
}
