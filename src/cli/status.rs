//! `greengate status`: how the kiosk is, in its own words while it runs, else as its disk tells.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use ureq::Agent;

use crate::cli::out::{counted, put, say};
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::kiosk::Shelf;
use crate::rules::scene::Body;
use crate::rules::site::{PanelSettings, Site};
use crate::rules::status::{self, CacheStatus, JournalStatus, SyncStatus};
use crate::store::{Cache, Journal};
use crate::sync::{self, Enrolment};

/// A kiosk that works answers at once.
const PATIENCE: Duration = Duration::from_secs(5);
/// No status is so long.
const ANSWER_LIMIT: u64 = 4 << 20;

/// Tell how the kiosk is: its list, the last sync, its journal.
///
/// Exit code 69 if its panel does not answer; then this is what its disk tells.
#[derive(Debug, clap::Args)]
pub struct Status {
    /// As JSON: what the panel serves as `/status.json`, or what the disk tells
    #[arg(long)]
    json: bool,
    /// Where the panel listens, if `run --listen` named another address than the site
    #[arg(long, value_name = "ADDRESS:PORT")]
    panel: Option<SocketAddr>,
}

/// What is told, whoever tells it.
#[derive(Serialize)]
struct Told {
    kiosk: String,
    /// What its screen shows, while it runs.
    shown: Option<String>,
    cache: Option<CacheStatus>,
    sync: SyncStatus,
    journal_seq: u64,
    journal: JournalStatus,
}

impl Status {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut site = Setting::find(place)?.site;
        if let Some(listen) = self.panel {
            let token = site.panel.take().and_then(|panel| panel.token);
            site.panel = Some(PanelSettings { listen, token });
        }
        let Some(panel) = &site.panel else {
            say("the site has no `[panel]` to ask; this is what the kiosk's disk tells");
            self.put_from_disk(&site)?;
            return Ok(ExitCode::SUCCESS);
        };
        match ask(panel) {
            Ok(text) if self.json => put(text.trim_end())?,
            Ok(text) => put(in_words(&running(&text, panel)?))?,
            Err(why) => {
                say(format_args!(
                    "no kiosk answers at `{}`: {why}; start it with `greengate run`, or say with `--panel` where it listens; \
                     this is what its disk tells",
                    panel.listen
                ));
                self.put_from_disk(&site)?;
                return Ok(Exit::Unavailable.into());
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn put_from_disk(&self, site: &Site) -> Result<(), Failure> {
        let told = from_disk(site)?;
        let text = if self.json { serde_json::json!(told).to_string() } else { in_words(&told) };
        Ok(put(text)?)
    }
}

/// The running kiosk's status.
fn ask(panel: &PanelSettings) -> Result<String, ureq::Error> {
    let ip = match panel.listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    let url = format!("http://{}/status.json", SocketAddr::new(ip, panel.listen.port()));
    let config = Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).proxy(None);
    let mut request = Agent::from(config.build()).get(url);
    if let Some(token) = &panel.token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.call()?.body_mut().with_config().limit(ANSWER_LIMIT).read_to_string()
}

/// What the kiosk does, or why it needs a person.
fn shown(body: &Body) -> String {
    let Body::Fault(fault) = body else { return body.slug().to_owned() };
    let detail = if fault.detail.is_empty() { String::new() } else { format!(": {}", fault.detail) };
    format!("{}{detail}; {}", fault.what.en, fault.next.en)
}

fn running(text: &str, panel: &PanelSettings) -> Result<Told, Failure> {
    let status: status::Status = serde_json::from_str(text).map_err(|error| {
        let message = format!("`{}` answers what this program does not know: {error}; restart the kiosk", panel.listen);
        Failure::new(Exit::Data, message)
    })?;
    Ok(Told {
        kiosk: format!("{} on board {}, version {}", status.kiosk, status.board, status.version),
        shown: Some(shown(&status.scene.body)),
        cache: status.cache,
        sync: status.sync.unwrap_or_default(),
        journal_seq: status.journal_seq,
        journal: status.journal,
    })
}

fn from_disk(site: &Site) -> Result<Told, Failure> {
    let (state, path) = (&site.state, Shelf::journal_path(&site.state));
    let journal = if path.exists() { Some(Journal::open_read_only(&path)?) } else { None };
    let facts = Cache::open(state)?.map(|cache| (cache.facts(), cache.listings()));
    let cache = facts.map(|(facts, listings)| {
        let age_s = (Timestamp::now().as_second() - facts.issued.as_second()).max(0);
        CacheStatus { version: facts.version, issued: facts.issued, age_s, listings }
    });
    let hub = Enrolment::read(state).ok();
    let handed_up = hub.as_ref().zip(journal.as_ref()).map(|(hub, journal)| sync::confirmed(journal, state, hub).seq);
    Ok(Told {
        kiosk: site.kiosk.clone(),
        shown: None,
        cache,
        sync: SyncStatus {
            synced: sync::last_synced(state),
            hub: hub.map(|hub| hub.hub),
            handed_up,
            ..SyncStatus::default()
        },
        journal_seq: journal.as_ref().map_or(0, |journal| journal.head().seq),
        journal: journal.as_ref().map(Journal::status).unwrap_or_default(),
    })
}

fn in_words(told: &Told) -> String {
    let mut lines = vec![format!("kiosk      {}", told.kiosk)];
    lines.extend(told.shown.iter().map(|shown| format!("screen     {shown}")));
    lines.push(format!("list       {}", list(told.cache.as_ref())));
    lines.push(format!("synced     {}", synced(&told.sync)));
    lines.extend(told.sync.fault.iter().map(|fault| format!("           the last sync failed: {fault}")));
    let JournalStatus { pruned, bytes } = told.journal;
    let gone = if pruned == 0 { String::new() } else { format!(", rows up to {pruned} were pruned") };
    lines.push(format!(
        "journal    {}, {}{gone}",
        counted(told.journal_seq.saturating_sub(pruned), "row"),
        size(bytes)
    ));
    lines.push(format!("handed up  {}", handed_up(&told.sync)));
    if told.sync.parked > 0 {
        lines.push(format!(
            "           put aside there: {}; `greengate-hub kiosk parked` tells why",
            counted(told.sync.parked, "row")
        ));
    }
    lines.extend(told.sync.journal_fault.iter().map(|fault| format!("           the last rows were not: {fault}")));
    lines.join("\n")
}

fn list(cache: Option<&CacheStatus>) -> String {
    let Some(CacheStatus { version, issued, age_s, listings }) = cache else { return "none".to_owned() };
    format!("version {version}, {}, issued {issued}, {} ago", counted(*listings, "listing"), span(*age_s))
}

fn synced(sync: &SyncStatus) -> String {
    let Some(at) = sync.synced else { return "not yet".to_owned() };
    let ago = span((Timestamp::now().as_second() - at.as_second()).max(0));
    let from = sync.from.as_ref().map(|from| format!(", {} from {from}", size(sync.bytes))).unwrap_or_default();
    format!("{ago} ago{from}")
}

fn handed_up(sync: &SyncStatus) -> String {
    match (&sync.hub, sync.handed_up) {
        (None, _) => "to nobody: the kiosk is not enrolled, so every row is kept and the journal grows".to_owned(),
        (Some(hub), None | Some(0)) => format!("nothing yet to {hub}"),
        (Some(hub), Some(seq)) => format!("all rows up to {seq} to {hub}"),
    }
}

/// A time as people say it.
fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    let (small, large) = (bytes as f64 / 1e3, bytes as f64 / 1e6);
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{small:.1} kB"),
        _ => format!("{large:.1} MB"),
    }
}
