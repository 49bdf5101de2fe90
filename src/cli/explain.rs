//! `greengate explain SEQ`: why this verdict.

use std::process::ExitCode;

use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::kiosk::Shelf;
use crate::rules::clock::ClockTrust;
use crate::rules::code::Code;
use crate::rules::entry::{Checked, Entry, Judgement, What};
use crate::rules::evidence::{Evidence, ListingFacts, Reviewing};
use crate::rules::hex;
use crate::rules::ruling::Ruling;
use crate::rules::site::Site;
use crate::rules::verdict::{self, Circumstances};
use crate::rules::words;
use crate::store::Journal;
use crate::store::journal::Row;

/// Tell why a verdict was given: evidence, rule, cache version, clock; and decide again from the same evidence.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The journal row
    seq: u64,
}

impl Explain {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let setting = Setting::find(place)?;
        let path = super::journal::there(Shelf::journal_path(&setting.site.state))?;
        let journal = Journal::open_read_only(&path)?;
        let Some(row) = journal.row(self.seq)? else {
            let (path, seq, newest, pruned) = (path.display(), self.seq, journal.head().seq, journal.pruned());
            let message = if (1..=pruned).contains(&seq) {
                format!("row {seq} of `{path}` was pruned, like all up to {pruned}; look for it at the hub")
            } else {
                format!("`{path}` has no row {seq}; its newest is {newest}")
            };
            return Err(Failure::new(Exit::NoInput, message));
        };
        for line in explain(&row, &setting.site) {
            put(line)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn explain(row: &Row, site: &Site) -> Vec<String> {
    let entry = &row.entry;
    let mut lines = vec![
        format!("row         {} of kiosk {} (hash {})", row.seq, row.kiosk, hex::encode(&row.hash)),
        format!(
            "time        {} ({}), clock {}",
            words::local_minute(entry.at, &site.time_zone),
            entry.at,
            clock(entry.trust)
        ),
    ];
    if let Some(delivery) = &entry.delivery {
        lines.push(format!("delivery    {delivery}"));
    }
    match &entry.what {
        What::Verdict(judgement) => lines.extend(verdict_lines(entry, judgement, site)),
        What::Reviewed(checked) => lines.extend(checked_lines(checked)),
        What::DeliveryStarted => lines.push("what        a delivery was opened".to_owned()),
        What::DeliveryEnded => lines.push("what        the delivery was closed".to_owned()),
        What::LampTest(by) => lines.push(format!("what        the lamps were tested ({by})")),
        What::Recovered => lines.push("what        the journal took rows again after it had failed".to_owned()),
        What::Moved(hub) => lines.push(format!("what        the kiosk was enrolled at another authority, {hub}")),
    }
    lines
}

fn checked_lines(checked: &Checked) -> [String; 4] {
    let verdict = if checked.passed { "passed: the item is taken in" } else { "failed: the item stays held" };
    let item = checked.item.as_ref().map_or("the goods".to_owned(), |item| format!("{} / {}", item.en, item.zh));
    [
        format!("what        an item was checked, because row {} drew it for review", checked.row),
        format!("verdict     {verdict}"),
        format!("checked     {item}"),
        format!("code        {}", code(&checked.code)),
    ]
}

fn clock(trust: ClockTrust) -> String {
    match trust {
        ClockTrust::Trusted => "trusted".to_owned(),
        ClockTrust::Behind(seconds) => format!("not trusted: {seconds} s behind a time that had certainly passed"),
        ClockTrust::Ahead(seconds) => format!("not trusted: {seconds} s ahead of everything known"),
    }
}

fn verdict_lines(entry: &Entry, judgement: &Judgement, site: &Site) -> Vec<String> {
    let words = words::of(&judgement.ruling, &site.time_zone);
    let evidence = &judgement.evidence;
    let mut lines = vec![
        format!("verdict     {:?}, rule `{}`", judgement.outcome, judgement.ruling.slug()),
        format!("reason      {} / {}", words.reason.en, words.reason.zh),
        format!("next step   {} / {}", words.next.en, words.next.zh),
    ];
    lines.extend(words.details.iter().map(|detail| format!("            {} / {}", detail.en, detail.zh)));
    lines.push(format!("code        {}", code(&evidence.code)));
    lines.push(format!("payload     {}", String::from_utf8_lossy(&judgement.payload).escape_debug()));
    lines.push(format!("cache       {}", cache(entry, evidence)));
    lines.extend(found(evidence));
    if let Some(replaced) = judgement.replaces {
        lines.push(format!("replaces    row {replaced}, the same label in the same showing"));
    }
    let timings = judgement.timings;
    lines.push(format!("timings     {} µs to read, {} µs until it was judged", timings.scan_us, timings.wait_us));
    lines.push(again(entry, judgement, site));
    lines
}

fn code(code: &Code) -> String {
    match code {
        Code::Signed(label) => format!(
            "a quality code, key slot {}, index {}, {:?} when issued: {}",
            label.header.key_slot,
            label.header.index,
            label.header.grade,
            label.product.elements()
        ),
        Code::Broken(refusal) => format!("claims to be a quality code, but {refusal}"),
        Code::Unsigned(product) => format!("a product code without a signature: {}", product.elements()),
        Code::Delivery(id) => format!("a delivery: {id}"),
        Code::Other => "not a product code".to_owned(),
    }
}

fn cache(entry: &Entry, evidence: &Evidence) -> String {
    let age = entry.cache_age_s.map_or(String::new(), |age_s| format!(", {:.1} hours old", age_s as f64 / 3600.0));
    evidence.cache.map_or("none".to_owned(), |facts| format!("version {} of {}{age}", facts.version, facts.issued))
}

fn found(evidence: &Evidence) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(key) = &evidence.found.key {
        let cut_off = key.cut_off.map_or(String::new(), |index| format!(", cut off from index {index} on"));
        lines.push(format!("key         slot {} is {}{cut_off}", key.slot, hex::encode(&key.public)));
    }
    if let Some(own) = &evidence.found.exception {
        let reason = own.reason.as_ref().map_or(String::new(), |reason| format!(": {}", reason.en));
        lines.push(format!("exception   this code is {:?}{reason}", own.grade));
    }
    lines.extend(evidence.found.listings.iter().map(listing));
    if let Some(earlier) = &evidence.taken_in {
        lines.push(format!("taken in    at {} by {}, row {}", earlier.at, earlier.kiosk, earlier.seq));
    }
    lines.extend(review_lines(evidence.review));
    lines
}

fn review_lines(Reviewing { drawn, passed, failed }: Reviewing) -> Vec<String> {
    let told = [
        drawn.map(|row| format!("row {row} drew it, and nobody has told what was found")),
        passed.map(|row| format!("row {row} says that it passed")),
        failed.map(|row| format!("row {row} says that it failed")),
    ];
    told.into_iter().flatten().map(|told| format!("review      {told}")).collect()
}

fn listing(listing: &ListingFacts) -> String {
    let missing: Vec<&str> = listing.missing.iter().map(|text| text.en.as_str()).collect();
    let missing = if missing.is_empty() { String::new() } else { format!(", missing: {}", missing.join("; ")) };
    format!(
        "listing     {} {:?}: {} of {} ({}){missing}",
        listing.id, listing.grade, listing.product.en, listing.supplier.en, listing.gtin
    )
}

/// Decides again: from the row's evidence and time, under the site's settings as they are now.
fn again(entry: &Entry, judgement: &Judgement, site: &Site) -> String {
    let Some(facts) = judgement.evidence.cache else { return "again       there was no cache".to_owned() };
    let age = jiff::SignedDuration::from_secs(entry.cache_age_s.unwrap_or_default());
    let time = if entry.trust == ClockTrust::Trusted { entry.at } else { facts.issued + age };
    let when = Circumstances {
        time,
        trust: entry.trust,
        zone: &site.time_zone,
        policy: facts.policy.tightened_by(&site.policy),
        demo: site.demo,
    };
    let identity = judgement.evidence.code.identity(&judgement.payload);
    let ruling: Ruling = verdict::judge(&judgement.evidence, &identity, &facts, &when);
    if ruling == judgement.ruling {
        "again       decided again from this evidence: the same".to_owned()
    } else {
        format!("again       decided again under the site's present settings it would be `{}`", ruling.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_told_with_its_rows_and_what_follows() {
        let checked = |passed| Checked { row: 5, code: Code::Other, listing: None, item: None, passed };
        let expected = [
            "what        an item was checked, because row 5 drew it for review",
            "verdict     passed: the item is taken in",
            "checked     the goods",
            "code        not a product code",
        ];
        assert_eq!(checked_lines(&checked(true)), expected);
        assert_eq!(checked_lines(&checked(false))[1], "verdict     failed: the item stays held");
        let review = Reviewing { drawn: Some(5), passed: None, failed: Some(7) };
        let expected =
            ["review      row 5 drew it, and nobody has told what was found", "review      row 7 says that it failed"];
        assert_eq!(review_lines(review), expected);
    }
}
