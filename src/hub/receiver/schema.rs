//! The tables of what kiosks hand up, made by steps; see `registry/schema.rs` for how to add one.

use crate::hub::database::Step;

/// What the journals are called where several parts of the authority share a database.
pub const PART: &str = "journals";

/// What leads from nothing to the newest schema.
pub const STEPS: &[Step] = &[
    Step { statements: TABLES, then: None },
    Step { statements: ORDER, then: None },
    Step { statements: FOUND, then: None },
    Step { statements: PRUNED, then: None },
    Step { statements: SAID, then: None },
];

/// A row's truth is its JSON as the kiosk wrote it. `journal` says how far each journal is here without a gap. Rows have a
/// table with an index beside it: in a table that is its own index, a row of a kilobyte takes a page of four for itself.
const TABLES: &[&str] = &[
    "CREATE TABLE kiosk (name TEXT PRIMARY KEY, token BLOB UNIQUE, enrolled TEXT, last_seen TEXT, epoch TEXT) WITHOUT ROWID",
    "CREATE TABLE code (
        digest BLOB PRIMARY KEY, kiosk TEXT NOT NULL REFERENCES kiosk (name), expires TEXT NOT NULL, used TEXT
    ) WITHOUT ROWID",
    "CREATE TABLE journal (kiosk TEXT, epoch TEXT, seq INTEGER NOT NULL, PRIMARY KEY (kiosk, epoch)) WITHOUT ROWID",
    "CREATE TABLE row (
        kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (kiosk, epoch, seq)
    )",
    "CREATE TABLE parked (
        kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, why TEXT NOT NULL,
        digest BLOB NOT NULL, UNIQUE (kiosk, epoch, seq, digest)
    )",
];

/// What was parked says by itself in which order it came: what was there before, first of all.
const ORDER: &[&str] = &[
    "ALTER TABLE parked ADD COLUMN place INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX parked_place ON parked (kiosk, place)",
];

/// What reviews found. Rows that came before this table are of programs that told of no review.
const FOUND: &[&str] = &[
    "CREATE TABLE found (
        kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, listing INTEGER NOT NULL, passed INTEGER NOT NULL,
        counted INTEGER NOT NULL, PRIMARY KEY (kiosk, epoch, seq)
    ) WITHOUT ROWID",
    "CREATE INDEX found_new ON found (kiosk, epoch, seq) WHERE counted = 0",
];

/// How far the beginning of a journal went into an archive, and the hash on which the rest follows.
const PRUNED: &[&str] = &[
    "ALTER TABLE journal ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE journal ADD COLUMN pruned_hash BLOB",
];

/// What a kiosk said of itself when it was last seen, as JSON; nothing if its program does not say it.
const SAID: &[&str] = &["ALTER TABLE kiosk ADD COLUMN said TEXT"];
