//! What several benches journal.

use greengate::rules::clock::ClockTrust;
use greengate::rules::code::Gtin;
use greengate::rules::entry::{Entry, Judgement, Timings, What};
use greengate::rules::evidence::Evidence;
use greengate::rules::ruling::{Outcome, Ruling};
use jiff::Timestamp;

/// A green verdict on the nth item of a product, whose label is as long as a signed one.
pub fn verdict(nth: usize, gtin: Gtin, evidence: Evidence) -> Entry {
    let judgement = Judgement {
        payload: vec![b'1'; 250],
        gtin: Some(gtin),
        serial: Some(format!("S{nth}")),
        outcome: Outcome::Accept,
        ruling: Ruling::Accept,
        replaces: None,
        evidence,
        timings: Timings::default(),
    };
    Entry {
        at: Timestamp::UNIX_EPOCH,
        trust: ClockTrust::Trusted,
        delivery: None,
        cache_version: Some(1),
        cache_age_s: Some(60),
        what: What::Verdict(Box::new(judgement)),
    }
}
