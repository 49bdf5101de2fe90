//! What the kiosk knows: its list and how old it is, its journal, its clock, the authority it belongs to.

use jiff::Timestamp;

use super::Finding;
use crate::cli::out::counted;
use crate::kiosk::Shelf;
use crate::rules::clock::{Clock, ClockTrust};
use crate::rules::site::Site;
use crate::store::Journal;
use crate::sync::Enrolment;

pub fn look(site: &Site) -> Vec<Finding> {
    let mut shelf = Shelf::new(&site.state, &site.kiosk);
    let mut findings = vec![journal(site)];
    let list = shelf.refresh().err();
    findings.push(match (list, shelf.facts()) {
        (Some((_, fault)), _) => {
            Finding::bad("list", fault, "bring it anew with `greengate sync`, or load one with `greengate cache load`")
        }
        (None, None) => Finding::bad(
            "list",
            "there is none",
            "bring it with `greengate sync`, or load one with `greengate cache load`",
        ),
        (None, Some(facts)) => {
            let hours = (Timestamp::now().as_second() - facts.issued.as_second()) / 3600;
            let told = format!("version {}, issued {}, {hours} h ago", facts.version, facts.issued);
            let policy = facts.policy.tightened_by(&site.policy);
            if hours <= i64::from(policy.normal_h) {
                Finding::fine("list", told)
            } else if hours <= i64::from(policy.green_h) {
                Finding::warn("list", told, "bring a newer one with `greengate sync`")
            } else {
                Finding::bad("list", format!("{told}: too old for green"), "bring a newer one with `greengate sync`")
            }
        }
    });
    findings.push(match Clock::new(shelf.highest_time()).trust(Timestamp::now()) {
        ClockTrust::Trusted => {
            Finding::fine("clock", format!("{} and believed", Timestamp::now().strftime("%Y-%m-%d %H:%M UTC")))
        }
        ClockTrust::Behind(s) => Finding::bad(
            "clock",
            format!("{s} s behind a time that has certainly passed"),
            "set it: `timedatectl set-time …`, or connect a time server",
        ),
        ClockTrust::Ahead(_) if shelf.facts().is_none() => Finding::warn(
            "clock",
            format!(
                "{}, which nothing vouches for before the first list",
                Timestamp::now().strftime("%Y-%m-%d %H:%M UTC")
            ),
            "look whether that is right, and sync",
        ),
        ClockTrust::Ahead(s) => Finding::bad(
            "clock",
            format!("{s} s ahead of all that is known"),
            "set it, or sync: a new list vouches for the time",
        ),
    });
    findings.push(authority(site));
    findings
}

/// Opened for reading only: a doctor who is root must not leave files that the kiosk's user cannot write.
fn journal(site: &Site) -> Finding {
    let path = Shelf::journal_path(&site.state);
    if !path.exists() {
        return Finding::fine("journal", "none yet; the kiosk begins one");
    }
    match Journal::open_read_only(&path) {
        Ok(journal) => Finding::fine("journal", counted(journal.head().seq, "row")),
        Err(fault) => Finding::bad(
            "journal",
            fault.to_string(),
            "nothing lights without it; `greengate journal verify` tells more",
        ),
    }
}

fn authority(site: &Site) -> Finding {
    let enrolled = Enrolment::read(&site.state);
    match (enrolled, &site.feed) {
        (Ok(enrolment), _) => Finding::fine("authority", format!("enrolled, follows {}", enrolment.feed)),
        (Err(_), Some(_)) => {
            Finding::fine("authority", "follows the site's feed; not enrolled, so its journal stays here")
        }
        (Err(_), None) => Finding::warn(
            "authority",
            "not enrolled, and no feed in the site",
            "`greengate enroll URL --code CODE`, or `[feed]` in `site.toml`",
        ),
    }
}
