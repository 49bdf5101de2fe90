//! Pauses after failed tries: each one makes the next wait longer, and nobody is locked out for good.
//!
//! Tries are counted by the name that was typed, known or not, from the address that they came from; by the name from
//! wherever; and by the address, from which a whole office comes: it may fail much oftener, and never waits for long. A
//! browser that was signed in to the account before is counted by itself: a stranger who tries names cannot keep it out.
//! They are kept in memory, each hub process for itself; a new start forgets them.

use std::collections::HashMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::hub::service::network_of;

/// Tries that cost nothing: people mistype, and of an address many people do.
const FREE: u32 = 5;
const FREE_OF_ADDRESS: u32 = 100;
/// The pause after the first one that is not free, doubled by each that follows.
const FIRST_S: i64 = 2;
/// The longest pause of one who tries one name, and of what strangers can bring about too: a name's, and an address's.
const LONGEST_S: i64 = 15 * 60;
const LONGEST_OF_ALL_S: i64 = 60;
/// After so long without a failure all is forgotten.
const FORGET: SignedDuration = SignedDuration::from_hours(2);
/// Most names and addresses that are remembered, and how many go at once where there would be more.
const PLACES: usize = 20_000;
const LEAVING: usize = PLACES / 8;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// A name as it was typed, from one network.
    NameFrom(String, IpAddr),
    /// A name, from wherever.
    Name(String),
    /// A network: an address, of version 6 the network that one customer has.
    Address(IpAddr),
    /// A browser, by the digest of the session that it had.
    Browser([u8; 32]),
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    times: u32,
    last: Timestamp,
}

/// Failed tries, and how long the next one has to wait.
#[derive(Debug, Default)]
pub struct Pauses(HashMap<Whose, Failed>);

impl Pauses {
    /// How many seconds there are to wait before the next try; none if there is no need.
    #[must_use]
    pub fn wait(&self, whose: &[Whose], now: Timestamp) -> Option<i64> {
        let waits = whose.iter().filter_map(|whose| Some((whose, self.0.get(whose)?)));
        let waits =
            waits.map(|(whose, failed)| pause(whose, failed.times) - now.duration_since(failed.last).as_secs().max(0));
        waits.max().filter(|wait| *wait > 0)
    }

    /// A try failed.
    pub fn failed(&mut self, whose: &[Whose], now: Timestamp) {
        if self.0.len() + whose.len() > PLACES {
            self.forget_oldest();
        }
        for whose in whose {
            let failed = self.0.entry(whose.clone()).or_insert(Failed { times: 0, last: now });
            if now.duration_since(failed.last) >= FORGET {
                failed.times = 0;
            }
            *failed = Failed { times: failed.times.saturating_add(1), last: now };
        }
    }

    /// Those go that failed longest ago: a name that somebody tries now is counted however many others failed before it.
    fn forget_oldest(&mut self) {
        let mut moments: Vec<Timestamp> = self.0.values().map(|failed| failed.last).collect();
        let (_, &mut oldest_kept, _) = moments.select_nth_unstable(LEAVING);
        let mut leaving = LEAVING;
        self.0.retain(|_, failed| {
            let leaves = leaving > 0 && failed.last <= oldest_kept;
            leaving -= usize::from(leaves);
            !leaves
        });
    }

    /// A try was right. An address stays counted, or whoever has one account could try others without an end.
    pub fn right(&mut self, whose: &[Whose]) {
        for whose in whose.iter().filter(|whose| !matches!(whose, Whose::Address(_))) {
            self.0.remove(whose);
        }
    }
}

/// Seconds after so many failures.
fn pause(whose: &Whose, times: u32) -> i64 {
    let (free, longest) = match whose {
        Whose::NameFrom(..) | Whose::Browser(_) => (FREE, LONGEST_S),
        Whose::Name(_) => (FREE, LONGEST_OF_ALL_S),
        Whose::Address(_) => (FREE_OF_ADDRESS, LONGEST_OF_ALL_S),
    };
    match times.checked_sub(free) {
        None => 0,
        Some(more) => FIRST_S.checked_shl(more).filter(|pause| (1..longest).contains(pause)).unwrap_or(longest),
    }
}

/// For what a try counts that was made in a browser which nobody knows.
#[must_use]
pub fn counted(name: &str, address: IpAddr) -> Vec<Whose> {
    let network = network_of(address);
    // A name may be as long as a form.
    let name: String = name.chars().take(100).collect();
    vec![Whose::NameFrom(name.clone(), network), Whose::Name(name), Whose::Address(network)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a moment")
    }

    fn mei() -> [Whose; 1] {
        [Whose::Name("mei".to_owned())]
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut pauses = Pauses::default();
        let waits: Vec<Option<i64>> = (0..9)
            .map(|_| {
                pauses.failed(&mei(), at(0));
                pauses.wait(&mei(), at(0))
            })
            .collect();
        assert_eq!(waits, [None, None, None, None, Some(2), Some(4), Some(8), Some(16), Some(32)]);
        assert_eq!(pauses.wait(&mei(), at(32)), None);
        assert_eq!(pause(&mei()[0], u32::MAX), LONGEST_OF_ALL_S);
        assert_eq!(pause(&Whose::Browser([0; 32]), u32::MAX), LONGEST_S);
        pauses.failed(&mei(), at(3 * 60 * 60));
        assert_eq!(pauses.wait(&mei(), at(3 * 60 * 60)), None);
    }

    #[test]
    fn the_right_password_ends_a_names_pause_and_no_addresses() {
        let mut pauses = Pauses::default();
        let both = counted("mei", "192.0.2.1".parse().expect("an address"));
        (0..107).for_each(|_| pauses.failed(&both, at(0)));
        assert_eq!(both.iter().map(|one| pauses.wait(std::slice::from_ref(one), at(0))).max(), Some(Some(LONGEST_S)));
        pauses.right(&both);
        assert_eq!(pauses.wait(&both[..2], at(0)), None);
        assert_eq!(pauses.wait(&both[2..], at(0)), Some(LONGEST_OF_ALL_S));
    }

    #[test]
    fn an_office_that_mistypes_keeps_none_of_its_people_out() {
        let mut pauses = Pauses::default();
        let office: IpAddr = "192.0.2.1".parse().expect("an address");
        for number in 0..40 {
            pauses.failed(&counted(&format!("person {}", number / 4), office), at(number));
        }
        assert_eq!(pauses.wait(&counted("mei", office), at(40)), None);
        (0..9).for_each(|_| pauses.failed(&counted("mei", office), at(40)));
        assert!(pauses.wait(&counted("mei", office), at(40)).is_some());
    }

    #[test]
    fn no_flood_of_names_takes_all_memory() {
        let mut pauses = Pauses::default();
        (0..30_000).for_each(|number| pauses.failed(&[Whose::Name(number.to_string())], at(0)));
        assert!(pauses.0.len() <= PLACES && pauses.0.len() > PLACES / 2);
    }

    #[test]
    fn a_new_name_pauses_however_many_failed_before_it() {
        let mut pauses = Pauses::default();
        let all = i64::try_from(PLACES).expect("a small number");
        for number in 0..all {
            let name = [Whose::Name(number.to_string())];
            (0..9).for_each(|_| pauses.failed(&name, at(number / 100)));
        }
        let now = all / 100;
        for number in 0..i64::from(FREE) {
            pauses.failed(&mei(), at(now));
            // The flood goes on meanwhile.
            (0..200).for_each(|more| pauses.failed(&[Whose::Name(format!("{number} {more}"))], at(now)));
        }
        assert_eq!(pauses.wait(&mei(), at(now)), Some(FIRST_S));
        assert!(pauses.0.len() <= PLACES);
    }
}
