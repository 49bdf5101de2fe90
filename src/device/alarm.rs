//! Makes lamps and display dark and the buzzer silent when the process is about to end without dropping anything.
//!
//! The shipped program aborts in a panic, and then nothing is dropped any more. The hook runs before that.

use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, Once, TryLockError, Weak};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::bell::lock;

/// Whoever holds a lock for longer than this is not waited for.
const PATIENCE: Duration = Duration::from_millis(500);

static WATCHED: Mutex<Vec<(Turn, Weak<dyn Alarmed>)>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

/// What must not stay as it is when the process ends.
pub trait Alarmed: Send + Sync {
    /// Whether a panic of this thread concerns it, where panics do not end the process.
    fn is_ordered_by(&self, thread: ThreadId) -> bool;

    /// Dark at once. Never waits for ever: a panicking thread calls it, which may hold anything.
    fn darken(&self);
}

/// In which order things go dark: lamps count for more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    Lights,
    Sound,
    Display,
}

/// From now on a panic makes this dark: any panic where it ends the process, else one of the thread that orders it.
pub fn watch<A: Alarmed + 'static>(alarmed: &Arc<A>, turn: Turn) {
    let mut watched = lock(&WATCHED);
    watched.retain(|(_, alarmed)| alarmed.strong_count() > 0);
    let alarmed: Weak<A> = Arc::downgrade(alarmed);
    watched.push((turn, alarmed));
    watched.sort_by_key(|(turn, _)| *turn);
    drop(watched);
    if thread::panicking() {
        return;
    }
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let this = thread::current().id();
            darken(|alarmed| cfg!(panic = "abort") || alarmed.is_ordered_by(this));
            before(info);
        }));
    });
}

/// Makes everything dark, for whoever ends the process at once.
pub fn darken_all() {
    darken(|_| true);
}

fn darken(concerns: impl Fn(&dyn Alarmed) -> bool) {
    // Taken out of the lock first: what is dropped here must not need it.
    let watched: Vec<Arc<dyn Alarmed>> = lock(&WATCHED).iter().filter_map(|(_, alarmed)| alarmed.upgrade()).collect();
    for alarmed in watched.iter().filter(|alarmed| concerns(alarmed.as_ref())) {
        alarmed.darken();
    }
}

/// The lock, unless it is held for too long or by the thread that asks.
pub fn within_patience<T: ?Sized>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    let begun = Instant::now();
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(1)),
            Err(TryLockError::WouldBlock) => return None,
        }
    }
}
