//! What each reader came to, set by set.

use std::{collections::BTreeMap, fmt::Write as _, fs, io, path::Path};

use crate::pictures::Case;

/// What a reader came to.
pub struct Table {
    reader: &'static str,
    sets: BTreeMap<String, Score>,
    missed: String,
}

/// What one set came to.
#[derive(Default)]
struct Score {
    frames: usize,
    known: usize,
    right: usize,
    wrong: usize,
    /// Codes found, and marked, in pictures where somebody counted them.
    codes: usize,
    marked: usize,
    times_ms: Vec<f64>,
}

const TOTALS: [&str; 4] = ["**photographs**", "**coded frames**", "**frames without a code**", "**drawn**"];

impl Table {
    pub fn new(reader: &'static str) -> Self {
        Self { reader, sets: BTreeMap::new(), missed: String::new() }
    }

    /// Counts what was read in a picture.
    pub fn add(&mut self, case: &Case, texts: &[Vec<u8>], took_ms: f64) {
        let read: Vec<[String; 2]> = texts.iter().map(|text| comparable(text)).collect();
        let expected: Vec<String> = case.texts.iter().map(|text| comparable(text.as_bytes())[0].clone()).collect();
        let is_expected = |texts: &[String; 2]| texts.iter().any(|text| expected.contains(text));
        let right = read.iter().any(is_expected);
        // Where more codes are marked than texts are known, another text is no false read.
        let judged = case.is_bare() || !expected.is_empty() && case.codes.unwrap_or(0) <= expected.len();
        let wrong = read.iter().filter(|texts| judged && !is_expected(texts)).count();
        if wrong > 0 || !right && !expected.is_empty() {
            _ = writeln!(self.missed, "{} read {read:?} instead of {expected:?}, {took_ms:.1} ms", case.id);
        }
        for set in [case.set.as_str(), total_of(case)] {
            let score = self.sets.entry(set.to_owned()).or_default();
            score.frames += 1;
            score.known += usize::from(!expected.is_empty());
            score.right += usize::from(right);
            score.wrong += wrong;
            score.times_ms.push(took_ms);
            if let Some(marked) = case.codes {
                score.codes += read.len();
                score.marked += marked;
            }
        }
    }

    pub fn print(&self) {
        println!(
            "\n| {} | pictures | known | right | % | codes | marked | false | median ms | p95 ms | max ms |",
            self.reader
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|");
        for (set, score) in &self.sets {
            let Score { frames, known, right, wrong, codes, marked, .. } = score;
            let percent = 100.0 * *right as f64 / (*known).max(1) as f64;
            let [median, p95, most] = [0.5, 0.95, 1.0].map(|part| score.time_ms(part));
            println!(
                "| {set} | {frames} | {known} | {right} | {percent:.1} | {codes} | {marked} | {wrong} | {median:.2} | {p95:.2} | {most:.2} |"
            );
        }
    }

    /// Writes what was missed or read falsely to `target/reading`.
    pub fn write_missed(&self) -> io::Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reading");
        fs::create_dir_all(&folder)?;
        let name: String = self.reader.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        fs::write(folder.join(format!("missed-{name}.txt")), &self.missed)
    }

    fn total(&self, total: &str) -> Option<&Score> {
        self.sets.get(total)
    }
}

impl Score {
    /// The time that a part of the pictures does not exceed.
    fn time_ms(&self, part: f64) -> f64 {
        let mut times = self.times_ms.clone();
        times.sort_by(f64::total_cmp);
        let at = (times.len() as f64 * part) as usize;
        times.get(at).or(times.last()).copied().unwrap_or(0.0)
    }
}

/// Our times against those of the others, per total.
pub fn ratios(tables: &[Table]) {
    let Some((ours, others)) = tables.split_first() else { return };
    for other in others {
        for total in TOTALS {
            let Some((one, two)) = ours.total(total).zip(other.total(total)) else { continue };
            let ratio = |part: f64| one.time_ms(part) / two.time_ms(part).max(1e-6);
            let mean = |score: &Score| score.times_ms.iter().sum::<f64>() / score.times_ms.len().max(1) as f64;
            println!(
                "{} {} against {}: median × {:.2}, p95 × {:.2}, mean × {:.2}",
                total.trim_matches('*'),
                ours.reader,
                other.reader,
                ratio(0.5),
                ratio(0.95),
                mean(one) / mean(two).max(1e-6)
            );
        }
    }
}

fn total_of(case: &Case) -> &'static str {
    match (case.set.starts_with("syn-"), case.is_bare(), case.set.ends_with("drawn")) {
        (_, _, true) => TOTALS[3],
        (true, true, _) => TOTALS[2],
        (true, false, _) => TOTALS[1],
        (false, _, _) => TOTALS[0],
    }
}

/// What can be compared: printable ASCII without white space, and without a GS1 symbol's identifier. The truth was
/// written by readers that guessed character sets and line ends each in their way, so a payload can be read as UTF-8,
/// as Shift JIS or as plain bytes.
fn comparable(bytes: &[u8]) -> [String; 2] {
    let bytes = bytes.strip_prefix(b"]Q3").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_or_else(|_| encoding_rs::SHIFT_JIS.decode(bytes).0, Into::into);
    let keep = |c: &char| c.is_ascii_graphic() && *c != '?';
    [text.chars().filter(keep).collect(), bytes.iter().map(|&byte| char::from(byte)).filter(keep).collect()]
}
