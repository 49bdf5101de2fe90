//! Makes the lamps dark when the process is about to end by a panic.
//!
//! The shipped program aborts in a panic, and then nothing is dropped any more. The hook runs before that.

use std::panic;
use std::sync::{Arc, Mutex, Once, Weak};
use std::thread;

use super::super::bell::lock;
use super::Shared;

static OWNERS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static HOOK: Once = Once::new();

/// From now on a panic makes these lamps dark: any panic where it ends the process, else one of the thread that orders
/// them.
pub fn watch(shared: &Arc<Shared>) {
    let mut owners = lock(&OWNERS);
    owners.retain(|owner| owner.strong_count() > 0);
    owners.push(Arc::downgrade(shared));
    drop(owners);
    if thread::panicking() {
        return;
    }
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            darken();
            before(info);
        }));
    });
}

fn darken() {
    // Taken out of the lock first: what is dropped here must not need it.
    let owners: Vec<Arc<Shared>> = lock(&OWNERS).iter().filter_map(Weak::upgrade).collect();
    for owner in owners {
        if cfg!(panic = "abort") || owner.is_ordered_by(thread::current().id()) {
            owner.darken();
        }
    }
}
