//! Kiosks enrol and hand rows up: twice, in pieces, out of order, changed, and never to anyone's harm.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use greengate::hub::receiver::Receiver;
use greengate::hub::service::Limits;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::service::{Hub, ROOT, journal, rows, sheet};

const CHANGED: &str = "its hash does not follow from it: it was changed after it was written";

fn kept(hub: &Hub) -> Vec<(String, u64, String)> {
    let sql = "SELECT kiosk, seq, body FROM row ORDER BY kiosk, epoch, seq";
    if let Some(mut client) = super::engines::client(hub.folder.path()) {
        let seq = |row: &postgres::Row| row.get::<_, i64>(1).try_into().expect("a number");
        let rows = client.query(sql, &[]).expect("rows");
        return rows.iter().map(|row| (row.get(0), seq(row), row.get(2))).collect();
    }
    let database = hub.database();
    let mut query = database.prepare(sql).expect("a query");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

#[test]
pub fn rows_are_kept_as_the_kiosk_wrote_them() {
    let hub = Hub::start();
    let folder = tempfile::tempdir().expect("a folder");
    let path = journal(&folder.path().join("journal.db"), "dock-3", 9, ["S1", "S2", "S3"]);
    let answer = hub.hand_up(&hub.token("dock-3"), "dock-3", 9, &super::service::exported(&path));
    assert_eq!(answer.taken(), (3, vec![]));
    let own = rusqlite::Connection::open(&path).expect("a database");
    let mut query = own.prepare("SELECT seq, body FROM row ORDER BY seq").expect("a query");
    let own = query.query_map([], |row| Ok(("dock-3".to_owned(), row.get(0)?, row.get(1)?))).expect("rows");
    assert_eq!(kept(&hub), own.collect::<Result<Vec<_>, _>>().expect("rows"));
    let [kiosk] = hub.receiver().kiosks().expect("kiosks").try_into().expect("one");
    assert_eq!((kiosk.rows, kiosk.parked, kiosk.epoch), (3, 0, Some("09".repeat(16))));
    assert!(kiosk.last_seen.is_some() && kiosk.enrolled.is_some() && kiosk.code_until.is_none());
}

#[test]
pub fn the_same_rows_twice_change_nothing() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2"]));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows).taken(), (2, vec![]));
    let before = kept(&hub);
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows).taken(), (2, vec![]));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &[&rows[1], &rows[1]]).taken(), (2, vec![]));
    assert_eq!(hub.hand_up::<&str>(&token, "dock-3", 9, &[]).taken(), (2, vec![]));
    assert_eq!(kept(&hub), before);
}

#[test]
pub fn a_gap_is_told_until_it_is_filled() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2", "S3", "S4"]));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows[2..]).taken(), (0, vec![]));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows[..1]).taken(), (1, vec![]));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows[1..2]).taken(), (4, vec![]));
}

#[test]
pub fn rows_may_come_in_any_order() {
    let hub = Hub::start();
    let (token, mut rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2", "S3", "S4"]));
    rows.reverse();
    rows.swap(0, 2);
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows).taken(), (4, vec![]));
}

#[test]
pub fn a_changed_row_is_parked_and_the_others_come_in() {
    let hub = Hub::start();
    let (token, mut rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2", "S3"]));
    let genuine = rows[1].clone();
    rows[1] = genuine.replace("\"serial\":\"S2\"", "\"serial\":\"S7\"");
    assert_ne!(rows[1], genuine);
    for _ in 0..2 {
        assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows).taken(), (3, vec![(2, CHANGED.to_owned())]));
    }
    assert_eq!(hub.receiver().parked("dock-3").expect("parked").len(), 1, "the same row is parked once");
    assert_eq!(kept(&hub).iter().map(|row| row.1).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &[genuine]).taken(), (3, vec![]), "the genuine one is still welcome");
    assert_eq!(kept(&hub).len(), 3);
}

#[test]
pub fn lines_that_are_no_rows_are_parked_in_their_place() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2", "S3", "S4", "S5"]));
    let lost = r#"{"seq":4,"lost":"the row is missing"}"#;
    let lines = ["rubbish", &rows[1], "{}", lost, &rows[4]];
    let form = "it does not end with `previous` and `hash` as a journal writes them".to_owned();
    let parked = vec![(1, form.clone()), (3, form.clone()), (4, form)];
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &lines).taken(), (5, parked.clone()));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &lines).taken(), (5, parked));
}

#[test]
pub fn a_line_without_any_number_never_makes_another_row_count_as_received() {
    let hub = Hub::start();
    let token = hub.token("dock-3");
    for _ in 0..3 {
        let (seq, parked) = hub.hand_up(&token, "dock-3", 9, &["rubbish"]).taken();
        assert_eq!((seq, parked.len()), (1, 1));
    }
}

#[test]
pub fn bytes_that_are_no_text_are_parked() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2"]));
    let mut body = sheet("dock-3", 9, &rows[..1]).into_bytes();
    body.extend(b"\n\xff\xfe\0");
    let (seq, parked) = hub.post("/journal", Some(&token), &body).taken();
    assert_eq!((seq, parked[0].0), (2, 2));
    assert!(parked[0].1.starts_with("it is no text: "), "{}", parked[0].1);
}

#[test]
pub fn rows_of_a_rewritten_journal_do_not_follow() {
    let hub = Hub::start();
    let token = hub.token("dock-3");
    let (first, second) = (rows("dock-3", 9, ["S1", "S2", "S3"]), rows("dock-3", 9, ["X1", "X2", "X3"]));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &first[..1]).taken(), (1, vec![]));
    let parked = vec![(2, "it does not follow on row 1".to_owned())];
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &second[1..2]).taken(), (2, parked));
    let parked = vec![(1, "another row with its number is here already".to_owned())];
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &second[..1]).taken(), (2, parked));
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &first[2..]).taken(), (3, vec![]));
    let parked = vec![(2, "it does not follow on row 1".to_owned())];
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &second[1..2]).taken(), (3, parked));
}

#[test]
pub fn a_row_that_the_next_one_does_not_follow_is_parked() {
    let hub = Hub::start();
    let token = hub.token("dock-3");
    let (first, second) = (rows("dock-3", 9, ["S1", "S2"]), rows("dock-3", 9, ["X1", "X2"]));
    hub.hand_up(&token, "dock-3", 9, &first[1..]);
    let parked = vec![(1, "row 2 does not follow on it".to_owned())];
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &second[..1]).taken(), (2, parked));
}

#[test]
pub fn two_kiosks_do_not_meet() {
    let hub = Hub::start();
    let tokens = ["dock-3", "dock-4"].map(|kiosk| hub.token(kiosk));
    let of = |kiosk| rows(kiosk, 9, ["S1", "S2"]);
    assert_eq!(hub.hand_up(&tokens[0], "dock-3", 9, &of("dock-3")).taken(), (2, vec![]));
    assert_eq!(hub.hand_up(&tokens[1], "dock-4", 9, &of("dock-4")[..1]).taken(), (1, vec![]));
    let (status, why) = hub.hand_up(&tokens[0], "dock-4", 9, &of("dock-4")).refusal();
    assert_eq!(
        (status, why.as_str()),
        (403, "the token is kiosk `dock-3`'s and the journal is `dock-4`'s; enrol again")
    );
    let (seq, parked) = hub.hand_up(&tokens[0], "dock-3", 9, &of("dock-4")).taken();
    assert_eq!((seq, parked.len()), (2, 2));
    assert_eq!(parked[0].1, format!("it belongs to kiosk `dock-4`, epoch `{}`", "09".repeat(16)));
    assert_eq!(kept(&hub).len(), 3);
}

#[test]
pub fn a_new_epoch_begins_anew_and_the_old_rows_stay() {
    let hub = Hub::start();
    let token = hub.token("dock-3");
    assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows("dock-3", 9, ["S1", "S2"])).taken(), (2, vec![]));
    assert_eq!(hub.hand_up(&token, "dock-3", 10, &rows("dock-3", 10, ["S1"])).taken(), (1, vec![]));
    let [kiosk] = hub.receiver().kiosks().expect("kiosks").try_into().expect("one");
    assert_eq!((kiosk.rows, kiosk.epoch), (3, Some("0a".repeat(16))));
}

#[test]
pub fn without_a_good_token_nothing_is_taken() {
    let hub = Hub::start();
    let (token, body) = (hub.token("dock-3"), sheet("dock-3", 9, &rows("dock-3", 9, ["S1"])));
    let wrong = "no kiosk has this token; enrol with a new code: `greengate enroll`".to_owned();
    for shown in [None, Some(""), Some("wrong"), Some(&token[1..]), Some(&token.to_uppercase())] {
        assert_eq!(hub.post("/journal", shown, body.as_bytes()).refusal(), (401, wrong.clone()), "{shown:?}");
    }
    hub.receiver().remove("dock-3").expect("removed");
    assert_eq!(hub.post("/journal", Some(&token), body.as_bytes()).refusal(), (401, wrong));
    assert!(kept(&hub).is_empty());
}

#[test]
pub fn a_code_is_traded_once_for_token_feed_and_the_newest_root() {
    let hub = Hub::start();
    let code = hub.code("dock-3");
    let typed = code.to_lowercase().replace('-', " ");
    let answer = hub.enroll(&json!({ "code": typed, "kiosk": "dock-3" })).json();
    assert_eq!((&answer["kiosk"], &answer["feed"]), (&json!("dock-3"), &json!("feed/")));
    assert_eq!(answer["root"].to_string(), ROOT);
    assert_eq!(answer["token"].as_str().expect("a token").len(), 64);
    let (status, why) = hub.enroll(&json!({ "code": code })).refusal();
    assert_eq!((status, why.starts_with("the code was used; ")), (403, true), "{why}");
    let (status, why) = hub.enroll(&json!({ "code": "0000-0000-0000-0000" })).refusal();
    assert_eq!((status, why.starts_with("there is no such code; ")), (403, true), "{why}");
}

#[test]
pub fn an_expired_code_and_a_void_one_open_nothing() {
    let hub = Hub::start();
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    let code = hub.receiver().add("dock-3", past).expect("a code");
    let (status, why) = hub.enroll(&json!({ "code": code })).refusal();
    assert_eq!((status, why.starts_with(&format!("the code could be used until {past:.0}; "))), (403, true), "{why}");
    let earlier = hub.code("dock-3");
    let later = hub.code("dock-3");
    assert_eq!(hub.enroll(&json!({ "code": earlier })).status, 403);
    assert_eq!(hub.enroll(&json!({ "code": later })).status, 200);
    let unused = hub.code("dock-3");
    hub.receiver().remove("dock-3").expect("removed");
    assert_eq!(hub.enroll(&json!({ "code": unused })).status, 403);
}

#[test]
pub fn a_code_is_not_spent_on_another_kiosk_nor_before_the_feed_is_there() {
    let hub = Hub::start();
    let code = hub.code("dock-3");
    let (status, why) = hub.enroll(&json!({ "code": code, "kiosk": "dock-4" })).refusal();
    assert_eq!(
        (status, why.starts_with("the code is for kiosk `dock-3` and this is `dock-4`; ")),
        (403, true),
        "{why}"
    );
    let (metadata, aside) = (hub.folder.path().join("feed/metadata"), hub.folder.path().join("aside"));
    std::fs::rename(&metadata, &aside).expect("moved");
    let refusal = (503, "the feed has no root yet; try again later".to_owned());
    assert_eq!(hub.enroll(&json!({ "code": code })).refusal(), refusal);
    std::fs::rename(&aside, &metadata).expect("moved");
    assert_eq!(hub.enroll(&json!({ "code": code })).status, 200);
}

#[test]
pub fn a_replaced_box_makes_the_token_of_the_one_before_void() {
    let hub = Hub::start();
    let (old, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1"]));
    let code = hub.code("dock-3");
    assert_eq!(hub.hand_up(&old, "dock-3", 9, &rows).status, 200, "good until the code is used");
    assert_eq!(hub.enroll(&json!({ "code": code })).status, 200);
    assert_eq!(hub.hand_up(&old, "dock-3", 9, &rows).status, 401);
}

#[test]
pub fn requests_that_make_no_sense_get_a_sentence() {
    let hub = Hub::with(Limits { body_lines: 10, ..Limits::default() });
    let token = hub.token("dock-3");
    let long = sheet("dock-3", 9, &["x"; 11]);
    let cases: [(&str, &[u8], u16, &str); 6] = [
        ("/journal", b"", 400, "the first line cannot be read: EOF while parsing"),
        ("/journal", b"rubbish", 400, "the first line cannot be read: expected value"),
        ("/journal", br#"{"kiosk":"dock-3","epoch":"9"}"#, 400, "the first line cannot be read: `epoch` is not 32 hex"),
        ("/journal", long.as_bytes(), 413, "the request has more than 10 lines; hand up fewer at once"),
        ("/enroll", b"{}", 400, "the request cannot be read: missing field `code`"),
        ("/enroll", b"\xff", 400, "the request cannot be read: expected value"),
    ];
    for (path, body, status, why) in cases {
        let refusal = hub.post(path, Some(&token), body).refusal();
        assert_eq!(refusal.0, status, "{path}: {}", refusal.1);
        assert!(refusal.1.starts_with(why), "{path}: {}", refusal.1);
    }
    assert_eq!(hub.get("/healthz", &[]).bytes, b"ok\n");
}

#[test]
pub fn a_body_that_is_too_long_is_refused() {
    let hub = Hub::with(Limits { body_bytes: 1000, ..Limits::default() });
    let token = hub.token("dock-3");
    let why = "the request has more than 1000 bytes; hand up less at once".to_owned();
    assert_eq!(hub.post("/journal", Some(&token), &[b' '; 1001]).refusal(), (413, why));
    assert_eq!(hub.hand_up::<&str>(&token, "dock-3", 9, &[]).taken(), (0, vec![]));
}

#[test]
pub fn a_stranger_cannot_fill_the_memory() {
    let hub = Hub::start();
    let why = "the request has more than 4096 bytes; hand up less at once".to_owned();
    assert_eq!(hub.post("/enroll", None, &[b' '; 4097]).refusal(), (413, why));
    assert_eq!(hub.post("/enroll", None, &[b' '; 4096]).refusal().0, 400);
}

#[test]
pub fn a_reason_for_parking_repeats_no_more_than_a_piece_of_the_row() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1"]));
    let long = rows[0].replace(r#""kiosk":"dock-3""#, &format!(r#""kiosk":"{}""#, "\u{1}x".repeat(5000)));
    assert_ne!(long, rows[0]);
    for line in [long, rows[0].replace(r#""kiosk":"dock-3""#, &format!(r#""kiosk":"{}""#, "x".repeat(5000)))] {
        let (seq, parked) = hub.hand_up(&token, "dock-3", 9, &[line]).taken();
        assert_eq!((seq, parked.len()), (1, 1));
        assert!(parked[0].1.chars().count() <= 200, "{}", parked[0].1);
    }
}

/// What a hub that waits for a tenth of a second only answers to a request that stays unfinished.
fn answered(request: &str) -> String {
    let brief = Duration::from_millis(100);
    let hub = Hub::with(Limits { head: brief, body: brief, ..Limits::default() });
    let token = hub.token("dock-3");
    let mut stream = TcpStream::connect(hub.address()).expect("it listens");
    stream.write_all(request.replace("TOKEN", &token).as_bytes()).expect("it is taken");
    let mut answer = String::new();
    // The other side closes although this one stays open.
    let _ = stream.read_to_string(&mut answer);
    assert_eq!(hub.get("/healthz", &[]).status, 200, "the next one is served");
    answer
}

#[test]
pub fn a_head_that_never_ends_is_cut_off() {
    let answer = answered("POST /journal HTTP/1.1\r\nhost: hub\r\nx-slow: ");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[test]
pub fn a_body_that_never_ends_is_cut_off() {
    let head = "POST /journal HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer TOKEN\r\ncontent-length: 100\r\n\r\n{";
    let answer = answered(head);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.ends_with(r#"{"error":"the request did not come to its end in time"}"#), "{answer}");
}

#[test]
pub fn a_strangers_body_is_not_even_awaited() {
    let answer = answered("POST /journal HTTP/1.1\r\nhost: hub\r\ncontent-length: 4000000\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[test]
pub fn rows_survive_the_end_of_the_service() {
    let hub = Hub::start();
    let (token, rows) = (hub.token("dock-3"), rows("dock-3", 9, ["S1", "S2"]));
    hub.hand_up(&token, "dock-3", 9, &rows);
    let folder = hub.stopped();
    let receiver = Receiver::open(super::engines::home(folder.path())).expect("a receiver");
    assert_eq!(receiver.kiosk_with(token.as_bytes()).expect("an answer").as_deref(), Some("dock-3"));
    assert_eq!(receiver.kiosks().expect("kiosks")[0].rows, 2);
}

#[test]
pub fn names_and_folders_that_make_no_sense_are_told() {
    let hub = Hub::start();
    let wrong = hub.receiver().add("Dock 3", Timestamp::now()).expect_err("no name").to_string();
    assert!(wrong.starts_with("`Dock 3` is no name for a kiosk; use 1 to 40 of `a-z 0-9 -`"), "{wrong}");
    let wrong = hub.receiver().remove("dock-9").expect_err("no kiosk").to_string();
    assert!(wrong.starts_with("there is no kiosk `dock-9`; "), "{wrong}");
    let empty = tempfile::tempdir().expect("a folder");
    let wrong = Receiver::open(empty.path()).expect_err("no authority").to_string();
    assert!(wrong.starts_with("there is no authority in "), "{wrong}");
    hub.database().pragma_update(None, "user_version", 9).expect("newer");
    let wrong = Receiver::open(hub.folder.path()).expect_err("newer").to_string();
    assert!(wrong.contains("has schema 9 and this program knows "), "{wrong}");
}
