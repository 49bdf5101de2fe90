//! The journal's tables and their migrations.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use super::{Committed, Row, chain};
use crate::rules::code::Code;
use crate::rules::entry::What;
use crate::rules::ruling::Outcome;
use crate::store::StoreFault;

/// How long another reader may hold the database.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Each brings the schema one version further; a shipped one is never changed.
const MIGRATIONS: [&str; 3] = [
    "
    CREATE TABLE meta (
        one INTEGER PRIMARY KEY CHECK (one = 1), kiosk TEXT NOT NULL, epoch BLOB NOT NULL,
        seq INTEGER NOT NULL, hash BLOB NOT NULL, highest_ms INTEGER
    );
    CREATE TABLE row (
        seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL,
        what TEXT NOT NULL, delivery TEXT, outcome TEXT, slug TEXT, gtin INTEGER, serial TEXT, code BLOB, replaces INTEGER
    );
    CREATE INDEX row_item ON row (gtin, serial) WHERE serial IS NOT NULL;
    CREATE INDEX row_replaces ON row (replaces) WHERE replaces IS NOT NULL;
    CREATE INDEX row_review ON row (code) WHERE slug = 'review';
    CREATE INDEX row_what ON row (what) WHERE what LIKE 'delivery%';
",
    PRUNING,
    "
    DROP INDEX row_review;
    CREATE INDEX row_review ON row (code, seq) WHERE slug IN ('review', 'review-passed', 'review-failed');
",
];

/// What pruned rows leave behind: the last one's hash, and the items that were taken in.
const PRUNING: &str = "
    CREATE TABLE pruned (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL, highest_ms INTEGER);
    CREATE TABLE taken_in (
        gtin INTEGER, serial TEXT, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (gtin, serial)
    ) WITHOUT ROWID;
";

/// The hash of the row before, in a query over `row`; NULL where that is not here.
pub const PREVIOUS_HASH: &str = "coalesce(
    (SELECT hash FROM row p WHERE p.seq = row.seq - 1), (SELECT hash FROM pruned WHERE pruned.seq = row.seq - 1)
)";

/// The newest schema: one for each migration.
const SCHEMA: i64 = 3;
const _: () = assert!(MIGRATIONS.len() == 3, "count SCHEMA up with every migration");

/// Sets a connection up for writing, brings the schema up to date, and begins a journal where there is none.
pub fn prepare(connection: &mut Connection, path: &Path, kiosk: &str, epoch: &[u8; 16]) -> Result<(), StoreFault> {
    let fault = StoreFault::database(path);
    connection.busy_timeout(PATIENCE).map_err(&fault)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").map_err(&fault)?;
    let found = version(connection).map_err(&fault)?;
    let known = usize::try_from(found).ok().filter(|found| *found <= MIGRATIONS.len());
    let Some(done) = known else { return Err(StoreFault::Schema { path: path.to_owned(), found, known: SCHEMA }) };
    let transaction = connection.transaction().map_err(&fault)?;
    for migration in &MIGRATIONS[done..] {
        transaction.execute_batch(migration).map_err(&fault)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA).map_err(&fault)?;
    begin(&transaction, kiosk, epoch).map_err(&fault)?;
    transaction.commit().map_err(&fault)
}

fn begin(transaction: &Transaction<'_>, kiosk: &str, epoch: &[u8; 16]) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO meta VALUES (1, ?, ?, 0, ?, NULL)";
    transaction.execute(sql, params![kiosk, epoch, chain::beginning(kiosk, epoch)]).map(drop)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Whether a reader knows the schema. A journal that an older program wrote is read as one of which nothing was pruned.
pub fn check(connection: &Connection, path: &Path) -> Result<(), StoreFault> {
    let fault = StoreFault::database(path);
    match version(connection).map_err(&fault)? {
        // What came with schema 3 is an index.
        2 | SCHEMA => Ok(()),
        1 => connection.execute_batch(&PRUNING.replace("CREATE TABLE", "CREATE TEMP TABLE")).map_err(&fault),
        found => Err(StoreFault::Schema { path: path.to_owned(), found, known: SCHEMA }),
    }
}

/// The journal's own row.
pub struct Meta {
    pub kiosk: String,
    pub epoch: [u8; 16],
    pub head: Committed,
    highest_ms: Option<i64>,
}

impl Meta {
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let meta = connection.query_row("SELECT kiosk, epoch, seq, hash, highest_ms FROM meta", [], |row| {
            let head = Committed { seq: row.get(2)?, hash: row.get(3)? };
            Ok(Self { kiosk: row.get(0)?, epoch: row.get(1)?, head, highest_ms: row.get(4)? })
        });
        meta.optional()?.ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    pub fn highest(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.highest_ms?).ok()
    }
}

/// The columns that make a row searchable; all of them follow from its JSON.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub what: &'static str,
    pub delivery: Option<String>,
    pub outcome: Option<&'static str>,
    pub slug: Option<&'static str>,
    pub gtin: Option<u64>,
    pub serial: Option<String>,
    pub code: Option<[u8; 32]>,
    pub replaces: Option<u64>,
}

impl Columns {
    pub fn of(row: &Row) -> Self {
        let delivery = row.entry.delivery.clone();
        let plain = |what| Self { what, delivery: delivery.clone(), ..Self::default() };
        match &row.entry.what {
            What::Reviewed(checked) => {
                Self { slug: Some(checked.slug()), code: Some(code_digest(&checked.code)), ..plain("reviewed") }
            }
            What::DeliveryStarted => plain("delivery-started"),
            What::DeliveryEnded => plain("delivery-ended"),
            What::LampTest(_) => plain("lamp-test"),
            What::Recovered => plain("recovered"),
            What::Moved(_) => plain("moved"),
            What::Verdict(judgement) => Self {
                outcome: Some(outcome_name(judgement.outcome)),
                slug: Some(judgement.ruling.slug()),
                gtin: judgement.gtin.map(crate::rules::code::Gtin::number),
                serial: judgement.serial.clone(),
                code: Some(code_digest(&judgement.evidence.code)),
                replaces: judgement.replaces,
                ..plain("verdict")
            },
        }
    }
}

/// How an outcome is stored.
pub const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accept => "accept",
        Outcome::Hold => "hold",
        Outcome::Reject => "reject",
    }
}

/// What stands for a code in a column.
pub fn code_digest(code: &Code) -> [u8; 32] {
    let json = serde_json::to_vec(code).unwrap_or_default();
    Sha256::digest(json).into()
}

/// Inserts a row that follows on the newest.
pub fn insert(transaction: &Transaction<'_>, row: &Row, body: &str) -> rusqlite::Result<()> {
    let Columns { what, delivery, outcome, slug, gtin, serial, code, replaces } = Columns::of(row);
    let mut insert = transaction.prepare_cached("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    insert
        .execute(params![row.seq, body, row.hash, what, delivery, outcome, slug, gtin, serial, code, replaces])
        .map(drop)
}

/// A trigger that refuses rows as a full disk does, or its end.
pub const fn full_disk(full: bool) -> &'static str {
    if full {
        "CREATE TEMP TRIGGER IF NOT EXISTS full_disk BEFORE INSERT ON row
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;"
    } else {
        "DROP TRIGGER IF EXISTS temp.full_disk;"
    }
}
