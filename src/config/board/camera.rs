//! A board's `[camera]`.

mod real;

use std::path::PathBuf;

use super::super::table::{Reader, Table};
use super::{Folder, PATH, path, size};
use crate::rules::board::Camera;

/// Frames a second.
const RATE: std::ops::RangeInclusive<u32> = 1..=60;
/// How long a frame is looked at unless the board says otherwise: less than the time between two at 30 a second.
const BUDGET_MS: u32 = 25;
const BUDGETS_MS: std::ops::RangeInclusive<u32> = 1..=1000;

pub fn read(file: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let choices = [
        ("panel", panel as Reader<'_, _>),
        ("folder", folder),
        ("stream", stream),
        ("v4l2", |table| Some((Camera::V4l2(real::v4l2(table)?), None))),
        ("nokhwa", |table| Some((Camera::Nokhwa(real::nokhwa(table)?), None))),
        ("rpicam", |table| Some((Camera::Rpicam(real::rpicam(table)?), None))),
    ];
    file.choice("camera", &choices)
}

fn panel(table: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let size = size(table, "1280", "720");
    let rate = rate(table);
    let budget_ms = budget(table);
    Some((Camera::Panel { size: size?, rate: rate?, budget_ms: budget_ms? }, None))
}

fn folder(table: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let folder = path(table, "path", "\"photos\"");
    let rate = rate(table);
    let repeat = table.may("repeat", "true").map_or(Some(false), |field| field.flag());
    let (path, span) = folder?;
    Some((Camera::Folder { path: path.clone(), rate: rate?, repeat: repeat? }, Some((path, span))))
}

fn stream(table: &mut Table<'_>) -> Option<(Camera, Folder)> {
    let text = table.need("path", "\"-\"").and_then(|field| field.text(PATH))?;
    let path = match *text.get_ref() {
        "-" => PathBuf::from("-"),
        path => table.source().beside(path),
    };
    Some((Camera::Stream { path, budget_ms: budget(table)? }, None))
}

fn rate(table: &mut Table<'_>) -> Option<u32> {
    table.need("rate", "15").and_then(|field| field.number(RATE, "frames a second")).map(toml::Spanned::into_inner)
}

fn budget(table: &mut Table<'_>) -> Option<u32> {
    table.may("budget_ms", "25").map_or(Some(BUDGET_MS), |field| {
        field.number(BUDGETS_MS, "milliseconds a frame").map(toml::Spanned::into_inner)
    })
}
