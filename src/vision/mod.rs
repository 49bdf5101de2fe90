//! From a grey camera frame to the QR codes in it.
//!
//! A frame is brought to a working size ([`plane`]), split into dark and light ([`picture`]), searched for the three
//! eyes of each symbol ([`finder`], [`triple`]); their edges give a first place ([`locate`]), the fixed patterns an
//! exact one ([`fit`]); modules are sampled from the grey picture ([`sample`]), walked by `rqrr` ([`symbol`]),
//! repaired ([`correction`]) and parsed ([`segments`]).
//!
//! Why not `rqrr` as a whole: its finder asserts and indexes on what it measures in the picture, so a crafted or just
//! unlucky frame ends the process, and it clones the frame for each group of eyes. Of it we use the walk over the
//! modules, which is safe for every size that exists.
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
