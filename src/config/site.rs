//! Where the box stands.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use super::problem::{Problem, Problems, Source};
use super::{ConfigFault, lines};
use crate::rules::policy::Tightening;
use crate::rules::site::{IntakeTimings, PanelSettings, Site};
use crate::rules::text::Language;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSite {
    name: Spanned<String>,
    kiosk: Spanned<String>,
    languages: Spanned<Vec<Language>>,
    time_zone: Spanned<String>,
    state: Spanned<String>,
    #[serde(default)]
    policy: RawPolicy,
    #[serde(default)]
    intake: RawIntake,
    panel: Option<RawPanel>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    normal_h: Option<Spanned<i64>>,
    green_h: Option<Spanned<i64>>,
    service_h: Option<Spanned<i64>>,
    hold_unsigned: Option<bool>,
    review_one_in: Option<Spanned<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIntake {
    rearm_ms: Option<Spanned<i64>>,
    accept_ms: Option<Spanned<i64>>,
    hold_ms: Option<Spanned<i64>>,
    reject_ms: Option<Spanned<i64>>,
    longest_ms: Option<Spanned<i64>>,
    notice_ms: Option<Spanned<i64>>,
    delivery_idle_min: Option<Spanned<i64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPanel {
    listen: Spanned<String>,
    token: Option<Spanned<String>>,
}

/// Shortest token that is not guessed.
const TOKEN_LEAST: usize = 16;
const TOKEN_MOST: usize = 256;

pub fn check(source: &Source) -> Result<Site, ConfigFault> {
    let raw: RawSite = source.parse()?;
    let mut problems = Problems::new(source);
    let site = Site {
        name: problems.words("name", &raw.name, 40),
        kiosk: kiosk(&raw.kiosk, &mut problems),
        languages: languages(&raw.languages, &mut problems),
        time_zone: time_zone(&raw.time_zone, &mut problems),
        state: state(&raw.state, source, &mut problems),
        policy: policy(&raw.policy, &mut problems),
        intake: intake(&raw.intake, &mut problems),
        panel: raw.panel.as_ref().and_then(|panel| settings(panel, &mut problems)),
        demo: false,
    };
    problems.finish(Some(site))
}

/// The demo world's site.
pub fn demo() -> Site {
    Site {
        name: "示范仓库 Demo dock".to_owned(),
        kiosk: "demo-dock-1".to_owned(),
        languages: vec![Language::Zh, Language::En],
        time_zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
        state: PathBuf::from("greengate-demo"),
        policy: Tightening::default(),
        intake: IntakeTimings::default(),
        panel: Some(PanelSettings { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), token: None }),
        demo: true,
    }
}

/// The kiosk's name is part of files and of the journal.
fn kiosk(raw: &Spanned<String>, problems: &mut Problems<'_>) -> String {
    let name = raw.get_ref();
    let fits = (1..=40).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-');
    if !fits {
        let title = format!("`kiosk` is `{name}`, which is not 1 to 40 of `a-z 0-9 -`");
        problems.add(Problem::new(
            title,
            raw.span(),
            "",
            "give each kiosk of the firm its own, like `hangzhou-dock-3`",
        ));
    }
    name.clone()
}

fn languages(raw: &Spanned<Vec<Language>>, problems: &mut Problems<'_>) -> Vec<Language> {
    let languages = raw.get_ref();
    let twice = matches!(languages.as_slice(), [first, second] if first == second);
    if !(1..=2).contains(&languages.len()) || twice {
        let title = "`languages` must name one language or two different ones";
        problems.add(Problem::new(
            title,
            raw.span(),
            "",
            "write `[\"zh\", \"en\"]`, the one that is shown larger first",
        ));
    }
    languages.clone()
}

fn time_zone(raw: &Spanned<String>, problems: &mut Problems<'_>) -> TimeZone {
    TimeZone::get(raw.get_ref()).unwrap_or_else(|_| {
        let title = format!("there is no time zone `{}`", raw.get_ref());
        problems.add(Problem::new(title, raw.span(), "", "write its IANA name, like `Asia/Shanghai`"));
        TimeZone::UTC
    })
}

fn state(raw: &Spanned<String>, source: &Source, problems: &mut Problems<'_>) -> PathBuf {
    problems.words("state", raw, 1000);
    source.beside(raw.get_ref())
}

fn policy(raw: &RawPolicy, problems: &mut Problems<'_>) -> Tightening {
    let mut hours = |what: &str, value: &Option<Spanned<i64>>| {
        value.as_ref().map(|value| problems.number(what, value, 1..=8760, "hours"))
    };
    let (normal_h, green_h, service_h) =
        (hours("normal_h", &raw.normal_h), hours("green_h", &raw.green_h), hours("service_h", &raw.service_h));
    let review = raw.review_one_in.as_ref();
    let review_one_in = review.map(|value| problems.number("review_one_in", value, 1..=100_000, "items"));
    for (less, more, names) in [
        (&raw.normal_h, &raw.green_h, "`normal_h` above `green_h`"),
        (&raw.green_h, &raw.service_h, "`green_h` above `service_h`"),
    ] {
        if let (Some(less), Some(more)) = (less, more)
            && less.get_ref() > more.get_ref()
        {
            let problem = Problem::new(names, less.span(), "this is longer", "the three ages must grow");
            problems.add(problem.and(more.span(), "than this"));
        }
    }
    Tightening { normal_h, green_h, service_h, hold_unsigned: raw.hold_unsigned, review_one_in }
}

fn intake(raw: &RawIntake, problems: &mut Problems<'_>) -> IntakeTimings {
    let usual = IntakeTimings::default();
    let mut ms = |what: &str, value: &Option<Spanned<i64>>, range: std::ops::RangeInclusive<u32>, usual: Duration| {
        let number = value.as_ref().map(|value| problems.number(what, value, range, "milliseconds"));
        number.map_or(usual, |ms| Duration::from_millis(ms.into()))
    };
    let timings = IntakeTimings {
        rearm: ms("rearm_ms", &raw.rearm_ms, 200..=5000, usual.rearm),
        accept: ms("accept_ms", &raw.accept_ms, 500..=30_000, usual.accept),
        hold: ms("hold_ms", &raw.hold_ms, 500..=60_000, usual.hold),
        reject: ms("reject_ms", &raw.reject_ms, 500..=60_000, usual.reject),
        longest: ms("longest_ms", &raw.longest_ms, 2000..=60_000, usual.longest),
        notice: ms("notice_ms", &raw.notice_ms, 500..=30_000, usual.notice),
        delivery_idle: usual.delivery_idle,
    };
    let idle = raw.delivery_idle_min.as_ref();
    let idle = idle.map(|value| problems.number("delivery_idle_min", value, 1..=1440, "minutes"));
    let longest_hold = timings.accept.max(timings.hold).max(timings.reject);
    if let Some(raw) = raw.longest_ms.as_ref().filter(|_| timings.longest < longest_hold) {
        let title = "`longest_ms` is shorter than a verdict is shown at least";
        problems.add(Problem::new(title, raw.span(), "", format!("write {} or more", longest_hold.as_millis())));
    }
    IntakeTimings {
        delivery_idle: idle.map_or(timings.delivery_idle, |minutes| Duration::from_secs(u64::from(minutes) * 60)),
        longest: timings.longest.max(longest_hold),
        ..timings
    }
}

fn settings(raw: &RawPanel, problems: &mut Problems<'_>) -> Option<PanelSettings> {
    let Ok(listen) = raw.listen.get_ref().parse::<SocketAddr>() else {
        let title = format!("`listen` is `{}`, which is not an address with a port", raw.listen.get_ref());
        problems.add(Problem::new(title, raw.listen.span(), "", "write it like `127.0.0.1:8080` or `[::1]:8080`"));
        return None;
    };
    if let Some(token) = &raw.token {
        let fits = (TOKEN_LEAST..=TOKEN_MOST).contains(&token.get_ref().len());
        if !fits || !token.get_ref().bytes().all(|byte| byte.is_ascii_graphic()) {
            let title = format!("`token` must have {TOKEN_LEAST} to {TOKEN_MOST} letters, digits or signs");
            problems.add(Problem::new(title, token.span(), "", "make one with `openssl rand -hex 16`"));
        }
    } else if !listen.ip().is_loopback() {
        let title = format!("the panel would be open to everyone who reaches `{listen}`");
        let help = "add `token = \"…\"`, made with `openssl rand -hex 16`, or listen on 127.0.0.1";
        problems.add(Problem::new(title, raw.listen.span(), "", help));
    }
    Some(PanelSettings { listen, token: raw.token.as_ref().map(|token| token.get_ref().clone()) })
}

/// A site in words, a line for each part.
#[must_use]
pub fn describe(site: &Site) -> String {
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
    let strict = |what: &str, value: Option<u32>| value.map(|value| format!("{what} {value}"));
    let policy: Vec<String> = [
        strict("normal to hour", site.policy.normal_h),
        strict("green to hour", site.policy.green_h),
        strict("in service to hour", site.policy.service_h),
        strict("review at least one in", site.policy.review_one_in),
        (site.policy.hold_unsigned == Some(true)).then(|| "unsigned codes are held".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let policy = if policy.is_empty() { "the authority's".to_owned() } else { policy.join(", ") };
    let zone = site.time_zone.iana_name().unwrap_or("UTC").to_owned();
    let parts = [
        ("languages", languages.join(", ")),
        ("time zone", zone),
        ("state", format!("`{}`", site.state.display())),
        ("policy", policy),
        ("panel", panel),
    ];
    format!("site `{}`, kiosk `{}`{}", site.name, site.kiosk, lines(&parts))
}
