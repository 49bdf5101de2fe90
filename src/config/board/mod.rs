//! What the box is: a board's TOML to a checked board.

mod camera;
mod display;
mod panels;
mod pins;
mod signals;

use std::ops::{Range, RangeInclusive};
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;
use toml::Spanned;

use self::pins::Pin;
use super::problem::{Problem, Problems, nearest, quoted};
use super::source::Source;
use super::syntax;
use super::table::{Field, Reader, Table};
use super::{BUILTIN_BOARDS, ConfigFault, builtin_board};
use crate::rules::board::{Board, Judge, Size, Verified};

/// Shortest and longest side of a frame or a screen in pixels: from the smallest OLED to 4K.
const SIDE: RangeInclusive<u32> = 64..=4096;
/// Longest path.
const PATH: usize = 1000;

/// A folder that a part uses, and where the file says so.
type Folder = Option<(PathBuf, Range<usize>)>;

pub fn check(source: &Source) -> Result<Board, ConfigFault> {
    checked(source).map(|(board, _)| board)
}

/// A board, and the lines that its parts use.
fn checked(source: &Source) -> Result<(Board, Vec<Pin>), ConfigFault> {
    let tree = syntax::parse(source)?;
    let problems = Problems::new(source);
    let mut file = Table::root("board", tree.get_ref(), &problems);
    let board = read(&mut file);
    file.done();
    problems.finish(board)
}

fn read(file: &mut Table<'_>) -> Option<(Board, Vec<Pin>)> {
    let title = file.need("title", "\"Dock 3\"").and_then(|field| field.text(80));
    let base = match file.may("based_on", "\"pi4-hdmi-tower\"") {
        Some(field) => Some(based_on(&field)?),
        None => None,
    };
    let verified = file.may("verified", "{ by = \"hardware\", on = \"2026-11-24\" }");
    let verified = verified.map_or(Some(None), |field| field.read(verification).map(Some));
    let (base, base_pins) = base.unzip();
    let (base, of_base) = (base.as_ref(), |table| pins::of_base(base_pins.as_deref().unwrap_or_default(), table));
    let camera = part(file, "camera", base.map(|base| (base.camera.clone(), None)), camera::read);
    let display =
        part(file, "display", base.map(|base| (base.display.clone(), None, of_base("display"))), display::read);
    let lights = part(file, "lights", base.map(|base| (base.lights.clone(), of_base("lights"))), signals::lights);
    let sound = part(file, "sound", base.map(|base| (base.sound.clone(), of_base("sound"))), signals::sound);
    // A box needs no buttons.
    let no_others = base.map_or((None, Vec::new()), |base| (base.buttons.clone(), of_base("buttons")));
    let buttons = part(file, "buttons", Some(no_others), signals::buttons);
    let ((camera, photographs), (display, screens, wires)) = (camera?, display?);
    let ((lights, lamps), (sound, buzzers), (buttons, presses)) = (lights?, sound?, buttons?);
    apart(photographs, screens, file.problems());
    let pins = [wires, lamps, buzzers, presses].concat();
    pins::apart(&pins, file.problems());
    let board = Board {
        name: file.source().name(),
        title: (*title?.get_ref()).to_owned(),
        based_on: base.map(|base| base.name.clone()),
        verified: verified?,
        camera,
        display,
        lights,
        sound,
        buttons,
    };
    Some((board, pins))
}

/// A part that the file does not name is the base's, if there is one.
fn part<'t, T>(file: &mut Table<'t>, name: &'static str, base: Option<T>, read: Reader<'t, T>) -> Option<T> {
    match base {
        Some(part) if !file.has(name) => {
            file.may(name, "");
            Some(part)
        }
        Some(_) | None => read(file),
    }
}

/// A board that is part of the program, its paths relative to this file.
fn based_on(field: &Field<'_>) -> Option<(Board, Vec<Pin>)> {
    let text = field.text(40)?;
    let name = *text.get_ref();
    let Some(toml) = builtin_board(name) else {
        let help = nearest(name, BUILTIN_BOARDS).map_or_else(
            || "`greengate board list` names the boards that are part of the program".to_owned(),
            |near| format!("did you mean `\"{near}\"`?"),
        );
        field.add(format!("there is no board {}", quoted(name)), help);
        return None;
    };
    let path = field.problems().source.beside(&format!("{name}.toml"));
    // A test checks every board that is part of the program.
    checked(&Source { path, text: toml.to_owned() }).ok()
}

/// Who has seen the board work, and when.
fn verification(table: &mut Table<'_>) -> Option<Verified> {
    let by = table.need("by", "\"hardware\"").and_then(|field| {
        field.word(&[("emulated", Judge::Emulated), ("byte-stream", Judge::ByteStream), ("hardware", Judge::Hardware)])
    });
    let on = table.need("on", "\"2026-11-24\"").and_then(|field| {
        let text = field.text(10)?;
        let date = text.get_ref().parse::<Date>().ok();
        if date.is_none() {
            field.add(format!("{} is not a date", quoted(text.get_ref())), "write it like `2026-11-24`");
        }
        date
    });
    Some(Verified { by: by?, on: on? })
}

/// A camera that reads the display's own pictures would scan its own screen for ever.
fn apart(photographs: Folder, screens: Folder, problems: &Problems<'_>) {
    let (Some((photographs, read)), Some((screens, written))) = (photographs, screens) else { return };
    if plain(&photographs) == plain(&screens) {
        let title = format!("the folder {} is used twice", quoted(&screens.display().to_string()));
        let help = "give the display a folder of its own, or the camera would read the screens back";
        problems.add(Problem::new(title, help).at(written, "written here").at(read, "read here"));
    }
}

/// `./a/` and `a` are the same folder.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn size(table: &mut Table<'_>, width: &'static str, height: &'static str) -> Option<Size> {
    let (width, height) = sides(table, width, height)?;
    Some(Size { width: width.into_inner(), height: height.into_inner() })
}

/// Width and height with their places.
fn sides(table: &mut Table<'_>, width: &'static str, height: &'static str) -> Option<(Spanned<u32>, Spanned<u32>)> {
    let width = table.need("width", width).and_then(|field| field.number(SIDE, "pixels"));
    let height = table.need("height", height).and_then(|field| field.number(SIDE, "pixels"));
    width.zip(height)
}

/// A list of two numbers; `what` names them.
fn pair(
    field: &Field<'_>,
    what: &str,
    (first, second): (RangeInclusive<u32>, RangeInclusive<u32>),
    unit: &str,
) -> Option<(u32, u32)> {
    let parts = field.list()?;
    let [one, other] = parts.as_slice() else {
        field.add_example(format!("must have two numbers, {what}, and has {}", parts.len()));
        return None;
    };
    let (one, other) = (one.number(first, unit), other.number(second, unit));
    Some((one?.into_inner(), other?.into_inner()))
}

fn path(table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<(PathBuf, Range<usize>)> {
    let text = table.need(name, example).and_then(|field| field.text(PATH))?;
    Some((table.source().beside(text.get_ref()), text.span()))
}
