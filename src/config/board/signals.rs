//! A board's `[lights]`, `[sound]` and `[buttons]`.

use super::super::table::{Field, Reader, Table};
use super::pins::{self, Pin};
use crate::rules::board::{Active, Button, ButtonLines, Buzzer, Driver, Lamps, LightsBoard, SoundBoard};

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
    let mut lines = Lines { table: "lights", driver: driver.as_ref(), pins: Vec::new() };
    let red = lines.need(table, "red", "17");
    let yellow = lines.need(table, "yellow", "27");
    let green = lines.need(table, "green", "22");
    let torch = lines.may(table, "torch", "23");
    let pins = lines.pins;
    let active = active(table, Active::High);
    let (red, yellow, green, torch) = (red?, yellow?, green?, torch?);
    Some((LightsBoard::Lamps(Lamps { driver: driver?, active: active?, red, yellow, green, torch }), pins))
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
    let mut lines = Lines { table: "sound", driver: driver.as_ref(), pins: Vec::new() };
    let buzzer = lines.need(table, "buzzer", "24");
    let pins = lines.pins;
    let active = active(table, Active::High);
    Some((SoundBoard::Buzzer(Buzzer { driver: driver?, active: active?, buzzer: buzzer? }), pins))
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
    let mut lines = Lines { table: "buttons", driver: driver.as_ref(), pins: Vec::new() };
    let buttons = Button::ALL.map(|button| (button, lines.may(table, button.name(), "5")));
    let pins = lines.pins;
    let active = active(table, Active::Low);
    let mut found = Vec::new();
    for (button, line) in buttons {
        found.extend(line?.map(|line| (button, line)));
    }
    Some((Some(ButtonLines { driver: driver?, active: active?, buttons: found }), pins))
}

/// The lines of one part.
struct Lines<'d> {
    table: &'static str,
    driver: Option<&'d Driver>,
    pins: Vec<Pin>,
}

impl Lines<'_> {
    fn need(&mut self, table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<u32> {
        let field = table.need(name, example)?;
        self.read(&field, name)
    }

    fn may(&mut self, table: &mut Table<'_>, name: &'static str, example: &'static str) -> Option<Option<u32>> {
        table.may(name, example).map_or(Some(None), |field| self.read(&field, name).map(Some))
    }

    fn read(&mut self, field: &Field<'_>, name: &'static str) -> Option<u32> {
        let pin = Pin::read(field, self.table, name, self.driver)?;
        let number = pin.number();
        self.pins.push(pin);
        Some(number)
    }
}

fn active(table: &mut Table<'_>, usual: Active) -> Option<Active> {
    let words = [("high", Active::High), ("low", Active::Low)];
    table.may("active", "\"low\"").map_or(Some(usual), |field| field.word(&words))
}
