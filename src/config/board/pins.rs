//! The lines of the processor that parts use: none serves two of them.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use super::super::problem::{Problem, Problems, quoted};
use super::super::table::{Field, Table};
use crate::rules::board::Driver;

/// The BCM numbers on the header of a Raspberry Pi.
const NUMBERS: RangeInclusive<u32> = 0..=27;
/// Lines of a chip of the kernel; the largest have a few hundred.
const LINES: RangeInclusive<u32> = 0..=1023;
/// The chip whose lines have their BCM numbers on a Raspberry Pi.
const HEADER_CHIP: &str = "/dev/gpiochip0";

/// A line that a part uses, and where the file says so.
#[derive(Clone, Debug)]
pub struct Pin {
    /// Its BCM number, or its number on its chip.
    number: u32,
    /// The kernel's chip; `None` for BCM numbers.
    chip: Option<PathBuf>,
    /// The part's table: `lights`.
    table: &'static str,
    /// The field that names it.
    name: &'static str,
    /// `None` for a line of the board that this one is based on.
    span: Option<Range<usize>>,
}

impl Pin {
    /// A line that the file names; `driver` is what drives it, if that is known already.
    pub fn read(field: &Field<'_>, table: &'static str, name: &'static str, driver: Option<&Driver>) -> Option<Self> {
        let (range, unit, chip) = match driver {
            Some(Driver::Rppal) => (NUMBERS, "(BCM numbers of pins)", None),
            Some(Driver::Gpiocdev { chip }) => (LINES, "(lines of a chip)", Some(chip.clone())),
            None => (LINES, "(lines of a chip)", None),
        };
        let number = field.number(range, unit)?;
        Some(Self { number: *number.get_ref(), chip, table, name, span: Some(number.span()) })
    }

    /// A line of the header that a bus has; `name` is the field that names the bus.
    pub const fn of_bus(number: u8, table: &'static str, name: &'static str, span: Range<usize>) -> Self {
        Self { number: number as u32, chip: None, table, name, span: Some(span) }
    }

    /// Its number.
    pub const fn number(&self) -> u32 {
        self.number
    }

    fn is_same(&self, other: &Self) -> bool {
        let chip = |pin: &Self| pin.chip.clone().unwrap_or_else(|| PathBuf::from(HEADER_CHIP));
        self.number == other.number && chip(self) == chip(other)
    }

    fn line(&self) -> String {
        match &self.chip {
            None => format!("GPIO {}", self.number),
            Some(chip) => format!("line {} of {}", self.number, quoted(&chip.display().to_string())),
        }
    }

    fn part(&self) -> String {
        let base = if self.span.is_none() { " of the board that this one is based on" } else { "" };
        format!("`{}` of `[{}]`{base}", self.name, self.table)
    }
}

/// A chip of the kernel: a path like `/dev/gpiochip0`.
pub fn chip(table: &mut Table<'_>) -> Option<Driver> {
    let field = table.need("chip", "\"/dev/gpiochip0\"")?;
    let text = field.text(super::PATH)?;
    if !Path::new(text.get_ref()).has_root() {
        let help = format!("write `chip = \"/dev/{}\"`; `gpiodetect` names those that are there", text.get_ref());
        field.add(format!("{} is not a device", quoted(text.get_ref())), help);
        return None;
    }
    Some(Driver::Gpiocdev { chip: PathBuf::from(*text.get_ref()) })
}

/// The lines of a base board's part, which have no place in this file.
pub fn of_base(pins: &[Pin], table: &str) -> Vec<Pin> {
    let of_table = pins.iter().filter(|pin| pin.table == table);
    of_table.map(|pin| Pin { span: None, ..pin.clone() }).collect()
}

/// Tells of each line that serves two parts.
pub fn apart(pins: &[Pin], problems: &Problems<'_>) {
    for (at, pin) in pins.iter().enumerate() {
        for other in pins[..at].iter().filter(|other| other.is_same(pin)) {
            let title = format!("{} is used by {} and by {}", pin.line(), other.part(), pin.part());
            let mut problem = Problem::new(title, "give one of them another line");
            let places = [other, pin].into_iter().filter_map(|pin| pin.span.clone());
            for (span, label) in places.zip(["here", "and here"]) {
                problem = problem.at(span, label);
            }
            problems.add(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::Source;

    fn pin(number: u32, table: &'static str, span: Option<Range<usize>>) -> Pin {
        Pin { number, chip: None, table, name: "red", span }
    }

    #[test]
    fn a_line_of_the_base_has_no_place_but_is_told() {
        let source = Source::text("board.toml", "buzzer = 17\n");
        let problems = Problems::new(&source);
        let base = of_base(&[pin(17, "lights", Some(3..5)), pin(17, "sound", Some(3..5))], "lights");
        apart(&[base, vec![Pin { name: "buzzer", ..pin(17, "sound", Some(9..11)) }]].concat(), &problems);
        let told = problems.finish(Some(())).expect_err("the line is used twice").to_string();
        let expected = "error: GPIO 17 is used by `red` of `[lights]` of the board that this one is based on and by `buzzer` \
                        of `[sound]`\n --> board.toml:1:10\n  |\n1 | buzzer = 17\n  |          ^^ here\n  |\n\
                        help: give one of them another line";
        assert_eq!(told, expected);
    }
}
