//! What the authority keeps besides the feed's records: firms, products, documents, words of persons, rulebooks. Every
//! change of them stands in the same history as those of records, and belongs to the same releases; none goes out.

use super::columns::{Columns, each_body};
use super::{Changes, HubFault, Registry, schema};
use crate::hub::database::{Database, values};
use crate::rules::account::{Account, Proposal, Role};
use crate::rules::code::Grade;
use crate::rules::dossier::{Adopted, Answers, Document, Firm, Paper, Product, Review, Source, Word};
use crate::rules::record::{Listing, Record, RecordKey};

/// What names a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaperKey {
    /// By the supplier's number.
    Firm(u32),
    /// By the listing's number.
    Product(u32),
    /// By [`Document::id`].
    Document(u32),
    /// By the listing's number.
    Word(u32),
    /// By the listing's number.
    Review(u32),
    /// By its version.
    Rulebook(u32),
    /// By [`Source::id`].
    Source(u32),
    /// By [`Account::id`](crate::rules::account::Account::id).
    Account(u32),
    /// By the listing's number.
    Proposal(u32),
    /// By the document's number.
    Answers(u32),
}

impl PaperKey {
    pub(super) const fn of(paper: &Paper) -> Self {
        match paper {
            Paper::Firm(firm) => Self::Firm(firm.supplier),
            Paper::Product(product) => Self::Product(product.listing),
            Paper::Document(document) => Self::Document(document.id),
            Paper::Word(word) => Self::Word(word.listing),
            Paper::Review(review) => Self::Review(review.listing),
            Paper::Rulebook(adopted) => Self::Rulebook(adopted.version),
            Paper::Source(source) => Self::Source(source.id),
            Paper::Account(account) => Self::Account(account.id),
            Paper::Proposal(proposal) => Self::Proposal(proposal.listing),
            Paper::Answers(answers) => Self::Answers(answers.document),
        }
    }

    pub(super) const fn place(self) -> (u8, u32) {
        match self {
            Self::Firm(id) => (schema::FIRM, id),
            Self::Product(id) => (schema::PRODUCT, id),
            Self::Document(id) => (schema::DOCUMENT, id),
            Self::Word(id) => (schema::WORD, id),
            Self::Review(id) => (schema::REVIEW, id),
            Self::Rulebook(version) => (schema::RULEBOOK, version),
            Self::Source(id) => (schema::SOURCE, id),
            Self::Account(id) => (schema::ACCOUNT, id),
            Self::Proposal(listing) => (schema::PROPOSAL, listing),
            Self::Answers(document) => (schema::ANSWERS, document),
        }
    }
}

/// One licence of a public registry's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub) struct Licence {
    pub kind: String,
    pub number: String,
    /// The holder's unified social credit code; empty where the registry names none.
    pub holder: String,
    pub revoked: bool,
}

/// Reads of papers, the same within changes and outside.
#[derive(Clone, Copy, Debug)]
pub(in crate::hub) struct Papers<'a> {
    pub(super) database: &'a Database,
}

impl Papers<'_> {
    fn get(self, key: PaperKey) -> Result<Option<Paper>, HubFault> {
        let (kind, key) = key.place();
        self.database.one("SELECT body FROM paper WHERE kind = ?1 AND key = ?2", values![kind, key], |row| row.json(0))
    }

    pub fn firm(self, supplier: u32) -> Result<Option<Firm>, HubFault> {
        let paper = self.get(PaperKey::Firm(supplier))?;
        Ok(paper.and_then(|paper| if let Paper::Firm(firm) = paper { Some(firm) } else { None }))
    }

    pub fn product(self, listing: u32) -> Result<Option<Product>, HubFault> {
        let paper = self.get(PaperKey::Product(listing))?;
        Ok(paper.and_then(|paper| if let Paper::Product(product) = paper { Some(product) } else { None }))
    }

    pub fn document(self, id: u32) -> Result<Option<Document>, HubFault> {
        let paper = self.get(PaperKey::Document(id))?;
        Ok(paper.and_then(|paper| if let Paper::Document(document) = paper { Some(document) } else { None }))
    }

    /// Whether labels of a listing were issued.
    pub fn has_labels(self, listing: u32) -> Result<bool, HubFault> {
        let sql = "SELECT key FROM record WHERE listing = ?1 AND kind = 5 AND body IS NOT NULL LIMIT 1";
        self.database.exists(sql, values![listing])
    }

    /// Whether a listing stood in a release before it had a product.
    pub fn was_listed(self, listing: u32) -> Result<bool, HubFault> {
        let first = |kind| format!("(SELECT min(version) FROM change WHERE kind = {kind} AND key = ?1)");
        let sql = format!("SELECT 1 WHERE {} < {}", first(3), first(schema::PRODUCT));
        self.database.exists(&sql, values![listing])
    }

    /// The product, the documents and the words of a listing, as they are and as they ever were.
    pub fn were_there(self, listing: u32) -> Result<Vec<Paper>, HubFault> {
        let sql = "SELECT body FROM change WHERE body IS NOT NULL
                       AND ((kind IN (17, 19) AND key = ?1) OR (kind = 18 AND listing = ?1))";
        self.database.all(sql, values![listing], |row| row.json(0))
    }

    pub fn word(self, listing: u32) -> Result<Option<Word>, HubFault> {
        let paper = self.get(PaperKey::Word(listing))?;
        Ok(paper.and_then(|paper| if let Paper::Word(word) = paper { Some(word) } else { None }))
    }

    pub fn review(self, listing: u32) -> Result<Option<Review>, HubFault> {
        let paper = self.get(PaperKey::Review(listing))?;
        Ok(paper.and_then(|paper| if let Paper::Review(review) = paper { Some(review) } else { None }))
    }

    /// The newest proposal for each listing that has one.
    pub fn proposals(self) -> Result<Vec<Proposal>, HubFault> {
        let papers = self.of_kind(schema::PROPOSAL)?.into_iter();
        Ok(papers
            .filter_map(|paper| if let Paper::Proposal(proposal) = paper { Some(proposal) } else { None })
            .collect())
    }

    pub fn proposal(self, listing: u32) -> Result<Option<Proposal>, HubFault> {
        let paper = self.get(PaperKey::Proposal(listing))?;
        Ok(paper.and_then(|paper| if let Paper::Proposal(proposal) = paper { Some(proposal) } else { None }))
    }

    /// What registries that are asked say of a document.
    pub fn answers(self, document: u32) -> Result<Option<Answers>, HubFault> {
        let paper = self.get(PaperKey::Answers(document))?;
        Ok(paper.and_then(|paper| if let Paper::Answers(answers) = paper { Some(answers) } else { None }))
    }

    /// The rulebook that holds, or one of before.
    pub fn rulebook(self, version: Option<u32>) -> Result<Option<Adopted>, HubFault> {
        let newest = "SELECT max(key) FROM paper WHERE kind = ?1";
        let newest: Option<u32> = self.database.one(newest, values![schema::RULEBOOK], |row| row.get(0))?.flatten();
        let Some(version) = version.or(newest) else { return Ok(None) };
        let paper = self.get(PaperKey::Rulebook(version))?;
        Ok(paper.and_then(|paper| if let Paper::Rulebook(adopted) = paper { Some(adopted) } else { None }))
    }

    /// Documents of a listing, or all, by their numbers.
    pub fn documents(self, listing: Option<u32>) -> Result<Vec<Document>, HubFault> {
        let of_one = "SELECT body FROM paper WHERE kind = ?1 AND listing = ?2 ORDER BY key";
        let papers = match listing {
            Some(listing) => {
                self.database.all(of_one, values![schema::DOCUMENT, listing], |row| row.json::<Paper>(0))?
            }
            None => self.of_kind(schema::DOCUMENT)?,
        };
        let document = |paper| if let Paper::Document(document) = paper { Some(document) } else { None };
        Ok(papers.into_iter().filter_map(document).collect())
    }

    /// Public registries whose files were imported.
    pub fn sources(self) -> Result<Vec<Source>, HubFault> {
        let papers = self.of_kind(schema::SOURCE)?.into_iter();
        Ok(papers.filter_map(|paper| if let Paper::Source(source) = paper { Some(source) } else { None }).collect())
    }

    fn of_kind(self, kind: u8) -> Result<Vec<Paper>, HubFault> {
        self.database.all("SELECT body FROM paper WHERE kind = ?1 ORDER BY key", values![kind], |row| row.json(0))
    }

    /// What a registry's file says of a licence.
    pub fn licence(self, source: u32, kind: &str, number: &str) -> Result<Option<Licence>, HubFault> {
        let sql = "SELECT holder, revoked FROM licence WHERE source = ?1 AND kind = ?2 AND number = ?3";
        self.database.one(sql, values![source, kind, number], |row| {
            let (kind, number) = (kind.to_owned(), number.to_owned());
            Ok(Licence { kind, number, holder: row.get(0)?, revoked: row.get(1)? })
        })
    }

    /// Numbers of the listings that the rulebook assesses.
    pub fn assessed(self) -> Result<Vec<u32>, HubFault> {
        let sql = "SELECT key FROM paper WHERE kind = ?1 ORDER BY key";
        self.database.all(sql, values![schema::PRODUCT], |row| row.get(0))
    }

    /// Numbers of the listings of which an officer has to look at something.
    pub fn waiting(self) -> Result<Vec<u32>, HubFault> {
        let sql = "SELECT DISTINCT waits FROM paper WHERE waits IS NOT NULL ORDER BY waits";
        self.database.all(sql, &[], |row| row.get(0))
    }

    pub fn listing(self, id: u32) -> Result<Option<Listing>, HubFault> {
        let record = super::record(self.database, Some(RecordKey::Listing(id)))?;
        Ok(record.and_then(|record| if let Record::Listing(listing) = record { Some(listing) } else { None }))
    }

    /// The texts that records name by numbers.
    pub fn reasons(self) -> Result<Vec<(crate::rules::text::Text, u32)>, HubFault> {
        let sql = "SELECT body FROM record WHERE kind = 2 AND body IS NOT NULL ORDER BY key DESC";
        let records = self.database.all(sql, &[], |row| row.json::<Record>(0))?.into_iter();
        let text = |record| if let Record::Reason(reason) = record { Some((reason.text, reason.id)) } else { None };
        Ok(records.filter_map(text).collect())
    }
}

impl Registry {
    pub(in crate::hub) fn papers(&self) -> Papers<'_> {
        Papers { database: &self.database }
    }

    /// Documents of a listing, or all.
    ///
    /// # Errors
    /// The database's.
    pub fn documents(&self, listing: Option<u32>) -> Result<Vec<Document>, HubFault> {
        self.papers().documents(listing)
    }

    /// Who a supplier is.
    ///
    /// # Errors
    /// The database's.
    pub fn firm(&self, supplier: u32) -> Result<Option<Firm>, HubFault> {
        self.papers().firm(supplier)
    }

    /// What a listing is of, if the rulebook assesses it.
    ///
    /// # Errors
    /// The database's.
    pub fn product(&self, listing: u32) -> Result<Option<Product>, HubFault> {
        self.papers().product(listing)
    }

    /// Public registries whose files were imported.
    ///
    /// # Errors
    /// The database's.
    pub fn sources(&self) -> Result<Vec<Source>, HubFault> {
        self.papers().sources()
    }
}

impl Changes<'_> {
    pub(in crate::hub) fn papers(&self) -> Papers<'_> {
        Papers { database: self.database }
    }

    /// Inserts a paper, or replaces the one with its key. One that is the same already changes nothing.
    ///
    /// # Errors
    /// It names a supplier or a listing that is not there; the database's.
    pub fn put_paper(&mut self, paper: &Paper) -> Result<(), HubFault> {
        self.check_owner(paper)?;
        let key = PaperKey::of(paper);
        let before = self.papers().get(key)?;
        if before.as_ref() == Some(paper) {
            return Ok(());
        }
        let (kind, number) = key.place();
        let text = serde_json::to_string(paper).map_err(|error| HubFault::Refused(error.to_string()))?;
        let columns = Columns::of_paper(paper);
        let sql =
            "INSERT INTO paper (kind, key, body, listing, waits) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, key)
                   DO UPDATE SET body = excluded.body, listing = excluded.listing, waits = excluded.waits";
        self.database.execute(sql, values![kind, number, &text, columns.listing, columns.waits])?;
        // A word comes with its listing, which is counted.
        self.made += u64::from(kind != schema::WORD);
        self.log(kind, number, Some(&text), &columns)?;
        self.ask_about(paper, before.as_ref())?;
        let papers: Vec<&Paper> = before.iter().chain([paper]).collect();
        self.mark_for_paper(key, &papers)
    }

    /// Removes a paper, and tells whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub fn drop_paper(&mut self, key: PaperKey) -> Result<bool, HubFault> {
        let before = self.papers().get(key)?;
        let (kind, number) = key.place();
        let sql = "DELETE FROM paper WHERE kind = ?1 AND key = ?2";
        if self.database.execute(sql, values![kind, number])? == 0 {
            return Ok(false);
        }
        self.made += u64::from(kind != schema::WORD);
        self.log(kind, number, None, &Columns::default())?;
        let papers: Vec<&Paper> = before.iter().collect();
        self.mark_for_paper(key, &papers)?;
        Ok(true)
    }

    /// A number that no document ever had.
    pub(in crate::hub) fn next_document(&self) -> Result<u32, HubFault> {
        self.next(schema::DOCUMENT)
    }

    /// A number that no listing ever had.
    pub(in crate::hub) fn next_listing(&self) -> Result<u32, HubFault> {
        self.next(3)
    }

    /// A number that no registry ever had: answers of one that is gone are not another one's.
    pub(in crate::hub) fn next_source(&self) -> Result<u32, HubFault> {
        self.next(schema::SOURCE)
    }

    /// A version that no rulebook ever had.
    pub(in crate::hub) fn next_rulebook(&self) -> Result<u32, HubFault> {
        self.next(schema::RULEBOOK)
    }

    /// A number that no account ever had.
    pub(in crate::hub) fn next_account(&self) -> Result<u32, HubFault> {
        self.next(schema::ACCOUNT)
    }

    /// A number that no reason ever had, above those that people give.
    pub(in crate::hub) fn next_reason(&self) -> Result<u32, HubFault> {
        self.next(2).map(|next| next.max(schema::FIRST_REASON))
    }

    fn next(&self, kind: u8) -> Result<u32, HubFault> {
        let sql = "SELECT coalesce(max(key), 0) FROM change WHERE kind = ?1";
        let most: u32 = self.database.one(sql, values![kind], |row| row.get(0))?.unwrap_or_default();
        most.checked_add(1).ok_or_else(|| HubFault::Refused("there is no number left".to_owned()))
    }

    /// Puts the rows of a registry's file in place of those of before.
    pub(in crate::hub) fn put_licences(&mut self, source: u32, rows: &[Licence]) -> Result<(), HubFault> {
        self.database.execute("DELETE FROM licence WHERE source = ?1", values![source])?;
        let sql = "INSERT INTO licence (source, kind, number, holder, revoked) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (source, kind, number) DO NOTHING";
        for Licence { kind, number, holder, revoked } in rows {
            self.database.execute(sql, values![source, kind, number, holder, *revoked])?;
        }
        Ok(())
    }

    fn check_owner(&mut self, paper: &Paper) -> Result<(), HubFault> {
        let (what, owner) = match paper {
            Paper::Firm(firm) => ("firm", RecordKey::Supplier(firm.supplier)),
            Paper::Product(product) => ("product", RecordKey::Listing(product.listing)),
            Paper::Document(document) => ("document", RecordKey::Listing(document.listing)),
            Paper::Word(word) => ("grade", RecordKey::Listing(word.listing)),
            Paper::Review(review) => ("review", RecordKey::Listing(review.listing)),
            Paper::Proposal(proposal) => ("grade", RecordKey::Listing(proposal.listing)),
            Paper::Account(Account { role: Role::Supplier(supplier), .. }) => {
                ("account", RecordKey::Supplier(*supplier))
            }
            Paper::Account(_) | Paper::Answers(_) | Paper::Rulebook(_) | Paper::Source(_) => return Ok(()),
        };
        if self.has(owner)? {
            return Ok(());
        }
        Err(HubFault::Refused(format!("the {what} is of {}, which is not there", super::changes::named(owner))))
    }
}

/// Words for listings that turned red before words were kept: a person said so.
pub(super) fn words_of_red(database: &Database) -> Result<(), HubFault> {
    let unreadable = |error: serde_json::Error| HubFault::Refused(error.to_string());
    each_body(database, "record", "key", 3, &|_, body| {
        let record = serde_json::from_str(body).map_err(unreadable)?;
        let Record::Listing(Listing { id, grade: Grade::Red, reason, missing, .. }) = record else { return Ok(()) };
        let word = Word { listing: id, grade: Grade::Red, reason, missing, excused: std::collections::BTreeSet::new() };
        let text = serde_json::to_string(&Paper::Word(word)).map_err(unreadable)?;
        let sql = "INSERT INTO paper (kind, key, body) VALUES (?1, ?2, ?3)";
        database.execute(sql, values![schema::WORD, id, &text]).map(drop)
    })
}
