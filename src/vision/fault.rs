//! What `vision` refuses.

use thiserror::Error;

/// The most pixels of a picture that is read: 50 megapixels.
pub const PIXELS_LIMIT: usize = 50_000_000;

/// Why a picture was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VisionFault {
    /// The buffer does not hold `width * height` bytes.
    #[error(
        "a picture of `{width}x{height}` pixels takes {} bytes and the buffer has `{got}`; give one grey byte a pixel, row by row without padding",
        width * height
    )]
    Length {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Bytes in the buffer.
        got: usize,
    },
    /// More than [`PIXELS_LIMIT`] pixels.
    #[error("a picture of `{width}x{height}` pixels has more than 50 million; scale it down before it is read")]
    TooLarge {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
}
