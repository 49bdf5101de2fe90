//! A board's `[lights]`, `[sound]` and `[buttons]`.

use super::super::table::{Field, Reader, Table};
use super::pins::{self, Pin};
use crate::rules::board::{Active, Button, ButtonLines, Buzzer, Driver, Lamps, LightsBoard, SoundBoard, Via};

/// A part, and the lines that it uses.
pub type Found<T> = (T, Vec<Pin>);

pub fn lights(file: &mut Table<'_>) -> Option<Found<LightsBoard>> {
    let choices = [
        ("panel", (|_| Some((LightsBoard::Panel, Vec::new()))) as Reader<'_, _>),
        ("log", |_| Some((LightsBoard::Log, Vec::new()))),
        ("rppal", |table| lamps(table, Some(Driver::Rppal))),
        ("gpiocdev", |table| {
            let driver = pins::chip(table);
            lamps(table, driver)
        }),
    ];
    file.choice("lights", &choices)
}

fn lamps(table: &mut Table<'_>, driver: Option<Driver>) -> Option<Found<LightsBoard>> {
    let mut lines = Lines::of("lights", driver.as_ref());
    let red = lines.need(table, "red", "17");
    let yellow = lines.need(table, "yellow", "27");
    let green = lines.need(table, "green", "22");
    let torch = lines.may(table, "torch", "23");
    let pins = lines.read();
    let active = active(table, Active::High);
    let vias = Via::ALL.map(|via| (via.name(), via));
    let via = table.may("via", "\"relay\"").map_or(Some(Via::Resistor), |field| field.word(&vias));
    let (red, yellow, green) = (red?, yellow?, green?);
    let lamps = Lamps { driver: driver?, active: active?, via: via?, red, yellow, green, torch };
    Some((LightsBoard::Lamps(lamps), pins?))
}

pub fn sound(file: &mut Table<'_>) -> Option<Found<SoundBoard>> {
    let choices = [
        ("panel", (|_| Some((SoundBoard::Panel, Vec::new()))) as Reader<'_, _>),
        ("log", |_| Some((SoundBoard::Log, Vec::new()))),
        ("none", |_| Some((SoundBoard::None, Vec::new()))),
        ("rppal", |table| buzzer(table, Some(Driver::Rppal))),
        ("gpiocdev", |table| {
            let driver = pins::chip(table);
            buzzer(table, driver)
        }),
    ];
    file.choice("sound", &choices)
}

fn buzzer(table: &mut Table<'_>, driver: Option<Driver>) -> Option<Found<SoundBoard>> {
    let mut lines = Lines::of("sound", driver.as_ref());
    let buzzer = lines.need(table, "buzzer", "24");
    let pins = lines.read();
    let active = active(table, Active::High);
    Some((SoundBoard::Buzzer(Buzzer { driver: driver?, active: active?, buzzer: buzzer? }), pins?))
}

pub fn buttons(file: &mut Table<'_>) -> Option<Found<Option<ButtonLines>>> {
    let choices = [
        ("rppal", (|table| presses(table, Some(Driver::Rppal))) as Reader<'_, _>),
        ("gpiocdev", |table| {
            let driver = pins::chip(table);
            presses(table, driver)
        }),
    ];
    file.choice("buttons", &choices)
}

fn presses(table: &mut Table<'_>, driver: Option<Driver>) -> Option<Found<Option<ButtonLines>>> {
    let mut lines = Lines::of("buttons", driver.as_ref());
    let buttons = Button::ALL.into_iter().filter_map(|button| Some((button, lines.may(table, button.name(), "5")?)));
    let buttons = buttons.collect();
    let pins = lines.read();
    let active = active(table, Active::Low);
    Some((Some(ButtonLines { driver: driver?, active: active?, buttons }), pins?))
}

/// The lines of one part.
struct Lines<'d> {
    table: &'static str,
    driver: Option<&'d Driver>,
    pins: Vec<Pin>,
    /// One of them is wrong, and told.
    is_wrong: bool,
}

impl<'d> Lines<'d> {
    const fn of(table: &'static str, driver: Option<&'d Driver>) -> Self {
        Self { table, driver, pins: Vec::new(), is_wrong: false }
    }

    fn need(&mut self, table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<u32> {
        let field = table.need(name, example)?;
        self.number(&field, name)
    }

    fn may(&mut self, table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<u32> {
        let field = table.may(name, example)?;
        self.number(&field, name)
    }

    fn number(&mut self, field: &Field<'_>, name: &'static str) -> Option<u32> {
        let pin = Pin::read(field, self.table, name, self.driver);
        self.is_wrong |= pin.is_none();
        let number = pin.as_ref().map(Pin::number);
        self.pins.extend(pin);
        number
    }

    /// All that were asked for, if none of them is wrong.
    fn read(self) -> Option<Vec<Pin>> {
        Some(self.pins).filter(|_| !self.is_wrong)
    }
}

fn active(table: &mut Table<'_>, usual: Active) -> Option<Active> {
    let words = [("high", Active::High), ("low", Active::Low)];
    table.may("active", "\"low\"").map_or(Some(usual), |field| field.word(&words))
}
