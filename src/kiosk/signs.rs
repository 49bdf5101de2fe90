//! Signs of life for the service manager: that the kiosk is ready, how it does, and that camera thread and loop both go on.
//!
//! The loop sends them itself, and only if the camera thread has gone on since the last one. So a loop that hangs sends
//! none, and neither does one whose camera thread hangs in a driver; the manager starts the program anew. A camera that is
//! lost and asked again and again goes on: that is for a person to mend, and no new start would.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::device::ServiceManager;
use crate::rules::scene::Body;

/// Counts how often a thread has gone round.
#[derive(Debug, Default)]
pub struct Pulse(AtomicU64);

impl Pulse {
    /// Once more.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the service manager is told.
#[derive(Debug)]
pub struct Signs {
    manager: ServiceManager,
    camera: Arc<Pulse>,
    /// The camera's beats when the last sign was sent.
    beats: u64,
}

impl Signs {
    /// Signs to this manager, who expects that they come no closer than `every` so often.
    pub fn to(manager: ServiceManager, every: Duration) -> Self {
        if let Some(limit) = manager.watchdog().filter(|limit| *limit < every * 3) {
            log::warn!(
                "the service manager waits {} s for a sign of life, and one comes every {} s; set `WatchdogSec` to 10 s or more",
                limit.as_secs_f32(),
                every.as_secs_f32()
            );
        }
        Self { manager, camera: Arc::default(), beats: 0 }
    }

    /// For the camera thread.
    pub fn camera(&self) -> Arc<Pulse> {
        Arc::clone(&self.camera)
    }

    /// Every part is open, and the loop turns.
    pub fn ready(&self, body: &Body) {
        self.manager.tell(&format!("READY=1\nSTATUS={}", status(body)));
    }

    /// Another scene is shown: tells if that means that a person is needed, or is not any more.
    pub fn shows(&self, body: &Body, before: &Body) {
        let (now, before) = (status(body), status(before));
        if now != before {
            self.manager.tell(&format!("STATUS={now}"));
        }
    }

    /// The loop has turned.
    pub fn turned(&mut self, camera_ended: bool) {
        let beats = self.camera.0.load(Ordering::Relaxed);
        if self.manager.watchdog().is_some() && (beats != self.beats || camera_ended) {
            self.beats = beats;
            self.manager.tell("WATCHDOG=1");
        }
    }

    /// The kiosk is ending.
    pub fn stopping(&self) {
        self.manager.tell("STOPPING=1");
    }
}

/// A line for `systemctl status`.
fn status(body: &Body) -> String {
    match body {
        Body::Starting | Body::SelfTest(_) => "starting".to_owned(),
        Body::Ready | Body::Verdict(_) | Body::Notice(_) | Body::DeliveryStarted(_) | Body::Summary(_) => {
            "at work".to_owned()
        }
        Body::Fault(fault) => {
            let told = format!("needs a person: {}: {}", fault.what.en, fault.detail);
            told.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
        }
    }
}
