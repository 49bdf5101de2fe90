//! What one address may have of the connections, and what one site of many networks. Programs on this machine are not counted: a
//! web server in front of the service speaks for everybody.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of the network that every customer of version 6 has, and of what a site has in which there may be 65,536 of these.
const NETWORK_BITS: u32 = 64;
const SITE_BITS: u32 = 48;
/// A site may have so many times what a network may.
const OF_SITE: usize = 4;

/// The beginning of addresses, and how many bits of them that is.
type Network = (IpAddr, u32);

/// Connections that are open, by the networks that they come from.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    most: usize,
    open: Arc<Mutex<HashMap<Network, usize>>>,
}

/// A connection's part of its networks' shares, until it is dropped.
#[derive(Debug)]
pub(super) struct Part {
    shares: Shares,
    networks: Vec<Network>,
}

impl Shares {
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// A part for a connection from this address; none if a network of it has all that it may have.
    pub fn part(&self, address: IpAddr) -> Option<Part> {
        let networks = networks_of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |(network, most): (&Network, usize)| open.get(network).is_some_and(|count| *count >= most);
        if networks.iter().zip([self.most, self.most.saturating_mul(OF_SITE)]).any(is_full) {
            return None;
        }
        for network in &networks {
            *open.entry(*network).or_default() += 1;
        }
        Some(Part { shares: self.clone(), networks })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let mut open = self.shares.open.lock().unwrap_or_else(PoisonError::into_inner);
        for network in &self.networks {
            if let Some(count) = open.get_mut(network) {
                *count -= 1;
                if *count == 0 {
                    open.remove(network);
                }
            }
        }
    }
}

/// The networks that an address is counted for, the smallest first; of this machine's none.
fn networks_of(address: IpAddr) -> Vec<Network> {
    match address.to_canonical() {
        address if address.is_loopback() => Vec::new(),
        IpAddr::V4(address) => vec![(IpAddr::V4(address), 32)],
        IpAddr::V6(address) => [NETWORK_BITS, SITE_BITS].map(|bits| (begin_of(address, bits), bits)).to_vec(),
    }
}

fn begin_of(address: Ipv6Addr, bits: u32) -> IpAddr {
    let rest = Ipv6Addr::BITS - bits;
    IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> rest << rest))
}

/// The network that one customer has: an address of version 4, or the first 64 bits of one of version 6.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => begin_of(address, NETWORK_BITS),
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
        assert_eq!(shares.open.lock().expect("sound").len(), 2, "what is closed is counted no more");
    }

    #[test]
    fn a_site_of_many_networks_leaves_connections_to_others() {
        let shares = Shares::new(2);
        let parts: Vec<_> =
            (0..100).filter_map(|network| shares.part(address(&format!("2001:db8:7:{network}::1")))).collect();
        assert_eq!(parts.len(), 2 * OF_SITE, "one site took another one's connections");
        assert!(shares.part(address("2001:db8:8::1")).is_some());
        drop(parts);
        assert!(shares.part(address("2001:db8:7::1")).is_some());
        assert!(shares.open.lock().expect("sound").is_empty());
    }

    #[test]
    fn a_customers_whole_network_counts_as_one() {
        let [a, b, other] =
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(|text| network_of(address(text)));
        assert!(a == b && a != other);
        assert_eq!(network_of(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }
}
