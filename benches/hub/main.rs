//! What a hub bears, each one a process of its own.
//!
//! `cargo bench --bench hub` hands journals of several kiosks up over loopback HTTP, to a hub on SQLite, and where
//! `GREENGATE_DATABASE` names an empty database of PostgreSQL, to one, two, three and four hubs there.
//!
//! `cargo bench --bench hub -- pages` makes a registry of 1,000,000 listings with a label each (kept in `target/pages` for
//! the next run), serves it from one processor, and asks for pages of labels: as many as it gives, and then 2,000 in each
//! second beside 5,000 rows of journals, before and while all listings are published by the same process. `-- pages
//! LISTINGS SECONDS` says other numbers.

mod pages;
mod process;
mod rows;
#[path = "../support/verdict.rs"]
mod verdict;

use std::env;
use std::path::Path;

use greengate::hub::Author;
use jiff::Timestamp;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().expect("a number");
    match arguments[..] {
        [] => rows::bench(),
        ["pages"] => pages::bench(1_000_000, 10),
        ["pages", listings] => pages::bench(number(listings), 10),
        ["pages", listings, seconds] => pages::bench(number(listings), number(seconds)),
        ["--hub", folder] => process::run(Path::new(folder)),
        _ => panic!("write `cargo bench --bench hub -- pages LISTINGS SECONDS`"),
    }
}

fn author() -> Author {
    Author { who: "bench".to_owned(), why: "bench".to_owned(), at: Timestamp::now() }
}

/// The time below which `percent` of the sorted `times` are, in milliseconds.
fn percentile(times: &[std::time::Duration], percent: usize) -> f64 {
    times.get((times.len().saturating_sub(1)) * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
