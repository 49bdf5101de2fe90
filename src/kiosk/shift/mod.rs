//! A shift: what happened at a kiosk, as readable text that can be played again.
//!
//! ```text
//! greengate-shift 1
//! board sim
//! site demo
//! clock 2026-11-23T01:00:00Z
//! cache demo
//! 0.000 start
//! 2.000 see "https://QR.EXAMPLE.COM/…" scan=5321 wait=80
//! 4.500 see
//! 5.000 press delivery
//! 6.000 fail camera "unplugged"
//! 7.000 mend camera
//! 8.000 disk full
//! 9.000 disk free
//! 10.000 clock 2026-11-24T01:00:00Z
//! 11.000 cache feeds/43.jsonl
//! 12.000 sync "the feed cannot be reached"
//! 13.000 sync good
//! 14.000 power cut
//! 20.000 end
//! ```
//!
//! Times are seconds since the beginning. What is seen stays in view until the next `see`; a code that is not UTF-8 is
//! written `x"C4E3"`, and `@tea` is the label of that name on the demo world's rack. `board` and `site` may be followed by their TOML, indented by four spaces. `cache` names the
//! demo world, a file of records as JSON Lines, or a cache's database; a delta applies to the cache before. `#` begins a
//! comment. A shift that was recorded with an older journal names a copy of it in `journal FILE`, and every shift
//! names its journal's epoch, because the review draw depends on the journal.

mod play;
mod read;
mod record;

use std::path::PathBuf;

use jiff::Timestamp;

pub use play::{Transcript, play};
pub use record::{Beginning, Recorder};

use crate::kiosk::desk::Happened;
use crate::rules::site::Site;

/// The first line of every shift.
pub const FIRST_LINE: &str = "greengate-shift 1";
/// Longest shift that is read: a day of lively frames has some megabytes.
const SIZE_LIMIT: u64 = 64 << 20;

/// A shift as it was read, checked line by line.
#[derive(Debug)]
pub struct Shift {
    site: Site,
    epoch: Option<[u8; 16]>,
    journal: Option<PathBuf>,
    clock: Timestamp,
    steps: Vec<Step>,
}

/// One line: when, and what.
#[derive(Debug)]
struct Step {
    at_ms: u64,
    act: Act,
}

/// What a line tells.
#[derive(Debug)]
enum Act {
    /// The kiosk is switched on.
    Start,
    /// Something that the desk is told.
    Happened(Happened),
    /// The wall clock jumps to this time.
    Clock(Timestamp),
    /// A cache is loaded.
    Cache(CacheSource),
    /// The journal cannot grow any more, or can again.
    Disk { full: bool },
    /// The power is cut; the kiosk starts again at once with what is on the disk.
    PowerCut,
    /// Nothing more happens.
    End,
}

/// Where a cache comes from.
#[derive(Debug)]
enum CacheSource {
    /// The demo world of the shift's day.
    Demo,
    /// Records as JSON Lines.
    Records(PathBuf),
    /// A cache's database.
    Database(PathBuf),
}

/// Why a shift cannot be read, played or written.
#[derive(Debug, thiserror::Error)]
pub enum ShiftFault {
    /// A line that makes no sense.
    #[error("`{path}` line {line}: {message}")]
    Line {
        /// The shift's file.
        path: String,
        /// Counting from 1.
        line: usize,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// A file that cannot be read or written.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        verb: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] crate::store::StoreFault),
}
