//! The device files of a board's parts: whether they are there, and whether the kiosk may use them.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::device::{Access, Machine};
use crate::rules::board::{Board, Camera, Driver, Nokhwa, NokhwaDevice, Output, V4l2, VideoDevice};

/// Who the kiosk is where the package has brought it.
const KIOSK: &str = "greengate";

/// A part's device file, and what to do where there is none.
struct Wanted {
    part: &'static str,
    path: PathBuf,
    absent: &'static str,
}

/// Root may open everything, so root is told what the kiosk's user may.
pub fn look(machine: &Machine, board: &Board, is_root: bool) -> Vec<Finding> {
    wanted(machine, board).iter().map(|wanted| finding(machine, wanted, is_root)).collect()
}

fn finding(machine: &Machine, Wanted { part, path, absent }: &Wanted, is_root: bool) -> Finding {
    let of_kiosk = is_root.then(|| machine.access_of(KIOSK, path)).flatten();
    let (user, who) = if of_kiosk.is_some() { (KIOSK, "the kiosk's user `greengate`") } else { ("$USER", "this user") };
    let told = format!("`{}`", path.display());
    match of_kiosk.unwrap_or_else(|| machine.access(path)) {
        Access::Open if is_root && user != KIOSK => {
            let help = format!("there is no user `{KIOSK}`; run `greengate doctor` as the user that the kiosk has");
            Finding::warn(part, format!("{told} may be used by root, who may use everything"), help)
        }
        Access::Open => Finding::fine(part, format!("{told} may be used by {who}")),
        Access::Missing => Finding::bad(part, format!("{told} is not there"), *absent),
        Access::Group(Some(group)) if group != "root" => {
            let help = format!(
                "`sudo usermod -aG {group} {user}`, then log in again, or `systemctl restart greengate`; if its mode \
                 keeps the group out, the package's udev rules mend that"
            );
            Finding::bad(part, format!("{told} may not be used by {who}, who is not in the group `{group}`"), help)
        }
        Access::Group(_) => {
            let help = "install the package, whose udev rules give it to a group, and restart";
            Finding::bad(part, format!("{told} belongs to root alone"), help)
        }
        Access::Refused(message) => {
            Finding::bad(part, format!("{told} cannot be opened: {message}"), "restart the box")
        }
    }
}

fn wanted(machine: &Machine, board: &Board) -> Vec<Wanted> {
    let drivers: Vec<&Driver> = board.lines().into_iter().map(|line| line.driver).collect();
    let mut wanted: Vec<Wanted> = camera(machine, &board.camera).into_iter().chain(display(machine, board)).collect();
    for (number, driver) in drivers.iter().enumerate() {
        if !drivers[..number].contains(driver) {
            wanted.push(of_lines(machine, driver));
        }
    }
    wanted
}

fn camera(machine: &Machine, camera: &Camera) -> Option<Wanted> {
    // One that is named in another way stands for all: they have the same group.
    let first = |prefix: &str| machine.devices(prefix).into_iter().next();
    let path = match camera {
        Camera::Panel { .. } | Camera::Folder { .. } | Camera::Stream { .. } => return None,
        Camera::V4l2(V4l2 { device: VideoDevice::Path(path), .. }) => path.clone(),
        Camera::V4l2(V4l2 { device: VideoDevice::Index(index), .. })
        | Camera::Nokhwa(Nokhwa { device: NokhwaDevice::Index(index), .. }) => {
            PathBuf::from(format!("/dev/video{index}"))
        }
        Camera::V4l2(V4l2 { device: VideoDevice::Usb { .. }, .. })
        | Camera::Nokhwa(Nokhwa { device: NokhwaDevice::Name(_), .. }) => {
            first("video").unwrap_or("/dev/video0".into())
        }
        Camera::Rpicam(_) => first("media").unwrap_or("/dev/media0".into()),
    };
    let absent = match camera {
        Camera::Rpicam(_) => "look at the ribbon cable; `rpicam-hello --list-cameras` names cameras",
        Camera::Panel { .. } | Camera::Folder { .. } | Camera::Stream { .. } | Camera::V4l2(_) | Camera::Nokhwa(_) => {
            "plug the camera in; `greengate camera list` names those that are there"
        }
    };
    Some(Wanted { part: "camera file", path, absent })
}

fn display(machine: &Machine, board: &Board) -> Option<Wanted> {
    let (path, absent) = match &board.display.output {
        Output::Panel | Output::Png { .. } => return None,
        Output::Hdmi { device, .. } => {
            let card = || machine.devices("dri/card").into_iter().next();
            // Where no card is, the framebuffer is written to.
            let framebuffer = || machine.devices("fb").into_iter().next();
            let path = device.clone().or_else(card).or_else(framebuffer).unwrap_or("/dev/dri/card0".into());
            (path, "add `dtoverlay=vc4-kms-v3d` to `config.txt`, and restart")
        }
        Output::Framebuffer { path, .. } => (path.clone(), "`ls /dev/fb*` shows what there is"),
        Output::Spi(panel) => (
            PathBuf::from(format!("/dev/spidev{}.{}", panel.bus, panel.select)),
            "switch SPI on: `dtparam=spi=on` in `config.txt`, or `sudo raspi-config`, and restart",
        ),
        Output::I2c(panel) => (
            PathBuf::from(format!("/dev/i2c-{}", panel.bus)),
            "switch I²C on: `dtparam=i2c_arm=on` in `config.txt`, or `sudo raspi-config`, and restart",
        ),
    };
    Some(Wanted { part: "display file", path, absent })
}

fn of_lines(machine: &Machine, driver: &Driver) -> Wanted {
    let (path, absent) = match driver {
        Driver::Gpiocdev { chip } => (chip.clone(), "`gpiodetect` names the chips; write one of them as `chip`"),
        Driver::Rppal => {
            let registers = machine.devices("gpiomem").into_iter().next();
            let absent = "this is no Raspberry Pi that `rppal` drives; take `gpiocdev` in its place";
            (registers.unwrap_or(Path::new("/dev/gpiomem").to_owned()), absent)
        }
    };
    Wanted { part: "lines file", path, absent }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use tempfile::{TempDir, tempdir};

    use super::super::finding::Level;
    use super::*;
    use crate::config;

    const CAMERA: &str = "width = 1280\nheight = 720\nrate = 30\n";
    const QUIET: &str = "[lights.log]\n[sound.none]\n";
    const PANEL: &str = "[display.panel]\nwidth = 800\nheight = 480\n";

    fn machine(files: &[&str]) -> (TempDir, Machine) {
        let root = tempdir().expect("a folder");
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, "").expect("a file");
        }
        let machine = Machine::at(root.path());
        (root, machine)
    }

    fn board(camera: &str, display: &str, others: &str) -> Board {
        let text = format!("title = \"Test\"\n{camera}\n{CAMERA}{display}{others}");
        config::board_text("test", &text).expect("a board")
    }

    #[test]
    fn files_that_are_there_are_fine_and_those_that_are_not_are_told_with_what_brings_them() {
        let lamps = "[lights.rppal]\nred = 17\nyellow = 27\ngreen = 22\nactive = \"high\"\n[sound.none]\n";
        let spi =
            "[display.spi]\nmodel = \"ili9341\"\nbus = 0\nselect = 0\nmhz = 32\ndc = 25\nwidth = 240\nheight = 320\n";
        let i2c = "[display.i2c]\nmodel = \"ssd1306\"\nbus = 1\naddress = 60\n";
        let (_root, pi) = machine(&["dev/video0", "dev/gpiomem"]);
        let told = |board: &Board, part: &str| {
            let findings = look(&pi, board, false);
            let found = findings.iter().find(|finding| finding.part == part).expect("a finding").clone();
            (found.level, found.help.unwrap_or_default())
        };
        let tower = board("[camera.nokhwa]\ndevice = 0", spi, lamps);
        assert_eq!(told(&tower, "camera file").0, Level::Fine);
        assert_eq!(told(&tower, "lines file").0, Level::Fine);
        let (level, help) = told(&tower, "display file");
        assert!(level == Level::Bad && help.contains("dtparam=spi=on"), "{help}");
        let (level, help) = told(&board("[camera.v4l2]\ndevice = 3", i2c, QUIET), "display file");
        assert!(level == Level::Bad && help.contains("dtparam=i2c_arm=on"), "{help}");
        let (level, help) = told(&board("[camera.v4l2]\ndevice = 3", PANEL, QUIET), "camera file");
        assert!(level == Level::Bad && help.contains("greengate camera list"), "{help}");
        let (level, help) = told(&board("[camera.rpicam]", "[display.hdmi]\n", QUIET), "display file");
        assert!(level == Level::Bad && help.contains("vc4-kms-v3d"), "{help}");
    }

    #[test]
    fn root_is_told_what_the_kiosks_user_may() {
        let (root, pi) = machine(&["dev/video0", "etc/passwd", "etc/group"]);
        let file = root.path().join("dev/video0");
        let gid = fs::metadata(&file).expect("a file").gid();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o660)).expect("a mode");
        let board = board("[camera.v4l2]\ndevice = 0", PANEL, QUIET);
        let told = || look(&pi, &board, true).remove(0);
        assert_eq!(told().level, Level::Warn, "there is no such user");
        fs::write(root.path().join("etc/passwd"), "greengate:x:64001:64001::/:\n").expect("users");
        fs::write(root.path().join("etc/group"), format!("video:x:{gid}:\n")).expect("groups");
        let lacks = told();
        assert_eq!(lacks.level, Level::Bad);
        assert!(lacks.help.is_some_and(|help| help.starts_with("`sudo usermod -aG video greengate`")));
        fs::write(root.path().join("etc/group"), format!("root:x:{gid}:\n")).expect("groups");
        assert_eq!(told().found, "`/dev/video0` belongs to root alone");
        fs::write(root.path().join("etc/group"), format!("video:x:{gid}:greengate\n")).expect("groups");
        assert_eq!(told().found, "`/dev/video0` may be used by the kiosk's user `greengate`");
    }

    #[test]
    fn the_virtual_board_has_no_files() {
        let (_root, pi) = machine(&[]);
        let sim = config::board_text("sim", config::builtin_board("sim").expect("a board")).expect("a board");
        assert_eq!(look(&pi, &sim, false), []);
    }
}
