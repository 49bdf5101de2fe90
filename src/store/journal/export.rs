//! Rows for a spreadsheet, and for programs.

use std::io::{self, Write};
use std::path::Path;

use rusqlite::params;

use super::{Journal, Row};
use crate::rules::clock::ClockTrust;
use crate::rules::entry::{Checked, Judgement, What};
use crate::rules::hex;
use crate::rules::ruling::Ruling;
use crate::rules::words;
use crate::store::StoreFault;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 with a byte order mark and CRLF, as spreadsheets want it; no cell is ever a formula.
    Csv,
    /// One JSON object in each line.
    JsonLines,
}

/// The columns of the CSV.
const COLUMNS: [&str; 21] = [
    "seq",
    "time",
    "clock",
    "what",
    "outcome",
    "rule",
    "reason",
    "reason_zh",
    "gtin",
    "lot",
    "serial",
    "product",
    "product_zh",
    "supplier",
    "supplier_zh",
    "delivery",
    "cache_version",
    "cache_age_s",
    "scan_us",
    "payload",
    "hash",
];

/// How many rows pass between two reports of progress.
const PROGRESS_STEP: u64 = 256;

/// Writes the rows from number `from` on; `progress` is told how many of how many. Gives the number of rows.
///
/// # Errors
/// The journal cannot be read, a row makes no sense, or `out` takes no more.
pub fn export(
    path: &Path,
    format: Format,
    from: Option<u64>,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, StoreFault> {
    let journal = Journal::open_read_only(path)?;
    let written = |source| StoreFault::file(path, "exported", source);
    let mut sheet = Sheet::begin(format, out).map_err(written)?;
    let (mut next, mut count) = (from.unwrap_or(1).max(1), 0);
    let of = (journal.head().seq + 1).saturating_sub(next.max(journal.pruned() + 1));
    loop {
        let rows = journal.rows("WHERE seq >= ? ORDER BY seq LIMIT ?", params![next, PROGRESS_STEP])?;
        let Some(last) = rows.last() else { break };
        next = last.seq + 1;
        for row in &rows {
            sheet.row(row).map_err(written)?;
        }
        count += rows.len() as u64;
        progress(count, of);
    }
    sheet.end().map_err(written)?;
    Ok(count)
}

enum Sheet<'a> {
    Csv(Box<csv::Writer<&'a mut dyn Write>>),
    JsonLines(&'a mut dyn Write),
}

impl<'a> Sheet<'a> {
    fn begin(format: Format, out: &'a mut dyn Write) -> io::Result<Self> {
        match format {
            Format::JsonLines => Ok(Self::JsonLines(out)),
            Format::Csv => {
                out.write_all("\u{feff}".as_bytes())?;
                let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
                csv.write_record(COLUMNS)?;
                Ok(Self::Csv(Box::new(csv)))
            }
        }
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        match self {
            Self::Csv(csv) => Ok(csv.write_record(cells(row).map(|cell| harmless(&cell)))?),
            Self::JsonLines(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
        }
    }

    fn end(self) -> io::Result<()> {
        match self {
            Self::Csv(mut csv) => csv.flush(),
            Self::JsonLines(out) => out.flush(),
        }
    }
}

/// A cell that no spreadsheet takes for a formula (OWASP, "CSV injection"): a label's text is a stranger's.
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let negative = cell.parse().is_ok_and(|number: i64| number < 0);
    if formula && !negative { format!("'{cell}") } else { cell.to_owned() }
}

fn cells(row: &Row) -> [String; COLUMNS.len()] {
    let entry = &row.entry;
    let (judgement, cells) = match &entry.what {
        What::Verdict(judgement) => (Some(judgement.as_ref()), verdict_cells(judgement)),
        What::Reviewed(checked) => (None, checked_cells(checked)),
        What::DeliveryStarted | What::DeliveryEnded | What::LampTest(_) | What::Recovered | What::Moved(_) => {
            (None, Default::default())
        }
    };
    let [outcome, rule, reason, reason_zh, gtin, lot, serial, product, product_zh, supplier, supplier_zh, payload] =
        cells;
    [
        row.seq.to_string(),
        entry.at.to_string(),
        clock(entry.trust).to_owned(),
        what(&entry.what).to_owned(),
        outcome,
        rule,
        reason,
        reason_zh,
        gtin,
        lot,
        serial,
        product,
        product_zh,
        supplier,
        supplier_zh,
        entry.delivery.clone().unwrap_or_default(),
        entry.cache_version.map(|version| version.to_string()).unwrap_or_default(),
        entry.cache_age_s.map(|age| age.to_string()).unwrap_or_default(),
        judgement.map(|judgement| judgement.timings.scan_us.to_string()).unwrap_or_default(),
        payload,
        hex::encode(&row.hash),
    ]
}

fn verdict_cells(judgement: &Judgement) -> [String; 12] {
    let words = words::of(&judgement.ruling, &jiff::tz::TimeZone::UTC);
    let evidence = &judgement.evidence;
    let product = evidence.code.product();
    // A forged label may name any product; nothing that the list says of it stands beside it.
    let listing = evidence.found.listings.first().filter(|_| !matches!(judgement.ruling, Ruling::Forged(_)));
    let name = |text: Option<&crate::rules::text::Text>| {
        text.map_or_else(Default::default, |text| (text.en.clone(), text.zh.clone()))
    };
    let (product_en, product_zh) = name(listing.map(|listing| &listing.product));
    let (supplier, supplier_zh) = name(listing.map(|listing| &listing.supplier));
    let payload = match std::str::from_utf8(&judgement.payload) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("hex:{}", hex::encode(&judgement.payload)),
    };
    [
        super::schema::outcome_name(judgement.outcome).to_owned(),
        judgement.ruling.slug().to_owned(),
        words.reason.en,
        words.reason.zh,
        judgement.gtin.map(|gtin| gtin.to_string()).unwrap_or_default(),
        product.and_then(|product| product.lot.clone()).unwrap_or_default(),
        judgement.serial.clone().unwrap_or_default(),
        product_en,
        product_zh,
        supplier,
        supplier_zh,
        payload,
    ]
}

/// What of a check has a column: its result, what was looked at, and which item it was.
fn checked_cells(checked: &Checked) -> [String; 12] {
    let product = checked.code.product();
    let item = checked.item.clone().unwrap_or_default();
    let mut cells = <[String; 12]>::default();
    checked.slug().clone_into(&mut cells[1]);
    [cells[2], cells[3]] = [item.en, item.zh];
    cells[4] = product.map(|product| product.gtin.to_string()).unwrap_or_default();
    cells[5] = product.and_then(|product| product.lot.clone()).unwrap_or_default();
    cells[6] = product.and_then(|product| product.serial.clone()).unwrap_or_default();
    cells
}

const fn what(what: &What) -> &'static str {
    match what {
        What::Verdict(_) => "verdict",
        What::Reviewed(_) => "reviewed",
        What::DeliveryStarted => "delivery started",
        What::DeliveryEnded => "delivery ended",
        What::LampTest(_) => "lamp test",
        What::Recovered => "recovered",
        What::Moved(_) => "moved",
    }
}

const fn clock(trust: ClockTrust) -> &'static str {
    match trust {
        ClockTrust::Trusted => "trusted",
        ClockTrust::Behind(_) => "behind",
        ClockTrust::Ahead(_) => "ahead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(harmless("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(harmless("@SUM(1)"), "'@SUM(1)");
        assert_eq!(harmless("＝SUM(1)"), "'＝SUM(1)");
        assert_eq!(harmless("+1"), "'+1");
        assert_eq!(harmless("-1"), "-1");
        assert_eq!(harmless("-1+1"), "'-1+1");
        assert_eq!(harmless("Longjing tea"), "Longjing tea");
    }
}
