//! How much the reader reads, how fast, and whether it ever reads wrongly; beside other readers with `--features peers`.
//!
//! `cargo bench --bench reading` goes through the photographs under `$GREENGATE_SHARED/photos` (default
//! `../shared/photos`) and the generated frames in `$GREENGATE_FRAMES`, and prints a table; the set `rqrr` is left out.
//! Symbols and hostile frames drawn here are always measured. Times are processor time of the reading call alone, one
//! thread. What each reader missed or read falsely is written to `target/reading`.
//!
//! `cargo bench --bench reading -- only SET` goes through the sets whose name begins so.
//! `cargo bench --bench reading -- noise [COUNT]` reads pictures that hold no text: none may be read.
//! `cargo bench --bench reading -- hints` counts the advice given on generated frames that were not read.
//! `cargo bench --bench reading -- empty [COUNT]` reads an empty frame again and again, for a profiler.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures are small and only printed")]

mod drawn;
mod hints;
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
        Some("hints") => hints::run(),
        Some("empty") => empty(count(100)),
        Some("only") => compare(words.get(1).map_or("", String::as_str))?,
        _ => compare("")?,
    }
    Ok(())
}

fn compare(only: &str) -> io::Result<()> {
    let mut peers = peers::all();
    let mut tables: Vec<Table> = peers.iter().map(|peer| Table::new(peer.name())).collect();
    let drawn = drawn::symbols().into_iter().chain(drawn::hostile()).filter(|case| case.set.starts_with(only));
    for case in drawn.chain(pictures::photographs(only)) {
        // Only ours is asked for its longest time: one of the others takes minutes for such a frame.
        let asked = if case.set == drawn::HOSTILE { 1 } else { peers.len() };
        for (peer, table) in peers.iter_mut().zip(&mut tables).take(asked) {
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
