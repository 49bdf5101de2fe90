//! The nodes that Linux has for cameras and much else, and which of them a board means.
//!
//! A USB camera has two nodes or more, of which one gives pictures. A Raspberry Pi has a dozen for its codecs. What a
//! node is can be read below `/sys` without opening it.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::offer::Offer;
#[cfg(any(test, all(feature = "pi", target_os = "linux")))]
use crate::device::CameraFault;
#[cfg(any(test, all(feature = "pi", target_os = "linux")))]
use crate::rules::board::VideoDevice;

/// Most nodes that are looked at.
const NODES_LIMIT: usize = 256;

/// Bytes of a name that drivers tell (`card` of `struct v4l2_capability`, without its end).
#[cfg(any(test, all(feature = "pi", target_os = "linux")))]
const NAME: usize = 31;

/// A node of `/dev`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoNode {
    /// Its path.
    pub path: PathBuf,
    /// What its driver calls it.
    pub name: String,
    /// A path that stays the same whatever else is plugged in.
    pub by_id: Option<PathBuf>,
    /// The maker's and the model's number of a USB camera.
    pub usb: Option<(u16, u16)>,
    /// It is its device's first node, the one with pictures.
    pub is_first: bool,
    /// What it gives, or why that cannot be told; nothing where it is no camera.
    pub offers: Result<Vec<Offer>, String>,
}

impl VideoNode {
    /// How a person finds it: name, USB number and path.
    #[must_use]
    pub fn title(&self) -> String {
        let usb = self.usb.map(|(vendor, product)| format!("usb:{vendor:04x}:{product:04x}, ")).unwrap_or_default();
        format!("`{}` ({usb}{})", self.name, self.path.display())
    }
}

/// Every node with what it gives.
#[must_use]
pub fn nodes() -> Vec<VideoNode> {
    let mut nodes = Places::system().nodes();
    for node in &mut nodes {
        node.offers = super::offers(&node.path);
    }
    nodes
}

/// Where the system has its nodes and what it says of them.
#[derive(Debug)]
pub struct Places {
    dev: PathBuf,
    sys: PathBuf,
}

impl Places {
    pub fn system() -> Self {
        Self { dev: PathBuf::from("/dev"), sys: PathBuf::from("/sys/class/video4linux") }
    }

    /// The path of the camera that the board names, if it is there.
    #[cfg(any(test, all(feature = "pi", target_os = "linux")))]
    pub fn find(&self, device: &VideoDevice) -> Result<PathBuf, CameraFault> {
        let found = match device {
            VideoDevice::Path(path) => path.exists().then(|| path.clone()),
            VideoDevice::Index(index) => Some(self.dev.join(format!("video{index}"))).filter(|path| path.exists()),
            VideoDevice::Usb { vendor, product } => {
                let is_it = |node: &VideoNode| node.is_first && node.usb == Some((*vendor, *product));
                self.nodes().into_iter().find(is_it).map(|node| node.path)
            }
        };
        found.ok_or_else(|| self.missing(device.to_string()))
    }

    /// The path of the first camera that its driver calls so.
    #[cfg(any(test, all(feature = "pi", target_os = "linux")))]
    pub fn named(&self, name: &str) -> Result<PathBuf, CameraFault> {
        let found = self.nodes().into_iter().find(|node| node.is_first && node.name == name);
        found.map(|node| node.path).ok_or_else(|| self.missing(name.to_owned()))
    }

    #[cfg(any(test, all(feature = "pi", target_os = "linux")))]
    fn missing(&self, name: String) -> CameraFault {
        let others = self.nodes().into_iter().filter(|node| node.is_first && node.usb.is_some());
        CameraFault::Missing { name, others: others.map(|node| node.title()).collect() }
    }

    /// Whether a node's name is UTF-8, also when its driver cuts it to what it tells of itself.
    #[cfg(any(test, all(feature = "pi", target_os = "linux")))]
    pub fn has_whole_name(&self, path: &Path) -> bool {
        let Some(node) = path.file_name() else { return false };
        let Ok(name) = fs::read(self.sys.join(node).join("name")) else { return false };
        let name = name.trim_ascii_end();
        [name, &name[..name.len().min(NAME)]].into_iter().all(|name| std::str::from_utf8(name).is_ok())
    }

    /// How a person finds the camera at this path.
    #[cfg(all(feature = "pi", target_os = "linux"))]
    pub fn title(&self, path: &Path) -> String {
        let there = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let found = self.nodes().into_iter().find(|node| node.path == there);
        found.map_or_else(|| format!("`{}`", path.display()), |node| node.title())
    }

    /// Every node, in the order of their numbers.
    fn nodes(&self) -> Vec<VideoNode> {
        let entries = fs::read_dir(&self.sys).into_iter().flatten().flatten();
        let number = |name: &str| name.strip_prefix("video")?.parse::<u32>().ok();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<(u32, String)> = names.filter_map(|name| Some((number(&name)?, name))).collect();
        names.sort_unstable();
        names.truncate(NODES_LIMIT);
        names.into_iter().map(|(_, name)| self.node(&name)).collect()
    }

    fn node(&self, name: &str) -> VideoNode {
        let (path, about) = (self.dev.join(name), self.sys.join(name));
        // A USB camera's nodes belong to an interface of the device that has the numbers.
        let device =
            about.join("device").canonicalize().ok().and_then(|interface| Some(interface.parent()?.to_owned()));
        let usb_number = |file: &str| u16::from_str_radix(&text(&device.as_ref()?.join(file))?, 16).ok();
        VideoNode {
            name: text(&about.join("name")).unwrap_or_else(|| name.to_owned()),
            by_id: self.by_id(&path),
            usb: usb_number("idVendor").zip(usb_number("idProduct")),
            is_first: text(&about.join("index")).is_none_or(|index| index == "0"),
            path,
            offers: Ok(Vec::new()),
        }
    }

    fn by_id(&self, path: &Path) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let links = fs::read_dir(self.dev.join("v4l/by-id")).into_iter().flatten().flatten();
        links.map(|link| link.path()).find(|link| link.canonicalize().is_ok_and(|target| target == path))
    }
}

/// A file's text without what a terminal would obey; makers write into these what they like.
fn text(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let text: String = String::from_utf8_lossy(&bytes).trim().chars().filter(|letter| !letter.is_control()).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::{TempDir, tempdir};

    use super::*;

    /// What Linux has below `/dev` and `/sys`, as files.
    struct Machine {
        folder: TempDir,
        places: Places,
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempdir().expect("a folder");
            let places = Places { dev: folder.path().join("dev"), sys: folder.path().join("class/video4linux") };
            fs::create_dir_all(places.dev.join("v4l/by-id")).expect("a folder");
            fs::create_dir_all(&places.sys).expect("a folder");
            Self { folder, places }
        }

        /// A device with as many nodes as numbers; `usb` are the maker's and the model's.
        fn plug_in(&self, name: &str, usb: Option<(&str, &str)>, numbers: &[u32]) {
            let device = self.folder.path().join(format!("devices/{}", numbers[0]));
            let interface = device.join("interface");
            fs::create_dir_all(&interface).expect("a folder");
            if let Some((vendor, product)) = usb {
                fs::write(device.join("idVendor"), format!("{vendor}\n")).expect("a number");
                fs::write(device.join("idProduct"), format!("{product}\n")).expect("a number");
            }
            for (index, number) in numbers.iter().enumerate() {
                let about = self.places.sys.join(format!("video{number}"));
                fs::create_dir(&about).expect("a folder");
                fs::write(about.join("name"), format!("{name}\n")).expect("a name");
                fs::write(about.join("index"), format!("{index}\n")).expect("an index");
                symlink(&interface, about.join("device")).expect("a link");
                fs::write(self.places.dev.join(format!("video{number}")), "").expect("a node");
            }
        }

        fn by_id(&self, name: &str, number: u32) -> PathBuf {
            let link = self.places.dev.join("v4l/by-id").join(name);
            symlink(format!("../../video{number}"), &link).expect("a link");
            link
        }

        fn find(&self, device: &VideoDevice) -> Result<String, String> {
            let name = |path: PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
            self.places.find(device).map(name).map_err(|fault| fault.to_string())
        }
    }

    fn usb(vendor: u16, product: u16) -> VideoDevice {
        VideoDevice::Usb { vendor, product }
    }

    #[test]
    fn nodes_are_told_in_order_with_all_that_names_them() {
        let machine = Machine::new();
        machine.plug_in("bcm2835-codec-decode", None, &[10, 11]);
        machine.plug_in("HD 摄像头 C270", Some(("046d", "0825")), &[2, 3]);
        let link = machine.by_id("usb-046d_0825-video-index0", 2);
        let nodes = machine.places.nodes();
        let numbers: Vec<String> =
            nodes.iter().map(|node| node.path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
        assert_eq!(numbers, ["video2", "video3", "video10", "video11"]);
        let first = &nodes[0];
        assert_eq!((first.name.as_str(), first.usb, first.is_first), ("HD 摄像头 C270", Some((0x046d, 0x0825)), true));
        assert_eq!(first.by_id, Some(link));
        assert!(!nodes[1].is_first && nodes[1].by_id.is_none());
        assert_eq!((nodes[2].usb, nodes[2].name.as_str()), (None, "bcm2835-codec-decode"));
    }

    #[test]
    fn a_camera_is_found_by_usb_number_by_path_and_by_index() {
        let machine = Machine::new();
        machine.plug_in("Other", Some(("0bda", "5846")), &[0, 1]);
        machine.plug_in("Webcam", Some(("046d", "0825")), &[4, 5]);
        let link = machine.by_id("usb-046d_0825-video-index0", 4);
        assert_eq!(machine.find(&usb(0x046d, 0x0825)), Ok("video4".to_owned()), "and not its second node");
        assert_eq!(machine.find(&VideoDevice::Index(0)), Ok("video0".to_owned()));
        assert!(machine.find(&VideoDevice::Path(link)).is_ok());
    }

    #[test]
    fn a_camera_that_is_not_there_is_told_with_those_that_are() {
        let machine = Machine::new();
        assert_eq!(
            machine.find(&usb(0x046d, 0x0825)),
            Err("there is no camera `usb:046d:0825`; plug it in".to_owned())
        );
        machine.plug_in("bcm2835-isp", None, &[13]);
        machine.plug_in("Other", Some(("0bda", "5846")), &[0, 1]);
        let told = machine.find(&VideoDevice::Index(7)).expect_err("it is not there");
        let node = machine.places.dev.join("video0");
        assert_eq!(
            told,
            format!(
                "there is no camera `/dev/video7`; plug it in, or name another one on the board: \
                 `Other` (usb:0bda:5846, {})",
                node.display()
            )
        );
    }

    #[test]
    fn a_name_that_is_cut_in_a_character_or_moves_the_cursor_does_no_harm() {
        let machine = Machine::new();
        machine.plug_in("x", Some(("046d", "zzzz")), &[0]);
        let name = machine.places.sys.join("video0/name");
        fs::write(&name, [b"USB \xe6\x91\x84\xe5\x83".as_slice(), b"\x1b[2J\x07"].concat()).expect("a name");
        let node = &machine.places.nodes()[0];
        assert_eq!((node.name.as_str(), node.usb), ("USB 摄\u{fffd}[2J", None));
        fs::remove_file(&name).expect("a name");
        assert_eq!(machine.places.nodes()[0].name, "video0");
    }

    #[test]
    fn a_camera_is_found_by_its_name_and_one_whose_name_is_cut_is_known() {
        let machine = Machine::new();
        machine.plug_in("Webcam", Some(("046d", "0825")), &[4, 5]);
        let path = machine.places.dev.join("video4");
        assert_eq!(machine.places.named("Webcam"), Ok(path.clone()), "and not its second node");
        let told = machine.places.named("Other").expect_err("it is not there").to_string();
        assert!(told.starts_with("there is no camera `Other`; plug it in, or name another one"), "{told}");
        let is_whole = |name: &[u8]| {
            fs::write(machine.places.sys.join("video4/name"), name).expect("a name");
            machine.places.has_whole_name(&path)
        };
        assert!(is_whole("USB 摄像头\n".as_bytes()));
        assert!(!is_whole(b"USB \xe6\x91\x84\xe5\x83\n"));
        assert!(is_whole("摄像头摄像头摄像头 USB".as_bytes()), "27 bytes of Chinese");
        assert!(!is_whole("摄像头摄像头摄像头摄像头".as_bytes()), "cut behind 31 of its 36 bytes");
        assert!(!machine.places.has_whole_name(&machine.places.dev.join("video9")), "nobody says");
    }

    #[test]
    fn a_machine_without_any_has_none() {
        let folder = tempdir().expect("a folder");
        let places = Places { dev: folder.path().join("dev"), sys: folder.path().join("sys") };
        assert_eq!(places.nodes(), []);
    }
}
