//! What one list says otherwise than another, for people who want to know beforehand.

use rusqlite::Connection;
use serde::Serialize;

use super::{Cache, StoreFault};
use crate::rules::code::Grade;

/// How two lists differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Listings that are new, other than before, or gone.
    pub listings: u64,
    /// Codes whose own grade is new, another one, or gone.
    pub exceptions: u64,
    /// Listings by their grade before and after, where that is another one.
    pub turned: Vec<(Grade, Grade, u64)>,
}

const LISTING: &str = "id, supplier, gtin, zh, en, grade, reason, missing, review, inspect";
const EXCEPTION: &str = "idx, grade, reason";

impl Cache {
    /// How this list differs from an earlier one.
    ///
    /// # Errors
    /// One of the databases cannot be read.
    pub fn differences(&self, before: &Self) -> Result<Difference, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let connection = self.another_connection()?;
        connection.execute("ATTACH ? AS before", [before.path.to_string_lossy()]).map_err(&fault)?;
        differences(&connection).map_err(&fault)
    }
}

fn differences(connection: &Connection) -> rusqlite::Result<Difference> {
    let count = |table: &str, key: &str, columns: &str| {
        let sql = format!(
            "SELECT (SELECT count(*) FROM
                         (SELECT {columns} FROM main.{table} EXCEPT SELECT {columns} FROM before.{table}))
                  + (SELECT count(*) FROM before.{table} WHERE {key} NOT IN (SELECT {key} FROM main.{table}))"
        );
        connection.query_row(&sql, [], |row| row.get(0))
    };
    let sql = "SELECT b.grade, a.grade, count(*) FROM main.listing a JOIN before.listing b ON b.id = a.id
               WHERE b.grade <> a.grade GROUP BY 1, 2 ORDER BY 1, 2";
    let mut query = connection.prepare(sql)?;
    let turned =
        query.query_map([], |row| Ok((super::find::grade(row, 0)?, super::find::grade(row, 1)?, row.get(2)?)))?;
    Ok(Difference {
        listings: count("listing", "id", LISTING)?,
        exceptions: count("exception", "idx", EXCEPTION)?,
        turned: turned.collect::<rusqlite::Result<_>>()?,
    })
}
