//! What the kernel tells below `/sys` of monitors, framebuffers and the watchdog, without opening any of them.

use std::fs;
use std::path::Path;

use super::Machine;
use crate::rules::board::Size;

const CONNECTORS: &str = "sys/class/drm";
const WATCHDOG: &str = "sys/class/watchdog/watchdog0";

/// A connector of a graphics card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// Its card: `card1`.
    pub card: String,
    /// As people call it: `HDMI-A-1`.
    pub name: String,
    /// The modes of the monitor at it, the one that it prefers first; none without a monitor.
    pub modes: Vec<Size>,
}

/// What starts the machine anew when it hangs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchdog {
    /// What it is, if it says so.
    pub name: Option<String>,
    /// Somebody feeds it, so it watches; `None` where the kernel does not say.
    pub is_active: Option<bool>,
}

impl Machine {
    /// Every connector of every card, in the order of their names.
    #[must_use]
    pub fn monitors(&self) -> Vec<Monitor> {
        let entries = fs::read_dir(self.root.join(CONNECTORS)).into_iter().flatten().flatten();
        let mut monitors: Vec<Monitor> = entries
            .filter_map(|entry| {
                let folder = entry.file_name().into_string().ok()?;
                let (card, name) = folder.split_once('-')?;
                let at = Path::new(CONNECTORS).join(&folder);
                let status = self.text(at.join("status"))?;
                if name.starts_with("Writeback") {
                    return None;
                }
                // A monitor that is away may leave its modes behind.
                let is_there = status.trim() == "connected";
                let modes = if is_there { self.text(at.join("modes")).unwrap_or_default() } else { String::new() };
                let modes = modes.lines().filter_map(size).collect();
                Some(Monitor { card: card.to_owned(), name: name.to_owned(), modes })
            })
            .collect();
        monitors.sort_by(|one, other| (&one.card, &one.name).cmp(&(&other.card, &other.name)));
        monitors
    }

    /// The size of a framebuffer like `/dev/fb0` and its bits a pixel, if there is one.
    #[must_use]
    pub fn framebuffer(&self, path: &Path) -> Option<(Size, u32)> {
        let at = Path::new("sys/class/graphics").join(path.file_name()?);
        let text = self.text(at.join("virtual_size"))?;
        let (width, height) = text.trim().split_once(',')?;
        let bits = self.text(at.join("bits_per_pixel"))?.trim().parse().ok()?;
        Some((Size { width: width.parse().ok()?, height: height.parse().ok()? }, bits))
    }

    /// The watchdog, which is never opened: that would start it.
    #[must_use]
    pub fn watchdog(&self) -> Option<Watchdog> {
        let is_there = ["dev/watchdog0", "dev/watchdog"].iter().any(|path| self.root.join(path).exists());
        let text = |name: &str| self.text(Path::new(WATCHDOG).join(name)).map(|text| text.trim().to_owned());
        is_there.then(|| Watchdog { name: text("identity"), is_active: text("state").map(|state| state == "active") })
    }
}

/// `1920x1080`; interlaced modes, which end in `i`, are none.
fn size(mode: &str) -> Option<Size> {
    let (width, height) = mode.trim().split_once('x')?;
    Some(Size { width: width.parse().ok()?, height: height.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::super::tests::machine;
    use super::*;

    #[test]
    fn monitors_are_told_with_their_modes_and_empty_connectors_without() {
        let (_root, pi) = machine(&[
            ("sys/class/drm/card1-HDMI-A-2/status", "disconnected\n"),
            ("sys/class/drm/card1-HDMI-A-2/modes", "640x480\n"),
            ("sys/class/drm/card1-HDMI-A-1/status", "connected\n"),
            ("sys/class/drm/card1-HDMI-A-1/modes", "1920x1080\n1920x1080i\n1280x720\n"),
            ("sys/class/drm/card1-Writeback-1/status", "unknown\n"),
            ("sys/class/drm/version", "drm 1.1.0\n"),
        ]);
        let monitor = |name: &str, modes: &[(u32, u32)]| Monitor {
            card: "card1".to_owned(),
            name: name.to_owned(),
            modes: modes.iter().map(|(width, height)| Size { width: *width, height: *height }).collect(),
        };
        assert_eq!(pi.monitors(), [monitor("HDMI-A-1", &[(1920, 1080), (1280, 720)]), monitor("HDMI-A-2", &[])]);
    }

    #[test]
    fn a_framebuffer_tells_its_size() {
        let (_root, pi) = machine(&[
            ("sys/class/graphics/fb0/virtual_size", "800,480\n"),
            ("sys/class/graphics/fb0/bits_per_pixel", "16\n"),
        ]);
        assert_eq!(pi.framebuffer(Path::new("/dev/fb0")), Some((Size { width: 800, height: 480 }, 16)));
        assert_eq!(pi.framebuffer(Path::new("/dev/fb1")), None);
    }

    #[test]
    fn a_watchdog_is_told_with_whether_it_watches() {
        let (_root, none) = machine(&[]);
        assert_eq!(none.watchdog(), None);
        let (_root, quiet) = machine(&[("dev/watchdog", "")]);
        assert_eq!(quiet.watchdog(), Some(Watchdog { name: None, is_active: None }));
        let (_root, fed) = machine(&[
            ("dev/watchdog0", ""),
            ("sys/class/watchdog/watchdog0/identity", "Broadcom BCM2835 Watchdog timer\n"),
            ("sys/class/watchdog/watchdog0/state", "active\n"),
        ]);
        let name = Some("Broadcom BCM2835 Watchdog timer".to_owned());
        assert_eq!(fed.watchdog(), Some(Watchdog { name, is_active: Some(true) }));
    }
}
