//! The kiosk's own road to its hub: one request, one answer, each with a limit.

use std::io::Read;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::{Http, SyncFault, http};
use crate::rules::site::FeedSettings;

/// A hub that takes longer is asked again later.
const PATIENCE: Duration = Duration::from_secs(60);
/// A longer answer is none of a hub's.
const ANSWER_LIMIT: u64 = 2 << 20;

/// The hub's answer when it refuses. What is no business of kiosks answers with problem details (RFC 9457).
#[derive(Deserialize)]
struct Refusal {
    #[serde(alias = "detail")]
    error: String,
}

/// One hub.
#[derive(Debug)]
pub struct Link {
    http: Http,
    hub: Url,
}

impl Link {
    /// The way to the hub at `text`. Without encryption only on this machine, or where `plain_http` was agreed to. `way`
    /// has the site's proxy and certificates, for the hub stands where the feed does.
    pub fn new(text: &str, plain_http: bool, way: Option<&FeedSettings>) -> Result<Self, SyncFault> {
        let http = way.map_or_else(|| Http::new(text), |way| Http::of(text, way))?;
        let hub = http.base().clone();
        if !hub.username().is_empty() || hub.password().is_some() {
            let why = "a user and a password have no place in it".to_owned();
            return Err(SyncFault::Setting { what: "url", shown: http.shown(), why });
        }
        let here = match hub.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if hub.scheme() == "http" && !here && !plain_http {
            return Err(SyncFault::PlainHttp { url: http.shown() });
        }
        Ok(Self { http, hub })
    }

    /// The hub's address, which ends with a slash.
    pub const fn hub(&self) -> &Url {
        &self.hub
    }

    /// Posts `body` to the hub's `name` and reads its answer.
    pub fn post<T: DeserializeOwned>(&self, name: &str, token: Option<&str>, body: &[u8]) -> Result<T, SyncFault> {
        let address = self.hub.join(name).map_err(|error| SyncFault::Broken { why: error.to_string() })?;
        let url = http::shown(&address);
        let unreached = |error: &ureq::Error| SyncFault::Unreachable { url: url.clone(), why: self.http.reason(error) };
        // Bounded as a whole, unlike a download; and a token goes nowhere but where the site says.
        let request = self.http.agent().post(address.as_str()).config().timeout_global(Some(PATIENCE)).max_redirects(0);
        let mut request = request.max_redirects_will_error(false).build();
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request.content_type("application/json").send(body).map_err(|error| unreached(&error))?;
        let mut answer = Vec::new();
        let read = response.body_mut().as_reader().take(ANSWER_LIMIT).read_to_end(&mut answer);
        read.map_err(|error| unreached(&error.into()))?;
        let status = response.status().as_u16();
        if status != 200 {
            let refusal = serde_json::from_slice(&answer).map(|refusal: Refusal| refusal.error);
            let why = refusal.unwrap_or_else(|_| "no reason; look at the address".to_owned());
            return Err(SyncFault::Declined { url, status, why });
        }
        serde_json::from_slice(&answer).map_err(|error| SyncFault::Nonsense { url, why: error.to_string() })
    }
}
