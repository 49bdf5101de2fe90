//! What the loop tells the panel after a turn.

use std::collections::VecDeque;

use jiff::tz::TimeZone;

use crate::kiosk::outputs::BoxOutputs;
use crate::kiosk::shelf::Shelf;
use crate::rules::clock::ClockTrust;
use crate::rules::entry::{Entry, Judgement, What};
use crate::rules::orders::Orders;
use crate::rules::ruling::Outcome;
use crate::rules::scene::Body;
use crate::rules::site::Site;
use crate::rules::status::{CacheStatus, Counters, Snapshot, Status, SyncStatus, VERDICTS_LIMIT, VerdictLine};
use crate::rules::text::Text;
use crate::rules::time::Now;
use crate::rules::words;
use crate::store::Journal;

/// Keeps what a status needs from one turn to the next.
#[derive(Debug)]
pub struct Reporter {
    kiosk: String,
    board: String,
    demo: bool,
    zone: TimeZone,
    verdicts: VecDeque<VerdictLine>,
    counters: Counters,
    in_fault: bool,
}

impl Reporter {
    /// A reporter for `site` on the board of this name, that begins with the journal's newest verdicts.
    #[must_use]
    pub fn new(site: &Site, board: &str, shelf: &Shelf) -> Self {
        let mut reporter = Self {
            kiosk: site.kiosk.clone(),
            board: board.to_owned(),
            demo: site.demo,
            zone: site.time_zone.clone(),
            verdicts: VecDeque::new(),
            counters: Counters::default(),
            in_fault: false,
        };
        let recent = shelf.journal().map(|journal| journal.recent(VERDICTS_LIMIT)).transpose();
        for row in recent.ok().flatten().unwrap_or_default().into_iter().rev() {
            reporter.remember(row.seq, &row.entry);
        }
        reporter
    }

    /// A frame was scanned.
    pub fn frame(&mut self, codes: usize, scan_us: u32) {
        self.counters.frames += 1;
        self.counters.frames_with_code += u64::from(codes > 0);
        self.counters.scan_us += u64::from(scan_us);
    }

    /// A row was written, `verdict_us` after its frame arrived.
    pub fn row(&mut self, seq: u64, entry: &Entry, verdict_us: u64) {
        if let Some(judgement) = self.remember(seq, entry) {
            self.counters.last_verdict_us = verdict_us;
            let counter = match judgement.outcome {
                Outcome::Accept => &mut self.counters.accepted,
                Outcome::Hold => &mut self.counters.held,
                Outcome::Reject => &mut self.counters.rejected,
            };
            *counter += 1;
        }
    }

    fn remember<'a>(&mut self, seq: u64, entry: &'a Entry) -> Option<&'a Judgement> {
        let judgement = match &entry.what {
            What::Verdict(judgement) => judgement,
            What::Reviewed(_)
            | What::DeliveryStarted
            | What::DeliveryEnded
            | What::LampTest(_)
            | What::Recovered
            | What::Moved(_) => return None,
        };
        self.verdicts.truncate(VERDICTS_LIMIT - 1);
        self.verdicts.push_front(VerdictLine {
            seq,
            at: entry.at,
            clock: self.zone.to_datetime(entry.at).strftime("%H:%M:%S").to_string(),
            outcome: judgement.outcome,
            slug: judgement.ruling.slug().to_owned(),
            gtin: judgement.gtin,
            name: name_of(judgement),
            reason: words::of(&judgement.ruling, &self.zone).reason,
        });
        Some(judgement)
    }

    /// The state after a turn that led to `orders`.
    pub fn snapshot(
        &mut self,
        now: Now,
        orders: &Orders,
        outputs: &BoxOutputs,
        shelf: &Shelf,
        sync: Option<SyncStatus>,
    ) -> Snapshot {
        let in_fault = matches!(orders.scene.body, Body::Fault(_));
        self.counters.faults += u64::from(in_fault && !std::mem::replace(&mut self.in_fault, in_fault));
        self.in_fault = in_fault;
        let status = Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kiosk: self.kiosk.clone(),
            board: self.board.clone(),
            demo: self.demo,
            moment: now.moment,
            at: now.wall,
            scene: orders.scene.clone(),
            lights: orders.lights,
            sound: orders.sound,
            cache: cache_status(now, orders, shelf),
            display: outputs.unseen().map(str::to_owned),
            sync,
            journal_seq: shelf.journal().map_or(0, |journal| journal.head().seq),
            journal: shelf.journal().map(Journal::status).unwrap_or_default(),
            verdicts: self.verdicts.iter().cloned().collect(),
            counters: self.counters,
        };
        let (screen, screen_serial) = outputs.screen();
        Snapshot { status, screen, screen_serial }
    }
}

/// The product's name; of a forged label only what it claims.
fn name_of(judgement: &Judgement) -> Text {
    let evidence = &judgement.evidence;
    let listed = evidence.found.listings.first().filter(|_| !judgement.ruling.is_forged());
    if let Some(listing) = listed {
        return listing.product.clone();
    }
    let text: String = match evidence.code.product() {
        Some(product) => product.elements(),
        None => String::from_utf8_lossy(&judgement.payload).chars().take(60).collect(),
    };
    Text::new(text.clone(), text)
}

fn cache_status(now: Now, orders: &Orders, shelf: &Shelf) -> Option<CacheStatus> {
    let facts = shelf.facts()?;
    let trusted = orders.scene.bar.trust == Some(ClockTrust::Trusted);
    let highest = shelf.highest_time();
    let best = if trusted { now.wall.max(highest) } else { highest };
    let age_s = (best.as_second() - facts.issued.as_second()).max(0);
    let listings = shelf.cache()?.listings();
    Some(CacheStatus { version: facts.version, issued: facts.issued, age_s, listings })
}
