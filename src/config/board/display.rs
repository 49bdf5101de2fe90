//! A board's `[display]`.

use super::super::table::{Field, Table};
use super::{Folder, path, size};
use crate::rules::board::{Colours, Display, Output, Size};

pub fn read(file: &mut Table<'_>) -> Option<(Display, Folder)> {
    file.choice("display", &[("panel", panel), ("png", png)])
}

fn panel(table: &mut Table<'_>) -> Option<(Display, Folder)> {
    Some((screen(table, Some(Output::Panel))?, None))
}

fn png(table: &mut Table<'_>) -> Option<(Display, Folder)> {
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
