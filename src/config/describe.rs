//! What was read, in words: a line for each part.

use std::fmt::Write as _;
use std::time::Duration;

use super::signals;
use crate::rules::board::{Board, Camera, Colours, Judge, Output, Size, Verified};
use crate::rules::policy::Tightening;
use crate::rules::site::{FeedSettings, IntakeTimings, Site};
use crate::rules::text::Language;

/// A board in words, a line for each part.
#[must_use]
pub fn board(board: &Board) -> String {
    let camera = match &board.camera {
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
    };
    let buttons = board.buttons.as_ref().map(|buttons| ("buttons", signals::buttons(buttons)));
    let parts = [
        ("camera", camera),
        ("display", display(board)),
        ("lights", signals::lights(&board.lights)),
        ("sound", signals::sound(&board.sound)),
    ];
    let parts: Vec<(&str, String)> = parts.into_iter().chain(buttons).collect();
    let base = board.based_on.as_ref().map(|base| format!(", based on `{base}`")).unwrap_or_default();
    let verified = board.verified.map(|verified| format!(", {}", tried(verified))).unwrap_or_default();
    format!("board `{}`: {}{base}{verified}{}", board.name, board.title, lines(&parts))
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
    let output = match &board.display.output {
        Output::Panel => "the panel's".to_owned(),
        Output::Png { folder } => format!("PNG files in `{}`", folder.display()),
    };
    let Size { width, height } = board.display.size;
    let colours = match board.display.colours {
        Colours::Mono => "black and white",
        Colours::Full => "colour",
    };
    let size_mm = board.display.size_mm.map(|(width, height)| format!(", {width}×{height} mm")).unwrap_or_default();
    format!("{output}, {width}×{height}, {colours}{size_mm}")
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
