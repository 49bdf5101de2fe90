//! A board's `[display]`.

use std::path::PathBuf;

use jiff::civil::Time;

use super::super::problem::quoted;
use super::super::table::{Field, Table};
use super::panels;
use super::pins::Pin;
use super::{Folder, PATH, SIDE, pair, path, size};
use crate::rules::board::{Colours, Display, Night, Output, Rotation, Size};

/// What is drawn for a monitor until it has told its size.
const USUAL: Size = Size { width: 1920, height: 1080 };

/// A display, the folder that it writes to, and the pins that it has.
pub type Found = (Display, Folder, Vec<Pin>);

pub fn read(file: &mut Table<'_>) -> Option<Found> {
    let (spi, i2c) = (panels::spi, panels::i2c);
    file.choice("display", &[("panel", panel), ("png", png), ("hdmi", hdmi), ("fb", fb), ("spi", spi), ("i2c", i2c)])
}

fn panel(table: &mut Table<'_>) -> Option<Found> {
    Some((drawn(table, Some(Output::Panel))?, None, Vec::new()))
}

fn png(table: &mut Table<'_>) -> Option<Found> {
    let folder = path(table, "folder", "\"screens\"");
    let output = folder.as_ref().map(|(folder, _)| Output::Png { folder: folder.clone() });
    Some((drawn(table, output)?, folder, Vec::new()))
}

/// A display without hardware has any size, and colours or not.
fn drawn(table: &mut Table<'_>, output: Option<Output>) -> Option<Display> {
    let size = size(table, "800", "480");
    let colours = table
        .may("colours", "\"mono\"")
        .map_or(Some(Colours::Full), |field| field.word(&[("full", Colours::Full), ("mono", Colours::Mono)]));
    let size_mm = size_mm(table, size);
    Some(Display { output: output?, size: size?, colours: colours?, size_mm: size_mm.ok()? })
}

fn hdmi(table: &mut Table<'_>) -> Option<Found> {
    let device = table.may("device", "\"/dev/dri/card1\"").map_or(Some(None), |field| device(&field).map(Some));
    let (mode, rotation) = (mode(table), rotation(table));
    let picture = mode.ok().flatten().zip(rotation).map(|(mode, rotation)| rotation.picture(mode));
    let size_mm = size_mm(table, picture);
    let output = Output::Hdmi { device: device?, mode: mode.ok()?, rotation: rotation? };
    let size = picture.unwrap_or(rotation?.picture(USUAL));
    Some((Display { output, size, colours: Colours::Full, size_mm: size_mm.ok()? }, None, Vec::new()))
}

/// A mode has two sides, or is left to the monitor.
fn mode(table: &mut Table<'_>) -> Result<Option<Size>, Told> {
    match (table.may("width", "1920"), table.may("height", "1080")) {
        (None, None) => Ok(None),
        (Some(width), Some(height)) => {
            let (width, height) = (width.number(SIDE, "pixels"), height.number(SIDE, "pixels"));
            let sides = width.zip(height).ok_or(Told)?;
            Ok(Some(Size { width: sides.0.into_inner(), height: sides.1.into_inner() }))
        }
        (Some(lonely), None) | (None, Some(lonely)) => {
            let help = "give both `width` and `height`, or neither to take the mode that the monitor prefers";
            lonely.add("a mode has two sides, and this is one", help);
            Err(Told)
        }
    }
}

fn fb(table: &mut Table<'_>) -> Option<Found> {
    let path = table.may("path", "\"/dev/fb1\"");
    let path = path.map_or(Some(PathBuf::from("/dev/fb0")), |field| device(&field));
    let rotation = rotation(table);
    let size_mm = size_mm(table, None);
    let output = Output::Framebuffer { path: path?, rotation: rotation? };
    let size = rotation?.picture(USUAL);
    Some((Display { output, size, colours: Colours::Full, size_mm: size_mm.ok()? }, None, Vec::new()))
}

/// A device of the system has a whole path.
fn device(field: &Field<'_>) -> Option<PathBuf> {
    let text = field.text(PATH)?;
    let path = PathBuf::from(*text.get_ref());
    if !path.starts_with("/dev") {
        let title = format!("{} is not a device of the system", quoted(text.get_ref()));
        field.add(title, "devices are below `/dev`; `ls /dev/dri /dev/fb*` shows them");
        return None;
    }
    Some(path)
}

pub fn rotation(table: &mut Table<'_>) -> Option<Rotation> {
    let angles = Rotation::ALL.map(|rotation| (rotation.degrees(), rotation));
    let help = "write `0`, `90`, `180` or `270`: how far the picture is turned clockwise";
    table.may("rotation", "90").map_or(Some(Rotation::None), |field| field.one_of(&angles, help))
}

pub fn night(field: &Field<'_>) -> Option<Night> {
    let night = field.read(|table| {
        let from = table.need("from", "\"22:00\"").and_then(|field| time(&field));
        let to = table.need("to", "\"05:00\"").and_then(|field| time(&field));
        Some(Night { from: from?, to: to? })
    })?;
    if night.from == night.to {
        field.add("`night` is over when it begins", "give `to` another time, or remove `night`");
        return None;
    }
    Some(night)
}

fn time(field: &Field<'_>) -> Option<Time> {
    let text = field.text(20)?;
    let time = Time::strptime("%H:%M", text.get_ref()).ok();
    if time.is_none() {
        let title = format!("{} is not a time of day", quoted(text.get_ref()));
        field.add(title, "write hours and minutes, like `\"22:00\"`");
    }
    time
}

/// What may be left out is wrong, and that was told.
#[derive(Clone, Copy)]
pub struct Told;

/// Width and height of the visible picture, if they are given; legibility is computed from them, so they must fit the
/// pixels.
pub fn size_mm(table: &mut Table<'_>, size: Option<Size>) -> Result<Option<(u32, u32)>, Told> {
    let Some(field) = table.may("size_mm", "[154, 86]") else { return Ok(None) };
    let sides = pair(&field, "width and height", (10..=3000, 5..=3000), "millimetres");
    let (width, height) = sides.ok_or(Told)?;
    if size.is_some_and(|size| !alike(size, width, height)) {
        let help = "give width and height of the visible picture in millimetres, in this order";
        field.add("`size_mm` has another shape than the pixels", help);
        return Err(Told);
    }
    Ok(Some((width, height)))
}

/// Pixels are nearly square; twice as wide as high is a mistake.
fn alike(size: Size, width: u32, height: u32) -> bool {
    let (across, down) = (u64::from(width) * u64::from(size.height), u64::from(height) * u64::from(size.width));
    across <= down * 2 && down <= across * 2
}
