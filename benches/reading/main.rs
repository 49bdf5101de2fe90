//! How much the reader reads, how fast, and whether it ever reads wrongly; beside other readers with `--features peers`.
//!
//! `cargo bench --bench reading` goes through the photographs under `$GREENGATE_SHARED/photos` (default
//! `../shared/photos`) and the generated frames in `$GREENGATE_FRAMES`, and prints a table; the set `rqrr` is left out.
//! Symbols and hostile frames drawn here are always measured. Times are processor time of the reading call alone, one
//! thread. What each reader missed or read falsely is written to `target/reading`.
//!
//! `cargo bench --bench reading -- noise [COUNT]` reads pictures that hold no text: none may be read.
//! `cargo bench --bench reading -- empty [COUNT]` reads an empty frame again and again, for a profiler.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures are small and only printed")]

mod drawn;
mod noise;
mod peers;
mod pictures;
mod table;

use std::{env, io};

use peers::Peer;
use pictures::Case;
use table::Table;

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let count = |otherwise: u32| words.get(1).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    match words.first().map(String::as_str) {
        Some("noise") => noise::run(count(100_000)),
        Some("empty") => empty(count(100)),
        _ => compare()?,
    }
    Ok(())
}

fn compare() -> io::Result<()> {
    let mut peers = peers::all();
    let mut tables: Vec<Table> = peers.iter().map(|peer| Table::new(peer.name())).collect();
    for case in drawn::symbols().into_iter().chain(drawn::hostile()).chain(pictures::photographs()) {
        for (peer, table) in peers.iter_mut().zip(&mut tables) {
            measure(peer.as_mut(), &case, table);
        }
    }
    for table in &tables {
        table.print();
        table.write_missed()?;
    }
    table::ratios(&tables);
    Ok(())
}

fn measure(peer: &mut dyn Peer, case: &Case, table: &mut Table) {
    // A first look warms the caches for all readers alike; the second one counts.
    _ = peer.read(&case.image);
    let start = peers::cpu_ms();
    let texts = peer.read(&case.image);
    table.add(case, &texts, peers::cpu_ms() - start);
}

fn empty(count: u32) {
    let frame = drawn::empty_table();
    let mut reader = peers::Ours::default();
    let start = peers::cpu_ms();
    for _ in 0..count {
        assert!(reader.read(&frame).is_empty(), "an empty table is read");
    }
    println!("an empty 1280×720 frame: {:.3} ms", (peers::cpu_ms() - start) / f64::from(count));
}
