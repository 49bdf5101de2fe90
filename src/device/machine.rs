//! The machine under the kiosk: which model it is, how warm it is, whether its supply holds, who may open its parts.

mod access;
mod parts;

use std::fs;
use std::path::{Path, PathBuf};

pub use self::access::Access;
pub use self::parts::{Monitor, Watchdog};

/// Where Linux tells the model of a computer that has a device tree.
const MODEL: &str = "proc/device-tree/model";
/// Thousandths of a degree.
const TEMPERATURE: &str = "sys/class/thermal/thermal_zone0/temp";
/// The Raspberry Pi's firmware: what it has held back, and why.
const THROTTLED: &str = "sys/devices/platform/soc/soc:firmware/get_throttled";
/// There once the clock was set by a time server.
const CLOCK_IS_SET: &str = "run/systemd/timesync/synchronized";
/// Nothing that the system tells of itself here is longer.
const LONGEST: usize = 4096;

/// A machine, seen through its `/proc` and `/sys`.
#[derive(Clone, Debug)]
pub struct Machine {
    root: PathBuf,
}

/// What the Raspberry Pi's firmware says of supply and heat; the worst that is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// All is well since the start.
    Holds,
    /// The processor was slowed down since the start: by heat, or by its supply.
    WasSlowed,
    /// The voltage was below 4.63 V since the start.
    WasLow,
    /// The voltage is below 4.63 V at this moment.
    IsLow,
}

impl Supply {
    /// Reads the firmware's bits: 0 low voltage, 1 frequency capped, 2 throttled, 3 soft limit of temperature; the same
    /// from 16 on for what happened since the start.
    const fn from_bits(bits: u32) -> Self {
        const SLOWED: u32 = 0b1110;
        if bits & 1 != 0 {
            Self::IsLow
        } else if bits & 1 << 16 != 0 {
            Self::WasLow
        } else if bits & (SLOWED | SLOWED << 16) != 0 {
            Self::WasSlowed
        } else {
            Self::Holds
        }
    }
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        Self::at(Path::new("/"))
    }

    /// A machine whose files are under `root`.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// `Raspberry Pi 4 Model B Rev 1.4`, if it tells.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        let text = self.text(MODEL)?;
        let text = text.trim_matches(['\0', ' ', '\n']);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// How warm the processor is, in degrees Celsius.
    #[must_use]
    pub fn temperature(&self) -> Option<i32> {
        self.text(TEMPERATURE)?.trim().parse::<i32>().ok().map(|thousandths| thousandths / 1000)
    }

    /// What the firmware says of supply and heat; `None` where there is no such firmware.
    #[must_use]
    pub fn supply(&self) -> Option<Supply> {
        let text = self.text(THROTTLED)?;
        let hex = text.trim().trim_start_matches("0x");
        u32::from_str_radix(hex, 16).ok().map(Supply::from_bits)
    }

    /// Whether a time server has set the clock since the start.
    #[must_use]
    pub fn clock_is_set(&self) -> bool {
        self.root.join(CLOCK_IS_SET).exists()
    }

    fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let text = fs::read_to_string(self.root.join(path)).ok()?;
        (text.len() <= LONGEST).then_some(text)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A machine with these files.
    pub fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        let machine = Machine::at(root.path());
        (root, machine)
    }

    #[test]
    fn a_pi_tells_what_it_is() {
        let (_root, pi) = machine(&[(MODEL, "Raspberry Pi 3 Model B Rev 1.2\0"), (TEMPERATURE, "48312\n")]);
        assert_eq!(pi.model().as_deref(), Some("Raspberry Pi 3 Model B Rev 1.2"));
        assert_eq!(pi.temperature(), Some(48));
        assert_eq!(pi.supply(), None);
    }

    #[test]
    fn a_weak_supply_is_told_from_a_hot_processor() {
        let (_root, pi) = machine(&[(THROTTLED, "50005\n")]);
        assert_eq!(pi.supply(), Some(Supply::IsLow));
        assert_eq!(Supply::from_bits(0x5_0000), Supply::WasLow);
        assert_eq!(Supply::from_bits(0x8_0008), Supply::WasSlowed);
        assert_eq!(Supply::from_bits(0), Supply::Holds);
    }
}
