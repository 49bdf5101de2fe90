//! What the box is.

use serde::Deserialize;
use toml::Spanned;

use super::problem::{Problem, Problems, Source};
use super::{ConfigFault, lines};
use crate::rules::board::{Board, Camera, Colours, Display, LightsBoard, Output, Size, SoundBoard};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBoard {
    title: Spanned<String>,
    camera: Spanned<RawCamera>,
    display: Spanned<RawDisplay>,
    lights: Spanned<RawLights>,
    sound: Spanned<RawSound>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCamera {
    panel: Option<Spanned<RawPanelCamera>>,
    folder: Option<Spanned<RawFolder>>,
    stream: Option<Spanned<RawStream>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPanelCamera {
    width: Spanned<i64>,
    height: Spanned<i64>,
    rate: Spanned<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFolder {
    path: Spanned<String>,
    rate: Spanned<i64>,
    #[serde(default)]
    repeat: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStream {
    path: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDisplay {
    panel: Option<Spanned<RawScreen>>,
    png: Option<Spanned<RawPng>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScreen {
    width: Spanned<i64>,
    height: Spanned<i64>,
    #[serde(default)]
    colours: RawColours,
    size_mm: Option<Spanned<[Spanned<i64>; 2]>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPng {
    folder: Spanned<String>,
    width: Spanned<i64>,
    height: Spanned<i64>,
    #[serde(default)]
    colours: RawColours,
    size_mm: Option<Spanned<[Spanned<i64>; 2]>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawColours {
    Mono,
    #[default]
    Full,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLights {
    panel: Option<Spanned<Nothing>>,
    log: Option<Spanned<Nothing>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSound {
    panel: Option<Spanned<Nothing>>,
    log: Option<Spanned<Nothing>>,
    none: Option<Spanned<Nothing>>,
}

pub fn check(source: &Source) -> Result<Board, ConfigFault> {
    let raw: RawBoard = source.parse()?;
    let mut problems = Problems::new(source);
    let title = problems.words("title", &raw.title, 80);
    let camera = camera(raw.camera, source, &mut problems);
    let display = display(raw.display, source, &mut problems);
    let lights = lights(raw.lights, &mut problems);
    let sound = sound(raw.sound, &mut problems);
    let board = match (camera, display, lights, sound) {
        (Some(camera), Some(display), Some(lights), Some(sound)) => {
            Some(Board { name: source.name(), title, camera, display, lights, sound })
        }
        _ => None,
    };
    problems.finish(board)
}

fn boxed<T, U>(table: Option<Spanned<T>>, wrap: impl Fn(T) -> U) -> Option<Spanned<U>> {
    table.map(|table| Spanned::new(table.span(), wrap(table.into_inner())))
}

enum CameraTable {
    Panel(RawPanelCamera),
    Folder(RawFolder),
    Stream(RawStream),
}

fn camera(raw: Spanned<RawCamera>, source: &Source, problems: &mut Problems<'_>) -> Option<Camera> {
    let (span, raw) = (raw.span(), raw.into_inner());
    let choices = vec![
        ("panel", boxed(raw.panel, CameraTable::Panel)),
        ("folder", boxed(raw.folder, CameraTable::Folder)),
        ("stream", boxed(raw.stream, CameraTable::Stream)),
    ];
    Some(match problems.only("camera", span, choices)? {
        CameraTable::Panel(panel) => {
            let rate = problems.number("rate", &panel.rate, 1..=60, "frames a second");
            Camera::Panel { size: size(&panel.width, &panel.height, 64, problems), rate }
        }
        CameraTable::Folder(folder) => {
            let rate = problems.number("rate", &folder.rate, 1..=60, "frames a second");
            problems.words("path", &folder.path, 1000);
            Camera::Folder { path: source.beside(folder.path.get_ref()), rate, repeat: folder.repeat }
        }
        CameraTable::Stream(stream) => {
            problems.words("path", &stream.path, 1000);
            let path = match stream.path.get_ref().as_str() {
                "-" => "-".into(),
                path => source.beside(path),
            };
            Camera::Stream { path }
        }
    })
}

fn size(width: &Spanned<i64>, height: &Spanned<i64>, least: u32, problems: &mut Problems<'_>) -> Size {
    let width = problems.number("width", width, least..=4096, "pixels");
    let height = problems.number("height", height, least..=4096, "pixels");
    Size { width, height }
}

enum DisplayTable {
    Panel(RawScreen),
    Png(RawPng),
}

fn display(raw: Spanned<RawDisplay>, source: &Source, problems: &mut Problems<'_>) -> Option<Display> {
    let (span, raw) = (raw.span(), raw.into_inner());
    let choices = vec![("panel", boxed(raw.panel, DisplayTable::Panel)), ("png", boxed(raw.png, DisplayTable::Png))];
    let (output, width, height, colours, size_mm) = match problems.only("display", span, choices)? {
        DisplayTable::Panel(screen) => (Output::Panel, screen.width, screen.height, screen.colours, screen.size_mm),
        DisplayTable::Png(png) => {
            problems.words("folder", &png.folder, 1000);
            let output = Output::Png { folder: source.beside(png.folder.get_ref()) };
            (output, png.width, png.height, png.colours, png.size_mm)
        }
    };
    let size = size(&width, &height, 64, problems);
    let colours = match colours {
        RawColours::Mono => Colours::Mono,
        RawColours::Full => Colours::Full,
    };
    let size_mm = size_mm.map(|millimetres| millimetres_of(&millimetres, size, problems));
    Some(Display { output, size, colours, size_mm })
}

fn millimetres_of(raw: &Spanned<[Spanned<i64>; 2]>, size: Size, problems: &mut Problems<'_>) -> (u32, u32) {
    let [width, height] = raw.get_ref();
    let width = problems.number("size_mm", width, 10..=3000, "millimetres");
    let height = problems.number("size_mm", height, 5..=3000, "millimetres");
    let (across, down) = (u64::from(width) * u64::from(size.height), u64::from(height) * u64::from(size.width));
    if across > down * 2 || down > across * 2 {
        let title = "`size_mm` and the pixels have different shapes";
        problems.add(Problem::new(
            title,
            raw.span(),
            "",
            "give width and height of the visible picture, in this order",
        ));
    }
    (width, height)
}

fn lights(raw: Spanned<RawLights>, problems: &mut Problems<'_>) -> Option<LightsBoard> {
    let (span, raw) = (raw.span(), raw.into_inner());
    let choices =
        vec![("panel", boxed(raw.panel, |_| LightsBoard::Panel)), ("log", boxed(raw.log, |_| LightsBoard::Log))];
    problems.only("lights", span, choices)
}

fn sound(raw: Spanned<RawSound>, problems: &mut Problems<'_>) -> Option<SoundBoard> {
    let (span, raw) = (raw.span(), raw.into_inner());
    let choices = vec![
        ("panel", boxed(raw.panel, |_| SoundBoard::Panel)),
        ("log", boxed(raw.log, |_| SoundBoard::Log)),
        ("none", boxed(raw.none, |_| SoundBoard::None)),
    ];
    problems.only("sound", span, choices)
}

/// A board in words, a line for each part.
#[must_use]
pub fn describe(board: &Board) -> String {
    let camera = match &board.camera {
        Camera::Panel { size, rate } => format!("the panel's, {}×{}, {rate} frames a second", size.width, size.height),
        Camera::Folder { path, rate, repeat } => {
            let again = if *repeat { ", again and again" } else { "" };
            format!("pictures in `{}`, {rate} a second{again}", path.display())
        }
        Camera::Stream { path } => format!("Y4M or MJPEG from `{}`", path.display()),
    };
    let output = match &board.display.output {
        Output::Panel => "the panel's".to_owned(),
        Output::Png { folder } => format!("PNG files in `{}`", folder.display()),
    };
    let Size { width, height } = board.display.size;
    let colours = match board.display.colours {
        Colours::Mono => "black and white",
        Colours::Full => "colour",
    };
    let lights = match board.lights {
        LightsBoard::Panel => "the panel's",
        LightsBoard::Log => "a line in the log",
    };
    let sound = match board.sound {
        SoundBoard::Panel => "the panel's",
        SoundBoard::Log => "a line in the log",
        SoundBoard::None => "none",
    };
    let parts = [
        ("camera", camera),
        ("display", format!("{output}, {width}×{height}, {colours}")),
        ("lights", lights.to_owned()),
        ("sound", sound.to_owned()),
    ];
    format!("board `{}`: {}{}", board.name, board.title, lines(&parts))
}
