//! The registry's tables, made by steps.
//!
//! A new table, column or index is a new [`Step`] at the end of [`STEPS`]: statements in the dialect of
//! [`database`](crate::hub::database), one text each, and where rows that are there have to follow, a function. The
//! number of steps is the schema. A step that was shipped stays as it is: an older registry takes those that it lacks, in
//! one transaction, when it is opened.

use super::{Counts, HubFault, columns, due, log, papers};
use crate::hub::database::{Database, Step};
use crate::rules::record::{Record, RecordKey};

/// What the registry is called where several parts of the authority share a database.
pub const PART: &str = "registry";

/// Kinds of changes that are none of a record, and go out with no release: a root that the feed gets, with its number as
/// its key, labels that are printed again, with the first one's index, and a key that the audit log is signed with.
pub const ROOT: u8 = 7;
pub const REPRINT: u8 = 8;
pub const AUDIT_KEY: u8 = 9;

/// Kinds of papers, which stand in their own table and go out with no release either.
pub const FIRM: u8 = 16;
pub const PRODUCT: u8 = 17;
pub const DOCUMENT: u8 = 18;
pub const WORD: u8 = 19;
pub const REVIEW: u8 = 20;
pub const RULEBOOK: u8 = 21;
pub const SOURCE: u8 = 22;
pub const ANSWERS: u8 = 23;
pub const ACCOUNT: u8 = 32;
pub const PROPOSAL: u8 = 33;

/// Reasons that the authority words by itself have this number or a higher one.
pub const FIRST_REASON: u32 = 1_000_000;

/// What leads from nothing to the newest schema.
pub const STEPS: &[Step] = &[
    Step { statements: RECORDS, then: None },
    Step { statements: PAPERS, then: Some(papers::words_of_red) },
    Step { statements: COLUMNS, then: Some(columns::fill) },
    Step { statements: REVIEWED, then: None },
    crate::hub::accounts::STEP,
    Step { statements: CHANGED, then: None },
    Step { statements: AUDIT, then: Some(log::draw_salt) },
    Step { statements: QUESTIONS, then: None },
    Step { statements: DUE, then: Some(due::mark_products) },
    // Whether the authority has said anything of a listing is found out for each that was there before.
    Step { statements: &[], then: Some(due::mark_products) },
];

/// `version` is the release that a change goes out with; a record without a body is gone.
const RECORDS: &[&str] = &[
    "CREATE TABLE record (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT, version INTEGER NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID",
    "CREATE INDEX record_version ON record (version)",
    "CREATE TABLE change (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        kind INTEGER NOT NULL, key INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT
    )",
    "CREATE INDEX change_record ON change (kind, key, seq)",
    "CREATE TABLE release (version INTEGER PRIMARY KEY, issued TEXT NOT NULL, who TEXT NOT NULL, changed INTEGER NOT NULL)",
    "CREATE TABLE label (
        idx INTEGER PRIMARY KEY, listing INTEGER NOT NULL, slot INTEGER NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL
    )",
    "CREATE INDEX label_listing ON label (listing)",
];

/// Papers, and what public registries list.
const PAPERS: &[&str] = &[
    "CREATE TABLE paper (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID",
    "CREATE TABLE licence (
        source INTEGER NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL, holder TEXT NOT NULL, revoked INTEGER NOT NULL,
        PRIMARY KEY (source, kind, number)
    ) WITHOUT ROWID",
];

/// What changed since a release, page after page.
const CHANGED: &[&str] = &["CREATE INDEX record_changed ON record (kind, version, key)"];

/// What is asked for stands in columns. Until schema 2, which only SQLite ever had, indexes read it out of the JSON.
const COLUMNS: &[&str] = &[
    "DROP INDEX IF EXISTS record_product",
    "DROP INDEX IF EXISTS record_listing",
    "DROP INDEX IF EXISTS change_last",
    "DROP INDEX IF EXISTS change_document",
    "DROP INDEX IF EXISTS paper_document",
    "ALTER TABLE record ADD COLUMN gtin TEXT",
    "ALTER TABLE record ADD COLUMN supplier INTEGER",
    "ALTER TABLE record ADD COLUMN listing INTEGER",
    "ALTER TABLE record ADD COLUMN last INTEGER",
    "ALTER TABLE change ADD COLUMN listing INTEGER",
    "ALTER TABLE change ADD COLUMN last INTEGER",
    "ALTER TABLE paper ADD COLUMN listing INTEGER",
    "ALTER TABLE paper ADD COLUMN waits INTEGER",
    "CREATE UNIQUE INDEX record_product ON record (gtin, supplier) WHERE gtin IS NOT NULL",
    "CREATE INDEX record_supplier ON record (supplier) WHERE supplier IS NOT NULL",
    "CREATE INDEX record_listing ON record (listing) WHERE listing IS NOT NULL",
    "CREATE INDEX change_last ON change (last) WHERE kind = 5",
    "CREATE INDEX change_listing ON change (listing) WHERE listing IS NOT NULL",
    "CREATE INDEX paper_listing ON paper (listing) WHERE listing IS NOT NULL",
    "CREATE INDEX paper_waits ON paper (waits) WHERE waits IS NOT NULL",
];

/// Rows of kiosks' journals whose reviews were taken up: each once, also where the journals stand in another database.
const REVIEWED: &[&str] = &["CREATE TABLE reviewed (
        kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kiosk, epoch, seq)
    ) WITHOUT ROWID"];

/// What the salts of the audit log's entries follow from.
const AUDIT: &[&str] = &["CREATE TABLE audit (salt TEXT NOT NULL)"];

/// What registries are asked about, and from which day on.
const QUESTIONS: &[&str] = &[
    "CREATE TABLE source_kind (source INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (source, kind))",
    "CREATE TABLE question (
        source INTEGER NOT NULL, document INTEGER NOT NULL, day TEXT NOT NULL, PRIMARY KEY (source, document)
    )",
    "CREATE INDEX question_day ON question (day)",
    "CREATE INDEX question_document ON question (document)",
];

/// From which day until before which a listing stays what it was assessed as; a marked one has no end.
const DUE: &[&str] = &[
    "CREATE TABLE due (listing INTEGER PRIMARY KEY, since TEXT NOT NULL, until TEXT NOT NULL)",
    "CREATE INDEX due_since ON due (since)",
    "CREATE INDEX due_until ON due (until)",
];

/// Where a record stands: the number of its kind and its key. Kinds are in an order in which a list may be read.
pub fn place(record: &Record) -> (u8, u32) {
    record.key().map_or((0, 0), place_of)
}

/// Where the record with this key stands.
pub const fn place_of(key: RecordKey) -> (u8, u32) {
    match key {
        RecordKey::Key(slot) => (1, slot as u32),
        RecordKey::Reason(id) => (2, id),
        RecordKey::Listing(id) => (3, id),
        RecordKey::Supplier(id) => (4, id),
        RecordKey::Block(first) => (5, first),
        RecordKey::Exception(index) => (6, index),
    }
}

/// The key of what stands there; the policy has none.
pub fn key_at(kind: u8, key: u32) -> Option<RecordKey> {
    match kind {
        1 => u16::try_from(key).ok().map(RecordKey::Key),
        2 => Some(RecordKey::Reason(key)),
        3 => Some(RecordKey::Listing(key)),
        4 => Some(RecordKey::Supplier(key)),
        5 => Some(RecordKey::Block(key)),
        6 => Some(RecordKey::Exception(key)),
        _ => None,
    }
}

/// How many records of each kind there are.
pub fn counts(database: &Database) -> Result<Counts, HubFault> {
    let mut counts = Counts::default();
    let sql = "SELECT kind, min(key), count(*) FROM record WHERE body IS NOT NULL GROUP BY kind";
    database.each(sql, &[], &mut |row| {
        let count = match key_at(row.get(0)?, row.get(1)?) {
            Some(RecordKey::Supplier(_)) => &mut counts.suppliers,
            Some(RecordKey::Listing(_)) => &mut counts.listings,
            Some(RecordKey::Reason(_)) => &mut counts.reasons,
            Some(RecordKey::Block(_)) => &mut counts.blocks,
            Some(RecordKey::Exception(_)) => &mut counts.exceptions,
            Some(RecordKey::Key(_)) => &mut counts.keys,
            None => return Ok(()),
        };
        *count = row.get(2)?;
        Ok(())
    })?;
    Ok(counts)
}
