//! From a grey camera frame to the QR codes in it.
//!
//! ```text
//! frame ─ plane ─▶ three levels, each half the one before
//!                    │ picture: thresholds, dark and light
//!                    ▼
//!                  finder: eyes ── triple: three that belong together ── locate: size, four corners
//!                    │                                                     │
//!                    └─ pair, diagonal: two that belong together ──────────┤
//!                                                                          ▼
//!                        payload ◀─ segments ◀─ correction ◀─ symbol ◀─ sample ◀─ fit, bend: the exact place
//!                                               erasures                deblur
//! ```
//!
//! A frame is looked at three times, each time at half the size ([`plane`]): fine codes need all pixels, noisy and
//! blurred ones fewer. Dark is told from light ([`picture`]), the three eyes of each symbol are found ([`finder`],
//! [`triple`]), their edges give a first place ([`locate`]) and the fixed patterns an exact one ([`fit`]), for flat
//! labels and bent ones ([`bend`]). Modules are sampled from the grey picture ([`sample`]), walked by `rqrr`
//! ([`symbol`]), repaired ([`correction`]) and parsed ([`segments`]).
//!
//! [`reader`] has the order. What is plainly seen is read at once; what only looks like a code is tried again with
//! more patience ([`solver`]): by undoing blur ([`deblur`]), by bending, by taking doubtful bytes for unknown, by
//! guessing an eye that is not seen ([`pair`], [`diagonal`]). A camera's frames have a time limit each; what one has
//! no time for comes first on the next. Where nothing was in view for a while, a glance at half size decides whether a
//! frame deserves more. A frame without a code is asked why ([`hint`]).
//!
//! Why not `rqrr` as a whole: its finder asserts and indexes on what it measures in the picture, so a crafted or just
//! unlucky frame ends the process, it clones the frame for each group of eyes, and it samples on a fixed grid. Of it we
//! use the walk over the modules, which is safe for every size that exists.
//!
//! What makes a read believed: a place where eyes, timing and alignment patterns fit, format information within three
//! bits of its better copy, a code word in every block with check bytes left over ([`symbol`] has the odds), and data
//! that parse to their end.
//!
//! Nothing here fails on a frame's content. Each stage has a limit on how much it keeps and tries, so the worst frame
//! takes a bounded time, and every place that is looked up is clamped to the picture.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "pixel places and counts are small, and casts from floating point saturate"
)]

mod bend;
mod correction;
mod deblur;
mod diagonal;
mod fault;
mod finder;
mod fit;
mod geometry;
mod hint;
mod linear;
mod locate;
mod pair;
mod patch;
mod picture;
mod plane;
mod reader;
mod sample;
pub mod segments;
mod solver;
mod symbol;
mod triple;
mod version;

pub use fault::{PIXELS_LIMIT, VisionFault};
pub use reader::Reader;
