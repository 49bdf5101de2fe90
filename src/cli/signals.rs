//! Signals that ask the program to end.

use std::os::raw::c_int;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Ctrl-C, `systemctl stop`, a terminal that is closed.
const ENDING: [c_int; 3] = [SIGINT, SIGTERM, SIGHUP];

/// How a shell tells of a program that Ctrl-C has ended.
pub const INTERRUPTED: u8 = 130;

/// From now on these signals end nothing by themselves; `told` is called for each, with how many came before it.
///
/// # Errors
/// The system gives no thread.
pub fn on_end(mut told: impl FnMut(usize) + Send + 'static) -> std::io::Result<()> {
    let mut signals = Signals::new(ENDING)?;
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || signals.forever().enumerate().for_each(|(before, _)| told(before)))?;
    Ok(())
}

/// Receives something for each of these signals.
///
/// # Errors
/// As [`on_end`].
pub fn ends() -> std::io::Result<Receiver<()>> {
    let (told, ends) = channel();
    on_end(move |_| {
        // Nobody may listen any more.
        let _ = told.send(());
    })?;
    Ok(ends)
}
