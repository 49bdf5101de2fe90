//! Exit codes, and how a failed command tells why.

use std::process::ExitCode;

use crate::cli::out::say;

/// Exit codes as `sysexits.h` has them; what stands for several of its codes has the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The command line makes no sense.
    Usage = 64,
    /// The data is wrong: a broken chain, a picture without a code, a shift that makes no sense.
    Data = 65,
    /// A file that was named does not exist or cannot be read.
    NoInput = 66,
    /// A part of the system is not there: a camera, an address to listen on.
    Unavailable = 69,
    /// A bug.
    Software = 70,
    /// A file cannot be written.
    IoError = 74,
    /// The configuration is wrong.
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// A failure with a message for people.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// Why.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Tells why on standard error.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            let named = if self.message.starts_with("error") { "" } else { "error: " };
            say(format_args!("{named}{}", self.message.trim_end()));
        }
        self.exit.into()
    }
}

impl From<std::io::Error> for Failure {
    /// Standard output that nobody reads any more (`| head`) is no failure worth a word.
    fn from(error: std::io::Error) -> Self {
        let unread = error.kind() == std::io::ErrorKind::BrokenPipe;
        let message = if unread { String::new() } else { error.to_string() };
        Self::new(Exit::IoError, message)
    }
}

impl From<crate::config::ConfigFault> for Failure {
    fn from(fault: crate::config::ConfigFault) -> Self {
        Self::new(Exit::Config, fault.to_string())
    }
}

impl From<crate::store::StoreFault> for Failure {
    fn from(fault: crate::store::StoreFault) -> Self {
        Self::new(Exit::Data, fault.to_string())
    }
}

impl From<crate::device::DeviceFault> for Failure {
    fn from(fault: crate::device::DeviceFault) -> Self {
        Self::new(Exit::Unavailable, fault.to_string())
    }
}

impl From<crate::kiosk::KioskFault> for Failure {
    fn from(fault: crate::kiosk::KioskFault) -> Self {
        use crate::kiosk::KioskFault;
        let exit = match &fault {
            KioskFault::Device(_) | KioskFault::Panel(_) => Exit::Unavailable,
            KioskFault::Shift(_) => Exit::IoError,
            KioskFault::EndedInFault(_) => Exit::Data,
            KioskFault::Thread(_) | KioskFault::CameraThread => Exit::Software,
        };
        Self::new(exit, fault.to_string())
    }
}

impl From<crate::kiosk::shift::ShiftFault> for Failure {
    fn from(fault: crate::kiosk::shift::ShiftFault) -> Self {
        Self::new(Exit::Data, fault.to_string())
    }
}

impl From<crate::sync::SyncFault> for Failure {
    fn from(fault: crate::sync::SyncFault) -> Self {
        use crate::sync::SyncFault;
        let exit = match &fault {
            SyncFault::File { .. } | SyncFault::DiskFull { .. } => Exit::IoError,
            SyncFault::NoFeed | SyncFault::NoRoot | SyncFault::Setting { .. } | SyncFault::OtherKiosk { .. } => {
                Exit::Config
            }
            SyncFault::PlainHttp { .. } | SyncFault::Enrolled { .. } | SyncFault::OtherAuthority { .. } => Exit::Usage,
            SyncFault::NotEnrolled { .. } => Exit::NoInput,
            SyncFault::Busy { .. }
            | SyncFault::Unreachable { .. }
            | SyncFault::Refused { .. }
            | SyncFault::Declined { .. }
            | SyncFault::Status { .. }
            | SyncFault::Missing { .. }
            | SyncFault::NotPluggedIn { .. }
            | SyncFault::Slow { .. }
            | SyncFault::Cut { .. }
            | SyncFault::Stuck { .. } => Exit::Unavailable,
            SyncFault::TooLarge { .. }
            | SyncFault::Damaged { .. }
            | SyncFault::BadRoot { .. }
            | SyncFault::Signature { .. }
            | SyncFault::Rollback { .. }
            | SyncFault::SkippedRoot { .. }
            | SyncFault::TooManyRoots { .. }
            | SyncFault::Mixed { .. }
            | SyncFault::Unreadable { .. }
            | SyncFault::Expired { .. }
            | SyncFault::Older { .. }
            | SyncFault::NoWay { .. }
            | SyncFault::Wrong { .. }
            | SyncFault::Nonsense { .. }
            | SyncFault::Ahead { .. }
            | SyncFault::Store(_) => Exit::Data,
            SyncFault::Broken { .. } => Exit::Software,
        };
        Self::new(exit, fault.to_string())
    }
}
