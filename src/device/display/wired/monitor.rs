//! A monitor, through the kernel's Direct Rendering Manager: a picture in memory that the graphics card scans out.
//!
//! Who has a card open is its master as long as nobody else is. When the program ends, however it ends, the kernel takes its
//! picture off the monitor and puts the text console back, so no verdict stays.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use drm::buffer::{Buffer, DrmFourcc};
use drm::control::connector::{self, Interface, State};
use drm::control::dumbbuffer::DumbBuffer;
use drm::control::{ClipRect, Device as _, Mode, ModeFlags, ModeTypeFlags, ResourceHandles, crtc, framebuffer};
use rustix::io::Errno;

use super::super::Surface;
use super::framebuffer::Framebuffer;
use super::pixels::PixelFormat;
use super::refused;
use crate::device::{DeviceFault, Unshown};
use crate::rules::board::Size;
use crate::rules::image::ScreenImage;

/// Where the kernel has its graphics cards.
const CARDS: &str = "/dev/dri";
/// What is written to where there is no card with a connector.
const FRAMEBUFFER: &str = "/dev/fb0";
/// What a user has to belong to.
const GROUP: &str = "video";

/// A graphics card.
struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Card {}
impl drm::control::Device for Card {}

/// A monitor that shows our picture.
struct Monitor {
    card: Card,
    connector: connector::Handle,
    /// As people and `/sys/class/drm` call it: `HDMI-A-1`.
    name: String,
    size: Size,
    buffer: DumbBuffer,
    framebuffer: framebuffer::Handle,
    format: PixelFormat,
}

/// What came of looking at the cards.
#[derive(Default)]
struct Search {
    /// Connectors without a monitor.
    idle: Vec<String>,
    /// The first card that may not be opened.
    refused: Option<DeviceFault>,
}

/// The first monitor of `device` or of all cards, or the framebuffer where no card has a connector.
pub fn open(device: Option<&Path>, mode: Option<Size>) -> Result<Box<dyn Surface>, DeviceFault> {
    let mut search = Search::default();
    for path in device.map_or_else(cards, |device| vec![device.to_owned()]) {
        let card = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => Card(file),
            Err(error) => {
                let fault = refused(&path.display().to_string(), &error, GROUP, "`ls /dev/dri` shows what there is");
                search.refused.get_or_insert(fault);
                continue;
            }
        };
        // A card that only draws has nothing to tell here.
        let Ok(resources) = card.resource_handles() else { continue };
        if let Some(connector) = connected(&card, &resources, &mut search) {
            return Ok(Box::new(Monitor::open(card, &resources, &connector, mode)?));
        }
    }
    if !search.idle.is_empty() {
        let places = search.idle.join(" and ");
        return Err(dark(format!("no monitor at {places}; plug one in and switch it on")).into());
    }
    if let Some(fault) = search.refused {
        return Err(fault);
    }
    if device.is_none() && Path::new(FRAMEBUFFER).exists() {
        return Ok(Box::new(Framebuffer::open(Path::new(FRAMEBUFFER))?));
    }
    let help = "add `dtoverlay=vc4-kms-v3d` to `config.txt`, or wait for the driver";
    Err(dark(format!("neither {CARDS} nor {FRAMEBUFFER} has a display; {help}")).into())
}

/// The cards in the order of their names.
fn cards() -> Vec<PathBuf> {
    let entries = fs::read_dir(CARDS).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_card = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("card"));
    let mut cards: Vec<PathBuf> = entries.filter(is_card).collect();
    cards.sort();
    cards
}

/// The first connector of a card that has a monitor with a mode.
fn connected(card: &Card, resources: &ResourceHandles, search: &mut Search) -> Option<connector::Info> {
    for handle in resources.connectors() {
        let Ok(connector) = card.get_connector(*handle, true) else { continue };
        if connector.state() == State::Connected && !connector.modes().is_empty() {
            return Some(connector);
        }
        if connector.interface() != Interface::Writeback {
            search.idle.push(connector.to_string());
        }
    }
    None
}

impl Monitor {
    fn open(
        card: Card,
        resources: &ResourceHandles,
        connector: &connector::Info,
        wanted: Option<Size>,
    ) -> Result<Self, Unshown> {
        let name = connector.to_string();
        let fault = |what: &'static str| {
            let name = name.clone();
            move |error: io::Error| {
                dark(format!("the monitor at {name} cannot be used: {what}: {error}; {}", help(&error)))
            }
        };
        let mode = mode(connector.modes(), wanted, &name);
        let crtc = crtc(&card, resources, connector).map_err(fault("no circuit for it"))?;
        let (width, height) = (u32::from(mode.size().0), u32::from(mode.size().1));
        let create = || -> io::Result<(DumbBuffer, framebuffer::Handle)> {
            let buffer = card.create_dumb_buffer((width, height), DrmFourcc::Xrgb8888, 32)?;
            let framebuffer = card.add_framebuffer(&buffer, 24, 32)?;
            Ok((buffer, framebuffer))
        };
        let (buffer, framebuffer) = create().map_err(fault("no memory for its picture"))?;
        // The kernel hands the memory out black.
        let set = card.set_crtc(crtc, Some(framebuffer), (0, 0), &[connector.handle()], Some(mode));
        set.map_err(fault("its mode cannot be set"))?;
        log::info!("monitor {name}: {width}×{height} at {} Hz", mode.vrefresh());
        let (connector, size) = (connector.handle(), Size { width, height });
        Ok(Self { card, connector, name, size, buffer, framebuffer, format: PixelFormat::xrgb8888() })
    }
}

impl Surface for Monitor {
    fn size(&self) -> Size {
        self.size
    }

    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        let (stride, span) = (self.buffer.pitch() as usize, picture.width * 3);
        let fault = |error: io::Error| {
            let message = format!("the monitor at {} takes no picture: {error}; restart the box", self.name);
            Unshown { message, is_dark: false }
        };
        let mut memory = self.card.map_dumb_buffer(&mut self.buffer).map_err(fault)?;
        for y in rows.iter().cloned().flatten() {
            let row = &mut memory.as_mut()[y * stride..][..picture.width * self.format.bytes()];
            self.format.pack(&picture.rgb[y * span..][..span], row);
        }
        drop(memory);
        // Some cards copy the memory and have to be told; others scan it out and do not know the request.
        let side = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
        let clip = ClipRect::new(0, side(first.start), side(picture.width), side(last.end));
        match self.card.dirty_framebuffer(self.framebuffer, &[clip]) {
            Err(error) if error.raw_os_error() != Some(Errno::NOSYS.raw_os_error()) => Err(fault(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Asks for what the kernel knows; a probe would take as long as the monitor's own description.
    fn check(&mut self) -> Result<(), Unshown> {
        let connected = self.card.get_connector(self.connector, false).map(|connector| connector.state());
        match connected {
            Ok(State::Connected) => Ok(()),
            Ok(State::Disconnected | State::Unknown) | Err(_) => {
                Err(dark(format!("no monitor at {}; plug one in and switch it on", self.name)))
            }
        }
    }
}

/// The mode that is wanted, or the one that the monitor prefers: a picture in another size is better than none.
fn mode(modes: &[Mode], wanted: Option<Size>, name: &str) -> Mode {
    let is_whole = |mode: &&Mode| !mode.flags().contains(ModeFlags::INTERLACE);
    let fits = |mode: &&Mode| {
        wanted.is_some_and(|size| (size.width, size.height) == (u32::from(mode.size().0), u32::from(mode.size().1)))
    };
    let preferred = |mode: &&Mode| mode.mode_type().contains(ModeTypeFlags::PREFERRED);
    let whole = || modes.iter().filter(is_whole);
    if let Some(mode) = whole().filter(fits).max_by_key(|mode| (preferred(mode), mode.vrefresh())) {
        return *mode;
    }
    if let Some(Size { width, height }) = wanted {
        log::warn!("the monitor at {name} has no mode of {width}×{height}; it has the one that it prefers");
    }
    *whole().find(preferred).or_else(|| whole().next()).unwrap_or(&modes[0])
}

/// The circuit that reads the picture out for a connector: the one that does already, or one that can.
fn crtc(card: &Card, resources: &ResourceHandles, connector: &connector::Info) -> io::Result<crtc::Handle> {
    let present = connector.current_encoder().and_then(|encoder| card.get_encoder(encoder).ok()?.crtc());
    let mut possible = connector.encoders().iter().filter_map(|encoder| card.get_encoder(*encoder).ok());
    let first = || possible.find_map(|encoder| resources.filter_crtcs(encoder.possible_crtcs()).first().copied());
    present.or_else(first).ok_or_else(|| io::Error::from(ErrorKind::NotFound))
}

fn help(error: &io::Error) -> &'static str {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::ACCESS | Errno::PERM | Errno::BUSY) => {
            "another program has the monitor; boot without a desktop: `systemctl set-default multi-user.target`"
        }
        Some(_) | None => "restart the box",
    }
}

/// Nothing of ours can be seen.
fn dark(message: String) -> Unshown {
    Unshown { message, is_dark: true }
}
