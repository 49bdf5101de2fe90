//! The kiosk's own road to its hub: one request, one answer, each with a limit.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::http::shown_text;
use super::{Http, SyncFault};
use crate::rules::site::FeedSettings;
use crate::store::StoreFault;

/// A hub that takes longer is asked again later.
const PATIENCE: Duration = Duration::from_secs(60);
/// A longer answer is none of a hub's.
const ANSWER_LIMIT: u64 = 2 << 20;

/// What can go wrong between kiosk and hub, told so that a person can act.
#[derive(Debug, thiserror::Error)]
pub enum LinkFault {
    /// The address is none.
    #[error("`{text}` is no address of a hub: {why}; write it like `https://hub.example/`")]
    Address {
        /// What was given.
        text: String,
        /// Why it is none.
        why: String,
    },
    /// Everyone on the way could read and change what is said.
    #[error(
        "`{url}` is not encrypted, and what it gives is trusted from then on; use `https://`, or `--plain-http` in a network that you trust"
    )]
    PlainHttp {
        /// The address.
        url: Url,
    },
    /// There is no answer.
    #[error("`{url}` cannot be reached: {why}; look at the network and the address")]
    Unreached {
        /// The address.
        url: Url,
        /// What happened.
        why: String,
    },
    /// The hub does not do what it was asked.
    #[error("`{url}` answers {status}: {why}")]
    Refused {
        /// The address.
        url: Url,
        /// The answer's status.
        status: u16,
        /// Why, in the hub's words.
        why: String,
    },
    /// The answer is none of a hub's.
    #[error("`{url}` answers what no hub does: {why}; look at the address")]
    Nonsense {
        /// The address.
        url: Url,
        /// What is wrong.
        why: String,
    },
    /// The kiosk has no hub yet.
    #[error("the kiosk is not enrolled: there is no `{}`; get a code from the authority and run `greengate enroll`", path.display())]
    NotEnrolled {
        /// Where it would stand.
        path: PathBuf,
    },
    /// The kiosk has a hub already.
    #[error("the kiosk is enrolled at `{hub}` already; with `--replace` it leaves that one")]
    Enrolled {
        /// The present hub.
        hub: String,
    },
    /// A file cannot be read or written.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The journal was begun under another name.
    #[error(
        "the journal is kiosk `{journal}`'s and the kiosk is enrolled as `{enrolled}`; enrol it under the name of its site file"
    )]
    OtherKiosk {
        /// Whose the journal is.
        journal: String,
        /// Who enrolled.
        enrolled: String,
    },
    /// The hub has rows that the journal has not.
    #[error(
        "the hub has {hub} rows of this journal and the journal only {own}; it was put back to an older copy: keep it as it is and tell the authority"
    )]
    Ahead {
        /// What the hub has.
        hub: u64,
        /// What is here.
        own: u64,
    },
    /// The hub does not take rows in.
    #[error("the hub still has no more than {seq} rows after the next ones were handed up; tell the authority")]
    Stuck {
        /// What it has.
        seq: u64,
    },
    /// The site's way to its servers cannot be used.
    #[error(transparent)]
    Way(#[from] SyncFault),
    /// The journal cannot be read.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// The hub's answer when it refuses.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// One hub.
#[derive(Debug)]
pub(super) struct Link {
    http: Http,
    hub: Url,
}

impl Link {
    /// The way to the hub at `text`. Without encryption only on this machine, or where `plain_http` was agreed to. `way` has the site's
    /// proxy and certificates, for the hub stands where the feed does.
    pub fn new(text: &str, plain_http: bool, way: Option<&FeedSettings>) -> Result<Self, LinkFault> {
        let hub = address(text)?;
        let here = match hub.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if hub.scheme() == "http" && !here && !plain_http {
            return Err(LinkFault::PlainHttp { url: hub });
        }
        let http = match way {
            Some(way) => Http::of(hub.as_str(), way),
            None => Http::new(hub.as_str()),
        };
        Ok(Self { http: http?, hub })
    }

    /// The hub's address, which ends with a slash.
    pub const fn hub(&self) -> &Url {
        &self.hub
    }

    /// Posts `body` to the hub's `name` and reads its answer.
    pub fn post<T: DeserializeOwned>(&self, name: &str, token: Option<&str>, body: &[u8]) -> Result<T, LinkFault> {
        let url = self.hub.join(name).map_err(|error| wrong_address(name, &error))?;
        let unreached = |error: ureq::Error| LinkFault::Unreached { url: url.clone(), why: self.http.reason(&error) };
        // Bounded as a whole, unlike a download; and a token goes nowhere but where the site says.
        let request = self.http.agent().post(url.as_str()).config().timeout_global(Some(PATIENCE)).max_redirects(0);
        let mut request = request.max_redirects_will_error(false).build();
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut response = request.content_type("application/json").send(body).map_err(unreached)?;
        let mut answer = Vec::new();
        let read = response.body_mut().as_reader().take(ANSWER_LIMIT).read_to_end(&mut answer);
        read.map_err(|source| unreached(source.into()))?;
        let status = response.status().as_u16();
        if status != 200 {
            let refusal = serde_json::from_slice(&answer).map(|refusal: Refusal| refusal.error);
            let why = refusal.unwrap_or_else(|_| "no reason; look at the address".to_owned());
            return Err(LinkFault::Refused { url, status, why });
        }
        serde_json::from_slice(&answer).map_err(|error| LinkFault::Nonsense { url, why: error.to_string() })
    }
}

/// An address to which names can be joined.
fn address(text: &str) -> Result<Url, LinkFault> {
    let mut url = Url::parse(text).map_err(|error| wrong_address(text, &error))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || url.query().is_some() {
        return Err(wrong_address(text, &"it has to begin with `https://` and name a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong_address(text, &"a user and a password have no place in it"));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn wrong_address(text: &str, why: &dyn std::fmt::Display) -> LinkFault {
    LinkFault::Address { text: shown_text(text), why: why.to_string() }
}
