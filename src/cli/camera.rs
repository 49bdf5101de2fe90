//! `greengate camera`: name cameras, aim and focus one, take its picture. It works over SSH, where nobody sees a window.

use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::out::put;
use crate::cli::{Exit, Failure, Place};
use crate::config::{self, Found};
use crate::device::{self, Camera as Open, DeviceClock, DeviceFault, Frame, VideoNode, Wiring, picture};
use crate::rules::board::Board;
use crate::rules::image::GreyImage;
use crate::rules::symbol;
use crate::vision::Reader;

/// How long `shot` waits for a good picture.
const SHOT_PATIENCE: Duration = Duration::from_secs(15);
/// Cameras need a moment until exposure and focus have settled.
const SETTLED: Duration = Duration::from_millis(1500);
/// A picture drawn in characters has so many columns and rows; characters are twice as high as wide.
const DRAWN: (usize, usize) = (76, 20);
/// From black to white.
const SHADES: &[u8] = b" .:-=+*#%@";
/// Of what is read so many characters are shown.
const TEXT: usize = 60;

/// Look through the camera.
#[derive(Debug, clap::Subcommand)]
pub enum Camera {
    /// Name this machine's cameras, what they give, and how a board names them
    List,
    /// Show what the camera sees once a second, to aim and to focus it; end it with Ctrl-C
    Preview(Preview),
    /// Take one picture and tell how sharp it is
    Shot(Shot),
}

/// Show what the camera sees once a second: frames, brightness (0 to 255), sharpness (0 to 255, the more the better), and
/// what is read. On a terminal the picture is drawn in characters. A kiosk that runs has the camera: stop it first.
#[derive(Debug, clap::Args)]
pub struct Preview {
    /// Another board: a file, or a name that `board list` shows
    #[arg(long, value_name = "BOARD")]
    board: Option<String>,
    /// Write the picture of each second into this PNG file
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// End after so many seconds
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// Take one picture, once exposure and focus have settled. A kiosk that runs has the camera: stop it first.
#[derive(Debug, clap::Args)]
pub struct Shot {
    /// The PNG file to write
    file: PathBuf,
    /// Another board: a file, or a name that `board list` shows
    #[arg(long, value_name = "BOARD")]
    board: Option<String>,
}

impl Camera {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::List => list()?,
            Self::Preview(preview) => preview.execute(place)?,
            Self::Shot(shot) => shot.execute(place)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list() -> Result<(), Failure> {
    let nodes = device::video_nodes();
    let is_camera = |node: &&VideoNode| node.offers.as_ref().is_ok_and(|offers| !offers.is_empty());
    for node in nodes.iter().filter(is_camera) {
        put(describe(node))?;
    }
    let others: Vec<&VideoNode> = nodes.iter().filter(|node| !is_camera(node)).collect();
    for node in &others {
        let why = node.offers.as_ref().err().map_or("gives no pictures", String::as_str);
        put(format_args!("no camera: {}: {why}", node.title()))?;
    }
    if nodes.len() == others.len() {
        put("no camera found; plug one in. Cameras on the ribbon cable are named by `rpicam-hello --list-cameras`")?;
    }
    Ok(())
}

/// A camera with all that a board can say of it.
fn describe(node: &VideoNode) -> String {
    let mut lines = vec![node.title()];
    if let Some(by_id) = &node.by_id {
        lines.push(format!("  device = \"{}\"", by_id.display()));
    }
    if let Some((vendor, product)) = node.usb {
        lines.push(format!("  device = \"usb:{vendor:04x}:{product:04x}\""));
    }
    let mut not_taken = Vec::new();
    for offer in node.offers.iter().flatten() {
        let Some(format) = offer.format() else {
            not_taken.push(offer.letters());
            continue;
        };
        let sizes: Vec<String> = offer.sizes.iter().map(ToString::to_string).collect();
        lines.push(format!("  {} ({}): {}", format.name(), offer.letters(), sizes.join("; ")));
    }
    if !not_taken.is_empty() {
        lines.push(format!("  not taken: {}", not_taken.join(", ")));
    }
    lines.join("\n")
}

impl Preview {
    fn execute(&self, place: &Place) -> Result<(), Failure> {
        let mut view = View::open(place, self.board.as_deref())?;
        let begun = Instant::now();
        let mut second = Second::default();
        let limit = self.seconds.map(Duration::from_secs);
        while limit.is_none_or(|limit| begun.elapsed() < limit) && !second.has_ended {
            second = view.second()?;
            self.show(&mut view, &second)?;
        }
        Ok(())
    }

    fn show(&self, view: &mut View, second: &Second) -> Result<(), Failure> {
        let drawn = if stdout().is_terminal() { drawn(&view.frame) } else { String::new() };
        if let Some(fault) = &second.fault {
            return Ok(put(fault)?);
        }
        if second.frames == 0 {
            return Ok(put("no picture")?);
        }
        put(format_args!("{drawn}{:.1} frames a second, {}", second.rate(), view.told()))?;
        if let Some(path) = &self.save {
            picture::save(&view.frame, path)?;
        }
        Ok(())
    }
}

impl Shot {
    fn execute(&self, place: &Place) -> Result<(), Failure> {
        let mut view = View::open(place, self.board.as_deref())?;
        let begun = Instant::now();
        let mut first: Option<Instant> = None;
        let mut told = None;
        loop {
            match view.look() {
                Ok(Frame::New) if !view.camera.is_live() => break,
                Ok(Frame::New) if first.get_or_insert_with(Instant::now).elapsed() >= SETTLED => break,
                Ok(Frame::New | Frame::Same) => {}
                Ok(Frame::Ended) => return Err(Failure::new(Exit::Unavailable, "the recording has no picture")),
                Err(fault) => told = Some(fault),
            }
            if begun.elapsed() > SHOT_PATIENCE {
                let message = told.map_or_else(|| "the camera gives no picture".to_owned(), |fault| fault.to_string());
                return Err(Failure::new(Exit::Unavailable, message));
            }
        }
        picture::save(&view.frame, &self.file)?;
        let told = view.told();
        let about = view.camera.about().map(|about| format!(", from {about}")).unwrap_or_default();
        put(format_args!("{}: {told}{about}", self.file.display()))?;
        Ok(())
    }
}

/// An open camera, and what it saw last.
struct View {
    camera: Open,
    frame: GreyImage,
    reader: Reader,
}

/// What a second brought.
#[derive(Default)]
struct Second {
    frames: u32,
    lasted: Duration,
    fault: Option<DeviceFault>,
    has_ended: bool,
}

impl Second {
    fn rate(&self) -> f64 {
        f64::from(self.frames) / self.lasted.as_secs_f64().max(0.001)
    }
}

impl View {
    fn open(place: &Place, board: Option<&str>) -> Result<Self, Failure> {
        let wiring = Wiring { symbol: symbol::encode, clock: DeviceClock::new() };
        let camera = device::camera(&board_of(place, board)?, &wiring)?;
        Ok(Self { camera, frame: GreyImage::default(), reader: Reader::new() })
    }

    fn look(&mut self) -> Result<Frame, DeviceFault> {
        self.camera.frame(&mut self.frame)
    }

    fn second(&mut self) -> Result<Second, DeviceFault> {
        let begun = Instant::now();
        let mut second = Second::default();
        while begun.elapsed() < Duration::from_secs(1) && !second.has_ended {
            match self.look() {
                Ok(Frame::New) => second.frames += 1,
                Ok(Frame::Same) => {}
                Ok(Frame::Ended) => second.has_ended = true,
                Err(fault) if fault.is_final() => return Err(fault),
                Err(fault) => second.fault = Some(fault),
            }
        }
        second.lasted = begun.elapsed();
        Ok(second)
    }

    /// The last frame in numbers, and what is on it.
    fn told(&mut self) -> String {
        let GreyImage { width, height, pixels } = &self.frame;
        let read = self.reader.scan(pixels, *width, *height).map(|sighting| sighting.payloads).unwrap_or_default();
        let texts = read.iter().map(|payload| {
            let text = String::from_utf8_lossy(&payload.bytes).into_owned();
            let short: String = text.chars().filter(|letter| !letter.is_control()).take(TEXT).collect();
            if text.chars().count() > TEXT { format!("`{short}…`") } else { format!("`{short}`") }
        });
        let texts: Vec<String> = texts.collect();
        let read = if texts.is_empty() { "no code".to_owned() } else { texts.join(", ") };
        let (brightness, sharpness) = (picture::brightness(&self.frame), picture::sharpness(&self.frame));
        format!("{width}×{height}, brightness {brightness}, sharpness {sharpness}, {read}")
    }
}

/// The configured board, or the one that is named; without a configuration the virtual one.
fn board_of(place: &Place, name: Option<&str>) -> Result<Board, Failure> {
    let builtin = |name: &str| config::builtin_board(name).map(|text| config::board_text(name, text));
    match name {
        Some(name) => Ok(builtin(name).unwrap_or_else(|| config::board(&PathBuf::from(name)))?),
        None => match config::find(place.config.as_deref())? {
            Found::Files { board, .. } => Ok(config::board(&board)?),
            Found::Demo => {
                let none = || Failure::new(Exit::Config, "there is no configuration; name a board with `--board`");
                Ok(builtin("sim").ok_or_else(none)??)
            }
        },
    }
}

/// The picture in characters, from the terminal's upper left corner on.
fn drawn(frame: &GreyImage) -> String {
    let mut text = "\x1b[H\x1b[J".to_owned();
    if frame.pixels.is_empty() {
        return text;
    }
    for row in 0..DRAWN.1 {
        let y = (2 * row + 1) * frame.height / (2 * DRAWN.1);
        for column in 0..DRAWN.0 {
            let x = (2 * column + 1) * frame.width / (2 * DRAWN.0);
            let shade = usize::from(frame.pixels[y * frame.width + x]) * SHADES.len() / 256;
            text.push(char::from(SHADES[shade]));
        }
        text.push('\n');
    }
    text
}
