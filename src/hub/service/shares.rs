//! What one address may have of the connections. Programs on this machine are not counted: a web server in front of the service
//! speaks for everybody.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections that are open, by the network that they come from.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's part of its network's share, until it is dropped.
#[derive(Debug)]
pub(super) struct Part {
    shares: Shares,
    network: Option<IpAddr>,
}

impl Shares {
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// A part for a connection from this address; none if its network has all that it may have.
    pub fn part(&self, address: IpAddr) -> Option<Part> {
        let shares = self.clone();
        if address.to_canonical().is_loopback() {
            return Some(Part { shares, network: None });
        }
        let network = network_of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Part { shares, network: Some(network) })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut open = self.shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&network);
            }
        }
    }
}

/// The network that one customer has: an address of version 4, or the first 64 bits of one of version 6.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_has_its_share_and_this_machine_has_no_limit() {
        let shares = Shares::new(2);
        let part = |text: &str| shares.part(address(text));
        let first = part("2001:db8::1").expect("a part");
        let _second = part("2001:db8::ffff:2").expect("a part");
        assert!(part("2001:db8::3").is_none(), "one network took another one's connections");
        assert!(part("2001:db8:0:1::1").is_some() && part("192.0.2.1").is_some());
        drop(first);
        assert!(part("2001:db8::3").is_some());
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let parts: Vec<_> = (0..9).filter_map(|_| part(here)).collect();
            assert_eq!(parts.len(), 9, "{here}");
        }
        assert_eq!(shares.open.lock().expect("sound").len(), 1, "what is closed is counted no more");
    }

    #[test]
    fn a_customers_whole_network_counts_as_one() {
        let [a, b, other] =
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(|text| network_of(address(text)));
        assert!(a == b && a != other);
        assert_eq!(network_of(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }
}
