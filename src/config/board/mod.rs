//! What the box is: a board's TOML to a checked board.

mod camera;
mod display;
mod signals;

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use super::ConfigFault;
use super::problem::{Problem, Problems, quoted};
use super::source::Source;
use super::syntax;
use super::table::Table;
use crate::rules::board::{Board, Size};

/// Shortest and longest side of a frame or a screen in pixels: from the smallest OLED to 4K.
const SIDE: std::ops::RangeInclusive<u32> = 64..=4096;
/// Longest path.
const PATH: usize = 1000;

/// A folder that a part uses, and where the file says so.
type Folder = Option<(PathBuf, Range<usize>)>;

pub fn check(source: &Source) -> Result<Board, ConfigFault> {
    let tree = syntax::parse(source)?;
    let problems = Problems::new(source);
    let mut file = Table::root("board", tree.get_ref(), &problems);
    let board = read(&mut file);
    file.done();
    problems.finish(board)
}

fn read(file: &mut Table<'_>) -> Option<Board> {
    let title = file.need("title", "\"Dock 3\"").and_then(|field| field.text(80));
    let camera = camera::read(file);
    let display = display::read(file);
    let lights = signals::lights(file);
    let sound = signals::sound(file);
    let ((camera, photographs), (display, screens)) = (camera?, display?);
    apart(photographs, screens, file.problems());
    Some(Board {
        name: file.source().name(),
        title: (*title?.get_ref()).to_owned(),
        camera,
        display,
        lights: lights?,
        sound: sound?,
    })
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
    let width = table.need("width", width).and_then(|field| field.number(SIDE, "pixels"));
    let height = table.need("height", height).and_then(|field| field.number(SIDE, "pixels"));
    Some(Size { width: width?.into_inner(), height: height?.into_inner() })
}

fn path(table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<(PathBuf, Range<usize>)> {
    let text = table.need(name, example).and_then(|field| field.text(PATH))?;
    Some((table.source().beside(text.get_ref()), text.span()))
}
