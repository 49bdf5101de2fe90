//! Pauses after failed tries: each one makes the next wait longer, and nobody is locked out for good.
//!
//! Tries are counted by the name that was typed, known or not, and by the address that they came from. A browser that
//! was signed in to the account before is counted by itself: a stranger who tries names cannot keep it out. They are
//! kept in memory, each hub process for itself; a new start forgets them.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

/// Tries that cost nothing: people mistype.
const FREE: u32 = 5;
/// The pause after the first one that is not free, doubled by each that follows.
const FIRST_S: i64 = 2;
/// The longest pause of an address or a browser, and of a name, which strangers can type too.
const LONGEST_S: i64 = 15 * 60;
const LONGEST_OF_NAME_S: i64 = 60;
/// After so long without a failure all is forgotten.
const FORGET: SignedDuration = SignedDuration::from_hours(2);
/// Most names and addresses that are remembered.
const PLACES: usize = 20_000;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// A name, as it was typed.
    Name(String),
    /// An address; of the newer kind the network that one customer has.
    Address(std::net::IpAddr),
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
            self.0.retain(|_, failed| now.duration_since(failed.last) < FORGET);
        }
        if self.0.len() + whose.len() > PLACES {
            // Somebody tries from everywhere: those that failed least go.
            self.0.retain(|_, failed| failed.times > FREE);
        }
        for whose in whose {
            let failed = self.0.entry(whose.clone()).or_insert(Failed { times: 0, last: now });
            if now.duration_since(failed.last) >= FORGET {
                failed.times = 0;
            }
            *failed = Failed { times: failed.times.saturating_add(1), last: now };
        }
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
    let longest = if matches!(whose, Whose::Name(_)) { LONGEST_OF_NAME_S } else { LONGEST_S };
    match times.checked_sub(FREE) {
        None => 0,
        Some(more) => FIRST_S.checked_shl(more).filter(|pause| (1..longest).contains(pause)).unwrap_or(longest),
    }
}

/// An address as it is counted: of IPv6 its first 64 bits.
#[must_use]
pub fn counted(address: std::net::IpAddr) -> Whose {
    use std::net::{IpAddr, Ipv6Addr};
    Whose::Address(match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    })
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
        assert_eq!(pause(&mei()[0], u32::MAX), LONGEST_OF_NAME_S);
        assert_eq!(pause(&Whose::Browser([0; 32]), u32::MAX), LONGEST_S);
        pauses.failed(&mei(), at(3 * 60 * 60));
        assert_eq!(pauses.wait(&mei(), at(3 * 60 * 60)), None);
    }

    #[test]
    fn the_right_password_ends_a_names_pause_and_no_addresses() {
        let mut pauses = Pauses::default();
        let both = [mei()[0].clone(), counted("192.0.2.1".parse().expect("an address"))];
        (0..7).for_each(|_| pauses.failed(&both, at(0)));
        pauses.right(&both);
        assert_eq!(pauses.wait(&both[..1], at(0)), None);
        assert_eq!(pauses.wait(&both[1..], at(0)), Some(8));
    }

    #[test]
    fn a_customers_whole_network_counts_as_one() {
        let [a, b, other] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"]
            .map(|text| counted(text.parse().expect("an address")));
        assert!(a == b && a != other);
        assert_eq!(
            counted("::ffff:192.0.2.1".parse().expect("an address")),
            counted("192.0.2.1".parse().expect("an address"))
        );
    }

    #[test]
    fn no_flood_of_names_takes_all_memory() {
        let mut pauses = Pauses::default();
        (0..30_000).for_each(|number| pauses.failed(&[Whose::Name(number.to_string())], at(0)));
        assert!(pauses.0.len() <= PLACES);
    }
}
