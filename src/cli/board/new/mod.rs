//! `greengate board new`: walks a person through what the box is, with lamps that blink and buttons that are found by pressing
//! them, and writes its board.

mod draft;
mod lines;
mod talk;
#[cfg(test)]
mod tests;

use std::io::{IsTerminal, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use self::draft::{Draft, display_of, quoted, ribbon_camera, usb_camera};
use self::lines::Lines;
use self::talk::{Stop, Talk};
use super::{builtin, check};
use crate::cli::out::put;
use crate::cli::{Exit, Failure, signals};
use crate::config;
use crate::device::{self, Machine, Trial, VideoNode};
use crate::rules::board::{Active, Board, ButtonLines, Camera, Driver, Lamps, LightsBoard, Output};

/// Make a board for this box, question by question: a lamp blinks on one line after the other until it is the right one,
/// buttons are found by pressing them.
///
/// It works over SSH. Stop a kiosk that runs before (`systemctl stop greengate`): it has the lines. No lamp that blinks here
/// is a verdict. Ctrl-C ends it, lines as they were before, and writes nothing; so does whatever else ends it but `kill -9`,
/// after which a lamp stays as it is: then `greengate lights off --board NAME` with a board that has it on this line, or
/// restart the box. Answers may come from a file, one a line; an empty line takes the suggestion.
#[derive(Debug, clap::Args)]
pub struct New {
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = "board.toml")]
    output: PathBuf,
    /// Take every suggestion, and light nothing
    #[arg(short, long)]
    yes: bool,
}

/// How long a lamp that blinks is lit, and dark.
const BEAT: Duration = Duration::from_millis(400);

/// What the machine has.
struct Here {
    /// Its lines; nothing is lit without them.
    trial: Option<Trial>,
    beat: Duration,
    /// The board to suggest.
    suggested: &'static str,
    cameras: Vec<VideoNode>,
    chips: Vec<PathBuf>,
}

impl New {
    pub(super) fn execute(&self) -> Result<ExitCode, Failure> {
        if self.yes && self.output.exists() {
            let message = format!("`{}` is there already; name another file with `-o`", self.output.display());
            return Err(Failure::new(Exit::IoError, message));
        }
        let mut talk = Talk::new(talk::listen()?, stdout(), self.yes, !stdin().is_terminal());
        match self.converse(&mut talk) {
            Ok(board) => self.finish(&board),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Interrupted) => {
                put("\nnothing was written")?;
                Ok(signals::INTERRUPTED.into())
            }
            Err(Stop::Ended) => {
                Err(Failure::new(Exit::NoInput, "the answers ended before the board was whole; nothing was written"))
            }
        }
    }

    fn converse<W: Write>(&self, talk: &mut Talk<W>) -> Result<Board, Stop> {
        // Asked first, so that nobody answers all of it in vain.
        if self.output.exists() && !talk.is(&format!("write over `{}`?", self.output.display()), false)? {
            let message = format!("`{}` is as it was; name another file with `-o`", self.output.display());
            return Err(Failure::new(Exit::IoError, message).into());
        }
        let machine = Machine::here();
        if let Some(model) = machine.model() {
            talk.tell(&format!("this is a {model}"))?;
        }
        let suggested = super::fitting(&machine).first().copied().unwrap_or(config::BUILTIN_BOARDS[0]);
        let (cameras, chips) = (device::video_nodes(), machine.devices("gpiochip"));
        let trial = if self.yes { None } else { self::trial(talk)? };
        let text = draft(talk, Here { trial, beat: BEAT, suggested, cameras, chips })?.toml();
        let board = config::board_text(&self.output.to_string_lossy(), &text)?;
        std::fs::write(&self.output, text).map_err(|error| {
            let path = self.output.display();
            Failure::new(Exit::IoError, format!("`{path}` cannot be written: {error}; name another file with `-o`"))
        })?;
        Ok(board)
    }

    fn finish(&self, board: &Board) -> Result<ExitCode, Failure> {
        let file = self.output.display();
        put(format_args!("\nwritten to `{file}`"))?;
        check(board)?;
        put(format_args!(
            "next:\n  greengate board show {file} --picture wiring.svg    which wire goes to which pin\n  \
             greengate camera preview --board {file}             aim and focus the camera\n  \
             sudo cp {file} /etc/greengate/board.toml            make it this box's board\n  \
             greengate config example > site.toml                    then edit it, and put it beside the board\n  \
             greengate config check"
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// This machine's lines; without them every line is taken as it is typed, which is told once.
fn trial<W: Write>(talk: &mut Talk<W>) -> Result<Option<Trial>, Stop> {
    match Trial::here() {
        Ok(trial) => Ok(Some(trial)),
        Err(fault) => {
            talk.tell(&format!("{fault}; until then no lamp is tried"))?;
            Ok(None)
        }
    }
}

/// The whole conversation.
fn draft<W: Write>(talk: &mut Talk<W>, here: Here) -> Result<Draft, Stop> {
    let (name, base, lamps) = base(talk, here.suggested)?;
    let title = title(talk)?;
    let camera = camera(talk, &base, &here.cameras)?;
    let display = display(talk, &base)?;
    let shown = match &display {
        None => base.display.output.clone(),
        Some(display) => output(name, display)?,
    };
    let driver = driver(talk, &lamps.driver, &here.chips)?;
    let of_base = base.buttons.unwrap_or(ButtonLines { driver: Driver::Rppal, active: Active::Low, buttons: vec![] });
    let mut lines = Lines::new(talk, here.trial, here.beat, driver, &shown);
    let lamps = lines.lamps(&lamps)?;
    let sound = lines.sound(&base.sound, lamps.active)?;
    let buttons = lines.buttons(&of_base)?;
    Ok(Draft { base: name, title, camera, display, lamps, sound, buttons })
}

/// The board to begin from; only those with lamps on lines are worth a walk.
fn base<W: Write>(talk: &mut Talk<W>, suggested: &str) -> Result<(&'static str, Board, Lamps), Stop> {
    let mut known = Vec::new();
    for name in config::BUILTIN_BOARDS {
        let board = builtin(name)?;
        if let LightsBoard::Lamps(lamps) = &board.lights {
            let lamps = lamps.clone();
            talk.tell(&format!("  {name:<22} {}", board.title))?;
            known.push((name, board, lamps));
        }
    }
    loop {
        let typed = talk.ask("which of these comes nearest to the box?", suggested)?;
        match known.iter().position(|(name, ..)| *name == typed) {
            Some(at) => return Ok(known.swap_remove(at)),
            None => talk.tell(&format!("there is no board `{typed}` with lamps; type one of the names above"))?,
        }
    }
}

fn title<W: Write>(talk: &mut Talk<W>) -> Result<String, Stop> {
    /// As a board's title may have at most.
    const LONGEST: usize = 80;
    loop {
        let title = talk.ask("what is the box, in a few words?", "Kiosk")?;
        if title.chars().count() <= LONGEST {
            return Ok(title);
        }
        talk.tell(&format!("that is longer than {LONGEST} characters; use fewer words"))?;
    }
}

fn camera<W: Write>(talk: &mut Talk<W>, base: &Board, nodes: &[VideoNode]) -> Result<Option<String>, Stop> {
    let is_camera = |node: &&VideoNode| node.offers.as_ref().is_ok_and(|offers| !offers.is_empty());
    let cameras: Vec<&VideoNode> = nodes.iter().filter(is_camera).collect();
    for (number, camera) in cameras.iter().enumerate() {
        talk.tell(&format!("  {} {}", number + 1, camera.title()))?;
    }
    if cameras.is_empty() {
        talk.tell("no USB camera is plugged in; `later` takes the first one that comes")?;
    }
    let suggestion = if cameras.is_empty() { "later" } else { "1" };
    loop {
        let typed = talk.ask("which camera? a number, `ribbon` for one on the ribbon cable, or `later`", suggestion)?;
        let chosen = typed.parse::<usize>().ok().and_then(|number| cameras.get(number.checked_sub(1)?));
        match (chosen, typed.as_str()) {
            (Some(camera), _) => return Ok(Some(usb_camera(&device_of(camera), &base.camera))),
            (None, "ribbon") => return Ok(Some(ribbon_camera(&base.camera))),
            (None, "later") => {
                let has_one = matches!(base.camera, Camera::V4l2(_));
                return Ok((!has_one).then(|| usb_camera("0", &base.camera)));
            }
            (None, _) => talk.tell("answer one of the numbers above, `ribbon` or `later`")?,
        }
    }
}

/// How the file names a camera, so that another one beside it changes nothing.
fn device_of(camera: &VideoNode) -> String {
    match (&camera.by_id, camera.usb) {
        (Some(by_id), _) => quoted(&by_id.display().to_string()),
        (None, Some((vendor, product))) => format!("\"usb:{vendor:04x}:{product:04x}\""),
        (None, None) => quoted(&camera.path.display().to_string()),
    }
}

/// The displays that there are, and the board whose `[display]` says how.
const DISPLAYS: [(&str, &str); 6] = [
    ("monitor", "pi4-hdmi-tower"),
    ("framebuffer", "emulated-pi"),
    ("ili9341", "pi4-ili9341-relay"),
    ("st7789", "zero2w-st7789-leds"),
    ("ssd1306", "pi3-ssd1306-leds"),
    ("sh1106", "pi3-ssd1306-leds"),
];

fn display<W: Write>(talk: &mut Talk<W>, base: &Board) -> Result<Option<String>, Stop> {
    let own = match &base.display.output {
        Output::Hdmi { .. } | Output::Panel | Output::Png { .. } => "monitor",
        Output::Framebuffer { .. } => "framebuffer",
        Output::Spi(panel) => panel.model.name(),
        Output::I2c(panel) => panel.model.name(),
    };
    let names = DISPLAYS.map(|(name, _)| name).join(", ");
    loop {
        let typed = talk.ask(&format!("which display? {names}"), own)?;
        match DISPLAYS.iter().find(|(name, _)| *name == typed) {
            Some((name, _)) if *name == own => return Ok(None),
            Some(("sh1106", board)) => return Ok(Some(display_of(board).replace("\"ssd1306\"", "\"sh1106\""))),
            Some((_, board)) => return Ok(Some(display_of(board))),
            None => talk.tell("answer with one of those names")?,
        }
    }
}

/// A display as the file will have it, for the pins that it takes. Its board has no other part that could be in their way.
fn output(base: &str, display: &str) -> Result<Output, Failure> {
    let text =
        format!("title = \"Display\"\nbased_on = \"{base}\"\n{display}[lights.log]\n[sound.none]\n[buttons.rppal]\n");
    Ok(config::board_text("display", &text)?.display.output)
}

/// What drives the lines: the base's driver, with this machine's chip.
fn driver<W: Write>(talk: &mut Talk<W>, base: &Driver, chips: &[PathBuf]) -> Result<Driver, Stop> {
    let Driver::Gpiocdev { chip } = base else { return Ok(base.clone()) };
    let names: Vec<String> = chips.iter().map(|chip| chip.display().to_string()).collect();
    if !names.is_empty() {
        talk.tell(&format!("chips with lines: {}; `gpioinfo` names their lines", names.join(", ")))?;
    }
    loop {
        let typed = talk.ask("which chip?", &chip.display().to_string())?;
        if Path::new(&typed).has_root() {
            return Ok(Driver::Gpiocdev { chip: typed.into() });
        }
        talk.tell(&format!("`{typed}` is not a device; write it like `/dev/gpiochip0`"))?;
    }
}
