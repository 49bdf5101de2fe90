//! What the box is: a board's TOML to a checked board.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use super::ConfigFault;
use super::problem::{Problem, Problems, quoted};
use super::source::Source;
use super::syntax;
use super::table::{Field, Table};
use crate::rules::board::{Board, Camera, Colours, Display, LightsBoard, Output, Size, SoundBoard};

/// Shortest and longest side of a frame or a screen in pixels: from the smallest OLED to 4K.
const SIDE: std::ops::RangeInclusive<u32> = 64..=4096;
/// Frames a second.
const RATE: std::ops::RangeInclusive<u32> = 1..=60;
/// How long a frame is looked at unless the board says otherwise: less than the time between two at 30 a second.
const BUDGET_MS: u32 = 25;
const BUDGETS_MS: std::ops::RangeInclusive<u32> = 1..=1000;
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
    let camera =
        file.choice("camera", &[("panel", panel_camera), ("folder", folder_camera), ("stream", stream_camera)]);
    let display = file.choice("display", &[("panel", panel_display), ("png", png_display)]);
    let lights = file.choice("lights", &[("panel", |_| Some(LightsBoard::Panel)), ("log", |_| Some(LightsBoard::Log))]);
    let sound = file.choice(
        "sound",
        &[
            ("panel", |_| Some(SoundBoard::Panel)),
            ("log", |_| Some(SoundBoard::Log)),
            ("none", |_| Some(SoundBoard::None)),
        ],
    );
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

fn panel_camera(table: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let size = size(table, "1280", "720");
    let rate = rate(table);
    let budget_ms = budget(table);
    Some((Camera::Panel { size: size?, rate: rate?, budget_ms: budget_ms? }, None))
}

fn folder_camera(table: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let folder = path(table, "path", "\"photos\"");
    let rate = rate(table);
    let repeat = table.may("repeat", "true").map_or(Some(false), |field| field.flag());
    let (path, span) = folder?;
    Some((Camera::Folder { path: path.clone(), rate: rate?, repeat: repeat? }, Some((path, span))))
}

fn stream_camera(table: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let text = table.need("path", "\"-\"").and_then(|field| field.text(PATH))?;
    let path = match *text.get_ref() {
        "-" => PathBuf::from("-"),
        path => table.source().beside(path),
    };
    Some((Camera::Stream { path, budget_ms: budget(table)? }, None))
}

fn panel_display(table: &mut Table<'_>) -> Option<(Display, Folder)> {
    Some((screen(table, Some(Output::Panel))?, None))
}

fn png_display(table: &mut Table<'_>) -> Option<(Display, Folder)> {
    let folder = path(table, "folder", "\"screens\"");
    let output = folder.as_ref().map(|(folder, _)| Output::Png { folder: folder.clone() });
    Some((screen(table, output)?, folder))
}

/// The fields that every display has.
fn screen(table: &mut Table<'_>, output: Option<Output>) -> Option<Display> {
    let size = size(table, "800", "480");
    let colours = table
        .may("colours", "\"mono\"")
        .map_or(Some(Colours::Full), |field| field.word(&[("full", Colours::Full), ("mono", Colours::Mono)]));
    let size_mm = table.may("size_mm", "[154, 86]").map_or(Some(None), |field| size_mm(&field, size).map(Some));
    Some(Display { output: output?, size: size?, colours: colours?, size_mm: size_mm? })
}

fn size(table: &mut Table<'_>, width: &'static str, height: &'static str) -> Option<Size> {
    let width = table.need("width", width).and_then(|field| field.number(SIDE, "pixels"));
    let height = table.need("height", height).and_then(|field| field.number(SIDE, "pixels"));
    Some(Size { width: width?.into_inner(), height: height?.into_inner() })
}

fn rate(table: &mut Table<'_>) -> Option<u32> {
    table.need("rate", "15").and_then(|field| field.number(RATE, "frames a second")).map(toml::Spanned::into_inner)
}

fn budget(table: &mut Table<'_>) -> Option<u32> {
    table.may("budget_ms", "25").map_or(Some(BUDGET_MS), |field| {
        field.number(BUDGETS_MS, "milliseconds a frame").map(toml::Spanned::into_inner)
    })
}

fn path(table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<(PathBuf, Range<usize>)> {
    let text = table.need(name, example).and_then(|field| field.text(PATH))?;
    Some((table.source().beside(text.get_ref()), text.span()))
}

/// Width and height of the picture; legibility is computed from it, so it must fit the pixels.
fn size_mm(field: &Field<'_>, size: Option<Size>) -> Option<(u32, u32)> {
    let parts = field.list()?;
    let [width, height] = parts.as_slice() else {
        let title = format!("`size_mm` must have two numbers, width and height, and has {}", parts.len());
        field.add(title, "for example `size_mm = [154, 86]`");
        return None;
    };
    let width = width.number(10..=3000, "millimetres");
    let height = height.number(5..=3000, "millimetres");
    let (width, height) = (width?.into_inner(), height?.into_inner());
    if size.is_some_and(|size| !alike(size, width, height)) {
        let help = "give width and height of the visible picture in millimetres, in this order";
        field.add("`size_mm` has another shape than the pixels", help);
        return None;
    }
    Some((width, height))
}

/// Pixels are nearly square; twice as wide as high is a mistake.
fn alike(size: Size, width: u32, height: u32) -> bool {
    let (across, down) = (u64::from(width) * u64::from(size.height), u64::from(height) * u64::from(size.width));
    across <= down * 2 && down <= across * 2
}
