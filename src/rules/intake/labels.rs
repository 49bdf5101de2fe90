//! Labels come into view, stay, and leave.

use std::time::Duration;

use super::super::code::{Hint, Product};
use super::super::entry::{Entry, Judgement, Timings, What};
use super::super::evidence::Evidence;
use super::super::orders::Tone;
use super::super::ruling::{Outcome, Ruling};
use super::super::scene::{CacheAge, Notice, VerdictBody};
use super::super::time::Moment;
use super::super::{verdict, words};
use super::event::{Presented, Seen};
use super::view::{View, identity};
use super::{Candidate, Intake, Pending, State, Time};

/// A notice other than "show one" waits this long: the label may be read in the next frame.
const NOTICE_DELAY: Duration = Duration::from_millis(700);

/// How far the showing of a label has come.
enum Stage {
    /// It has had no verdict yet, or its verdict may be shown again.
    New,
    /// Its verdict is on the screen.
    Held,
    /// Another label is in view as well; it was only missed in this frame.
    Several,
    /// It has had its verdict and still lies there.
    Over,
}

impl Intake {
    pub(super) fn seen(&mut self, seen: &Seen, time: &Time) -> Option<Entry> {
        let busy = matches!(self.state, State::Starting | State::SelfTest { .. });
        if busy || !self.faults.is_empty() || self.pending.is_some() {
            return None;
        }
        let now = time.moment();
        self.visits.saw(&seen.codes, now, self.site.intake.rearm);
        match View::of(&seen.codes) {
            View::Product(code) => self.product(code, seen.timings, time),
            View::Delivery(code, id) => self.delivery_code(code, id, time),
            View::Several => {
                self.notice(Notice::ShowOne, now);
                None
            }
            View::OtherCodes => {
                self.notice_later(Notice::NotAProduct, now);
                None
            }
            View::Nothing => {
                if let Some(hint) = seen.hint {
                    self.notice_later(notice_of(hint), now);
                }
                None
            }
        }
    }

    fn product(&mut self, code: &Presented, timings: Timings, time: &Time) -> Option<Entry> {
        let now = time.moment();
        let identity = identity(code);
        self.candidate = None;
        match self.stage(&identity) {
            Stage::New => return self.decide(code, identity, timings, time),
            Stage::Held => self.extend(now),
            Stage::Several => self.notice(Notice::ShowOne, now),
            Stage::Over => self.notice(Notice::TakeAway, now),
        }
        None
    }

    fn stage(&mut self, identity: &[u8]) -> Stage {
        let another = self.visits.another_product(identity);
        let decided = self.visits.get(identity).is_some_and(|visit| visit.decided);
        let several = matches!(self.state, State::Notice { notice: Notice::ShowOne, .. });
        let shown = match &self.state {
            State::Showing { identity, .. } => Some(identity.as_slice()),
            State::Starting
            | State::SelfTest { .. }
            | State::Ready
            | State::Notice { .. }
            | State::DeliveryStarted { .. }
            | State::Summary { .. } => None,
        };
        if decided && shown == Some(identity) {
            Stage::Held
        } else if another && (several || (decided && shown.is_some())) {
            Stage::Several
        } else if decided && !several {
            Stage::Over
        } else {
            Stage::New
        }
    }

    /// The label is held on: its verdict stays. Extended in good time and in steps, so that the lights see few orders.
    fn extend(&mut self, now: Moment) {
        let (rearm, longest) = (self.site.intake.rearm, self.site.intake.longest);
        if let State::Showing { since, until, .. } = &mut self.state
            && now + rearm / 2 > *until
        {
            *until = (now + rearm).min(*since + longest);
        }
    }

    /// Judges a label. What it leads to waits for its row, except where the same showing already has that row.
    fn decide(&mut self, code: &Presented, identity: Vec<u8>, timings: Timings, time: &Time) -> Option<Entry> {
        let cache = self.cache?;
        let own_row = self.visits.get(&identity).and_then(|visit| {
            visit.decided = true;
            visit.row.clone()
        });
        let own_seq = own_row.as_ref().map(|row| row.seq);
        let mut evidence = code.evidence.clone();
        evidence.taken_in = evidence.taken_in.filter(|earlier| Some(earlier.seq) != own_seq);
        let ruling = verdict::judge(&evidence, &identity, &cache, &self.circumstances(time));
        let outcome = ruling.outcome()?;
        if outcome != Outcome::Reject && matches!(self.cache_age(time), CacheAge::Dead(_)) {
            // Out of service: the label has had no verdict.
            self.visits.undecide(&identity);
            return None;
        }
        if let Some(row) = own_row.as_ref().filter(|row| row.ruling == ruling) {
            self.show(identity, row.body.clone(), time.moment());
            return None;
        }
        let body = Box::new(self.body(&ruling, outcome, &evidence));
        let listing = evidence.found.listings.first().map(|listing| listing.id);
        let judgement = judgement(code, evidence, outcome, ruling.clone(), own_seq, timings);
        let replaces = own_row.map(|row| row.body.outcome);
        let code = judgement.evidence.code.clone();
        let pending = Pending::Verdict { identity, ruling, listing, code, body, replaces };
        Some(self.propose(pending, What::Verdict(Box::new(judgement)), time))
    }

    fn body(&self, ruling: &Ruling, outcome: Outcome, evidence: &Evidence) -> VerdictBody {
        let words = words::of(ruling, &self.site.time_zone);
        // A forged label may claim any product: nothing that the cache knows of it is shown beside the claim.
        let listings = if ruling.is_forged() { &[] } else { evidence.found.listings.as_slice() };
        let only = match listings {
            [one] => Some(one),
            _ => None,
        };
        VerdictBody {
            outcome,
            slug: ruling.slug().to_owned(),
            reason: words.reason,
            next: words.next,
            details: words.details,
            product: listings.first().map(|listing| listing.product.clone()),
            supplier: only.map(|listing| listing.supplier.clone()),
            elements: evidence.code.product().map(Product::elements).unwrap_or_default(),
            new: matches!(ruling, Ruling::New(_)),
        }
    }

    pub(super) fn show(&mut self, identity: Vec<u8>, body: Box<VerdictBody>, now: Moment) {
        let least = match body.outcome {
            Outcome::Accept => self.site.intake.accept,
            Outcome::Hold => self.site.intake.hold,
            Outcome::Reject => self.site.intake.reject,
        };
        self.play(Tone::of(body.outcome));
        self.state = State::Showing { identity, body, since: now, until: now + least };
    }

    /// The shipment's own code opens the delivery; shown again it closes it, another one closes it and opens its own.
    fn delivery_code(&mut self, code: &Presented, id: &str, time: &Time) -> Option<Entry> {
        let visit = self.visits.get(&identity(code))?;
        if std::mem::replace(&mut visit.decided, true) {
            return None;
        }
        Some(match &self.delivery {
            None => self.start_delivery(id.to_owned(), true, time),
            Some(open) if open.delivery.id == id => self.end_delivery(None, time),
            Some(_) => self.end_delivery(Some(id.to_owned()), time),
        })
    }

    fn notice(&mut self, notice: Notice, now: Moment) {
        let shown = matches!(&self.state, State::Notice { notice: shown, .. } if *shown == notice);
        let heard = matches!(notice, Notice::ShowOne | Notice::NotAProduct);
        if !shown && heard {
            self.play(Tone::Notice);
        }
        let until = now + self.site.intake.rearm.max(self.site.intake.notice / 3);
        self.state = State::Notice { notice, until };
    }

    /// Shows a notice that has had a reason for some time; it never takes the place of a verdict.
    fn notice_later(&mut self, notice: Notice, now: Moment) {
        let rearm = self.site.intake.rearm;
        let since = match self.candidate {
            Some(known) if known.notice == notice && now.since(known.last) < rearm => known.since,
            Some(_) | None => now,
        };
        self.candidate = Some(Candidate { notice, since, last: now });
        let free = matches!(self.state, State::Ready | State::Notice { .. });
        if free && now.since(since) >= NOTICE_DELAY {
            self.notice(notice, now);
        }
    }
}

const fn notice_of(hint: Hint) -> Notice {
    match hint {
        Hint::MoveCloser => Notice::MoveCloser,
        Hint::TooDark => Notice::TooDark,
        Hint::Blurred => Notice::HoldStill,
        Hint::Glare => Notice::Glare,
        Hint::OutOfView => Notice::OutOfView,
    }
}

fn judgement(
    code: &Presented,
    evidence: Evidence,
    outcome: Outcome,
    ruling: Ruling,
    replaces: Option<u64>,
    timings: Timings,
) -> Judgement {
    let product = evidence.code.product();
    Judgement {
        payload: code.payload.bytes.clone(),
        gtin: product.map(|product| product.gtin),
        serial: product.and_then(|product| product.serial.clone()),
        outcome,
        ruling,
        replaces,
        evidence,
        timings,
    }
}
