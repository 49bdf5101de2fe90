//! What a record names must be there, and a label index belongs to one listing.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::schema::Layer;
use crate::store::StoreFault;

/// Where the keys of what a delta puts are kept until they are checked; those of the delta before it are gone.
pub const PUT: &str = "
    DROP TABLE IF EXISTS temp.put_listing;
    DROP TABLE IF EXISTS temp.put_exception;
    DROP TABLE IF EXISTS temp.put_block;
    CREATE TEMP TABLE put_listing (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE put_exception (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE put_block (id INTEGER PRIMARY KEY);
";

/// Something that can be wrong about a record beside others.
struct Reference {
    /// Told with the record's key in place of `{}`.
    wrong: &'static str,
    table: &'static str,
    key: &'static str,
    /// The table of what it names.
    named: &'static str,
    /// Holds for a row `r` that is wrong.
    condition: &'static str,
}

const REFERENCES: [Reference; 7] = [
    Reference {
        wrong: "listing {} names a supplier that is not there",
        table: "listing",
        key: "id",
        named: "supplier",
        condition: "supplier IS NOT NULL AND supplier NOT IN (SELECT id FROM supplier)",
    },
    Reference {
        wrong: "listing {} names a reason that is not there",
        table: "listing",
        key: "id",
        named: "reason",
        condition: "reason IS NOT NULL AND reason NOT IN (SELECT id FROM reason)",
    },
    Reference {
        wrong: "listing {} names a missing document that is not there",
        table: "listing",
        key: "id",
        named: "reason",
        condition: "missing IS NOT NULL
            AND EXISTS (SELECT * FROM json_each(missing) m WHERE m.value NOT IN (SELECT id FROM reason))",
    },
    Reference {
        wrong: "listing {} names an inspection item that is not there",
        table: "listing",
        key: "id",
        named: "reason",
        condition: "inspect IS NOT NULL
            AND EXISTS (SELECT * FROM json_each(inspect) m WHERE m.value NOT IN (SELECT id FROM reason))",
    },
    Reference {
        wrong: "exception {} names a reason that is not there",
        table: "exception",
        key: "idx",
        named: "reason",
        condition: "reason IS NOT NULL AND reason NOT IN (SELECT id FROM reason)",
    },
    Reference {
        wrong: "block {} names a listing that is not there",
        table: "block",
        key: "first",
        named: "listing",
        // SQLite would put the view's rows together anew to look one up.
        condition: "NOT coalesce(
            (SELECT grade IS NOT NULL FROM delta_listing WHERE id = r.listing),
            r.listing IN (SELECT id FROM snapshot_listing))",
    },
    Reference {
        wrong: "block {} overlaps another block",
        table: "block",
        key: "first",
        named: "",
        condition: "(first <= (SELECT last FROM block a WHERE a.first < r.first ORDER BY a.first DESC LIMIT 1)
            OR last >= (SELECT first FROM block a WHERE a.first > r.first ORDER BY a.first LIMIT 1))",
    },
];

/// Checks a snapshot's records, or those that a delta has put and those that may name what it has `dropped`.
pub fn check(
    connection: &Connection,
    path: &Path,
    layer: Layer,
    dropped: &BTreeSet<&'static str>,
) -> Result<(), StoreFault> {
    let fault = StoreFault::database(path);
    for Reference { wrong, table, key, named, condition } in REFERENCES {
        let rows = match layer {
            Layer::Delta if dropped.contains(named) => format!("{table} r WHERE"),
            Layer::Delta => format!("{} r WHERE {key} IN temp.put_{table} AND", layer.table(table)),
            Layer::Snapshot => format!("{} r WHERE", layer.table(table)),
        };
        let sql = format!("SELECT {key} FROM {rows} {condition} LIMIT 1");
        let found: Option<u32> = connection.query_row(&sql, [], |row| row.get(0)).optional().map_err(&fault)?;
        if let Some(found) = found {
            return Err(StoreFault::References { message: wrong.replace("{}", &found.to_string()) });
        }
    }
    let has_key = connection.query_row("SELECT EXISTS (SELECT * FROM key)", [], |row| row.get(0)).map_err(&fault)?;
    if has_key { Ok(()) } else { Err(StoreFault::References { message: "the list has no key at all".to_owned() }) }
}
