//! Which wire goes to which pin of the header, as a table and as a picture.

use std::fmt::Write as _;

use super::wires::{Wire, of_pin, wires};
use crate::rules::board::{Board, Driver, HEADER_PINS, HeaderPin, header};

/// Pin by pin what is wired to it; then the lines whose places only the computer's manual knows. Nothing for a board
/// without either.
pub fn table(board: &Board) -> String {
    let wires = wires(board);
    let mut lines = Vec::new();
    if !wires.is_empty() {
        lines.push("pin 1 is at the header's end beside the memory card, on the side away from the edge".to_owned());
        lines.push("pin  is        wire".to_owned());
        lines.extend(rows(&wires).map(|(number, pin, names)| format!("{number:>3}  {:<8}  {names}", name(pin))));
    }
    lines.extend(board.lines().into_iter().filter_map(|line| match line.driver {
        Driver::Rppal => None,
        Driver::Gpiocdev { chip } => {
            Some(format!("line {} of `{}`: {}", line.number, chip.display(), line.name.replace('_', " ")))
        }
    }));
    lines.join("\n")
}

/// Every pin that has wires, and their names.
fn rows(wires: &[Wire]) -> impl Iterator<Item = (u8, HeaderPin, String)> {
    (1..=HEADER_PINS).filter_map(move |number| {
        let names: Vec<&str> = on(wires, number).map(|wire| wire.name.as_str()).collect();
        (!names.is_empty()).then_some((number, header(number)?, names.join("; ")))
    })
}

fn on(wires: &[Wire], number: u8) -> impl Iterator<Item = &Wire> {
    wires.iter().filter(move |wire| wire.pin == number)
}

/// Sizes of the picture, in its own units.
const WIDTH: u32 = 1100;
const PITCH: u32 = 27;
/// The first row of pins.
const TOP: u32 = 124;
/// The columns of pins.
const LEFT: u32 = 560;
const RIGHT: u32 = LEFT + PITCH;
/// The computer's board, of which only the strip with the header is drawn.
const BOARD: (u32, u32) = (430, RIGHT + 20);
/// Where wires end, and names begin.
const ENDS: (u32, u32) = (406, 725);
const TITLE: u32 = 22;

/// The header from above with a line from each pin to what is wired to it: an SVG file. Nothing for a board without wires.
pub fn picture(board: &Board) -> Option<String> {
    let wires = wires(board);
    if wires.is_empty() {
        return None;
    }
    let bottom = TOP + PITCH * u32::from(HEADER_PINS / 2 - 1);
    let height = bottom + 84;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    text(
        &mut svg,
        (WIDTH / 2, 38),
        &format!("font-size=\"{}\" font-weight=\"bold\" {MIDDLE}", title_size(&board.title)),
        &board.title,
    );
    outline(&mut svg, bottom);
    for number in 1..=HEADER_PINS {
        let Some(pin) = header(number) else { continue };
        draw(&mut svg, number, pin, &on(&wires, number).collect::<Vec<_>>());
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

const MIDDLE: &str = "text-anchor=\"middle\"";

/// Small enough for one line; a Chinese character is as wide as two others.
fn title_size(title: &str) -> u32 {
    let halves: usize = title.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum();
    let room = (WIDTH - 60) * 10 / 7;
    room.checked_div(u32::try_from(halves).unwrap_or(u32::MAX)).unwrap_or(TITLE).min(TITLE)
}

/// The computer's board and what tells its ends apart.
fn outline(svg: &mut String, bottom: u32) {
    let (left, right) = BOARD;
    let (above, below) = (TOP - 58, bottom + 58);
    let (middle, wide) = (u32::midpoint(left, right), right - left);
    rectangle(
        svg,
        (left, above),
        (wide, below - above),
        "rx=\"8\" fill=\"#e6f0e6\" stroke=\"#7a9e7e\" stroke-width=\"2\"",
    );
    let strip = (PITCH * 2 + 2, bottom - TOP + PITCH + 2);
    rectangle(svg, (LEFT - PITCH / 2 - 1, TOP - PITCH / 2 - 1), strip, "rx=\"4\" fill=\"#2f3e46\"");
    let grey = "fill=\"#44604a\" font-size=\"12\"";
    text(svg, (middle, above + 18), &format!("{grey} {MIDDLE}"), "▲ memory card at this end");
    text(svg, (middle, below - 24), &format!("{grey} {MIDDLE}"), "▼ USB sockets at this end");
    text(svg, (middle, below - 9), &format!("{grey} {MIDDLE}"), "(none on a Zero)");
    text(svg, (right + 8, above + 18), grey, "◀ edge of the board");
    text(svg, (LEFT, TOP - 20), &format!("font-weight=\"bold\" font-size=\"12\" {MIDDLE}"), "pin 1");
}

/// A pin, and its wire with what is at the end.
fn draw(svg: &mut String, number: u8, pin: HeaderPin, wires: &[&Wire]) {
    let is_left = number % 2 == 1;
    let y = TOP + PITCH * u32::from((number - 1) / 2);
    let (x, anchor) = if is_left { (LEFT, "end") } else { (RIGHT, "start") };
    let colour = wires.first().map_or_else(|| of_pin(pin), |wire| wire.colour);
    // Writing into a string cannot fail.
    if wires.is_empty() {
        let at = if is_left { x - 20 } else { x + 28 };
        text(svg, (at, y + 4), &format!("font-size=\"11\" fill=\"#8a8a8a\" text-anchor=\"{anchor}\""), &name(pin));
    } else {
        let (end, at) = if is_left { (ENDS.0, ENDS.0 - 8) } else { (ENDS.1, ENDS.1 + 8) };
        let _ = writeln!(
            svg,
            "<path d=\"M{x} {y}H{end}\" stroke=\"{colour}\" stroke-width=\"5\" stroke-linecap=\"round\"/>"
        );
        let names: Vec<&str> = wires.iter().map(|wire| wire.name.as_str()).collect();
        let (names, grey) = (escaped(&names.join("; ")), format!("<tspan fill=\"#777777\">{}</tspan>", name(pin)));
        let names = format!("<tspan font-weight=\"bold\">{names}</tspan>");
        let both = if is_left { format!("{names}  {grey}") } else { format!("{grey}  {names}") };
        let _ = writeln!(
            svg,
            "<text x=\"{at}\" y=\"{}\" text-anchor=\"{anchor}\" xml:space=\"preserve\">{both}</text>",
            y + 5
        );
    }
    let fill = if wires.is_empty() { "#6b7a80" } else { colour };
    let look = format!("fill=\"{fill}\" stroke=\"#ffffff\"");
    if number == 1 {
        rectangle(svg, (x - 11, y - 11), (22, 22), &look);
    } else {
        let _ = writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"11\" {look}/>");
    }
    text(svg, (x, y + 4), &format!("fill=\"#ffffff\" font-size=\"11\" {MIDDLE}"), &number.to_string());
}

fn rectangle(svg: &mut String, (x, y): (u32, u32), (width, height): (u32, u32), look: &str) {
    let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {look}/>");
}

fn text(svg: &mut String, (x, y): (u32, u32), look: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" {look}>{}</text>", escaped(text));
}

fn name(pin: HeaderPin) -> String {
    match pin {
        HeaderPin::V3 => "3.3 V".to_owned(),
        HeaderPin::V5 => "5 V".to_owned(),
        HeaderPin::Ground => "ground".to_owned(),
        HeaderPin::Line(bcm) => format!("GPIO {bcm}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
