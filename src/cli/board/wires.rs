//! Which wires a board has, and which pin of the header each goes to: lines, and the supply and ground that parts need.

use crate::rules::board::{
    Active, Board, Driver, HEADER_PINS, HeaderPin, Lamps, LightsBoard, Line, Output, SoundBoard, SpiDisplay, Via,
    header, pin_of,
};

/// A wire from a part to the 40-pin header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Where it goes at the part.
    pub name: String,
    /// The pin of the header, 1 to 40.
    pub pin: u8,
    /// Its colour in drawings, as `#rrggbb`.
    pub colour: &'static str,
}

const BUS: &str = "#1d6fb8";
const PANEL: &str = "#5fa8d3";
const BUZZER: &str = "#7b2cbf";
const BUTTON: &str = "#0a8f8f";

/// Every wire to the header of a Raspberry Pi, in the order of the parts. Lines of the kernel's chips are not among them:
/// where those come out is another board's business.
pub fn wires(board: &Board) -> Vec<Wire> {
    let mut header = Wires::default();
    match &board.display.output {
        Output::Spi(panel) => header.spi(panel, &board.display.output),
        Output::I2c(_) => header.i2c(&board.display.output),
        Output::Panel | Output::Png { .. } | Output::Hdmi { .. } | Output::Framebuffer { .. } => {}
    }
    let is_shared = buzzer_is_on_the_lamps_board(board);
    if let LightsBoard::Lamps(lamps) = &board.lights {
        let buzzer = board.sound.line().filter(|_| is_shared);
        header.lamps(lamps, board.lights.lines().into_iter().chain(buzzer));
    }
    header.buzzer(board.sound.line().filter(|_| !is_shared));
    if let Some(buttons) = &board.buttons {
        header.buttons(buttons.active, buttons.lines());
    }
    header.wires
}

/// A board that switches the lamps has a fourth channel, which switches the buzzer where that sounds at the same level.
fn buzzer_is_on_the_lamps_board(board: &Board) -> bool {
    match (&board.lights, &board.sound) {
        (LightsBoard::Lamps(lamps), SoundBoard::Buzzer(buzzer)) => {
            lamps.via != Via::Resistor && lamps.driver == buzzer.driver && lamps.active == buzzer.active
        }
        (LightsBoard::Panel | LightsBoard::Log | LightsBoard::Lamps(_), _) => false,
    }
}

/// The wires so far.
#[derive(Default)]
struct Wires {
    wires: Vec<Wire>,
}

impl Wires {
    fn spi(&mut self, panel: &SpiDisplay, output: &Output) {
        let mut supplied = vec!["VCC"];
        supplied.extend(panel.reset.is_none().then_some("RST"));
        supplied.extend(panel.backlight.is_none().then_some("backlight"));
        let known = |what| match what {
            "SPI data" => ("data (MOSI, SDA or DIN)", BUS),
            "SPI clock" => ("clock (SCK, SCL or CLK)", BUS),
            SpiDisplay::SELECT => ("select (CS)", BUS),
            "reset" => ("reset (RST)", PANEL),
            "backlight" => ("backlight (BL or LED)", PANEL),
            other => (other, PANEL),
        };
        self.panel(output, known, &supplied.join(", "));
    }

    fn i2c(&mut self, output: &Output) {
        let known = |what| match what {
            "I²C data" => ("data (SDA)", BUS),
            "I²C clock" => ("clock (SCL)", BUS),
            other => (other, PANEL),
        };
        self.panel(output, known, "VCC");
    }

    fn panel(&mut self, output: &Output, known: fn(&'static str) -> (&'static str, &'static str), supplied: &str) {
        let lines = output.pins().into_iter().map(|(what, bcm)| {
            let (name, colour) = known(what);
            (format!("panel: {name}"), u32::from(bcm), colour)
        });
        let near = self.lines(lines);
        self.supply(HeaderPin::V3, &format!("panel: {supplied}"), near);
        self.supply(HeaderPin::Ground, "panel: GND", near);
    }

    /// Lamps and torch, and the buzzer that hangs on their board.
    fn lamps<'a>(&mut self, lamps: &Lamps, lines: impl Iterator<Item = Line<'a>>) {
        let own = lines.filter(is_on_header);
        let part = match lamps.via {
            Via::Resistor => "LED",
            Via::Mosfet => "MOSFET board",
            Via::Relay => "relay board",
        };
        let name = |line: &str| match (lamps.via, lamps.active) {
            (Via::Resistor, Active::High) => format!("{line} LED (+), over 330 Ω"),
            (Via::Resistor, Active::Low) => format!("{line} LED (−), over 330 Ω"),
            (Via::Mosfet | Via::Relay, _) => format!("{part}: {line}"),
        };
        let near = self.lines(own.map(|line| (name(line.name), line.number, colour(line.name))));
        match (lamps.via, lamps.active) {
            (Via::Resistor, Active::High) => self.supply(HeaderPin::Ground, "LEDs (−)", near),
            (Via::Resistor, Active::Low) => self.supply(HeaderPin::V3, "LEDs (+)", near),
            (Via::Mosfet, _) => self.supply(HeaderPin::Ground, &format!("{part}: GND"), near),
            (Via::Relay, _) => {
                self.supply(HeaderPin::V5, &format!("{part}: VCC"), near);
                self.supply(HeaderPin::Ground, &format!("{part}: GND"), near);
            }
        }
    }

    fn buzzer(&mut self, line: Option<Line<'_>>) {
        let own = line.into_iter().filter(is_on_header);
        let near = self.lines(own.map(|line| ("buzzer: signal".to_owned(), line.number, BUZZER)));
        self.supply(HeaderPin::V3, "buzzer: VCC", near);
        self.supply(HeaderPin::Ground, "buzzer: GND", near);
    }

    fn buttons<'a>(&mut self, pressed: Active, lines: impl Iterator<Item = Line<'a>>) {
        let own = lines.filter(is_on_header);
        let name = |line: Line<'_>| (format!("button: {}", line.name.replace('_', " ")), line.number, BUTTON);
        let near = self.lines(own.map(name));
        let other = match pressed {
            Active::High => HeaderPin::V3,
            Active::Low => HeaderPin::Ground,
        };
        self.supply(other, "buttons: their other side", near);
    }

    /// Wires to lines; the first of their pins.
    fn lines(&mut self, lines: impl Iterator<Item = (String, u32, &'static str)>) -> Option<u8> {
        let wires =
            lines.filter_map(|(name, bcm, colour)| Some(Wire { name, pin: pin_of(bcm.try_into().ok()?)?, colour }));
        let begins = self.wires.len();
        self.wires.extend(wires);
        self.wires.get(begins).map(|wire| wire.pin)
    }

    /// A wire to the free pin of this kind that is nearest to the part's first one, or to the nearest where all are taken.
    fn supply(&mut self, kind: HeaderPin, name: &str, near: Option<u8>) {
        // A part without a line on the header needs nothing from it.
        let Some(near) = near else { return };
        let is_taken = |pin: u8| self.wires.iter().any(|wire| wire.pin == pin);
        let row = |pin: u8| (pin - 1) / 2;
        let of_kind = (1..=HEADER_PINS).filter(|pin| header(*pin) == Some(kind));
        let pin = of_kind.min_by_key(|pin| (is_taken(*pin), row(*pin).abs_diff(row(near))));
        self.wires.extend(pin.map(|pin| Wire { name: name.to_owned(), pin, colour: of_pin(kind) }));
    }
}

fn is_on_header(line: &Line<'_>) -> bool {
    *line.driver == Driver::Rppal
}

fn colour(lamp: &str) -> &'static str {
    match lamp {
        "red" => "#d62828",
        "yellow" => "#e0b000",
        "green" => "#2a9d3f",
        "buzzer" => BUZZER,
        _ => "#8d99ae",
    }
}

/// The colour of a pin in drawings, as `#rrggbb`.
pub const fn of_pin(pin: HeaderPin) -> &'static str {
    match pin {
        HeaderPin::V3 => "#f4883a",
        HeaderPin::V5 => "#8b1a1a",
        HeaderPin::Ground => "#111111",
        HeaderPin::Line(_) => "#c9b458",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::board::builtin;
    use crate::config;

    #[test]
    fn every_line_of_a_raspberry_pis_board_is_wired_to_a_pin_of_its_own_and_every_part_to_ground() {
        let of_pi = |name: &&str| ["pi3-", "pi4-", "pi5-", "zero2w-"].iter().any(|begin| name.starts_with(begin));
        let names: Vec<&str> = config::BUILTIN_BOARDS.into_iter().filter(of_pi).collect();
        assert_eq!(names.len(), 6);
        for board in names.into_iter().map(|name| builtin(name).expect("a board")) {
            let wires = wires(&board);
            let LightsBoard::Lamps(lamps) = &board.lights else { panic!("`{}` has no lamps", board.name) };
            assert_eq!(lamps.driver, Driver::Rppal);
            let mut lines: Vec<u32> = board.lines().iter().map(|line| line.number).collect();
            lines.extend(board.display.output.pins().iter().map(|(_, number)| u32::from(*number)));
            let pins: BTreeSet<u8> = lines
                .iter()
                .map(|line| pin_of(u8::try_from(*line).expect("a line of the header")).expect("a pin"))
                .collect();
            let is_line = |pin: &u8| matches!(header(*pin), Some(HeaderPin::Line(_)));
            let wired: Vec<u8> = wires.iter().map(|wire| wire.pin).filter(is_line).collect();
            assert_eq!((wired.len(), pins.len()), (lines.len(), lines.len()), "`{}`", board.name);
            assert_eq!(wired.into_iter().collect::<BTreeSet<_>>(), pins, "`{}`", board.name);
            // Lamps, buttons, and the panel where there is one.
            let grounds = wires.iter().filter(|wire| header(wire.pin) == Some(HeaderPin::Ground)).count();
            assert_eq!(grounds, 2 + usize::from(!board.display.output.pins().is_empty()), "`{}`", board.name);
            assert_eq!(config::cautions(&board).iter().filter(|told| told.contains("may be on")).count(), 0);
        }
    }
}
