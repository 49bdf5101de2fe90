//! The display: whether a monitor is there, and the size that its picture will have. Nothing is shown on it.

use std::path::Path;

use super::Finding;
use crate::device::{Machine, Monitor};
use crate::rules::board::{Board, Output, Size};

const PART: &str = "display";

pub fn look(machine: &Machine, board: &Board) -> Vec<Finding> {
    let Size { width, height } = board.display.size;
    vec![match &board.display.output {
        Output::Panel => Finding::fine(PART, format!("the panel's, {width}×{height}")),
        Output::Png { folder } => Finding::fine(PART, format!("PNG files in `{}`", folder.display())),
        Output::Hdmi { device, mode, .. } => monitor(machine, device.as_deref(), *mode),
        Output::Framebuffer { path, .. } => framebuffer(machine, path),
        Output::Spi(panel) => Finding::fine(PART, format!("{} on SPI, {width}×{height}", panel.model.name())),
        Output::I2c(panel) => Finding::fine(PART, format!("{} on I²C, {width}×{height}", panel.model.name())),
    }]
}

fn monitor(machine: &Machine, device: Option<&Path>, wanted: Option<Size>) -> Finding {
    let card = device.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let mut monitors = machine.monitors();
    monitors.retain(|monitor| card.as_ref().is_none_or(|card| monitor.card == *card));
    let Some(Monitor { name, modes, .. }) = monitors.iter().find(|monitor| !monitor.modes.is_empty()) else {
        let places: Vec<&str> = monitors.iter().map(|monitor| monitor.name.as_str()).collect();
        let first = machine.devices("fb").into_iter().next();
        return match first {
            Some(path) if places.is_empty() && device.is_none() => framebuffer(machine, &path),
            None | Some(_) if places.is_empty() => {
                let help = "add `dtoverlay=vc4-kms-v3d` to `config.txt`, and restart";
                Finding::bad(PART, "no graphics card has a connector", help)
            }
            None | Some(_) => {
                let help = "plug one in and switch it on; the kiosk shows its picture as soon as it is there";
                Finding::bad(PART, format!("no monitor at {}", places.join(" and ")), help)
            }
        };
    };
    let size = |size: &Size| format!("{}×{}", size.width, size.height);
    match wanted {
        Some(wanted) if modes.contains(&wanted) => Finding::fine(PART, format!("monitor {name}, {}", size(&wanted))),
        Some(wanted) => {
            let found = format!("monitor {name} has no mode of {}, and takes {}", size(&wanted), size(&modes[0]));
            Finding::warn(PART, found, "leave `width` and `height` out on the board, or take a mode that it has")
        }
        None => Finding::fine(PART, format!("monitor {name}, {}, as it prefers", size(&modes[0]))),
    }
}

fn framebuffer(machine: &Machine, path: &Path) -> Finding {
    let told = format!("framebuffer `{}`", path.display());
    match machine.framebuffer(path) {
        Some((Size { width, height }, bits @ (16 | 24 | 32))) => {
            Finding::fine(PART, format!("{told}, {width}×{height}, {bits} bits a pixel"))
        }
        Some((_, bits)) => {
            let help = "set `framebuffer_depth=32` in `config.txt`, and restart";
            Finding::bad(PART, format!("{told} has {bits} bits a pixel, and 16, 24 or 32 are written"), help)
        }
        None => Finding::bad(PART, format!("{told} tells no size"), "`ls /dev/fb*` shows what there is"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use super::super::finding::Level;
    use super::*;
    use crate::config;

    /// What is told of a display on a machine with these files.
    fn told(display: &str, files: &[(&str, &str)]) -> (Level, String) {
        let root = tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        let text = format!(
            "title = \"Test\"\n[camera.panel]\nwidth = 640\nheight = 480\nrate = 15\n{display}[lights.log]\n[sound.none]\n"
        );
        let board = config::board_text("test", &text).expect("a board");
        let finding = look(&Machine::at(root.path()), &board).remove(0);
        assert_eq!(finding.help.is_some(), finding.level != Level::Fine, "{finding:?}");
        (finding.level, finding.found)
    }

    const CONNECTED: [(&str, &str); 2] = [
        ("sys/class/drm/card1-HDMI-A-1/status", "connected\n"),
        ("sys/class/drm/card1-HDMI-A-1/modes", "1920x1080\n1280x720\n"),
    ];

    #[test]
    fn a_monitor_is_told_with_the_mode_that_it_will_have() {
        let found = |display: &str| told(display, &CONNECTED);
        assert_eq!(found("[display.hdmi]\n"), (Level::Fine, "monitor HDMI-A-1, 1920×1080, as it prefers".to_owned()));
        let smaller = "[display.hdmi]\nwidth = 1280\nheight = 720\n";
        assert_eq!(found(smaller), (Level::Fine, "monitor HDMI-A-1, 1280×720".to_owned()));
        let (level, text) = found("[display.hdmi]\nwidth = 1024\nheight = 768\n");
        assert_eq!(
            (level, text.as_str()),
            (Level::Warn, "monitor HDMI-A-1 has no mode of 1024×768, and takes 1920×1080")
        );
    }

    #[test]
    fn a_monitor_that_is_not_there_is_told_with_where_it_belongs() {
        let away = [("sys/class/drm/card1-HDMI-A-1/status", "disconnected\n")];
        assert_eq!(told("[display.hdmi]\n", &away), (Level::Bad, "no monitor at HDMI-A-1".to_owned()));
        assert_eq!(told("[display.hdmi]\n", &[]), (Level::Bad, "no graphics card has a connector".to_owned()));
        let other = "[display.hdmi]\ndevice = \"/dev/dri/card0\"\n";
        assert_eq!(told(other, &CONNECTED), (Level::Bad, "no graphics card has a connector".to_owned()));
    }

    #[test]
    fn a_framebuffer_is_told_with_its_size_and_stands_in_for_a_card() {
        let files = |bits| {
            [
                ("dev/fb0", ""),
                ("sys/class/graphics/fb0/virtual_size", "800,480\n"),
                ("sys/class/graphics/fb0/bits_per_pixel", bits),
            ]
        };
        let fine = (Level::Fine, "framebuffer `/dev/fb0`, 800×480, 16 bits a pixel".to_owned());
        assert_eq!(told("[display.fb]\npath = \"/dev/fb0\"\n", &files("16\n")), fine);
        assert_eq!(told("[display.hdmi]\n", &files("16\n")), fine);
        assert_eq!(told("[display.fb]\npath = \"/dev/fb0\"\n", &files("8\n")).0, Level::Bad);
        assert_eq!(told("[display.fb]\npath = \"/dev/fb1\"\n", &files("16\n")).0, Level::Bad);
    }
}
