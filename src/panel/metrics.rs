//! The figures as Prometheus text, format 0.0.4.
//!
//! Names end in their unit, counters in `_total`; a label has few values, all known beforehand.

use std::fmt::{Display, Write};
use std::time::Duration;

use super::feed::{Health, Published};
use crate::rules::clock::ClockTrust;
use crate::rules::orders::Lamp;
use crate::rules::status::{Status, SyncStatus};

/// What the panel itself adds to the kiosk's figures.
pub(super) struct Around {
    /// How long ago the kiosk published.
    pub(super) age: Duration,
    /// The loop has ended.
    pub(super) ended: bool,
    /// Pages that listen to events.
    pub(super) clients: usize,
}

/// All figures.
pub(super) fn text(published: &Published, around: &Around) -> String {
    let status = &published.snapshot.status;
    let mut page = Page::default();
    identity(&mut page, status);
    counters(&mut page, status);
    cache_and_journal(&mut page, status);
    if let Some(followed) = &status.sync {
        sync(&mut page, followed);
    }
    lights(&mut page, published.lights(around.age).lamp());
    health(&mut page, status, around);
    page.text
}

fn identity(page: &mut Page, status: &Status) {
    let demo = status.demo.to_string();
    let labels =
        [("version", &*status.version), ("kiosk", &*status.kiosk), ("board", &*status.board), ("demo", &*demo)];
    page.family("greengate_info", "gauge", "What runs here; always 1.");
    page.labelled("greengate_info", &labels, 1);
}

fn counters(page: &mut Page, status: &Status) {
    let counters = &status.counters;
    page.single("greengate_frames_total", "counter", "Camera frames scanned.", counters.frames);
    page.single(
        "greengate_frames_with_code_total",
        "counter",
        "Camera frames with at least one code.",
        counters.frames_with_code,
    );
    page.family("greengate_verdicts_total", "counter", "Verdicts shown, by outcome.");
    let outcomes = [("accept", counters.accepted), ("hold", counters.held), ("reject", counters.rejected)];
    for (outcome, count) in outcomes {
        page.labelled("greengate_verdicts_total", &[("outcome", outcome)], count);
    }
    page.single("greengate_faults_total", "counter", "Faults shown.", counters.faults);
    page.single("greengate_scan_seconds_total", "counter", "Time spent scanning frames.", seconds(counters.scan_us));
    page.single(
        "greengate_last_verdict_seconds",
        "gauge",
        "From the frame's arrival to the lights, for the last verdict.",
        seconds(counters.last_verdict_us),
    );
}

fn cache_and_journal(page: &mut Page, status: &Status) {
    page.single("greengate_cache_present", "gauge", "Whether there is a cache.", u8::from(status.cache.is_some()));
    if let Some(cache) = &status.cache {
        page.single("greengate_cache_version", "gauge", "The feed's version in the cache.", cache.version);
        page.single("greengate_cache_age_seconds", "gauge", "Since the authority issued the cache.", cache.age_s);
        page.single("greengate_cache_listings", "gauge", "Listings in the cache.", cache.listings);
        let issued = cache.issued.as_second();
        page.single("greengate_cache_issued_timestamp_seconds", "gauge", "When the cache was issued.", issued);
    }
    page.single("greengate_journal_seq", "gauge", "The newest row of the journal.", status.journal_seq);
    page.single("greengate_journal_pruned_seq", "gauge", "The last row that was pruned.", status.journal.pruned);
    page.single("greengate_journal_bytes", "gauge", "The journal's size on the disk.", status.journal.bytes);
}

/// A figure of what never happened is left out: neither good nor bad is true of it.
fn sync(page: &mut Page, sync: &SyncStatus) {
    if sync.synced.is_some() || sync.fault.is_some() {
        page.single("greengate_sync_ok", "gauge", "Whether the last sync went well.", u8::from(sync.fault.is_none()));
    }
    if let Some(synced) = sync.synced {
        let help = "When the feed was last found good.";
        page.single("greengate_synced_timestamp_seconds", "gauge", help, synced.as_second());
        page.single("greengate_sync_bytes", "gauge", "Bytes that came with the last good sync.", sync.bytes);
    }
    if sync.handed_up.is_some() || sync.journal_fault.is_some() {
        let ok = u8::from(sync.journal_fault.is_none());
        page.single("greengate_hand_up_ok", "gauge", "Whether the journal was handed up the last time.", ok);
    }
    if let Some(seq) = sync.handed_up {
        let help = "The newest row of the journal that the authority has.";
        page.single("greengate_journal_handed_up_seq", "gauge", help, seq);
        let help = "Rows that the authority put aside.";
        page.single("greengate_journal_parked_total", "counter", help, sync.parked);
    }
}

fn lights(page: &mut Page, lit: Option<Lamp>) {
    page.family("greengate_light_on", "gauge", "Whether a lamp is lit or flashes.");
    for (lamp, name) in [(Lamp::Green, "green"), (Lamp::Yellow, "yellow"), (Lamp::Red, "red")] {
        page.labelled("greengate_light_on", &[("lamp", name)], u8::from(lit == Some(lamp)));
    }
}

fn health(page: &mut Page, status: &Status, around: &Around) {
    let seen = u8::from(status.display.is_none());
    page.single("greengate_display_seen", "gauge", "Whether the display can show anything.", seen);
    let healthy = Health::of(&status.scene.body, around.age, around.ended).ok;
    page.single("greengate_healthy", "gauge", "Whether `/healthz` is content.", u8::from(healthy));
    let trusted = status.scene.bar.trust == Some(ClockTrust::Trusted);
    page.single("greengate_clock_trusted", "gauge", "Whether dates are believed.", u8::from(trusted));
    let uptime = status.moment.ms / 1000 + around.age.as_secs();
    page.single("greengate_uptime_seconds", "gauge", "Since the kiosk started.", uptime);
    page.single(
        "greengate_published_age_seconds",
        "gauge",
        "Since the kiosk's loop last published.",
        around.age.as_secs_f64(),
    );
    page.single("greengate_panel_clients", "gauge", "Pages that listen to events.", around.clients);
}

fn seconds(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64()
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.line(format_args!("{name} {value}"));
    }

    fn labelled(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
        self.line(format_args!("{name}{{{}}} {value}", labels.join(",")));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
