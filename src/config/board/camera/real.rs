//! A board's `[camera.v4l2]`, `[camera.nokhwa]` and `[camera.rpicam]`: cameras that a person can touch.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use toml::Spanned;

use super::super::super::table::{Field, Table};
use super::super::{PATH, SIDE, size};
use super::{budget, rate};
use crate::rules::board::{Area, Frames, Nokhwa, NokhwaDevice, PixelFormat, Rpicam, Setting, Size, V4l2, VideoDevice};

/// The numbers of `/dev/video0` and its sisters.
const INDEX: RangeInclusive<u32> = 0..=255;
/// So that a person is told within two seconds.
const FROZEN_MS: u32 = 1200;
const FROZENS_MS: RangeInclusive<u32> = 0..=60_000;
/// Up to a second, in units of 100 µs.
const EXPOSURE: RangeInclusive<u32> = 1..=10_000;
const SHUTTER_US: RangeInclusive<u32> = 10..=1_000_000;
/// What cameras call gain and focus has no unit and no common range.
const OWN_UNITS: RangeInclusive<u32> = 0..=65_535;
/// Analogue gain as a factor.
const FACTOR: RangeInclusive<u32> = 1..=64;
/// From a hand's width to what is infinity for a label.
const FOCUS_CM: RangeInclusive<u32> = 3..=1000;

/// Longest name of a camera.
const NAME: usize = 200;

const DEVICE: &str = "\"usb:046d:0825\"";
const PROGRAM: &str = "rpicam-vid";

pub fn v4l2(table: &mut Table<'_>) -> Option<V4l2> {
    let device = table.need("device", DEVICE).and_then(|field| device(&field));
    let frames = lit_frames(table);
    let formats = formats(table);
    let exposure = setting(table, "exposure", "80", EXPOSURE, "units of 100 µs");
    let gain = number(table, "gain", "20", OWN_UNITS, "of the camera's units");
    let focus = setting(table, "focus", "120", OWN_UNITS, "of the camera's units");
    Some(V4l2 {
        device: device?,
        frames: frames?,
        formats: formats?,
        exposure: exposure.ok()?,
        gain: gain.ok()?,
        focus: focus.ok()?,
    })
}

pub fn nokhwa(table: &mut Table<'_>) -> Option<Nokhwa> {
    let device = table.need("device", "0").and_then(|field| {
        if field.is_text() {
            return field.text(NAME).map(|name| NokhwaDevice::Name((*name.get_ref()).to_owned()));
        }
        field.number(INDEX, "as the system counts its cameras").map(|index| NokhwaDevice::Index(index.into_inner()))
    });
    let frames = frames(table);
    let formats = formats(table);
    Some(Nokhwa { device: device?, frames: frames?, formats: formats? })
}

pub fn rpicam(table: &mut Table<'_>) -> Option<Rpicam> {
    let program = table.may("program", "\"rpicam-vid\"").map_or(Some(PathBuf::from(PROGRAM)), |field| {
        let text = *field.text(PATH)?.get_ref();
        // A name alone is looked for where the system has its programs.
        Some(if text.contains('/') { table.source().beside(text) } else { PathBuf::from(text) })
    });
    let frames = lit_frames(table);
    let even = frames.is_none_or(|frames| without_padding(table, frames.size));
    let shutter_us = number(table, "shutter_us", "8000", SHUTTER_US, "microseconds");
    let gain = number(table, "gain", "2", FACTOR, "times");
    let focus_cm = number(table, "focus_cm", "20", FOCUS_CM, "centimetres");
    let (program, frames) = (program?, frames.filter(|_| even)?);
    Some(Rpicam { program, frames, shutter_us: shutter_us.ok()?, gain: gain.ok()?, focus_cm: focus_cm.ok()? })
}

/// The fields that all have.
fn frames(table: &mut Table<'_>) -> Option<Frames> {
    let size = size(table, "1280", "720");
    let rate = rate(table);
    let budget_ms = budget(table);
    let roi = maybe(table.may("roi", "[320, 0, 640, 720]"), |field| area(field, size));
    let frozen_ms = number(table, "frozen_ms", "1200", FROZENS_MS, "milliseconds");
    Some(Frames {
        size: size?,
        rate: rate?,
        budget_ms: budget_ms?,
        roi: roi.ok()?,
        frozen_ms: frozen_ms.ok()?.unwrap_or(FROZEN_MS),
        power_line_hz: None,
    })
}

/// The same of a camera that knows how lamps flicker.
fn lit_frames(table: &mut Table<'_>) -> Option<Frames> {
    let frames = frames(table);
    let power_line_hz = maybe(table.may("power_line_hz", "50"), mains);
    Some(Frames { power_line_hz: power_line_hz.ok()?, ..frames? })
}

fn device(field: &Field<'_>) -> Option<VideoDevice> {
    if !field.is_text() {
        return field.number(INDEX, "as in `/dev/video0`").map(|index| VideoDevice::Index(index.into_inner()));
    }
    let text = *field.text(PATH)?.get_ref();
    if text.starts_with("/dev/") {
        return Some(VideoDevice::Path(PathBuf::from(text)));
    }
    let number = |digits: &str| (digits.len() == 4).then(|| u16::from_str_radix(digits, 16).ok()).flatten();
    let usb = text.strip_prefix("usb:").and_then(|ids| ids.split_once(':'));
    if let Some((vendor, product)) = usb.and_then(|(vendor, product)| number(vendor).zip(number(product))) {
        return Some(VideoDevice::Usb { vendor, product });
    }
    field.add(
        "`device` names no camera",
        format!(
            "write a path as `\"/dev/v4l/by-id/…\"`, a USB number as `{DEVICE}`, or a number as `0`; \
             `greengate camera list` shows them"
        ),
    );
    None
}

fn formats(table: &mut Table<'_>) -> Option<Vec<PixelFormat>> {
    table.may("formats", "[\"grey\", \"mjpeg\"]").map_or(Some(PixelFormat::ALL.to_vec()), |field| listed(&field))
}

fn listed(field: &Field<'_>) -> Option<Vec<PixelFormat>> {
    let words = PixelFormat::ALL.map(|format| (format.name(), format));
    let parts = field.list()?;
    let named: Vec<Option<PixelFormat>> = parts.iter().map(|part| part.word(&words)).collect();
    let formats: Vec<PixelFormat> = named.into_iter().collect::<Option<_>>()?;
    for (number, (part, format)) in parts.iter().zip(&formats).enumerate() {
        if formats[..number].contains(format) {
            part.add(format!("`formats` has `{}` twice", format.name()), "name each of them once, the best first");
            return None;
        }
    }
    if formats.is_empty() {
        let all = PixelFormat::ALL.map(|format| format!("\"{}\"", format.name())).join(", ");
        field.add("`formats` is empty", format!("for example `formats = [{all}]`, or leave it out"));
        return None;
    }
    Some(formats)
}

fn area(field: &Field<'_>, whole: Option<Size>) -> Option<Area> {
    let parts = field.list()?;
    let [x, y, width, height] = parts.as_slice() else {
        let title = format!("`roi` must have four numbers, left, top, width and height, and has {}", parts.len());
        field.add(title, "for example `roi = [320, 0, 640, 720]`");
        return None;
    };
    let [x, y] = [x, y].map(|part| part.number(0..=*SIDE.end(), "pixels").map(Spanned::into_inner));
    let [width, height] = [width, height].map(|part| part.number(SIDE, "pixels").map(Spanned::into_inner));
    let area = Area { x: x?, y: y?, size: Size { width: width?, height: height? } };
    if whole.is_some_and(|whole| area.x + area.size.width > whole.width || area.y + area.size.height > whole.height) {
        field.add(
            "`roi` reaches beyond the picture",
            "left + width and top + height must lie within `width` and `height`",
        );
        return None;
    }
    Some(area)
}

fn mains(field: &Field<'_>) -> Option<u32> {
    let hertz = field.number(50..=60, "hertz")?.into_inner();
    if ![50, 60].contains(&hertz) {
        field.add(format!("`power_line_hz` is `{hertz}`, and mains have 50 or 60 hertz"), "write 50, or 60");
        return None;
    }
    Some(hertz)
}

/// What is read from the program has no stride, so there may be none.
fn without_padding(table: &mut Table<'_>, size: Size) -> bool {
    let mut even = |name: &'static str, number: u32, step: u32, why: &str| {
        let down = number / step * step;
        let near = if down >= *SIDE.start() { format!("{down} or {}", down + step) } else { (down + step).to_string() };
        let wrong = !number.is_multiple_of(step);
        if wrong && let Some(field) = table.may(name, "") {
            field.add(format!("`{name}` is `{number}`, and {why}"), format!("write {near}"));
        }
        !wrong
    };
    let width = even("width", size.width, Rpicam::ROW, "`rpicam-vid` fills rows up to a multiple of 64 pixels");
    let height = even("height", size.height, 2, "`rpicam-vid` gives an even number of rows");
    width && height
}

/// A field has something wrong in it, which was told.
struct Wrong;

/// What may be left out.
fn maybe<T>(field: Option<Field<'_>>, read: impl FnOnce(&Field<'_>) -> Option<T>) -> Result<Option<T>, Wrong> {
    field.map(|field| read(&field).ok_or(Wrong)).transpose()
}

fn number(
    table: &mut Table<'_>,
    name: &'static str,
    example: &'static str,
    range: RangeInclusive<u32>,
    unit: &str,
) -> Result<Option<u32>, Wrong> {
    maybe(table.may(name, example), |field| field.number(range, unit).map(Spanned::into_inner))
}

/// `"auto"` or a number.
fn setting(
    table: &mut Table<'_>,
    name: &'static str,
    example: &'static str,
    range: RangeInclusive<u32>,
    unit: &str,
) -> Result<Option<Setting>, Wrong> {
    maybe(table.may(name, example), |field| {
        if field.is_text() {
            return field.word(&[("auto", Setting::Auto)]);
        }
        field.number(range, unit).map(|number| Setting::At(number.into_inner()))
    })
}
