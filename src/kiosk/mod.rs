//! The kiosk: every room wired together, on a board or in the replay of a shift.

pub mod demo;
mod desk;
mod eye;
mod feeder;
mod judge;
mod live;
mod mailbox;
mod outputs;
mod report;
mod shelf;
pub mod shift;
mod signs;

pub use desk::{Desk, Happened, Outputs, Silent, Step};
pub use feeder::{best_time, settings as feed_settings};
pub use judge::Judge;
pub use live::{Kiosk, Setup, Stopper};
pub use outputs::{BoxOutputs, Steps};
pub use shelf::{Failure, JOURNAL_FILE, Shelf};

/// Why a kiosk cannot work at all. What a person at the dock can mend is on its screen instead.
#[derive(Debug, thiserror::Error)]
pub enum KioskFault {
    /// A part of the board cannot be opened.
    #[error(transparent)]
    Device(#[from] crate::device::DeviceFault),
    /// The panel cannot listen.
    #[error(transparent)]
    Panel(#[from] crate::panel::PanelFault),
    /// The shift cannot be written down.
    #[error(transparent)]
    Shift(#[from] shift::ShiftFault),
    /// The system gives no thread.
    #[error("a thread cannot be started: {0}; close other programs")]
    Thread(#[source] std::io::Error),
    /// The camera's recording is over, and the kiosk needs a person.
    #[error("the recording ended in a fault: {0}")]
    EndedInFault(String),
    /// The camera thread died: a bug.
    #[error("the camera thread died; this is a bug, the log has its message")]
    CameraThread,
}
