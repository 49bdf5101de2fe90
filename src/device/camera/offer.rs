//! What a camera says that it can give.

use std::fmt;

use crate::rules::board::{PixelFormat, Size};

/// A format, in the sizes that there are of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The format's four letters.
    pub code: [u8; 4],
    /// Its sizes.
    pub sizes: Vec<Sizes>,
}

/// One size, or all from the least to the most in steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The smallest.
    pub least: Size,
    /// The largest; the same as the smallest where there is one only.
    pub most: Size,
    /// From one to the next.
    pub step: Size,
    /// At these rates; nothing where the camera does not say.
    pub rates: Vec<Rate>,
}

/// So many frames in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Frames.
    pub frames: u32,
    /// In as many seconds, at least 1.
    pub seconds: u32,
}

impl Offer {
    /// What its bytes are, if this program knows.
    #[must_use]
    pub fn format(&self) -> Option<PixelFormat> {
        Some(match &self.code {
            b"GREY" => PixelFormat::Grey,
            b"YUYV" | b"YVYU" => PixelFormat::Yuyv,
            // Alike in what is looked at: all brightness comes first.
            b"NV12" | b"NV21" | b"YU12" | b"YV12" => PixelFormat::Nv12,
            b"MJPG" | b"JPEG" => PixelFormat::Mjpeg,
            _ => return None,
        })
    }

    /// Its four letters, as far as they are letters.
    #[must_use]
    pub fn letters(&self) -> String {
        self.code.iter().filter(|byte| byte.is_ascii_graphic()).copied().map(char::from).collect()
    }
}

impl Sizes {
    /// One size.
    #[must_use]
    pub const fn one(size: Size, rates: Vec<Rate>) -> Self {
        Self { least: size, most: size, step: Size { width: 1, height: 1 }, rates }
    }

    /// The one that is nearest to `wanted`.
    #[must_use]
    pub fn nearest(&self, wanted: Size) -> Size {
        let side = |wanted: u32, least: u32, most: u32, step: u32| {
            let (most, step) = (most.max(least), step.max(1));
            let steps = (wanted.clamp(least, most) - least + step / 2) / step;
            (least + steps * step).min(most)
        };
        Size {
            width: side(wanted.width, self.least.width, self.most.width, self.step.width),
            height: side(wanted.height, self.least.height, self.most.height, self.step.height),
        }
    }
}

impl Rate {
    /// Frames a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.frames) / f64::from(self.seconds.max(1))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.frames.is_multiple_of(self.seconds.max(1)) {
            return write!(f, "{}", self.frames / self.seconds.max(1));
        }
        write!(f, "{:.1}", self.per_second())
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.least.width, self.least.height)?;
        if self.most != self.least {
            write!(f, " to {}×{}", self.most.width, self.most.height)?;
        }
        let rates: Vec<String> = self.rates.iter().map(ToString::to_string).collect();
        if rates.is_empty() { Ok(()) } else { write!(f, " at {}", rates.join(", ")) }
    }
}
