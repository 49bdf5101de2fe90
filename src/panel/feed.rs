//! The newest snapshot, and how clients hear of the next one.
//!
//! There is one place for a snapshot and no queue: a client that reads slowly finds the newest one when it comes back,
//! and what it missed is gone. A lamp whose time is over is dark here too, however old the snapshot is (promise 3).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::response::sse::Event;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep_until, timeout_at};

use crate::rules::orders::Lights;
use crate::rules::scene::Body;
use crate::rules::status::{Snapshot, Status};

/// A loop that published nothing for this long is taken for hung: `/healthz` and the page say so. An idle kiosk turns
/// at least once a minute, for the clock on its screen.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(90);

/// Two events to one client are at least this far apart: 20 a second.
const PACE: Duration = Duration::from_millis(50);
/// Without anything to see, a client hears this often that the kiosk is alive, with the newest figures.
const BEAT: Duration = Duration::from_secs(1);

/// The loop's end of the panel.
#[derive(Clone, Debug)]
pub struct Publisher {
    sender: watch::Sender<Arc<Published>>,
}

impl Publisher {
    /// Makes this the newest snapshot. Never blocks; what nobody read in time is forgotten.
    pub fn publish(&self, snapshot: Snapshot) {
        self.sender.send_replace(Arc::new(Published::now(snapshot)));
    }
}

/// A snapshot and when it arrived.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) snapshot: Snapshot,
    at: Instant,
}

impl Published {
    fn now(snapshot: Snapshot) -> Self {
        Self { snapshot, at: Instant::now() }
    }

    /// How long ago the loop published this.
    pub(super) fn age(&self) -> Duration {
        self.at.elapsed()
    }

    /// What the lights show after `age`: the loop's order until its end, then nothing.
    pub(super) fn lights(&self, age: Duration) -> Lights {
        lights_after(&self.snapshot.status, age)
    }

    /// Whether a person would see or hear a difference, and should at once.
    fn looks_like(&self, other: &Self) -> bool {
        let (a, b) = (&self.snapshot, &other.snapshot);
        a.screen_serial == b.screen_serial
            && a.status.lights == b.status.lights
            && a.status.sound == b.status.sound
            && a.status.journal_seq == b.status.journal_seq
            && a.status.scene == b.status.scene
    }
}

fn lights_after(status: &Status, age: Duration) -> Lights {
    match status.lights {
        Lights::On { until, .. } if until > status.moment + age => status.lights,
        Lights::On { .. } | Lights::Off => Lights::Off,
    }
}

/// Both ends, with `first` as the newest.
pub(super) fn channel(first: Snapshot) -> (Publisher, Feed) {
    let (sender, receiver) = watch::channel(Arc::new(Published::now(first)));
    (Publisher { sender }, Feed { receiver })
}

/// The clients' end.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    receiver: watch::Receiver<Arc<Published>>,
}

impl Feed {
    /// The newest snapshot.
    pub(super) fn newest(&self) -> Arc<Published> {
        self.receiver.borrow().clone()
    }

    /// Whether the loop has ended: nothing newer will ever come.
    pub(super) fn ended(&self) -> bool {
        self.receiver.has_changed().is_err()
    }

    /// The stream of one client; it ends with the loop. `permit` counts the client until then.
    pub(super) fn events(
        &self,
        virtual_board: bool,
        permit: OwnedSemaphorePermit,
    ) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
        let mut receiver = self.receiver.clone();
        let newest = receiver.borrow_and_update().clone();
        let client = Client { receiver, last: newest, sent: None, virtual_board, _permit: permit };
        stream::unfold(client, |mut client| async move {
            let event = client.next().await?;
            Some((Ok(event), client))
        })
    }
}

struct Client {
    receiver: watch::Receiver<Arc<Published>>,
    last: Arc<Published>,
    sent: Option<tokio::time::Instant>,
    virtual_board: bool,
    _permit: OwnedSemaphorePermit,
}

impl Client {
    /// The first time at once; then on a visible change, else on the beat; always the newest.
    async fn next(&mut self) -> Option<Event> {
        if let Some(sent) = self.sent {
            sleep_until(sent + PACE).await;
            self.changed(sent + BEAT).await?;
        }
        self.sent = Some(tokio::time::Instant::now());
        let live = Live::new(&self.last, self.virtual_board);
        Event::default().event("status").json_data(live).ok()
    }

    async fn changed(&mut self, beat: tokio::time::Instant) -> Option<()> {
        loop {
            let waited = timeout_at(beat, self.receiver.changed()).await;
            let newest = self.receiver.borrow_and_update().clone();
            let same = newest.looks_like(&self.last);
            match waited {
                Ok(Err(_ended)) => return None,
                Ok(Ok(())) if same => {}
                Ok(Ok(())) | Err(_) => {
                    self.last = newest;
                    return Some(());
                }
            }
        }
    }
}

/// A status as clients get it: the published one, with the lamp dark if its time is over, and what only the panel knows.
#[derive(Serialize)]
pub(super) struct Live {
    #[serde(flatten)]
    status: Status,
    /// Asks for the picture that belongs to this status.
    screen_serial: u64,
    /// Milliseconds since the loop published it: add them to `moment` for the kiosk's time now.
    age_ms: u64,
    /// Whether there is a virtual board to act on.
    virtual_board: bool,
}

impl Live {
    pub(super) fn new(published: &Published, virtual_board: bool) -> Self {
        let age = published.age();
        let status = Status { lights: published.lights(age), ..published.snapshot.status.clone() };
        let age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        Self { status, screen_serial: published.snapshot.screen_serial, age_ms, virtual_board }
    }
}

/// Whether the kiosk does its job, with the reason in one sentence.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Health {
    pub(super) ok: bool,
    pub(super) why: String,
}

impl Health {
    /// Judges the newest scene, its age, and whether the loop has ended.
    pub(super) fn of(body: &Body, age: Duration, ended: bool) -> Self {
        let ill = |why: String| Self { ok: false, why };
        if ended {
            return ill("the kiosk's loop has ended; restart the kiosk".to_owned());
        }
        if age > SILENCE_LIMIT {
            return ill(format!("the kiosk's loop has been silent for {} s; restart the kiosk", age.as_secs()));
        }
        match body {
            Body::Fault(fault) => ill(format!("{}: {}; {}", fault.what.en, fault.detail, fault.next.en)),
            Body::Starting => ill("the kiosk is starting; ask again in a few seconds".to_owned()),
            Body::SelfTest(_)
            | Body::Ready
            | Body::Verdict(_)
            | Body::Notice(_)
            | Body::DeliveryStarted(_)
            | Body::Summary(_) => {
                Self { ok: true, why: format!("the kiosk works; its screen shows `{}`", body.slug()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::scene::FaultBody;
    use crate::rules::text::Text;

    #[test]
    fn a_working_kiosk_is_healthy_until_it_falls_silent() {
        assert!(Health::of(&Body::Ready, SILENCE_LIMIT, false).ok);
        let silent = Health::of(&Body::Ready, SILENCE_LIMIT + Duration::from_secs(1), false);
        let why = "the kiosk's loop has been silent for 91 s; restart the kiosk".to_owned();
        assert_eq!(silent, Health { ok: false, why });
    }

    #[test]
    fn a_loop_that_ended_is_ill_whatever_it_showed_last() {
        assert!(!Health::of(&Body::Ready, Duration::ZERO, true).ok);
    }

    #[test]
    fn a_fault_is_ill_and_tells_its_detail() {
        let fault = FaultBody {
            what: Text::new("日志写入失败", "the journal cannot be written"),
            next: Text::new("请联系管理员", "call the admin"),
            detail: "disk full on `/var`".to_owned(),
        };
        let health = Health::of(&Body::Fault(fault), Duration::ZERO, false);
        let why = "the journal cannot be written: disk full on `/var`; call the admin".to_owned();
        assert_eq!(health, Health { ok: false, why });
    }
}
