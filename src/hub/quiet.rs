//! Long work gives way to whoever waits for an answer on the same machine.

use std::panic::resume_unwind;
use std::thread;

use super::HubFault;

/// The lowest priority there is: such a thread gets what others leave.
#[cfg(target_os = "linux")]
const LAST: i32 = 19;

/// Does some work on a thread of its own that goes last.
///
/// # Errors
/// The work's, or the system gives no thread.
pub fn quietly<T: Send>(work: impl FnOnce() -> Result<T, HubFault> + Send) -> Result<T, HubFault> {
    thread::scope(|scope| {
        let quiet = thread::Builder::new().name("quiet".to_owned()).spawn_scoped(scope, || {
            give_way();
            work()
        });
        let quiet = quiet.map_err(|error| HubFault::no_thread(&error))?;
        quiet.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// On Linux a thread has a priority of its own, and can only lower it: so it ends with its work.
#[cfg(target_os = "linux")]
fn give_way() {
    if let Err(fault) = rustix::process::setpriority_process(None, LAST) {
        log::debug!("this work does not give way to other work: {fault}");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_work_goes_last_and_what_follows_does_not() {
        let priority = || rustix::process::getpriority_process(None).expect("a priority");
        let before = priority();
        assert_eq!(quietly(|| Ok(priority())).expect("a thread"), LAST);
        assert_eq!(priority(), before);
    }
}
