//! Where the box stands: checked settings of a site.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::policy::Tightening;
use super::text::Language;

/// A checked site. `config` makes it from TOML.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Where the box stands, as people call it.
    pub name: String,
    /// The kiosk's own name in journals, unique within the firm.
    pub kiosk: String,
    /// The screen's languages, the first one larger; one or two.
    pub languages: Vec<Language>,
    /// For dates and the clock on the screen.
    pub time_zone: TimeZone,
    /// The folder of cache and journal.
    pub state: PathBuf,
    /// Stricter limits than the authority's.
    pub policy: Tightening,
    /// How the intake behaves.
    pub intake: IntakeTimings,
    /// The local web page; `None` has none.
    pub panel: Option<PanelSettings>,
    /// Where lists come from; `None` has them loaded by hand.
    pub feed: Option<FeedSettings>,
    /// How long the journal keeps rows.
    pub journal: JournalSettings,
    /// This is the demo world: its key counts, and no other.
    pub demo: bool,
}

/// How the intake behaves. All are monotonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeTimings {
    /// A label that was out of view this long can fire again.
    pub rearm: Duration,
    /// Accept is shown at least this long.
    pub accept: Duration,
    /// Hold is shown at least this long.
    pub hold: Duration,
    /// Reject is shown at least this long.
    pub reject: Duration,
    /// A light ends after this even while its label stays in view.
    pub longest: Duration,
    /// A notice or a summary stays this long.
    pub notice: Duration,
    /// An open delivery ends by itself after this long without an item.
    pub delivery_idle: Duration,
}

/// Whether `name` can be a kiosk's: 1 to 40 of `a-z 0-9 -`, for it is part of file names, journals and addresses.
#[must_use]
pub fn is_kiosk_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
}

impl Default for IntakeTimings {
    fn default() -> Self {
        Self {
            rearm: Duration::from_millis(600),
            accept: Duration::from_secs(2),
            hold: Duration::from_secs(4),
            reject: Duration::from_secs(6),
            longest: Duration::from_secs(20),
            notice: Duration::from_secs(3),
            delivery_idle: Duration::from_secs(30 * 60),
        }
    }
}

/// The local web page.
#[derive(Clone, PartialEq, Eq)]
pub struct PanelSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Asked for unless it listens on loopback only.
    pub token: Option<String>,
}

impl fmt::Debug for PanelSettings {
    /// Without the token: what is printed ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PanelSettings").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// How long the journal keeps rows that are somewhere else too. What nobody else has is kept for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalSettings {
    /// A row that is younger stays.
    pub keep: Duration,
}

impl Default for JournalSettings {
    /// A year, and a month in which somebody looks back at it.
    fn default() -> Self {
        Self { keep: Duration::from_secs(400 * 24 * 3600) }
    }
}

/// Where the signed lists come from. There is an address, a folder, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSettings {
    /// The server, `https` or `http`.
    pub url: Option<String>,
    /// A folder, say on a stick; it is used as soon as it is there.
    pub folder: Option<PathBuf>,
    /// The file of the first root of trust; a kiosk that is enrolled needs none.
    pub root: Option<PathBuf>,
    /// How often the feed is asked, more or less.
    pub every: Duration,
    /// The file with the token that the server asks for.
    pub token_file: Option<PathBuf>,
    /// The proxy that leads to the server.
    pub proxy: Option<String>,
    /// The file with `user:password` for the proxy, in one line.
    pub proxy_user_file: Option<PathBuf>,
    /// The file with the certificates to believe, in place of the usual ones.
    pub ca: Option<PathBuf>,
    /// The files of the kiosk's own certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl FeedSettings {
    /// How often a feed is asked where nobody says it.
    pub const USUAL: Duration = Duration::from_secs(30 * 60);

    /// The feed at an address, as it is usually followed.
    #[must_use]
    pub const fn at(url: String) -> Self {
        let (folder, root, token_file, proxy, proxy_user_file, ca, client) = (None, None, None, None, None, None, None);
        Self { url: Some(url), folder, root, every: Self::USUAL, token_file, proxy, proxy_user_file, ca, client }
    }
}
