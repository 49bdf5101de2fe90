//! Which wire goes to which pin of the header, as a table and as a picture.

use std::fmt::Write as _;

use crate::rules::board::{HEADER_PINS, HeaderPin, Wire, header};

/// The pins that wires of `board` go to, as lines of text; grounds nearby are named, because every part needs one.
pub fn table(wires: &[Wire]) -> String {
    let mut lines = vec!["pin  line    wire".to_owned()];
    for number in 1..=HEADER_PINS {
        let Some(pin) = header(number) else { continue };
        let names: Vec<&str> = wires.iter().filter(|wire| wire.pin == number).map(|wire| wire.name.as_str()).collect();
        if !names.is_empty() {
            lines.push(format!("{number:>3}  {:<7} {}", name(pin), names.join(", ")));
        }
    }
    lines.join("\n")
}

/// Sizes of the picture, in its own units.
const PITCH: u32 = 26;
const TOP: u32 = 70;
const WIDTH: u32 = 760;
const LEFT: u32 = 354;
const RIGHT: u32 = LEFT + 52;

/// The header from above, the board's corner at the top right, with a line from each wire's name to its pin: an SVG file.
pub fn picture(title: &str, wires: &[Wire]) -> String {
    let height = TOP + PITCH * u32::from(HEADER_PINS / 2) + 20;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"32\" font-size=\"18\" font-weight=\"bold\" text-anchor=\"middle\">{}</text>\n\
         <rect x=\"{}\" y=\"{}\" width=\"92\" height=\"{}\" rx=\"6\" fill=\"#2f3e46\"/>\n",
        WIDTH / 2,
        escaped(title),
        LEFT - 20,
        TOP - 16,
        PITCH * u32::from(HEADER_PINS / 2) + 6,
    );
    for number in 1..=HEADER_PINS {
        let Some(pin) = header(number) else { continue };
        let named: Vec<&Wire> = wires.iter().filter(|wire| wire.pin == number).collect();
        draw(&mut svg, number, pin, &named);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, number: u8, pin: HeaderPin, wires: &[&Wire]) {
    let is_left = number % 2 == 1;
    let y = TOP + PITCH * u32::from((number - 1) / 2);
    let x = if is_left { LEFT } else { RIGHT };
    let (text_x, name_x, anchor) = if is_left { (x - 28, x - 110, "end") } else { (x + 28, x + 110, "start") };
    let colour = wires.first().map_or(plain(pin), |wire| wire.colour);
    let is_used = !wires.is_empty();
    // Writing into a string cannot fail.
    if is_used {
        let _ = writeln!(svg, "<path d=\"M{x} {y}H{name_x}\" stroke=\"{colour}\" stroke-width=\"4\"/>");
    }
    let radius = if is_used { 9 } else { 6 };
    let _ = writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{colour}\" stroke=\"#e8e8e8\"/>");
    let grey = if is_used { "#000000" } else { "#8a8a8a" };
    let label = if is_left { format!("{} · {number}", name(pin)) } else { format!("{number} · {}", name(pin)) };
    let back = "stroke=\"#ffffff\" stroke-width=\"5\" paint-order=\"stroke\"";
    let _ = writeln!(
        svg,
        "<text x=\"{text_x}\" y=\"{}\" text-anchor=\"{anchor}\" fill=\"{grey}\" {back}>{label}</text>",
        y + 5
    );
    if is_used {
        let names: Vec<String> = wires.iter().map(|wire| escaped(&wire.name)).collect();
        let away = if is_left { name_x - 6 } else { name_x + 6 };
        let _ = writeln!(
            svg,
            "<text x=\"{away}\" y=\"{}\" text-anchor=\"{anchor}\" font-weight=\"bold\">{}</text>",
            y + 5,
            names.join(", ")
        );
    }
}

fn name(pin: HeaderPin) -> String {
    match pin {
        HeaderPin::V3 => "3.3 V".to_owned(),
        HeaderPin::V5 => "5 V".to_owned(),
        HeaderPin::Ground => "ground".to_owned(),
        HeaderPin::Line(bcm) => format!("GPIO {bcm}"),
    }
}

const fn plain(pin: HeaderPin) -> &'static str {
    match pin {
        HeaderPin::V3 => "#f4a261",
        HeaderPin::V5 => "#e76f51",
        HeaderPin::Ground => "#111111",
        HeaderPin::Line(_) => "#c9b458",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
