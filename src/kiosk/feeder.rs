//! The sync thread: follows the feed and hands the journal up, beside the loop and never in its way.
//!
//! It brings the list into the cache's folder, where the loop finds it within a second, and tells how that went. A feed
//! that cannot be had is no fault of the kiosk's: the list grows old, and what that means stands in the policy.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::kiosk::shelf::Shelf;
use crate::rules::site::{FeedSettings, Site};
use crate::rules::status::SyncStatus;
use crate::store::journal::Confirmed;
use crate::store::{Cache, Journal};
use crate::sync::{self, Enrolment, Settings, SyncFault};

/// The first pause after a sync that failed; each further one doubles it, up to the usual pause.
const RETRY: Duration = Duration::from_secs(30);
/// How often the thread looks whether a folder with a feed has appeared.
const LOOK: Duration = Duration::from_secs(1);

/// Of rows that the hub puts aside at once, so many are told one by one.
const PARKED_TOLD: usize = 10;

/// A running sync thread. It ends by itself once this is dropped and its present sync is over.
#[derive(Debug)]
pub struct Feeder(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    status: SyncStatus,
    /// How far the hub has which journal.
    confirmed: Option<Confirmed>,
    woken: bool,
    ended: bool,
}

/// Asks for a sync at once, from any thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Shared>);

impl Waker {
    /// The next sync begins now, or as soon as the present one is over.
    pub fn wake(&self) {
        self.0.lock().woken = true;
        self.0.changed.notify_all();
    }
}

impl Feeder {
    /// Starts the thread, if the site names a feed or the kiosk is enrolled.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(site: &Site) -> io::Result<Option<Self>> {
        if site.demo || site.feed.is_none() && Enrolment::read(&site.state).is_err() {
            return Ok(None);
        }
        let shared = Arc::new(Shared::default());
        shared.lock().status.synced = sync::last_synced(&site.state);
        let work = Work { shared: Arc::clone(&shared), site: site.clone(), failures: 0, folder_was_there: false };
        thread::Builder::new().name("sync".to_owned()).spawn(move || work.run())?;
        Ok(Some(Self(shared)))
    }

    /// How it went so far.
    #[must_use]
    pub fn status(&self) -> SyncStatus {
        self.0.lock().status.clone()
    }

    /// What the hub has said that it has: only this may be pruned.
    #[must_use]
    pub fn confirmed(&self) -> Option<Confirmed> {
        self.0.lock().confirmed
    }

    /// What asks for a sync at once.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.0))
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's own.
struct Work {
    shared: Arc<Shared>,
    site: Site,
    /// Syncs that failed, one after the other.
    failures: u32,
    folder_was_there: bool,
}

impl Work {
    fn run(mut self) {
        loop {
            self.sync();
            self.hand_up();
            if !self.wait(self.pause()) {
                return;
            }
        }
    }

    fn sync(&mut self) {
        self.folder_was_there = self.is_folder_there();
        let settings = settings(&self.site.state, self.site.feed.as_ref());
        let outcome = settings.and_then(|found| sync::sync(&found, &mut |_| (), best_time(&self.site.state)));
        let mut state = self.shared.lock();
        match outcome {
            Ok(outcome) => {
                self.failures = 0;
                if outcome.before != outcome.after {
                    log::info!("the list is version {} now, from {}", outcome.after, outcome.from);
                }
                state.status.synced = Some(Timestamp::now());
                state.status.bytes = outcome.bytes;
                state.status.from = Some(outcome.from);
                state.status.fault = None;
            }
            Err(fault) => {
                self.failures = self.failures.saturating_add(1);
                let told = fault.to_string();
                // The same trouble is told once.
                if state.status.fault.as_ref() != Some(&told) {
                    log::warn!("no sync: {told}");
                }
                state.status.fault = Some(told);
            }
        }
    }

    fn hand_up(&self) {
        let state = &self.site.state;
        let Ok(enrolment) = Enrolment::read(state) else { return };
        self.shared.lock().status.hub = Some(enrolment.hub.clone());
        let journal = Shelf::journal_path(state);
        let handed_up = sync::hand_up(&journal, state, &enrolment, self.site.feed.as_ref(), &mut |_, _| ());
        let opened = Journal::open_read_only(&journal).ok();
        let confirmed = opened.map(|journal| sync::confirmed(&journal, state, &enrolment));
        let shared = &mut *self.shared.lock();
        shared.confirmed = confirmed;
        let status = &mut shared.status;
        match handed_up {
            Ok(handed_up) => {
                for parked in handed_up.parked.iter().take(PARKED_TOLD) {
                    log::error!("the hub put row {} of the journal aside: {}", parked.seq, parked.why);
                }
                if let Some(more @ 1..) = handed_up.parked.len().checked_sub(PARKED_TOLD) {
                    log::error!("the hub put {more} more rows of the journal aside; it knows which");
                }
                status.parked += handed_up.parked.len() as u64;
                status.handed_up = Some(handed_up.seq);
                status.journal_fault = None;
            }
            Err(fault) => status.journal_fault = Some(fault.to_string()),
        }
    }

    /// How long until the next sync: the site's time with some jitter, or less after a failure.
    fn pause(&self) -> Duration {
        let usual = self.site.feed.as_ref().map_or(FeedSettings::USUAL, |feed| feed.every);
        let every = match self.failures {
            0 => usual,
            failures => usual.min(RETRY.saturating_mul(1 << (failures - 1).min(10))),
        };
        let mut random = [0; 4];
        // Without random numbers this kiosk asks at the same time as others do, no more.
        let _ = getrandom::fill(&mut random);
        sync::pause(every, u32::from_ne_bytes(random))
    }

    /// Waits until it is time, somebody asks, or a folder with a feed appears; `false` at the end.
    fn wait(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut folder_was_there = self.folder_was_there;
        loop {
            // Nothing is held meanwhile: a stick that hangs must not hold up who asks for the status.
            let is_there = self.is_folder_there();
            let appeared = is_there && !std::mem::replace(&mut folder_was_there, is_there);
            let left = until.saturating_duration_since(Instant::now());
            let mut state = self.shared.lock();
            if state.ended {
                return false;
            }
            if std::mem::take(&mut state.woken) || left.is_zero() || appeared {
                return true;
            }
            drop(self.shared.changed.wait_timeout(state, left.min(LOOK)));
        }
    }

    fn is_folder_there(&self) -> bool {
        let folder = self.site.feed.as_ref().and_then(|feed| feed.folder.as_ref());
        folder.is_some_and(|folder| folder.join("metadata").is_dir())
    }
}

/// What a sync works with: what the site says, and for what it does not say the enrolment.
///
/// # Errors
/// Neither names a feed, or one of the files that they name cannot be used.
pub fn settings(state: &Path, feed: Option<&FeedSettings>) -> Result<Settings, SyncFault> {
    let enrolled = Enrolment::read(state).ok();
    let feed = feed.cloned().or_else(|| Some(FeedSettings::at(enrolled.as_ref()?.feed.clone())));
    let mut settings = Settings::of(state, &feed.ok_or(SyncFault::NoFeed)?)?;
    settings.root = settings.root.or_else(|| Some(enrolled?.root.to_string().into_bytes()));
    Ok(settings)
}

/// The clock, unless list or journal have seen a later time: a box without a battery starts in the past.
#[must_use]
pub fn best_time(state: &Path) -> Timestamp {
    let list = Cache::peek(state).ok().flatten().map(|facts| facts.issued);
    let journal = Journal::open_read_only(&Shelf::journal_path(state)).ok().and_then(|journal| journal.highest_time());
    [list, journal].into_iter().flatten().fold(Timestamp::now(), Timestamp::max)
}
