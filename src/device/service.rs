//! The service manager that started the program, if one did: systemd, or whoever else speaks `sd_notify(3)`.
//!
//! Nothing waits for it: what it does not take at once is lost. Of its protocol the kiosk needs three words and a socket, so
//! no crate stands between; the kept one has no abstract addresses, and waits.

use std::time::Duration;

#[cfg(unix)]
use self::socket::Socket;

/// Where the manager listens.
#[cfg(unix)]
const SOCKET: &str = "NOTIFY_SOCKET";
/// How long it waits for a sign of life, in microseconds, and of which process.
const WATCHDOG: [&str; 2] = ["WATCHDOG_USEC", "WATCHDOG_PID"];

/// The service manager, or nobody.
#[derive(Debug, Default)]
pub struct ServiceManager {
    #[cfg(unix)]
    socket: Option<Socket>,
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// The manager that the environment names.
    #[must_use]
    pub fn from_env() -> Self {
        let [limit, process] = WATCHDOG.map(|name| std::env::var(name).ok());
        Self {
            #[cfg(unix)]
            socket: Socket::from_env(),
            watchdog: limit.and_then(|limit| watchdog(&limit, process.as_deref(), std::process::id())),
        }
    }

    /// How long it waits for a sign of life before it ends the program; `None` if it does not.
    #[must_use]
    pub const fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// Tells it something, like `READY=1`; a line for each thing.
    pub fn tell(&self, state: &str) {
        #[cfg(unix)]
        if let Some(socket) = &self.socket {
            socket.send(state);
        }
        #[cfg(not(unix))]
        let _ = state;
    }
}

/// The manager's limit, if it is meant for this process.
fn watchdog(limit: &str, process: Option<&str>, this: u32) -> Option<Duration> {
    let is_ours = process.is_none_or(|process| process.parse() == Ok(this));
    let micros: u64 = limit.parse().ok().filter(|micros| *micros > 0 && is_ours)?;
    Some(Duration::from_micros(micros))
}

#[cfg(unix)]
mod socket {
    use std::ffi::OsStr;
    use std::io;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    /// A socket, and where what is sent goes.
    #[derive(Debug)]
    pub struct Socket {
        socket: UnixDatagram,
        manager: SocketAddr,
    }

    impl Socket {
        pub fn from_env() -> Option<Self> {
            let name = std::env::var_os(super::SOCKET).filter(|name| !name.is_empty())?;
            match Self::to(&name) {
                Ok(socket) => Some(socket),
                Err(error) => {
                    log::warn!("the service manager at `{}` cannot be told anything: {error}", name.display());
                    None
                }
            }
        }

        fn to(name: &OsStr) -> io::Result<Self> {
            let (socket, manager) = (UnixDatagram::unbound()?, address(name)?);
            socket.set_nonblocking(true)?;
            Ok(Self { socket, manager })
        }

        pub fn send(&self, state: &str) {
            if let Err(error) = self.socket.send_to_addr(state.as_bytes(), &self.manager) {
                log::debug!("the service manager was not told `{state}`: {error}");
            }
        }
    }

    /// A path, or a name of Linux that has no file, which begins with `@`.
    fn address(name: &OsStr) -> io::Result<SocketAddr> {
        #[cfg(target_os = "linux")]
        if let Some(name) = name.as_encoded_bytes().strip_prefix(b"@") {
            return <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name);
        }
        SocketAddr::from_pathname(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_for_the_process_that_it_names() {
        let limit = Some(Duration::from_secs(10));
        assert_eq!(watchdog("10000000", None, 7), limit);
        assert_eq!(watchdog("10000000", Some("7"), 7), limit);
        assert_eq!(watchdog("10000000", Some("8"), 7), None, "another's");
        assert_eq!(watchdog("10000000", Some("all"), 7), None);
        assert_eq!(watchdog("0", None, 7), None, "switched off");
        assert_eq!(watchdog("soon", None, 7), None);
    }
}
