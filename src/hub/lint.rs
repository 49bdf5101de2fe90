//! Whether a kiosk will read a code as it is going to be printed, told before it is.
//!
//! A camera on a kiosk's arm resolves modules of a quarter of a millimetre, and a thermal printer needs two dots for a
//! module to be more than an accident of its heat. The quiet zone is ISO/IEC 18004's, section 5.3.8.

use std::str::FromStr;

/// Modules that stay white around a code.
pub const QUIET: u32 = 4;
/// The smallest module, in millimetres.
const MODULE_MM: f32 = 0.25;
/// The fewest dots of a module's side.
const MODULE_DOTS: u32 = 2;
/// The largest version: a signed label is 7 to 9, and what is larger than this is not one.
const VERSION: u32 = 12;

/// How fine a label printer prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// 8 dots a millimetre, which is sold as 203 dpi.
    Dpi203,
    /// 300 dots an inch.
    Dpi300,
    /// 600 dots an inch.
    Dpi600,
}

impl Resolution {
    /// All of them, coarse first.
    pub const ALL: [Self; 3] = [Self::Dpi203, Self::Dpi300, Self::Dpi600];

    /// As it is sold: dots an inch.
    #[must_use]
    pub const fn dpi(self) -> u32 {
        match self {
            Self::Dpi203 => 203,
            Self::Dpi300 => 300,
            Self::Dpi600 => 600,
        }
    }

    /// Dots in a millimetre.
    #[must_use]
    pub const fn dots_per_mm(self) -> f32 {
        match self {
            Self::Dpi203 => 8.0,
            Self::Dpi300 => 300.0 / 25.4,
            Self::Dpi600 => 600.0 / 25.4,
        }
    }
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|resolution| resolution.dpi().to_string() == text);
        found.ok_or_else(|| format!("`{text}` is not a label printer's resolution; write 203, 300 or 600"))
    }
}

/// A code as it is going to be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Modules on a side, without the quiet zone.
    pub side: u32,
    /// Dots of a module's side.
    pub dots: u32,
    /// Modules of the quiet zone.
    pub quiet: u32,
    /// How fine the printer is.
    pub resolution: Resolution,
}

/// Why a kiosk could not read a code, or a label not hold it.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// No QR code holds the text.
    #[error("the text is too long for any QR code; shorten it")]
    TooLong,
    /// The symbol is too large.
    #[error(
        "the code would be of version {0}, and kiosks read labels up to version {VERSION}; shorten host, lot or serial"
    )]
    Version(u32),
    /// The modules are too small.
    #[error(
        "a module would be {:.3} mm ({} at {} dpi), and a kiosk needs {MODULE_MM} mm and {MODULE_DOTS} dots; \
         the code with its quiet zone needs {:.1} mm",
        .0.module_mm(), dots(.0.dots), .0.resolution.dpi(), Print::smallest(.0.side, .0.resolution).total_mm()
    )]
    Module(Print),
    /// The quiet zone is too narrow.
    #[error(
        "a quiet zone of {} modules is too narrow; leave {QUIET} on every side, which makes the code {:.1} mm wide",
        .0.quiet, Print { quiet: QUIET, ..*.0 }.total_mm()
    )]
    Quiet(Print),
    /// The label has no room for the code and its text.
    #[error(
        "a label of `{}x{}mm` has no room for the code and its text at {} dpi; `{}x{}mm` would do",
        .size.0, .size.1, .resolution.dpi(), .enough.0, .enough.1
    )]
    Label {
        /// Width and height in millimetres.
        size: (f32, f32),
        /// A width and a height that would do.
        enough: (f32, f32),
        /// How fine the printer is.
        resolution: Resolution,
    },
}

fn dots(count: u32) -> String {
    format!("{count} dot{}", if count == 1 { "" } else { "s" })
}

/// Whole dots of a length in dots.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast to u32 ends at its bounds")]
const fn count(dots: f32) -> u32 {
    dots as u32
}

impl Print {
    /// The smallest that a kiosk reads.
    #[must_use]
    pub fn smallest(side: u32, resolution: Resolution) -> Self {
        let dots = count((MODULE_MM * resolution.dots_per_mm()).ceil()).max(MODULE_DOTS);
        Self { side, dots, quiet: QUIET, resolution }
    }

    /// The largest whose modules and quiet zone are no wider than `mm`.
    #[must_use]
    pub fn within(mm: f32, side: u32, quiet: u32, resolution: Resolution) -> Self {
        let dots = count(mm * resolution.dots_per_mm() / (side + 2 * quiet) as f32);
        Self { side, dots, quiet, resolution }
    }

    /// The QR code's version.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.side.saturating_sub(17) / 4
    }

    /// A module's side in millimetres.
    #[must_use]
    pub fn module_mm(&self) -> f32 {
        self.dots as f32 / self.resolution.dots_per_mm()
    }

    /// The side of the code with its quiet zone, in dots.
    #[must_use]
    pub const fn total_dots(&self) -> u32 {
        (self.side + 2 * self.quiet).saturating_mul(self.dots)
    }

    /// The side of the code with its quiet zone, in millimetres.
    #[must_use]
    pub fn total_mm(&self) -> f32 {
        self.total_dots() as f32 / self.resolution.dots_per_mm()
    }

    /// Whether a kiosk will read it.
    ///
    /// # Errors
    /// Why not, and what would do.
    pub fn check(&self) -> Result<(), Unreadable> {
        if self.version() > VERSION {
            return Err(Unreadable::Version(self.version()));
        }
        if self.dots < MODULE_DOTS || self.module_mm() < MODULE_MM {
            return Err(Unreadable::Module(*self));
        }
        if self.quiet < QUIET { Err(Unreadable::Quiet(*self)) } else { Ok(()) }
    }
}
