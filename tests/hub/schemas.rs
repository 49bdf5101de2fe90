//! Registries and journals that an older program made are brought up, and are then as if they were made today.

use std::fs;
use std::path::Path;

use greengate::hub::receiver::Receiver;
use greengate::hub::{Again, Registry, reprint};
use rusqlite::Connection;

use super::reprint::issued;
use super::{assess, author, authority};

/// What made the tables of schema 1.
const ONE: &str = "
    CREATE TABLE record (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT, version INTEGER NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE INDEX record_version ON record (version);
    CREATE UNIQUE INDEX record_product ON record (body ->> '$.listing.gtin', body ->> '$.listing.supplier') WHERE kind = 3;
    CREATE INDEX record_listing ON record (body ->> '$.block.listing') WHERE kind = 5;
    CREATE TABLE change (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        kind INTEGER NOT NULL, key INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT
    );
    CREATE INDEX change_record ON change (kind, key, seq);
    CREATE INDEX change_last ON change (body ->> '$.block.last') WHERE kind = 5;
    CREATE TABLE release (version INTEGER PRIMARY KEY, issued TEXT NOT NULL, who TEXT NOT NULL, changed INTEGER NOT NULL);
    CREATE TABLE label (
        idx INTEGER PRIMARY KEY, listing INTEGER NOT NULL, slot INTEGER NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL
    );
    CREATE INDEX label_listing ON label (listing);
    INSERT INTO record SELECT kind, key, body, version FROM now.record;
    INSERT INTO change SELECT seq, at, who, why, kind, key, version, body FROM now.change;
    INSERT INTO release SELECT * FROM now.release;
    INSERT INTO label SELECT * FROM now.label;
";

/// What came with schema 2.
const TWO: &str = "
    CREATE TABLE paper (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE INDEX paper_document ON paper (body ->> '$.document.listing') WHERE kind = 18;
    CREATE INDEX change_document ON change (body ->> '$.document.listing') WHERE kind = 18;
    CREATE TABLE licence (
        source INTEGER NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL, holder TEXT NOT NULL, revoked INTEGER NOT NULL,
        PRIMARY KEY (source, kind, number)
    ) WITHOUT ROWID;
    INSERT INTO paper SELECT kind, key, body FROM now.paper;
    INSERT INTO licence SELECT * FROM now.licence;
";

const JOURNALS: &str = "
    CREATE TABLE kiosk (name TEXT PRIMARY KEY, token BLOB UNIQUE, enrolled TEXT, last_seen TEXT, epoch TEXT) WITHOUT ROWID;
    CREATE TABLE code (
        digest BLOB PRIMARY KEY, kiosk TEXT NOT NULL REFERENCES kiosk (name), expires TEXT NOT NULL, used TEXT
    ) WITHOUT ROWID;
    CREATE TABLE journal (kiosk TEXT, epoch TEXT, seq INTEGER NOT NULL, PRIMARY KEY (kiosk, epoch)) WITHOUT ROWID;
    CREATE TABLE row (
        kiosk TEXT, epoch TEXT, seq INTEGER, body TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (kiosk, epoch, seq)
    ) WITHOUT ROWID;
    CREATE TABLE parked (
        kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, why TEXT NOT NULL,
        digest BLOB NOT NULL, UNIQUE (kiosk, epoch, seq, digest)
    );
    INSERT INTO kiosk (name) VALUES ('dock-3');
    INSERT INTO parked VALUES ('dock-3', '01', 7, x'61', 'seven', x'01'), ('dock-3', '01', 2, x'62', 'two', x'02');
    PRAGMA user_version = 1;
";

/// Makes of the registry in `folder` one of an older program; what it could not hold is lost.
pub fn put_back(folder: &Path, schema: u32) {
    let path = folder.join("registry.db");
    let newer = folder.join("newer.db");
    fs::rename(&path, &newer).expect("a database without a journal");
    let database = Connection::open(&path).expect("a database");
    database.execute("ATTACH ?1 AS now", [newer.to_str().expect("a path")]).expect("the newer one");
    database.execute_batch(ONE).expect("tables of before");
    if schema == 2 {
        database.execute_batch(TWO).expect("tables of before");
    }
    database.execute_batch("DETACH now").expect("it is done");
    database.pragma_update(None, "user_version", schema).expect("its schema");
    fs::remove_file(newer).expect("it is no longer needed");
}

/// Every table and index as its text, and every row.
fn told(folder: &Path) -> Vec<String> {
    let database = Connection::open(folder.join("registry.db")).expect("a database");
    let mut told = Vec::new();
    let mut tell = |sql: &str| {
        let mut query = database.prepare(sql).expect("a query");
        let columns = query.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let cells: rusqlite::Result<Vec<_>> =
                (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect();
            Ok(format!("{:?}", cells?))
        };
        let rows: rusqlite::Result<Vec<String>> = query.query_map([], row).and_then(Iterator::collect);
        told.extend(rows.expect("rows"));
    };
    for table in ["record", "change", "release", "label", "paper", "licence"] {
        tell(&format!("SELECT '{table}', * FROM {table} ORDER BY 2, 3, 4"));
    }
    tell("SELECT name, replace(replace(sql, ' ', ''), char(10), '') FROM sqlite_schema ORDER BY name");
    told
}

#[test]
fn a_registry_of_schema_2_is_then_as_if_it_were_made_today() {
    let (labelled, mut registry) = authority();
    for id in [17, 18] {
        issued(&mut registry, id, 3);
    }
    registry.release(&author()).expect("a release");
    let again = Again::Indexes(2..=3);
    let day = jiff::civil::date(2026, 11, 24);
    registry.change(&author(), |changes| reprint(changes, &again, day)).expect("printed again");
    let (assessed, of_office) = assess::office();
    drop((registry, of_office));
    for folder in [labelled, assessed] {
        let today = told(folder.path());
        assert!(today.len() > 20, "{today:?}");
        put_back(folder.path(), 2);
        assert_ne!(told_of_records(folder.path()), 8, "the columns are not there");
        drop(Registry::open(folder.path()).expect("it is brought up"));
        assert_eq!(told(folder.path()), today);
        drop(Registry::open(folder.path()).expect("nothing is to do"));
        assert_eq!(told(folder.path()), today);
    }
}

/// How many columns a record has.
fn told_of_records(folder: &Path) -> usize {
    let database = Connection::open(folder.join("registry.db")).expect("a database");
    database.prepare("SELECT * FROM record").expect("a table").column_count()
}

#[test]
fn what_was_parked_before_keeps_its_place_in_front() {
    let (folder, registry) = authority();
    drop(registry);
    Connection::open(folder.path().join("journals.db"))
        .and_then(|made| made.execute_batch(JOURNALS))
        .expect("journals");
    let mut receiver = Receiver::open(folder.path()).expect("it is brought up");
    let now = jiff::Timestamp::now();
    for line in ["last", "but one"] {
        receiver.take("dock-3", &[1; 16], [line.as_bytes()].into_iter(), None, now).expect("it is parked");
    }
    let parked = receiver.parked("dock-3").expect("readable");
    let places: Vec<u64> = parked.iter().map(|row| row.seq).collect();
    assert_eq!(places, [2, 7, 1, 2]);
}
