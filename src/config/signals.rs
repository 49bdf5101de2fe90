//! Lights, sound and buttons in words, and what to beware of with the lines that they use.

use crate::rules::board::{Active, Board, ButtonLines, Driver, LightsBoard, Line, SoundBoard};

/// The lights: `red GPIO 17, yellow GPIO 27, green GPIO 22, lit when low`.
pub fn lights(board: &LightsBoard) -> String {
    match board {
        LightsBoard::Panel => "the panel's".to_owned(),
        LightsBoard::Log => "a line in the log".to_owned(),
        LightsBoard::Lamps(lamps) => format!("{}, lit when {}", listed(board.lines()), level(lamps.active)),
    }
}

/// What makes tones.
pub fn sound(board: &SoundBoard) -> String {
    match board {
        SoundBoard::Panel => "the panel's".to_owned(),
        SoundBoard::Log => "a line in the log".to_owned(),
        SoundBoard::None => "none".to_owned(),
        SoundBoard::Buzzer(buzzer) => format!("{}, sounds when {}", listed(board.line()), level(buzzer.active)),
    }
}

/// The buttons that have lines.
pub fn buttons(board: &ButtonLines) -> String {
    if board.buttons.is_empty() {
        return "none".to_owned();
    }
    format!("{}, pressed when {}", listed(board.lines()), level(board.active))
}

fn listed<'a>(lines: impl IntoIterator<Item = Line<'a>>) -> String {
    let words = |line: Line<'_>| format!("{} {}", line.name.replace('_', " "), place(&line));
    lines.into_iter().map(words).collect::<Vec<_>>().join(", ")
}

fn place(line: &Line<'_>) -> String {
    match line.driver {
        Driver::Rppal => format!("GPIO {}", line.number),
        Driver::Gpiocdev { chip } => format!("line {} of `{}`", line.number, chip.display()),
    }
}

const fn level(active: Active) -> &'static str {
    match active {
        Active::High => "high",
        Active::Low => "low",
    }
}

/// What a person should know before wires are soldered: each says which line, what happens, and what to do. Only of a
/// Raspberry Pi's lines, which are the ones that we know.
#[must_use]
pub fn cautions(board: &Board) -> Vec<String> {
    let mut outputs = board.lights.lines();
    outputs.extend(board.sound.line());
    let inputs: Vec<Line<'_>> = board.buttons.iter().flat_map(ButtonLines::lines).collect();
    let is_ours = |line: &&Line<'_>| *line.driver == Driver::Rppal;
    let roles = outputs.iter().chain(&inputs).filter(is_ours).filter_map(|line| Some((line, role(line.number)?)));
    let roles = roles.map(|(line, role)| format!("{} (`{}`) {role}", place(line), line.name));
    roles.chain(outputs.iter().filter(is_ours).filter_map(pulled)).collect()
}

/// What else a line of the header does.
const fn role(number: u32) -> Option<&'static str> {
    Some(match number {
        0 | 1 => "asks an extension board for its name while the box boots; use another line",
        2 => "has a resistor of 1.8 kΩ to 3.3 V on the board, and is the data line of I²C 1",
        3 => {
            "has a resistor of 1.8 kΩ to 3.3 V on the board, is the clock of I²C 1, and wakes a box that was shut down"
        }
        7 | 8 => "selects a chip of SPI 0 where that is switched on; use another line, or leave SPI 0 off",
        14 => {
            "sends what the kernel says where the serial console is switched on; use another line, or switch that off"
        }
        _ => return None,
    })
}

/// From power-on until the program starts a line is an input that a resistor of about 50 kΩ pulls: 0 to 8 up, the others
/// down (BCM2835 ARM Peripherals, table 6-31; RP1 Peripherals, table 4).
fn pulled(line: &Line<'_>) -> Option<String> {
    let (name, place) = (line.name, place(line));
    match (line.active, line.number) {
        (Active::High, 0..=8) => Some(format!(
            "{place} is pulled up until the program starts, so `{name}` may be on while the box boots; use a line from 9 to 27"
        )),
        (Active::Low, 9..) => Some(format!(
            "{place} is pulled down until the program starts, so `{name}` may be on while the box boots; use 4, 5 or 6, or \
             write `gpio={}=op,dh` into config.txt",
            line.number
        )),
        (Active::High | Active::Low, _) => None,
    }
}
