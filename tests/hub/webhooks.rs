//! New grades on their way to a platform: after a publish, signed, again and again until they are taken, or dead.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use greengate::hub::keys::Keys;
use greengate::hub::platform::{Sender, Sending, signature};
use greengate::hub::{Publishing, Registry, grade, publish};
use greengate::rules::code::Grade;
use greengate::rules::record::{Reason, Record};
use greengate::rules::text::Text;
use serde_json::{Value, json};

use super::platforms::Program;
use super::service::Hub;
use super::{author, records};

const SECRET: &str = "0123456789abcdef";
/// No answer takes longer than this on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A platform's server: it answers with these statuses, one after the other, then with 204.
struct Listener {
    url: String,
    posts: Receiver<Post>,
}

struct Post {
    event: String,
    signature: String,
    body: String,
}

impl Listener {
    fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (sender, posts) = channel();
        thread::spawn(move || {
            let mut statuses = statuses.iter();
            for stream in listener.incoming().map_while(Result::ok) {
                let post = taken(stream, statuses.next().copied().unwrap_or(204));
                if sender.send(post).is_err() {
                    return;
                }
            }
        });
        Self { url, posts }
    }

    fn next(&self) -> Post {
        self.posts.recv_timeout(PATIENCE).expect("a post")
    }
}

fn taken(stream: TcpStream, status: u16) -> Post {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let (mut length, mut event, mut signature) = (0, String::new(), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "greengate-event" => value.clone_into(&mut event),
            "greengate-signature" => value.clone_into(&mut signature),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} ok\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").expect("an answer");
    Post { event, signature, body: String::from_utf8(body).expect("text") }
}

/// An authority that published once, and its hub.
fn authority() -> Hub {
    let folder = tempfile::tempdir().expect("a folder");
    greengate::hub::init(folder.path(), None, &author()).expect("an authority");
    let mut registry = Registry::open(folder.path()).expect("a registry");
    let records = records();
    let put = registry.change(&author(), |changes| {
        records.iter().filter(|record| !matches!(record, Record::Key(_))).try_for_each(|record| changes.put(record))
    });
    put.expect("records");
    let hub = Hub::over(folder);
    out(&hub);
    hub
}

fn out(hub: &Hub) {
    let folder = hub.folder.path();
    publish(folder, &mut Keys::plain(folder), &author(), &Publishing::default()).expect("a release");
}

/// Listing 18 is green, or yellow again.
fn regrade(hub: &Hub, green: bool) {
    let mut registry = Registry::open(hub.folder.path()).expect("a registry");
    let text = Text::new("缺少报告", "a report is missing");
    let reason = Record::Reason(Reason { id: 1, text });
    registry.change(&author(), |changes| changes.put(&reason)).expect("a reason");
    let (grade, reason) = if green { (Grade::Green, None) } else { (Grade::Yellow, Some(1)) };
    let decision = grade::Decision { grade, reason, missing: Vec::new() };
    grade::grade(&mut registry, &author(), 18, decision).expect("a grade");
}

fn sending(tries: usize) -> Sending {
    let waits = vec![Duration::ZERO; tries - 1];
    Sending { every: Duration::from_millis(20), waits, to_private: true, ..Sending::default() }
}

/// A webhook of a platform to `listener`.
fn hooked(program: &Program<'_>, listener: &Listener) -> String {
    let made = program.post("/webhooks", &json!({ "url": listener.url, "secret": SECRET }));
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.bytes));
    made.json()["id"].as_str().expect("a name").to_owned()
}

/// The deliveries to a webhook, once `right` holds of them.
fn deliveries(program: &Program<'_>, hook: &str, right: impl Fn(&Value) -> bool) -> Value {
    let end = std::time::Instant::now() + PATIENCE;
    loop {
        let found = program.get(&format!("/webhooks/{hook}/deliveries")).json()["deliveries"].clone();
        if right(&found) {
            return found;
        }
        assert!(std::time::Instant::now() < end, "{found}");
        thread::yield_now();
    }
}

/// Waits until the sender has seen the release that is out.
fn watched(hub: &Hub, tries: usize) -> Sender {
    watched_as(hub, sending(tries))
}

fn watched_as(hub: &Hub, sending: Sending) -> Sender {
    let sender = Sender::start(hub.folder.path(), sending).expect("a sender");
    let platforms = greengate::hub::platform::Platforms::open(hub.folder.path()).expect("platforms");
    let end = std::time::Instant::now() + PATIENCE;
    while platforms.told().expect("readable").is_none() {
        assert!(std::time::Instant::now() < end, "nothing was told");
        thread::yield_now();
    }
    sender
}

#[test]
fn a_new_grade_is_told_once_it_is_out_signed_and_again_until_it_is_taken() {
    let hub = authority();
    let program = Program::of(&hub);
    let _sender = watched(&hub, 5);
    let listener = Listener::start(&[500, 302]);
    let hook = hooked(&program, &listener);
    regrade(&hub, true);
    assert_eq!(
        program.get(&format!("/webhooks/{hook}/deliveries")).json(),
        json!({ "deliveries": [] }),
        "it is not out yet"
    );
    out(&hub);
    let posts = [listener.next(), listener.next(), listener.next()];
    for post in &posts {
        let event: Value = serde_json::from_str(&post.body).expect("JSON");
        assert_eq!((&event["id"], post.event.as_str()), (&json!("2-1"), "2-1"), "the same however often it comes");
        assert_eq!(event["type"], "listings.regraded");
        let change =
            json!({ "listing": 18, "supplier": 8, "gtin": "06901234567892", "before": "yellow", "after": "green" });
        assert_eq!(event["changes"], json!([change]));
        let at = post.signature.strip_prefix("t=").and_then(|rest| rest.split_once(',')).expect("a moment").0;
        assert_eq!(post.signature, signature(SECRET, at.parse().expect("seconds"), &post.body));
    }
    let found = deliveries(&program, &hook, |found| found[0]["state"] == "delivered");
    assert_eq!((found.as_array().map(Vec::len), &found[0]["tries"]), (Some(1), &json!(3)));
}

#[test]
fn an_event_that_nobody_takes_is_dead_and_can_be_seen() {
    let hub = authority();
    let program = Program::of(&hub);
    let _sender = watched(&hub, 2);
    let listener = Listener::start(&[500, 500, 500]);
    let hook = hooked(&program, &listener);
    regrade(&hub, true);
    out(&hub);
    let found = deliveries(&program, &hook, |found| found[0]["state"] == "dead");
    assert_eq!(found[0]["tries"], 2);
    assert_eq!(found[0]["said"], "it answered 500 Internal Server Error");
    assert_eq!(program.get(&format!("/webhooks/{hook}/deliveries?state=waiting")).json(), json!({ "deliveries": [] }));
}

#[test]
fn nothing_is_posted_to_a_private_address() {
    let hub = authority();
    let program = Program::of(&hub);
    let listener = Listener::start(&[]);
    let hook = hooked(&program, &listener);
    drop(watched(&hub, 1));
    let careful = Sending { to_private: false, ..sending(1) };
    let _sender = Sender::start(hub.folder.path(), careful).expect("a sender");
    regrade(&hub, true);
    out(&hub);
    deliveries(&program, &hook, |found| found[0]["state"] == "dead");
    assert!(listener.posts.try_recv().is_err());
}

#[test]
fn nobody_waits_for_a_receiver_that_hangs() {
    let hub = authority();
    let program = Program::of(&hub);
    // Longer than the test has patience: whoever waits for it is never told.
    let patient = Sending { patience: PATIENCE * 10, ..sending(2) };
    let _sender = watched_as(&hub, patient);
    let hangs = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hook", hangs.local_addr().expect("an address"));
    let made = program.post("/webhooks", &json!({ "url": url, "secret": SECRET }));
    assert_eq!(made.status, 201);
    let listener = Listener::start(&[]);
    hooked(&program, &listener);
    for release in 2..5 {
        regrade(&hub, release % 2 == 0);
        out(&hub);
        assert_eq!(listener.next().event, format!("{release}-1"));
    }
}

#[test]
fn a_receiver_that_cannot_be_reached_is_left_alone_for_a_while_and_others_are_told() {
    let hub = authority();
    let program = Program::of(&hub);
    let hour = Sending { waits: vec![Duration::from_secs(3600)], ..sending(1) };
    let _sender = watched_as(&hub, hour);
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let made = program.post("/webhooks", &json!({ "url": format!("http://{closed}/hook"), "secret": SECRET }));
    let gone = made.json()["id"].as_str().expect("a name").to_owned();
    let listener = Listener::start(&[]);
    hooked(&program, &listener);
    regrade(&hub, true);
    out(&hub);
    let found = deliveries(&program, &gone, |found| found[0]["tries"] == 1);
    assert_eq!(found[0]["state"], "waiting");
    assert_eq!(listener.next().event, "2-1");
    for release in 3..5 {
        regrade(&hub, release % 2 == 0);
        out(&hub);
        assert_eq!(listener.next().event, format!("{release}-1"));
    }
    let found = deliveries(&program, &gone, |found| found.as_array().is_some_and(|all| all.len() == 3));
    let tries: Vec<&Value> = found.as_array().expect("a list").iter().map(|one| &one["tries"]).collect();
    assert_eq!(tries, [0, 0, 1], "it was tried again before its pause was over");
}
