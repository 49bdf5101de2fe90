//! Where the box stands: a site's TOML to a checked site.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use toml::Spanned;

use super::ConfigFault;
use super::feed;
use super::problem::{Problem, Problems, nearest, quoted};
use super::source::Source;
use super::syntax;
use super::table::{Field, Table};
use crate::rules::policy::Tightening;
use crate::rules::site::{IntakeTimings, JournalSettings, PanelSettings, Site, is_kiosk_name};
use crate::rules::text::Language;

/// Length of a token: shorter ones are guessed.
const TOKEN: RangeInclusive<usize> = 16..=256;

/// Help for `panel = false` and the like.
const NO_PANEL: &str = "for no panel leave it out; for one write `[panel]` on a line of its own";

pub fn check(source: &Source) -> Result<Site, ConfigFault> {
    let tree = syntax::parse(source)?;
    let problems = Problems::new(source);
    let mut file = Table::root("site", tree.get_ref(), &problems);
    let site = read(&mut file);
    file.done();
    problems.finish(site)
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
        feed: None,
        journal: JournalSettings::default(),
        demo: true,
    }
}

fn read(file: &mut Table<'_>) -> Option<Site> {
    let name = file.need("name", "\"Dock 3\"").and_then(|field| field.text(40));
    let kiosk = file.need("kiosk", "\"hangzhou-dock-3\"").and_then(|field| kiosk(&field));
    let languages = file.need("languages", "[\"zh\", \"en\"]").and_then(|field| languages(&field));
    let time_zone = file.need("time_zone", "\"Asia/Shanghai\"").and_then(|field| time_zone(&field));
    let state = file.need("state", "\"/var/lib/greengate\"").and_then(|field| field.text(1000));
    let policy =
        file.may("policy", "").map_or(Some(Tightening::default()), |field| field.read(|table| Some(policy(table))));
    let intake =
        file.may("intake", "").map_or(Some(IntakeTimings::default()), |field| field.read(|table| Some(intake(table))));
    let panel = file.may("panel", "").map_or(Some(None), |field| field.read_or(panel, NO_PANEL).map(Some));
    let feed = file.may("feed", "").map_or(Some(None), |field| field.read_or(feed::read, feed::HELP).map(Some));
    let journal = file
        .may("journal", "")
        .map_or(Some(JournalSettings::default()), |field| field.read(|table| Some(journal(table))));
    file.never("demo", "remove it; the demo world is what `greengate run` starts when there is no configuration");
    Some(Site {
        name: (*name?.get_ref()).to_owned(),
        kiosk: kiosk?,
        languages: languages?,
        time_zone: time_zone?,
        state: file.source().beside(state?.get_ref()),
        policy: policy?,
        intake: intake?,
        panel: panel?,
        feed: feed?,
        journal: journal?,
        demo: false,
    })
}

/// The kiosk's name is part of files and of the journal.
fn kiosk(field: &Field<'_>) -> Option<String> {
    let text = field.text(1000)?;
    let name = *text.get_ref();
    let fits = is_kiosk_name(name);
    if !fits {
        let title = format!("`kiosk` is {}, which is not 1 to 40 of `a-z 0-9 -`", quoted(name));
        field.add(title, "it goes into file names and journals; give each kiosk its own, like `hangzhou-dock-3`");
    }
    fits.then(|| name.to_owned())
}

fn languages(field: &Field<'_>) -> Option<Vec<Language>> {
    let parts = field.list()?;
    if !(1..=2).contains(&parts.len()) {
        let title = format!("`languages` must name one or two, and names {}", parts.len());
        field.add(title, "write `[\"zh\", \"en\"]`, the one that is shown larger first, or only one");
        return None;
    }
    let languages: Vec<Option<Language>> =
        parts.iter().map(|part| part.word(&[("zh", Language::Zh), ("en", Language::En)])).collect();
    if let ([first, second], [Some(one), Some(other)]) = (parts.as_slice(), languages.as_slice())
        && one == other
    {
        let problem = Problem::new("`languages` names the same language twice", "remove one, or write the other one");
        field.problems().add(problem.at(second.span(), "here again").at(first.span(), "first here"));
        return None;
    }
    languages.into_iter().collect()
}

fn time_zone(field: &Field<'_>) -> Option<TimeZone> {
    let text = field.text(100)?;
    let name = *text.get_ref();
    let Ok(zone) = TimeZone::get(name) else {
        let known: Vec<String> = jiff::tz::db().available().map(|known| known.as_str().to_owned()).collect();
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write its IANA name, like `Asia/Shanghai` for all of China".to_owned(),
        };
        field.add(format!("there is no time zone {}", quoted(name)), help);
        return None;
    };
    Some(zone)
}

fn policy(table: &mut Table<'_>) -> Tightening {
    let mut hours = |name, example| table.may(name, example).and_then(|field| field.number(1..=8760, "hours"));
    let (normal, green, service) = (hours("normal_h", "12"), hours("green_h", "48"), hours("service_h", "120"));
    growing("normal_h", normal.as_ref(), "green_h", green.as_ref(), table.problems());
    growing("green_h", green.as_ref(), "service_h", service.as_ref(), table.problems());
    let hold_unsigned = table.may("hold_unsigned", "true").and_then(|field| field.flag());
    table.never("accept_unsigned", "remove it; a site can only be stricter than the authority: `hold_unsigned = true`");
    let review = table.may("review_one_in", "20").and_then(|field| field.number(1..=100_000, "items"));
    Tightening {
        normal_h: normal.map(Spanned::into_inner),
        green_h: green.map(Spanned::into_inner),
        service_h: service.map(Spanned::into_inner),
        hold_unsigned,
        review_one_in: review.map(Spanned::into_inner),
    }
}

/// The ages of the cache follow each other.
fn growing(
    first: &str,
    sooner: Option<&Spanned<u32>>,
    second: &str,
    later: Option<&Spanned<u32>>,
    problems: &Problems<'_>,
) {
    if let (Some(sooner), Some(later)) = (sooner, later)
        && sooner.get_ref() > later.get_ref()
    {
        let title = format!("`{first}` is longer than `{second}`");
        let help = "the list is first shown with its age, then gives no green, then no service: `normal_h` ≤ `green_h` ≤ \
                    `service_h`";
        problems.add(Problem::new(title, help).at(sooner.span(), "this").at(later.span(), "than this"));
    }
}

fn intake(table: &mut Table<'_>) -> IntakeTimings {
    let usual = IntakeTimings::default();
    let mut ms = |name, example, range| table.may(name, example).and_then(|field| field.number(range, "milliseconds"));
    let rearm = ms("rearm_ms", "600", 200..=5000);
    let accept = ms("accept_ms", "2000", 500..=30_000);
    let hold = ms("hold_ms", "4000", 500..=60_000);
    let reject = ms("reject_ms", "6000", 500..=60_000);
    // No light stays longer than a minute, whatever is held in front of the camera.
    let longest = ms("longest_ms", "20000", 2000..=60_000);
    let notice = ms("notice_ms", "3000", 500..=30_000);
    let idle = table.may("delivery_idle_min", "30").and_then(|field| field.number(1..=1440, "minutes"));
    if let Some(longest) = &longest {
        for (name, shown) in [("accept_ms", &accept), ("hold_ms", &hold), ("reject_ms", &reject)] {
            within(name, shown.as_ref(), longest, table.problems());
        }
    }
    let or = |given: Option<Spanned<u32>>, usual: Duration| {
        given.map_or(usual, |ms| Duration::from_millis(u64::from(ms.into_inner())))
    };
    let (accept, hold, reject) = (or(accept, usual.accept), or(hold, usual.hold), or(reject, usual.reject));
    IntakeTimings {
        rearm: or(rearm, usual.rearm),
        accept,
        hold,
        reject,
        longest: or(longest, usual.longest).max(accept).max(hold).max(reject),
        notice: or(notice, usual.notice),
        delivery_idle: idle
            .map_or(usual.delivery_idle, |minutes| Duration::from_secs(60 * u64::from(minutes.into_inner()))),
    }
}

/// A light cannot end before its verdict was shown as long as it must.
fn within(name: &str, shown: Option<&Spanned<u32>>, longest: &Spanned<u32>, problems: &Problems<'_>) {
    let Some(shown) = shown.filter(|shown| shown.get_ref() > longest.get_ref()) else { return };
    let title = format!("`longest_ms` is shorter than `{name}`");
    let help = format!("write `longest_ms = {}` or more, or less for `{name}`", shown.get_ref());
    problems.add(Problem::new(title, help).at(longest.span(), "this").at(shown.span(), "than this"));
}

/// A sync looks back at the scans of thirty days.
fn journal(table: &mut Table<'_>) -> JournalSettings {
    let days = table.may("keep_days", "400").and_then(|field| field.number(31..=3650, "days"));
    let keep = |days: Spanned<u32>| Duration::from_secs(24 * 3600 * u64::from(days.into_inner()));
    days.map_or_else(JournalSettings::default, |days| JournalSettings { keep: keep(days) })
}

fn panel(table: &mut Table<'_>) -> Option<PanelSettings> {
    let field = table.need("listen", "\"127.0.0.1:8080\"");
    let listen = field.as_ref().and_then(address);
    let token_field = table.may("token", "\"…\"");
    if let (Some(listen), Some(field), None) = (listen, &field, &token_field)
        && !listen.ip().is_loopback()
    {
        let title = format!("the panel would be open to everyone who reaches `{listen}`");
        field.add(title, "add `token = \"…\"`, made with `openssl rand -hex 16`, or listen on `127.0.0.1`");
        return None;
    }
    let token = token_field.map_or(Some(None), |field| token(&field).map(Some));
    Some(PanelSettings { listen: listen?, token: token? })
}

fn address(field: &Field<'_>) -> Option<SocketAddr> {
    let text = field.text(100)?;
    let address = text.get_ref().parse::<SocketAddr>().ok();
    if address.is_some_and(|address| address.port() == 0) {
        field.add(
            "`listen` has port 0, which is another one at every start",
            "write a fixed one, like `127.0.0.1:8080`",
        );
    } else if address.is_none() {
        let title = format!("`listen` is {}, which is not an IP address with a port", quoted(text.get_ref()));
        field.add(title, "write it like `127.0.0.1:8080` or `[::1]:8080`; `0.0.0.0:8080` is every network of the box");
    }
    address
}

fn token(field: &Field<'_>) -> Option<String> {
    let text = field.text(1000)?;
    let token = *text.get_ref();
    let fits = TOKEN.contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        let title =
            format!("`token` must be {} to {} letters, digits or signs, without spaces", TOKEN.start(), TOKEN.end());
        field.add_secret(title, "make one with `openssl rand -hex 16`");
    }
    fits.then(|| token.to_owned())
}
