//! Programs that we start, and that must not go on without us.

use std::process::Command;

use rustix::process::Signal;

/// The child gets `signal` when the thread that starts it ends, so also when this program is killed.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "only what runs between fork and exec can ask for a signal at its parent's death")]
pub fn ends_with_us(command: &mut Command, signal: Signal) {
    use std::io;
    use std::os::unix::process::CommandExt;

    use rustix::process::{getpid, getppid, set_parent_process_death_signal};

    let us = getpid();
    let ask = move || {
        set_parent_process_death_signal(Some(signal))?;
        // We may have ended before it was asked.
        if getppid() == Some(us) { Ok(()) } else { Err(io::Error::from(rustix::io::Errno::SRCH)) }
    };
    // SAFETY: between fork and exec it only makes the system calls prctl and getppid, which are safe to make there; it
    // takes no lock and no memory.
    unsafe { command.pre_exec(ask) };
}

/// Elsewhere nobody can be asked for that.
#[cfg(not(target_os = "linux"))]
pub fn ends_with_us(_command: &mut Command, _signal: Signal) {}
