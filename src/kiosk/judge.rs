//! A verdict outside the dock: what the kiosk would say of a code, without its journal.

use jiff::Timestamp;

use crate::rules::clock::Clock;
use crate::rules::code::Payload;
use crate::rules::evidence::{CacheFacts, Evidence, Reviewing};
use crate::rules::gs1;
use crate::rules::policy::ReviewRates;
use crate::rules::ruling::Ruling;
use crate::rules::site::Site;
use crate::rules::verdict::{self, Circumstances};
use crate::store::{Cache, StoreFault};

/// Judges codes by a site's cache. Nothing is drawn for review, and no item was taken in before.
#[derive(Debug)]
pub struct Judge {
    site: Site,
    time: Timestamp,
    cache: Cache,
    facts: CacheFacts,
}

impl Judge {
    /// A judge over the site's cache, at `time`.
    ///
    /// # Errors
    /// There is no cache, or it cannot be read.
    pub fn open(site: &Site, time: Timestamp) -> Result<Self, StoreFault> {
        let cache = Cache::open(&site.state)?.ok_or_else(|| StoreFault::NoCache { path: site.state.clone() })?;
        let facts = cache.facts();
        Ok(Self { site: site.clone(), time, cache, facts })
    }

    /// What the kiosk would say.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn judge(&self, payload: &Payload) -> Result<Ruling, StoreFault> {
        let code = gs1::read(&payload.bytes);
        let identity = code.identity(&payload.bytes);
        let found = self.cache.find(&code)?;
        let (cache, draw_seed) = (Some(self.facts), [0; 32]);
        let evidence = Evidence { code, cache, found, taken_in: None, review: Reviewing::default(), draw_seed };
        Ok(verdict::judge(&evidence, &identity, &self.facts, &self.circumstances()))
    }

    fn circumstances(&self) -> Circumstances<'_> {
        let mut policy = self.facts.policy.tightened_by(&self.site.policy);
        policy.review_one_in = ReviewRates { reduced: 0, normal: 0, tightened: 0 };
        let clock = Clock::new(self.facts.issued);
        let (time, trust) = (clock.best(self.time), clock.trust(self.time));
        Circumstances { time, trust, zone: &self.site.time_zone, policy, demo: self.site.demo }
    }
}
