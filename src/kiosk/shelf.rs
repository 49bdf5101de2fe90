//! What the kiosk keeps on disk: the cache that tells, and the journal that remembers.
//!
//! Either may be missing or broken at any time, at the start as well as later. Then the shelf says so, tries again when
//! it is asked to, and gives no evidence meanwhile.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::rules::code::{Code, Payload};
use crate::rules::delivery::Delivery;
use crate::rules::entry::Entry;
use crate::rules::evidence::{CacheFacts, Evidence};
use crate::rules::gs1;
use crate::rules::intake::{Part, Presented};
use crate::store::journal::Confirmed;
use crate::store::{Cache, Committed, Journal, StoreFault};

/// Rows that are pruned in one transaction: a verdict that comes at that moment waits as long as for some rows of its own.
const PRUNED_AT_ONCE: u32 = 32;
/// The journal's file in a site's state folder.
pub const JOURNAL_FILE: &str = "journal.db";

/// A part of the shelf that failed, with the technical message.
pub type Failure = (Part, String);

/// Cache and journal of one kiosk.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    kiosk: String,
    cache: Option<Cache>,
    journal: Option<Journal>,
    journal_limited: bool,
    /// The newest list that was ever seen here.
    newest_version: u64,
}

impl Shelf {
    /// A shelf over the state folder of a site, nothing opened yet.
    #[must_use]
    pub fn new(folder: &Path, kiosk: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            kiosk: kiosk.to_owned(),
            cache: None,
            journal: None,
            journal_limited: false,
            newest_version: 0,
        }
    }

    /// Where the journal is.
    #[must_use]
    pub fn journal_path(folder: &Path) -> PathBuf {
        folder.join(JOURNAL_FILE)
    }

    /// Opens the journal if it is not open.
    ///
    /// # Errors
    /// The journal's fault.
    pub fn open_journal(&mut self) -> Result<(), Failure> {
        if self.journal.as_ref().is_some_and(|journal| !journal.is_in_place()) {
            self.journal = None;
        }
        if self.journal.is_none() {
            let opened = Journal::open(&Self::journal_path(&self.folder), &self.kiosk);
            self.journal = Some(opened.map_err(|fault| failure(Part::Journal, &fault))?);
            self.limit_journal(self.journal_limited);
            self.remember_version()?;
        }
        Ok(())
    }

    /// Lets the journal grow no more, as on a full disk, or lets it grow again.
    pub fn limit_journal(&mut self, limited: bool) {
        self.journal_limited = limited;
        if let Some(journal) = &mut self.journal {
            let refused = journal.limit_growth(limited);
            debug_assert!(refused.is_ok(), "{refused:?}");
        }
    }

    /// The journal, while it is open.
    #[must_use]
    pub const fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The cache, while there is one.
    #[must_use]
    pub const fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// Looks whether another cache was loaded; `true` if the facts are others than before.
    ///
    /// # Errors
    /// The cache's fault; it is opened anew the next time.
    pub fn refresh(&mut self) -> Result<bool, Failure> {
        let refreshed = match &mut self.cache {
            Some(cache) => cache.refresh(),
            None => Cache::open(&self.folder).map(|cache| {
                self.cache = cache;
                self.cache.is_some()
            }),
        };
        let changed = refreshed.map_err(|fault| {
            self.cache = None;
            failure(Part::Cache, &fault)
        })?;
        let version = self.facts().map_or(self.newest_version, |facts| facts.version);
        if version < self.newest_version {
            self.cache = None;
            return Err((Part::Cache, older(version, self.newest_version)));
        }
        self.newest_version = version;
        Ok(changed)
    }

    /// The journal remembers the list that its newest row was decided by: an older one, put back while the kiosk was
    /// off, is not believed either, unless the kiosk has moved to another authority.
    fn remember_version(&mut self) -> Result<(), Failure> {
        let newest = self.journal.as_ref().map(Journal::newest_list).transpose();
        let version = newest.map_err(|fault| failure(Part::Journal, &fault))?.flatten();
        self.newest_version = self.newest_version.max(version.unwrap_or_default());
        Ok(())
    }

    /// Lets go of a part that failed, so that it is opened anew.
    pub fn close(&mut self, part: Part) {
        match part {
            Part::Cache => self.cache = None,
            Part::Journal => self.journal = None,
            Part::Lights | Part::Camera | Part::Display => {}
        }
    }

    /// What the cache says of itself.
    #[must_use]
    pub fn facts(&self) -> Option<CacheFacts> {
        self.cache.as_ref().map(Cache::facts)
    }

    /// The delivery that was open when the kiosk was switched off.
    ///
    /// # Errors
    /// The journal's fault.
    pub fn open_delivery(&self) -> Result<Option<Delivery>, Failure> {
        let delivery = self.journal.as_ref().map(Journal::open_delivery).transpose();
        delivery.map(Option::flatten).map_err(|fault| failure(Part::Journal, &fault))
    }

    /// The newest time that has certainly passed: the cache's issue or the newest row written with a trusted clock.
    #[must_use]
    pub fn highest_time(&self) -> Timestamp {
        let issued = self.facts().map(|facts| facts.issued);
        let journal = self.journal.as_ref().and_then(Journal::highest_time);
        issued.max(journal).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// A code with all that is known about it.
    ///
    /// # Errors
    /// The fault of the part that could not answer.
    pub fn present(&self, payload: Payload) -> Result<Presented, Failure> {
        let code = gs1::read(&payload.bytes);
        let evidence = self.evidence(code)?;
        Ok(Presented { payload, evidence })
    }

    fn evidence(&self, code: Code) -> Result<Evidence, Failure> {
        let cache_failed = |fault| failure(Part::Cache, &fault);
        let journal_failed = |fault| failure(Part::Journal, &fault);
        let found = self.cache.as_ref().map(|cache| cache.find(&code)).transpose().map_err(cache_failed)?;
        let journal = self.journal.as_ref().ok_or_else(|| (Part::Journal, "the journal is not open".to_owned()))?;
        let item = code.product().and_then(|product| Some((product.gtin, product.serial.as_deref()?)));
        let taken_in = item.map(|(gtin, serial)| journal.taken_in(gtin, serial)).transpose().map_err(journal_failed)?;
        let review = journal.reviewing(&code).map_err(journal_failed)?;
        Ok(Evidence {
            cache: self.facts(),
            found: found.unwrap_or_default(),
            taken_in: taken_in.flatten(),
            review,
            draw_seed: journal.head().hash,
            code,
        })
    }

    /// Prunes a few rows that are `confirmed` and older than `keep`, by the time that the authority signed: a clock that
    /// is wrong prunes nothing, and neither does a kiosk without a list.
    ///
    /// # Errors
    /// The journal's fault; it is as before.
    pub fn prune(&mut self, confirmed: Confirmed, keep: Duration) -> Result<u64, StoreFault> {
        let before = self.facts().and_then(|facts| facts.issued.checked_sub(keep).ok());
        match (&mut self.journal, before) {
            (Some(journal), Some(before)) => journal.prune(confirmed, before, PRUNED_AT_ONCE),
            (Some(_) | None, _) => Ok(0),
        }
    }

    /// Writes a row; when this returns, it is on disk. After a failure the journal is opened anew.
    ///
    /// # Errors
    /// The journal's fault; the row is not on disk.
    pub fn append(&mut self, entry: &Entry) -> Result<Committed, Failure> {
        self.open_journal()?;
        let journal = self.journal.as_mut().ok_or_else(|| (Part::Journal, "the journal is not open".to_owned()))?;
        journal.append(entry).map_err(|fault| {
            self.journal = None;
            failure(Part::Journal, &fault)
        })
    }
}

fn older(version: u64, newest: u64) -> String {
    format!(
        "the list is version {version}, and version {newest} was here before; load the newest list, or begin anew in \
         another state folder"
    )
}

fn failure(part: Part, fault: &StoreFault) -> Failure {
    (part, fault.to_string())
}
