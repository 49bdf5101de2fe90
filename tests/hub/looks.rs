//! Pages in a real browser: none is wider than a telephone, every control has a name, and pictures for people to look at.

use std::path::PathBuf;

use greengate::hub::receiver::Receiver;
use greengate::rules::account::Role;
use greengate::rules::code::Refusal;
use greengate::rules::condition::Condition;
use greengate::rules::ruling::Ruling;
use greengate::rules::text::Text;
use greengate::store::Journal;
use jiff::SignedDuration;
use serde_json::json;

use super::people::{Pages, Person};
use super::service::exported;
use crate::store::verdict;
use crate::support::browser::{Browser, Page};

/// 2 May 2026, as the samples of the store count seconds.
const MAY: i64 = 1_777_680_000 - 1_790_000_000;
const DAY: i64 = 24 * 60 * 60;

const OF_OFFICERS: [(&str, &str); 11] = [
    ("inbox", "/console/inbox"),
    ("listings", "/console/listings"),
    ("listing", "/console/listings/2001"),
    ("listing-red", "/console/listings/2004"),
    ("suppliers", "/console/suppliers"),
    ("supplier", "/console/suppliers/201"),
    ("kiosks", "/console/kiosks"),
    ("scans", "/console/scans"),
    ("search", "/console/search?q=50"),
    ("revoke", "/console/listings/2002/revoke"),
    ("labels", "/console/listings/2002/labels"),
];

/// An office where something happened: two weeks of scans, a proposal, documents that wait.
fn busy() -> Pages {
    let pages = Pages::office();
    greengate::hub::assess::settle_all(&mut pages.registry(), &pages.author()).expect("a rulebook");
    let mut receiver = Receiver::open(pages.folder.path()).expect("a receiver");
    for (number, kiosk) in (1_u8..).zip(["dock-3", "dock-4"]) {
        receiver.add(kiosk, pages.now() + SignedDuration::from_hours(1)).expect("a code");
        let path = pages.folder.path().join(format!("{kiosk}.db"));
        let mut journal = Journal::create(&path, kiosk, [number; 16]).expect("a journal");
        for at in 0..120_i64 {
            let ruling = match at % 12 {
                3 => Ruling::MissingDocuments(vec![Text::new("检验报告", "report")]),
                5 => Ruling::NotListed,
                7 => Ruling::Red(None),
                11 => Ruling::Forged(Refusal::Signature),
                _ => Ruling::Accept,
            };
            let second = MAY - at * at * DAY / 1100 * i64::from(number);
            journal.append(&verdict(second, &format!("S-{at}"), ruling, None)).expect("a row");
        }
        let lines = exported(&path);
        let lines = lines.iter().map(String::as_bytes);
        // The second one has an older program, which does not say how it is.
        let said = Condition { program: Some("0.1.0".to_owned()), at: Some(pages.now()), rows: Some(123), list: None };
        let said = Some(said).filter(|_| number == 1);
        receiver.take(kiosk, &[number; 16], lines, said.as_ref(), pages.now()).expect("rows");
    }
    let second = pages.person("lin", Role::Second);
    second.post("/console/listings/2001/propose", &[("grade", "green"), ("why", "the papers were seen on site")]);
    drop(second);
    pages
}

/// Gives a tab the cookies of somebody who is signed in.
fn sign_in(page: &mut Page<'_>, pages: &Pages, person: &Person<'_>) {
    for (name, value) in person.kept() {
        page.call("Network.setCookie", &json!({"name": name, "value": value, "url": pages.origin()}));
    }
}

#[test]
fn no_page_is_wider_than_a_telephone_and_every_control_has_a_name() {
    let Some(mut browser) = Browser::start() else { return };
    let pages = busy();
    let [officer, admin] = [pages.person("mei", Role::Officer), pages.person("root", Role::Admin)];
    let mut page = browser.page(360, 740);
    let of_admin = [
        ("accounts", "/console/accounts"),
        ("publish", "/console/publish"),
        ("account", "/account"),
        ("second", "/account/second"),
    ];
    for (person, paths) in [(&officer, &OF_OFFICERS[..]), (&admin, &of_admin)] {
        sign_in(&mut page, &pages, person);
        for (name, path) in paths {
            page.open(&format!("{}{path}", pages.origin()));
            let wide = page.eval("document.documentElement.scrollWidth");
            assert!(wide.as_u64().is_some_and(|wide| wide <= 360), "{name} is {wide} wide");
            let nameless = page.eval(
                "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
                    .filter((field) => !field.labels.length && !field.ariaLabel).map((field) => field.name).join()",
            );
            assert_eq!(nameless, json!(""), "{name}");
            let small = page.eval(
                "[...document.querySelectorAll('button, .button')].filter((button) => button.offsetParent)
                    .filter((button) => button.offsetHeight < 24 || button.offsetWidth < 24).map((button) => button.textContent).join()",
            );
            assert_eq!(small, json!(""), "{name}");
        }
    }
    assert_eq!(page.complaints(), [""; 0]);
}

/// Pictures for people: `GREENGATE_SHOTS=folder cargo test --test main shots -- --ignored`.
#[test]
#[ignore = "writes pictures for people to look at"]
fn shots_of_the_console() {
    let (Some(mut browser), Some(folder)) = (Browser::start(), std::env::var_os("GREENGATE_SHOTS")) else { return };
    let folder = PathBuf::from(folder);
    let pages = busy();
    let [officer, admin] = [pages.person("mei", Role::Officer), pages.person("root", Role::Admin)];
    let mut page = browser.page(1280, 900);
    let strangers = [("enter", "/enter"), ("first", pages.first.as_deref().expect("no admin was there"))];
    let of_admin = [
        ("accounts", "/console/accounts"),
        ("publish", "/console/publish"),
        ("account", "/account"),
        ("second", "/account/second"),
    ];
    for (person, paths) in [(None, &strangers[..]), (Some(&officer), &OF_OFFICERS), (Some(&admin), &of_admin)] {
        if let Some(person) = person {
            sign_in(&mut page, &pages, person);
        }
        for (name, path) in paths {
            for (size, width, language, scheme) in [
                ("wide", 1280, "zh", "light"),
                ("wide", 1280, "en", "dark"),
                ("phone", 390, "zh", "light"),
                ("phone", 390, "en", "light"),
            ] {
                page.resize(width, 900);
                page.call(
                    "Emulation.setEmulatedMedia",
                    &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
                );
                let joint = if path.contains('?') { '&' } else { '?' };
                page.open(&format!("{}{path}{joint}lang={language}", pages.origin()));
                let height = page.eval("document.documentElement.scrollHeight").as_u64().unwrap_or(900);
                page.resize(width, u32::try_from(height.clamp(700, 6000)).unwrap_or(900));
                page.screenshot(&folder.join(format!("{name}-{size}-{language}.png")));
            }
        }
    }
}
