//! The way outside: to registries that an officer named, and to addresses that platforms named, which never lead into the
//! authority's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use ureq::config::{Config, ConfigBuilder};
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// What an address has in place of all but the unreserved characters of RFC 3986, which stay as they are.
pub const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How every request of the authority goes out: where it is sent and nowhere else, for so long at most.
fn config(patience: Duration) -> ConfigBuilder<AgentScope> {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("greengate-hub/", env!("CARGO_PKG_VERSION")))
        // Elsewhere is another address, which nobody registered.
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(patience))
        .tls_config(tls)
}

/// What asks registries.
pub fn agent(patience: Duration) -> Agent {
    config(patience).build().new_agent()
}

/// What posts to addresses that platforms named; `to_private` is for a machine of one's own.
pub fn public_agent(patience: Duration, to_private: bool) -> Agent {
    let config = config(patience).https_only(!to_private).build();
    let resolver = Public { inner: DefaultResolver::default(), to_private };
    Agent::with_parts(config, DefaultConnector::new(), resolver)
}

/// Names lead to public addresses only. It looks at the very addresses that are connected to, so no name can change
/// between the look and the connection.
#[derive(Debug)]
struct Public {
    inner: DefaultResolver,
    to_private: bool,
}

impl Resolver for Public {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut public = self.empty();
        for address in found.iter().filter(|address| self.to_private || is_public(address.ip())) {
            public.push(*address);
        }
        if public.is_empty() {
            return Err(Error::Other("its name leads to private addresses only".into()));
        }
        Ok(public)
    }
}

/// Whether an address is anybody's on the internet (IANA special-purpose address registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !(is_special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is given to anybody. What carries an address of version 4 counts as that one, so ::ffff:0:0/96 is nobody's:
    // a name that leads to version 4 says so itself.
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = address.segments();
    let carried = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (first, second) {
        // NAT64 (RFC 6052), whose prefix for a network of its own (64:ff9b:1::/48, RFC 8215) is none of the internet's; 6to4.
        (0x64, 0xff9b) => [third, fourth, fifth, sixth] == [0; 4] && carried(seventh, eighth),
        (0x2002, high) => carried(high, third),
        // What protocols use, Teredo among them, and documentation.
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => false,
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_none_that_a_platform_may_name() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "203.0.113.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "fd00::1",
            "192.88.99.1",
            "100.127.255.255",
            "64:ff9b::a00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::101:101",
            "64:ff9b:0:1::101:101",
            "2002:a00:1::",
            "2002:6440:1::",
            "2001:20::1",
            "3fff::1",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        for address in ["1.1.1.1", "47.110.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "2002:101:101::"] {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
    }
}
