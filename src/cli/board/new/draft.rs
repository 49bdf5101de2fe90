//! What the answers come to: a board's TOML that names what differs from the board that it is based on.

use std::fmt::Write as _;

use crate::config;
use crate::rules::board::{Active, ButtonLines, Camera, Driver, Frames, Lamps, Line, SoundBoard};

/// A board that is being made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The board that it is based on.
    pub base: &'static str,
    pub title: String,
    /// `[camera]`, where it is another one.
    pub camera: Option<String>,
    /// `[display]`, where it is another one.
    pub display: Option<String>,
    pub lamps: Lamps,
    pub sound: SoundBoard,
    pub buttons: ButtonLines,
}

impl Draft {
    /// The file.
    pub fn toml(&self) -> String {
        let mut text = format!(
            "# Made by `greengate board new`. What it does not name is as in `greengate board show {}`.\n",
            self.base
        );
        // Writing into a string cannot fail.
        let _ = writeln!(text, "title = {}\nbased_on = \"{}\"", quoted(&self.title), self.base);
        for part in [&self.camera, &self.display].into_iter().flatten() {
            let _ = write!(text, "\n{part}");
        }
        let lamps = &self.lamps;
        let lines = [("red", lamps.red), ("yellow", lamps.yellow), ("green", lamps.green)];
        let lines = lines.into_iter().chain(lamps.torch.map(|torch| ("torch", torch)));
        text += &signals("lights", &lamps.driver, lines, lamps.active);
        let _ = writeln!(text, "via = \"{}\"", lamps.via.name());
        text += &self.sound();
        let buttons = self.buttons.buttons.iter().map(|(button, number)| (button.name(), *number));
        text += &signals("buttons", &self.buttons.driver, buttons, self.buttons.active);
        text
    }

    fn sound(&self) -> String {
        match (&self.sound, self.sound.line()) {
            (SoundBoard::Panel, _) => "\n[sound.panel]\n".to_owned(),
            (SoundBoard::Log, _) => "\n[sound.log]\n".to_owned(),
            (SoundBoard::None, _) | (SoundBoard::Buzzer(_), None) => "\n[sound.none]\n".to_owned(),
            (SoundBoard::Buzzer(_), Some(Line { driver, number, name, active })) => {
                signals("sound", driver, [(name, number)], active)
            }
        }
    }
}

fn signals<'a>(part: &str, driver: &Driver, lines: impl IntoIterator<Item = (&'a str, u32)>, active: Active) -> String {
    let mut text = match driver {
        Driver::Rppal => format!("\n[{part}.rppal]\n"),
        Driver::Gpiocdev { chip } => {
            format!("\n[{part}.gpiocdev]\nchip = {}\n", quoted(&chip.display().to_string()))
        }
    };
    for (name, number) in lines {
        let _ = writeln!(text, "{name} = {number}");
    }
    let level = match active {
        Active::High => "high",
        Active::Low => "low",
    };
    let _ = writeln!(text, "active = \"{level}\"");
    text
}

/// `[camera]` of a USB camera; `device` is as the file has it. Frames are asked for as the base asks.
pub fn usb_camera(device: &str, base: &Camera) -> String {
    format!("[camera.v4l2]\ndevice = {device}\n{}", frames(base))
}

/// `[camera]` of one on the ribbon cable.
pub fn ribbon_camera(base: &Camera) -> String {
    format!("[camera.rpicam]\n{}", frames(base))
}

fn frames(base: &Camera) -> String {
    let (size, rate, budget_ms) = match base {
        Camera::V4l2(camera) => of(&camera.frames),
        Camera::Nokhwa(camera) => of(&camera.frames),
        Camera::Rpicam(camera) => of(&camera.frames),
        Camera::Panel { .. } | Camera::Folder { .. } | Camera::Stream { .. } => ((1280, 720), 15, 25),
    };
    format!("width = {}\nheight = {}\nrate = {rate}\nbudget_ms = {budget_ms}\n", size.0, size.1)
}

const fn of(frames: &Frames) -> ((u32, u32), u32, u32) {
    ((frames.size.width, frames.size.height), frames.rate, frames.budget_ms)
}

/// `[display]` as a board that is part of the program has it, so that there is one place that knows each panel.
pub fn display_of(board: &str) -> String {
    let text = config::builtin_board(board).unwrap_or_default();
    let section = text.lines().skip_while(|line| !line.starts_with("[display")).take_while(|line| !line.is_empty());
    section.fold(String::new(), |section, line| section + line + "\n")
}

/// A text as TOML has it. Control characters do not come as far as here.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
