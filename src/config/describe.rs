//! What was read, in words: a line for each part.

use std::fmt::Write as _;
use std::time::Duration;

use super::signals;
use crate::rules::board::{
    Area, Board, Camera, Colours, Frames, I2cDisplay, Judge, Nokhwa, Output, PixelFormat, Rotation, Rpicam, Setting,
    Size, SpiDisplay, V4l2, Verified,
};
use crate::rules::policy::Tightening;
use crate::rules::site::{FeedSettings, IntakeTimings, Site};
use crate::rules::text::Language;

/// A board in words, a line for each part.
#[must_use]
pub fn board(board: &Board) -> String {
    let buttons = board.buttons.as_ref().map(|buttons| ("buttons", signals::buttons(buttons)));
    let parts = [
        ("camera", camera(&board.camera)),
        ("display", display(board)),
        ("lights", signals::lights(&board.lights)),
        ("sound", signals::sound(&board.sound)),
    ];
    let parts: Vec<(&str, String)> = parts.into_iter().chain(buttons).collect();
    let base = board.based_on.as_ref().map(|base| format!(", based on `{base}`")).unwrap_or_default();
    let verified = board.verified.map(|verified| format!(", {}", tried(verified))).unwrap_or_default();
    // Every kiosk's own file is called that.
    let name = if board.name == "board" { String::new() } else { format!(" `{}`", board.name) };
    format!("board{name}: {}{base}{verified}{}", board.title, lines(&parts))
}

fn camera(camera: &Camera) -> String {
    match camera {
        Camera::Panel { size, rate, budget_ms } => {
            let Size { width, height } = size;
            format!("the panel's, {width}×{height}, {rate} frames a second, {budget_ms} ms for each")
        }
        Camera::Folder { path, rate, repeat } => {
            let again = if *repeat { ", again and again" } else { "" };
            format!("pictures in `{}`, {rate} a second{again}", path.display())
        }
        Camera::Stream { path, budget_ms } => {
            let from = if path.as_os_str() == "-" { "standard input" } else { &format!("`{}`", path.display()) };
            format!("Y4M or MJPEG from {from}, {budget_ms} ms for each frame")
        }
        Camera::V4l2(V4l2 { device, frames: asked, formats, exposure, gain, focus }) => {
            let settings = [
                setting("exposure", *exposure, |value| format!("{} ms", f64::from(value) / 10.0)),
                gain.map(|gain| format!(", gain {gain}")),
                setting("focus", *focus, |value| value.to_string()),
            ];
            let settings: String = settings.into_iter().flatten().collect();
            format!("`{device}`, {}; {}{settings}", frames(asked), names(formats))
        }
        Camera::Nokhwa(Nokhwa { device, frames: asked, formats }) => {
            format!("`{device}` by way of nokhwa, {}; {}", frames(asked), names(formats))
        }
        Camera::Rpicam(Rpicam { program, frames: asked, shutter_us, gain, focus_cm }) => {
            let settings = [
                shutter_us.map(|shutter| format!(", exposure {} ms", f64::from(shutter) / 1000.0)),
                gain.map(|gain| format!(", gain {gain}")),
                focus_cm.map(|focus| format!(", focus at {focus} cm")),
            ];
            let settings: String = settings.into_iter().flatten().collect();
            format!("by way of `{}`, {}{settings}", program.display(), frames(asked))
        }
    }
}

fn names(formats: &[PixelFormat]) -> String {
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    names.join(", ")
}

fn frames(frames: &Frames) -> String {
    let Frames { size: Size { width, height }, rate, budget_ms, roi, frozen_ms, power_line_hz } = frames;
    let roi = roi.map(|Area { x, y, size }| format!(", of it {}×{} from {x}, {y}", size.width, size.height));
    let hertz = power_line_hz.map(|hertz| format!(", lamps on {hertz} Hz"));
    let frozen =
        if *frozen_ms == 0 { ", may stand still".to_owned() } else { format!(", frozen after {frozen_ms} ms") };
    let more: String = [roi, Some(frozen), hertz].into_iter().flatten().collect();
    format!("{width}×{height}, {rate} frames a second, {budget_ms} ms for each{more}")
}

fn setting(name: &str, setting: Option<Setting>, value: fn(u32) -> String) -> Option<String> {
    Some(match setting? {
        Setting::Auto => format!(", {name} automatic"),
        Setting::At(number) => format!(", {name} {}", value(number)),
    })
}

/// Who has seen the board work.
#[must_use]
pub fn tried(verified: Verified) -> String {
    let by = match verified.by {
        Judge::Emulated => "an emulated Raspberry Pi",
        Judge::ByteStream => "the bytes that leave for its parts",
        Judge::Hardware => "a person with the hardware",
    };
    format!("tried by {by} on {}", verified.on)
}

fn display(board: &Board) -> String {
    let (output, rotation) = output(&board.display.output);
    let size = match board.display.size {
        _ if board.display.output.tells_its_size() => "as large as it says itself".to_owned(),
        Size { width, height } => format!("{width}×{height}"),
    };
    let colours = match board.display.colours {
        Colours::Mono => "black and white",
        Colours::Full => "colour",
    };
    let size_mm = board.display.size_mm.map(|(width, height)| format!(", {width}×{height} mm")).unwrap_or_default();
    let turned = match rotation.degrees() {
        0 => String::new(),
        degrees => format!(", turned {degrees}°"),
    };
    let night = board.display.output.night();
    let night = night.map(|night| format!(", dark {} to {}", hour(night.from), hour(night.to))).unwrap_or_default();
    format!("{output}, {size}, {colours}{size_mm}{turned}{night}")
}

/// How a display is reached, and how its picture is turned.
fn output(output: &Output) -> (String, Rotation) {
    match output {
        Output::Panel => ("the panel's".to_owned(), Rotation::None),
        Output::Png { folder } => (format!("PNG files in `{}`", folder.display()), Rotation::None),
        Output::Hdmi { device, rotation, .. } => {
            let device = device.as_ref().map(|device| format!(" of `{}`", device.display())).unwrap_or_default();
            (format!("the monitor{device}"), *rotation)
        }
        Output::Framebuffer { path, rotation } => (format!("the framebuffer `{}`", path.display()), *rotation),
        Output::Spi(panel) => {
            let SpiDisplay { bus, select, mhz, dc, .. } = panel;
            let pin = |name, pin: Option<u8>| pin.map(|pin| format!(", {name} GPIO {pin}")).unwrap_or_default();
            let pins = pin("reset", panel.reset) + &pin("backlight", panel.backlight);
            let model = panel.model.name();
            (format!("{model} on `/dev/spidev{bus}.{select}` at {mhz} MHz, D/C GPIO {dc}{pins}"), panel.rotation)
        }
        Output::I2c(panel) => {
            let I2cDisplay { model, bus, address, brightness, rotation, .. } = panel;
            let model = model.name();
            (format!("{model} on `/dev/i2c-{bus}` at {address:#x}, {brightness} % bright"), *rotation)
        }
    }
}

fn hour(time: jiff::civil::Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// A site in words, a line for each part.
#[must_use]
pub fn site(site: &Site) -> String {
    let languages: Vec<&str> = site
        .languages
        .iter()
        .map(|language| match language {
            Language::Zh => "Chinese",
            Language::En => "English",
        })
        .collect();
    let panel = site.panel.as_ref().map_or("none".to_owned(), |panel| {
        let token = if panel.token.is_some() { ", asks for its token" } else { "" };
        format!("http://{}/{token}", panel.listen)
    });
    let zone = site.time_zone.iana_name().unwrap_or("UTC").to_owned();
    let parts = [
        ("languages", languages.join(", ")),
        ("time zone", zone),
        ("state", format!("`{}`", site.state.display())),
        ("policy", policy(&site.policy)),
        ("intake", intake(&site.intake)),
        ("panel", panel),
        ("journal", format!("keeps rows {} days", site.journal.keep.as_secs() / (24 * 3600))),
        ("feed", site.feed.as_ref().map_or_else(|| "none; lists are loaded by hand".to_owned(), feed)),
    ];
    format!("site `{}`, kiosk `{}`{}", site.name, site.kiosk, lines(&parts))
}

fn feed(feed: &FeedSettings) -> String {
    let folder = feed.folder.as_ref().map(|folder| format!("`{}`", folder.display()));
    let places: Vec<String> = folder.into_iter().chain(feed.url.clone()).collect();
    format!("{}, every {} min", places.join(" and "), feed.every.as_secs() / 60)
}

fn policy(policy: &Tightening) -> String {
    let limit = |what: &str, value: Option<u32>| value.map(|value| format!("{what} {value}"));
    let limits = [
        limit("normal to hour", policy.normal_h),
        limit("green to hour", policy.green_h),
        limit("in service to hour", policy.service_h),
        limit("review at least one in", policy.review_one_in),
        (policy.hold_unsigned == Some(true)).then(|| "unsigned codes are held".to_owned()),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if limits.is_empty() { "the authority's".to_owned() } else { limits.join(", ") }
}

fn intake(intake: &IntakeTimings) -> String {
    let s = Duration::as_secs_f32;
    format!(
        "green {} s, yellow {} s, red {} s, none longer than {} s; a label counts again after {} s; \
         a delivery ends after {} min",
        s(&intake.accept),
        s(&intake.hold),
        s(&intake.reject),
        s(&intake.longest),
        s(&intake.rearm),
        intake.delivery_idle.as_secs() / 60,
    )
}

fn lines(parts: &[(&str, String)]) -> String {
    parts.iter().fold(String::new(), |mut text, (name, what)| {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n  {name:<9} {what}");
        text
    })
}
