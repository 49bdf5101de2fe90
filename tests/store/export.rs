//! Rows for a spreadsheet and for programs, read back.

use std::path::Path;

use greengate::rules::clock::ClockTrust;
use greengate::rules::code::Grade;
use greengate::rules::entry::{Entry, What};
use greengate::rules::evidence::ListingFacts;
use greengate::rules::record::ReviewLevel;
use greengate::rules::ruling::Ruling;
use greengate::rules::text::Text;
use greengate::store::journal::{self, Format, Row};
use greengate::store::{Journal, StoreFault};
use tempfile::tempdir;

use super::{TEA, entry, judgement, product};

/// A journal with a row of each kind, one of them with a hostile label and Chinese names.
fn written(path: &Path) -> Vec<Entry> {
    let mut judged = judgement("-S,\"1\"\r\n2", Ruling::Red(Some(Text::new("抽检不合格", "failed a check"))), None);
    judged.evidence.found.listings = vec![ListingFacts {
        id: 11,
        gtin: product(TEA).gtin,
        supplier: Text::new("龙井茶业", "@Longjing, \"Tea\" Works"),
        product: Text::new("＝茶", "Tea\nleaves"),
        grade: Grade::Red,
        reason: None,
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
    }];
    let mut bytes = judgement("S2", Ruling::Accept, None);
    bytes.payload = vec![0xff, 0x00];
    let entries = vec![
        entry(1, Some("+D1"), What::DeliveryStarted),
        entry(2, Some("+D1"), What::Verdict(Box::new(judged))),
        entry(3, None, What::Verdict(Box::new(bytes))),
        Entry { trust: ClockTrust::Behind(9), ..entry(4, None, What::LampTest("start".to_owned())) },
        Entry { cache_version: None, cache_age_s: None, ..entry(5, None, What::Recovered) },
    ];
    let mut journal = Journal::open(path, "dock-3").expect("a journal");
    for entry in &entries {
        journal.append(entry).expect("a row");
    }
    entries
}

fn export(path: &Path, format: Format, from: Option<u64>) -> (u64, Vec<u8>) {
    let mut out = Vec::new();
    let count = journal::export(path, format, from, &mut out, &mut |_, _| ()).expect("it is written");
    (count, out)
}

#[test]
fn the_csv_is_read_back_cell_by_cell() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    written(&path);
    let (count, bytes) = export(&path, Format::Csv, None);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    assert!(text.ends_with("\r\n") && text.starts_with("seq,time,clock,what,outcome,"), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("a header").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let cell = |row: usize, name: &str| {
        let at = columns.iter().position(|column| column == name).expect("a column");
        rows[row][at].to_owned()
    };
    assert_eq!((count, rows.len(), columns.len()), (5, 5, 21));
    let cells = [
        ("seq", "2"),
        ("clock", "trusted"),
        ("what", "verdict"),
        ("outcome", "reject"),
        ("rule", "red"),
        ("gtin", "06901234567892"),
        ("lot", "'=L1"),
        ("serial", "'-S,\"1\"\r\n2"),
        ("product", "Tea\nleaves"),
        ("product_zh", "'＝茶"),
        ("supplier", "'@Longjing, \"Tea\" Works"),
        ("supplier_zh", "龙井茶业"),
        ("delivery", "'+D1"),
        ("cache_version", "7"),
        ("cache_age_s", "-3"),
        ("scan_us", "1200"),
        ("payload", "'=HYPERLINK(\"-S,\"1\"\r\n2\")"),
    ];
    for (name, wanted) in cells {
        assert_eq!(cell(1, name), wanted, "column `{name}`");
    }
    assert!(cell(1, "reason_zh").contains("抽检不合格"), "{}", cell(1, "reason_zh"));
    assert_eq!(cell(2, "payload"), "hex:ff00");
    assert_eq!([0, 3, 4].map(|row| cell(row, "what")), ["delivery started", "lamp test", "recovered"]);
    assert_eq!((cell(3, "clock").as_str(), cell(4, "cache_version").as_str()), ("behind", ""));
    let hash = Journal::open_read_only(&path).expect("a journal").head().hash;
    assert_eq!(cell(4, "hash"), greengate::rules::hex::encode(&hash));
}

#[test]
fn no_cell_begins_a_formula() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    written(&path);
    let (_, bytes) = export(&path, Format::Csv, None);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    for row in reader.records() {
        for cell in &row.expect("a row") {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
            assert!(!formula || cell.parse::<i64>().is_ok(), "`{cell}`");
        }
    }
}

#[test]
fn json_lines_are_the_rows() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let entries = written(&path);
    let (count, bytes) = export(&path, Format::JsonLines, None);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let rows: Vec<Row> = text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    assert_eq!(count, 5);
    assert_eq!(rows.iter().map(|row| row.entry.clone()).collect::<Vec<_>>(), entries);
    assert!(rows.windows(2).all(|pair| pair[1].previous == pair[0].hash && pair[1].seq == pair[0].seq + 1));
}

#[test]
fn an_export_begins_where_it_is_told_and_tells_how_far_it_is() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    written(&path);
    for (from, wanted) in [(None, 5), (Some(0), 5), (Some(4), 2), (Some(6), 0), (Some(u64::MAX >> 1), 0)] {
        let (count, bytes) = export(&path, Format::JsonLines, from);
        let lines = String::from_utf8(bytes).expect("UTF-8").lines().count();
        assert_eq!((count, lines), (wanted, usize::try_from(wanted).expect("few")), "from {from:?}");
    }
    let mut seen = Vec::new();
    let mut progress = |done, of| seen.push((done, of));
    journal::export(&path, Format::Csv, Some(2), &mut Vec::new(), &mut progress).expect("it is written");
    assert_eq!(seen, [(4, 4)]);
}

#[test]
fn a_row_that_makes_no_sense_ends_an_export_by_its_number() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    written(&path);
    let database = rusqlite::Connection::open(&path).expect("a database");
    database.execute("UPDATE row SET body = '{}' WHERE seq = 3", []).expect("it runs");
    let fault = journal::export(&path, Format::JsonLines, None, &mut Vec::new(), &mut |_, _| ());
    match fault.expect_err("row 3 is broken") {
        StoreFault::Broken { seq, what, .. } => {
            assert_eq!((seq, what.as_str()), (3, "missing field `kiosk` at line 1 column 2"));
        }
        other => panic!("{other}"),
    }
}
