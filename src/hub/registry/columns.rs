//! What of a body stands in columns of its own, so that it can be asked for: no engine reads JSON as another one does.

use super::{Reprint, schema};
use crate::hub::HubFault;
use crate::hub::database::{Database, values};
use crate::rules::dossier::Paper;
use crate::rules::record::{Block, Listing, Record};

/// Bodies that are read at once where all of them are.
const BATCH: u32 = 1000;

/// Columns beside a body; each is empty where the body tells no such thing, and of what is gone all are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// A listing's.
    pub gtin: Option<String>,
    /// A listing's.
    pub supplier: Option<u32>,
    /// What a block, a reprint or a document belongs to.
    pub listing: Option<u32>,
    /// The last label of a block or a reprint.
    pub last: Option<u32>,
    /// The listing for which an officer has to look at a paper.
    pub waits: Option<u32>,
}

impl Columns {
    pub fn of(record: &Record) -> Self {
        match record {
            Record::Listing(Listing { gtin, supplier, .. }) => {
                Self { gtin: Some(gtin.to_string()), supplier: Some(*supplier), ..Self::default() }
            }
            Record::Block(Block { last, listing, .. }) => Self::of_labels(*listing, *last),
            Record::Supplier(_) | Record::Exception(_) | Record::Key(_) | Record::Reason(_) | Record::Policy(_) => {
                Self::default()
            }
        }
    }

    pub fn of_paper(paper: &Paper) -> Self {
        match paper {
            Paper::Document(document) => {
                let listing = Some(document.listing);
                Self { listing, waits: listing.filter(|_| document.waits()), ..Self::default() }
            }
            Paper::Product(product) => {
                let waits = product.waiting().next().map(|_| product.listing);
                Self { waits, ..Self::default() }
            }
            Paper::Firm(_)
            | Paper::Word(_)
            | Paper::Review(_)
            | Paper::Rulebook(_)
            | Paper::Source(_)
            | Paper::Answers(_)
            | Paper::Account(_)
            | Paper::Proposal(_) => Self::default(),
        }
    }

    pub fn of_reprint(reprint: &Reprint) -> Self {
        Self::of_labels(reprint.listing, reprint.last)
    }

    fn of_labels(listing: u32, last: u32) -> Self {
        Self { listing: Some(listing), last: Some(last), ..Self::default() }
    }
}

/// Fills the columns of what was written before there were any.
pub fn fill(database: &Database) -> Result<(), HubFault> {
    let of_record = |body: &str| Ok(Columns::of(&serde_json::from_str(body)?));
    let of_paper = |body: &str| Ok(Columns::of_paper(&serde_json::from_str(body)?));
    let of_reprint = |body: &str| Ok(Columns::of_reprint(&serde_json::from_str(body)?));
    let record = "UPDATE record SET gtin = ?2, supplier = ?3, listing = ?4, last = ?5 WHERE kind = ?6 AND key = ?1";
    let paper = "UPDATE paper SET listing = ?2, waits = ?3 WHERE kind = ?4 AND key = ?1";
    let change = "UPDATE change SET listing = ?2, last = ?3 WHERE seq = ?1";
    for kind in [3_u8, 5] {
        each_body(database, "record", "key", kind, &|key, body| {
            let Columns { gtin, supplier, listing, last, .. } = columns(body, &of_record)?;
            database.execute(record, values![key, gtin.as_deref(), supplier, listing, last, kind]).map(drop)
        })?;
    }
    for kind in [schema::PRODUCT, schema::DOCUMENT] {
        each_body(database, "paper", "key", kind, &|key, body| {
            let Columns { listing, waits, .. } = columns(body, &of_paper)?;
            database.execute(paper, values![key, listing, waits, kind]).map(drop)
        })?;
    }
    let changes: [(u8, Reader<'_>); 3] =
        [(5, &of_record), (schema::REPRINT, &of_reprint), (schema::DOCUMENT, &of_paper)];
    for (kind, read) in changes {
        each_body(database, "change", "seq", kind, &|seq, body| {
            let columns = columns(body, read)?;
            database.execute(change, values![seq, columns.listing, columns.last]).map(drop)
        })?;
    }
    Ok(())
}

type Reader<'a> = &'a dyn Fn(&str) -> serde_json::Result<Columns>;

fn columns(body: &str, read: Reader<'_>) -> Result<Columns, HubFault> {
    read(body).map_err(|error| HubFault::Refused(format!("`{body}` of the registry cannot be read: {error}")))
}

/// Every body of a kind with what its row is found by, some at a time, so that what is done with it may write.
pub fn each_body(
    database: &Database,
    table: &str,
    key: &str,
    kind: u8,
    each: &dyn Fn(i64, &str) -> Result<(), HubFault>,
) -> Result<(), HubFault> {
    let sql = format!(
        "SELECT {key}, body FROM {table} WHERE kind = ?1 AND body IS NOT NULL AND {key} > ?2 ORDER BY {key} LIMIT ?3"
    );
    let mut last = -1;
    loop {
        let bodies: Vec<(i64, String)> =
            database.all(&sql, values![kind, last, BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some((newest, _)) = bodies.last() else { return Ok(()) };
        last = *newest;
        bodies.iter().try_for_each(|(key, body)| each(*key, body))?;
    }
}
