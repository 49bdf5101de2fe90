//! What pages and platforms ask: when something was last said, and listings in an order that they can be paged in.

use jiff::Timestamp;

use super::{HubFault, Registry, body_at, schema, values};
use crate::hub::platform::Regraded;
use crate::rules::record::{Listing, Record, RecordKey};

/// A listing that changed with a release: the release, its number, and itself where it is not gone.
pub(in crate::hub) type Changed = (u64, u32, Option<Listing>);

impl Registry {
    /// When a record was last changed.
    pub(in crate::hub) fn said(&self, key: RecordKey) -> Result<Option<Timestamp>, HubFault> {
        let (kind, key) = schema::place_of(key);
        let sql = "SELECT at FROM change WHERE kind = ?1 AND key = ?2 ORDER BY seq DESC LIMIT 1";
        self.database.one(sql, values![kind, key], |row| row.time(0))
    }

    /// The version of the rulebook that holds, if there is one.
    pub(in crate::hub) fn newest_rulebook(&self) -> Result<Option<u32>, HubFault> {
        let sql = "SELECT max(key) FROM paper WHERE kind = ?1";
        Ok(self.database.one(sql, values![schema::RULEBOOK], |row| row.get(0))?.flatten())
    }

    /// The first `most` listings after one, by their numbers.
    pub(in crate::hub) fn listings_after(&self, after: Option<u32>, most: u32) -> Result<Vec<Listing>, HubFault> {
        let after = after.map_or(-1, i64::from);
        let sql = "SELECT body FROM record WHERE kind = 3 AND key > ?1 AND body IS NOT NULL ORDER BY key LIMIT ?2";
        let records: Vec<Record> = self.database.all(sql, values![after, most], |row| row.json(0))?;
        Ok(records.into_iter().filter_map(listing).collect())
    }

    /// The first `most` listings after a place, by the release that their last change goes out with, then by their numbers.
    pub(in crate::hub) fn listings_changed(&self, after: (u64, u32), most: u32) -> Result<Vec<Changed>, HubFault> {
        let sql = "SELECT version, key, body FROM record
                   WHERE kind = 3 AND (version, key) > (?1, ?2) ORDER BY version, key LIMIT ?3";
        self.database.all(sql, values![after.0, after.1, most], |row| {
            let body = row.text_or_null(2)?.map(|_| row.json::<Record>(2)).transpose()?;
            Ok((row.get(0)?, row.get(1)?, body.and_then(listing)))
        })
    }

    /// Listings whose grade in the list of release `to` is not that in the list of release `from`, by their numbers.
    pub(in crate::hub) fn regraded(&self, from: u64, to: u64) -> Result<Vec<Regraded>, HubFault> {
        // What changed after release `to` is as it was then.
        let sql = format!(
            "SELECT CASE WHEN version <= ?2 THEN body ELSE {} END, {} FROM record r WHERE kind = 3 AND version > ?1 ORDER BY key",
            body_at("?2"),
            body_at("?1")
        );
        let mut found = Vec::new();
        self.database.each(&sql, values![from, to], &mut |row| {
            let at = |column| {
                let record = row.text_or_null(column)?.map(|_| row.json::<Record>(column)).transpose()?;
                Ok::<_, HubFault>(record.and_then(listed))
            };
            let (after, before) = (at(0)?, at(1)?);
            let [grade_after, grade_before] =
                [&after, &before].map(|listing| listing.as_ref().map(|listing| listing.grade));
            let Some(Listing { id, supplier, gtin, .. }) = after.or(before) else { return Ok(()) };
            if grade_after != grade_before {
                found.push(Regraded { listing: id, supplier, gtin, before: grade_before, after: grade_after });
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// A listing that stands in lists.
fn listed(record: Record) -> Option<Listing> {
    listing(record).filter(|listing| !listing.unseen)
}

fn listing(record: Record) -> Option<Listing> {
    if let Record::Listing(listing) = record { Some(listing) } else { None }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::hub::Author;
    use crate::rules::code::Grade;
    use crate::rules::record::{ReviewLevel, Supplier};
    use crate::rules::text::Text;

    #[test]
    fn a_listing_has_its_first_grade_when_it_stands_in_a_list() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut registry = Registry::create(folder.path()).expect("a registry");
        let author = Author { who: "mei".to_owned(), why: "a test".to_owned(), at: Timestamp::UNIX_EPOCH };
        let name = Text::new("茶", "tea");
        let filed = Listing {
            id: 1,
            supplier: 1,
            gtin: "06901234567892".to_owned().try_into().expect("a GTIN"),
            name: name.clone(),
            grade: Grade::Green,
            reason: None,
            missing: Vec::new(),
            review: ReviewLevel::Normal,
            inspect: Vec::new(),
            unseen: true,
        };
        for listing in [filed.clone(), Listing { unseen: false, ..filed }] {
            let supplier = Record::Supplier(Supplier { id: 1, name: name.clone() });
            let put = registry.change(&author, |changes| {
                changes.put(&supplier)?;
                changes.put(&Record::Listing(listing))
            });
            put.and_then(|()| registry.release(&author)).expect("a release");
        }
        assert_eq!(registry.regraded(0, 1).expect("readable"), []);
        let told = registry.regraded(1, 2).expect("readable");
        let told: Vec<_> = told.iter().map(|one| (one.listing, one.before, one.after)).collect();
        assert_eq!(told, [(1, None, Some(Grade::Green))]);
    }
}
