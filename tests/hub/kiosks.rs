//! How kiosks are, as they say it themselves: by HTTP to the hub, on its page and in its list.

use greengate::hub::receiver::{Kiosk, Receiver};
use greengate::rules::account::Role;
use greengate::rules::condition::{Condition, Held};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::people::Pages;
use super::service::{Answer, Hub, rows, sheet};

/// What a kiosk posts that says how it is.
fn saying(condition: &Value, lines: &[String]) -> String {
    let sheet = sheet("dock-3", 9, lines);
    let (head, lines) = sheet.split_once('\n').unwrap_or((&sheet, ""));
    let mut head: Value = serde_json::from_str(head).expect("JSON");
    head["condition"] = condition.clone();
    format!("{head}\n{lines}")
}

fn one(hub: &Hub) -> Kiosk {
    hub.receiver().kiosks().expect("kiosks").swap_remove(0)
}

#[test]
pub fn a_kiosk_says_how_it_is_with_every_request() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2", "S3"]));
    let post = |condition: &Value, lines: &[String]| -> Answer {
        hub.post("/journal", Some(&token), saying(condition, lines).as_bytes())
    };
    let now = Timestamp::now();
    let issued = now - SignedDuration::from_hours(30);
    let behind = now - SignedDuration::from_hours(2);
    let condition = json!({
        "program": "0.2.0", "at": behind, "rows": 5, "list": { "version": 41, "issued": issued }, "mood": "newer",
    });
    assert_eq!(post(&condition, &rows).taken(), (3, vec![]));
    let said = one(&hub).said.expect("its word");
    assert!((-7260..=-7190).contains(&said.clock_off_s.expect("a clock")), "{said:?}");
    assert!((30 * 3600..30 * 3600 + 60).contains(&said.list_age_s.expect("an age")), "{said:?}");
    assert_eq!((said.program.as_deref(), said.list, said.waiting), (Some("0.2.0"), Some(41), Some(2)));
    let before = one(&hub).last_seen;
    let without = json!({ "program": "0.2.0", "at": now, "rows": 3, "list": null });
    assert_eq!(post(&without, &[]).taken(), (3, vec![]), "nothing to give, and it is seen");
    let kiosk = one(&hub);
    let said = kiosk.said.expect("its word");
    assert!(kiosk.last_seen > before);
    assert_eq!((said.list, said.list_age_s, said.waiting), (None, None, Some(0)));
    assert_eq!(hub.hand_up::<&str>(&token, "dock-3", 9, &[]).taken(), (3, vec![]));
    assert_eq!(one(&hub).said, None, "an older program says nothing, and what another one said is not its");
}

#[test]
pub fn no_row_is_refused_for_what_a_kiosk_says_of_itself() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2", "S3", "S4", "S5", "S6"]));
    let at = Timestamp::now();
    let wrong = [
        json!("well"),
        json!({ "program": "0.2.0", "list": { "version": 1 } }),
        json!({ "program": "1".repeat(41), "at": at, "rows": 1, "list": null }),
        json!({ "program": "0.2.0\u{0}", "at": at, "rows": 1, "list": null }),
        json!({ "program": "0.2.0", "at": at, "rows": u64::MAX, "list": null }),
        json!({ "program": "0.2.0", "at": "yesterday", "rows": 1, "list": { "version": 1, "issued": at } }),
    ];
    for (seq, condition) in (1..).zip(&wrong) {
        let lines = &rows[seq - 1..seq];
        let answer = hub.post("/journal", Some(&token), saying(condition, lines).as_bytes());
        assert_eq!(answer.taken(), (seq as u64, vec![]), "{condition}");
        assert_eq!(one(&hub).said, None, "{condition}");
    }
}

#[test]
pub fn what_an_older_kiosk_does_not_say_is_not_known() {
    let hub = Hub::start();
    let token = hub.token("dock-3");
    for (condition, end) in [
        (json!({ "program": "0.0.9" }), "no list, queue not known, clock not known, firmware 0.0.9; 0 rows"),
        (
            json!({ "at": Timestamp::now(), "rows": 3 }),
            "no list, 3 rows waiting, clock right, firmware not known; 0 rows",
        ),
    ] {
        let answer = hub.post("/journal", Some(&token), saying(&condition, &[]).as_bytes());
        assert_eq!(answer.taken(), (0, vec![]), "{condition}");
        let listed = super::hub(hub.folder.path(), &["kiosk", "list"]);
        super::success(&listed);
        let listed = String::from_utf8(listed.stdout).expect("text");
        assert!(listed.trim_end().ends_with(end), "{listed}");
    }
}

#[test]
fn a_word_that_nobody_can_read_hides_no_kiosk() {
    let pages = Pages::office();
    seen(&pages);
    let database = rusqlite::Connection::open(pages.folder.path().join("journals.db")).expect("journals");
    database.execute("UPDATE kiosk SET said = '{\"list\":7}' WHERE name = 'dock-3'", []).expect("another word");
    let kiosks = Receiver::open(pages.folder.path()).and_then(|receiver| receiver.kiosks()).expect("kiosks");
    let told: Vec<_> = kiosks.iter().map(|kiosk| (kiosk.name.as_str(), kiosk.said.is_some())).collect();
    assert_eq!(told, [("dock-3", false), ("dock-4", false)]);
    let page = pages.person("mei", Role::Officer).get("/console/kiosks?lang=en");
    assert!(page.text().contains("dock-3") && page.text().contains("dock-4"));
}

/// Kiosks `dock-3`, which says how it is, and `dock-4`, which does not, and is never seen.
fn seen(pages: &Pages) {
    let now = pages.now();
    let mut receiver = Receiver::open(pages.folder.path()).expect("a receiver");
    for kiosk in ["dock-3", "dock-4"] {
        receiver.add(kiosk, now).expect("a code");
    }
    let said = Condition {
        program: Some("0.2.0-rc.1".to_owned()),
        at: Some(now + SignedDuration::from_mins(7)),
        rows: Some(12),
        list: Some(Held { version: 1, issued: now - SignedDuration::from_hours(77) }),
    };
    receiver.take("dock-3", &[9; 16], std::iter::empty(), Some(&said), now).expect("it is seen");
}

#[test]
fn the_page_tells_list_queue_clock_and_firmware() {
    let pages = Pages::office();
    seen(&pages);
    pages.registry().release(&pages.author()).expect("release 1");
    pages.registry().release(&pages.author()).expect("release 2");
    let page = pages.person("mei", Role::Officer).get("/console/kiosks?lang=en");
    let text = page.text();
    let row = |kiosk: &str| {
        let row = text.split("<tr>").find(|row| row.contains(kiosk)).unwrap_or_else(|| panic!("no {kiosk}: {text}"));
        let cells = row.split("<td").skip(1).map(|cell| {
            let cell = cell.split_once('>').expect("an end").1.split("</td>").next().expect("an end");
            cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>()
        });
        cells.collect::<Vec<_>>()
    };
    assert_eq!(row("dock-3")[1..6], ["1 behind", "3 d", "12", "7 min ahead", "0.2.0-rc.1"]);
    assert_eq!(row("dock-4")[..6], ["never", "not known", "not known", "not known", "not known", "not known"]);
}

#[test]
fn the_list_of_kiosks_tells_the_same() {
    let pages = Pages::office();
    seen(&pages);
    let listed = super::hub(pages.folder.path(), &["kiosk", "list"]);
    super::success(&listed);
    let listed = String::from_utf8(listed.stdout).expect("text");
    let end = " with list 1, 3 d old, 12 rows waiting, clock 7 min ahead, firmware 0.2.0-rc.1; 0 rows";
    assert!(listed.lines().next().expect("a line").ends_with(end), "{listed}");
    assert!(listed.lines().nth(1).expect("a line").ends_with("; never seen; 0 rows"), "{listed}");
    let json = super::hub(pages.folder.path(), &["kiosk", "list", "--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((&json[0]["said"]["waiting"], &json[0]["said"]["clock_off_s"]), (&json!(12), &json!(420)));
}
