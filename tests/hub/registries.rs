//! Registries that are asked over HTTP, each one a real server on loopback.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use greengate::hub::source::{Adding, Heard, Which, add, ask, remove};
use greengate::hub::{Did, Of, Registry, assess, document};
use greengate::rules::code::Grade;
use greengate::rules::dossier::{DocumentState, ReplyState};

use super::assess::{listing, office, on};
use super::registry::refused;

const CODE: &str = "91330127MA2KXQ202D";
const LONG: Duration = Duration::from_secs(30);

/// What a registry does when it is asked.
#[derive(Clone, Debug)]
enum Manner {
    /// Answers with this status and body.
    Says(u16, String),
    /// Sends another place to look.
    Sends(String),
    /// Says nothing, for as long as it is waited for.
    Waits,
    /// Never ends.
    Pours,
}

/// A registry on loopback. Its thread ends with the test's process.
struct Register {
    address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Register {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a place to listen");
        let address = listener.local_addr().expect("an address");
        let manner = Arc::new(Mutex::new(Manner::Waits));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (now, heard) = (Arc::clone(&manner), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (manner, heard) = (now.lock().expect("whole").clone(), Arc::clone(&heard));
                thread::spawn(move || serve(stream, &manner, &heard));
            }
        });
        Self { address, manner, asked }
    }

    fn is(&self, manner: Manner) {
        *self.manner.lock().expect("whole") = manner;
    }

    fn says(&self, body: &str) {
        self.is(Manner::Says(200, body.to_owned()));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("whole"))
    }

    fn adding(&self) -> Adding {
        Adding {
            name: "asked".to_owned(),
            url: format!("http://{}/look/{{kind}}/{{number}}", self.address),
            kinds: BTreeSet::from(["food-production-licence".to_owned()]),
            days: 30,
        }
    }
}

/// One request, of which the first line is enough; what a client that went away does not read is lost.
fn serve(mut stream: TcpStream, manner: &Manner, heard: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    heard.lock().expect("whole").push(first.split(' ').nth(1).unwrap_or_default().to_owned());
    let answer = match manner {
        Manner::Says(status, body) => {
            format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        }
        Manner::Sends(place) => format!("HTTP/1.1 302 X\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n"),
        Manner::Waits => {
            // Until the client goes away.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
            return;
        }
        Manner::Pours => {
            let _ = stream.write_all(b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n{\"state\":\"");
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(answer.as_bytes());
}

/// The office without the food register's file, whose licences a registry on loopback is asked about.
fn asking() -> (tempfile::TempDir, Registry, Register) {
    let (folder, mut registry) = office();
    // A file of August confirms nothing any more in December.
    let register = Register::start();
    add(&mut registry, &on("12-01"), register.adding()).expect("it is kept");
    (folder, registry, register)
}

fn heard(registry: &mut Registry, day: &str, which: Which) -> Heard {
    ask(registry, &on(day), which, LONG).expect("the database works")
}

fn grade(registry: &mut Registry, day: &str) -> Grade {
    assess::settle_due(registry, &on(day)).expect("settled");
    // Its report of April is too old by then, so it is yellow at best.
    listing(registry, 2003).grade
}

#[test]
fn what_a_registry_says_decides() {
    let (_folder, mut registry, register) = asking();
    assert_eq!(grade(&mut registry, "12-01"), Grade::Yellow);
    for (body, state, expected) in [
        (
            format!(r#"{{"state":"valid","holder":"{CODE}","until":"2027-06-30","more":[1]}}"#),
            ReplyState::Valid,
            Grade::Yellow,
        ),
        (r#"{"state":"revoked"}"#.to_owned(), ReplyState::Revoked, Grade::Red),
        (r#"{"state":"valid"}"#.to_owned(), ReplyState::Valid, Grade::Yellow),
        (r#"{"state":"unknown"}"#.to_owned(), ReplyState::Unknown, Grade::Red),
        (r#"{"state":"valid","holder":"91330106MA2KXQ201W"}"#.to_owned(), ReplyState::Valid, Grade::Red),
    ] {
        register.says(&body);
        let heard = heard(&mut registry, "12-01", Which::Document(9));
        assert_eq!(heard.replies, [(9, "asked".to_owned(), state)], "{heard:?}");
        assert_eq!(grade(&mut registry, "12-01"), expected, "{body}");
    }
    assert_eq!(register.asked()[0], "/look/food-production-licence/SC10833012700021");
    let (_, found) = assess::look(&registry, Some(2003), "2026-12-01".parse().expect("a date"), 0).expect("a rulebook");
    let licence = found[0].assessment.findings.iter().find(|finding| finding.row == "snacks-licence").expect("a row");
    assert!(licence.detail.en.ends_with("; asked on 2026-12-01: of another firm"), "{}", licence.detail.en);
}

#[test]
fn who_does_not_answer_changes_nothing_until_the_old_answer_ends() {
    let (_folder, mut registry, register) = asking();
    register.says(r#"{"state":"valid"}"#);
    assert_eq!(heard(&mut registry, "12-01", Which::Due).replies.len(), 2, "both licences");
    assert_eq!(heard(&mut registry, "12-02", Which::Due), Heard::default(), "nothing is due");
    let elsewhere = Register::start();
    elsewhere.says(r#"{"state":"revoked"}"#);
    let manners = [
        (Manner::Says(200, "<html>".to_owned()), "makes no sense"),
        (Manner::Says(200, r#"{"state":"perhaps"}"#.to_owned()), "makes no sense"),
        (Manner::Says(200, r#"{"state":"valid","holder":"123"}"#.to_owned()), "makes no sense"),
        (Manner::Says(500, r#"{"state":"revoked"}"#.to_owned()), "it answers with status 500"),
        (Manner::Says(404, r#"{"state":"unknown"}"#.to_owned()), "it answers with status 404"),
        (Manner::Sends(format!("http://{}/", elsewhere.address)), "it answers with status 302"),
        (Manner::Says(200, format!(r#"{{"state":"revoked","x":"{}"}}"#, "x".repeat(70_000))), "has more than 64 KiB"),
        (Manner::Pours, "has more than 64 KiB"),
    ];
    for (manner, expected) in manners {
        register.is(manner.clone());
        let heard = heard(&mut registry, "12-20", Which::All);
        assert_eq!((heard.replies.len(), heard.faults.len(), heard.waiting), (0, 1, 1), "{manner:?}: {heard:?}");
        assert!(heard.faults[0].contains(expected), "{manner:?}: {}", heard.faults[0]);
    }
    assert_eq!(elsewhere.asked(), [""; 0], "nobody is sent to another host");
    register.is(Manner::Waits);
    let slow = ask(&mut registry, &on("12-20"), Which::All, Duration::from_millis(300)).expect("the database works");
    assert_eq!((slow.replies.len(), slow.faults.len(), slow.waiting), (0, 1, 1), "{slow:?}");
    let unconfirmed = |registry: &Registry, day: &str| {
        let day = format!("2026-{day}").parse().expect("a date");
        let (_, found) = assess::look(registry, Some(2003), day, 0).expect("a rulebook");
        let findings = found[0].assessment.findings.iter();
        findings.filter(|finding| finding.row == "snacks-licence").any(|finding| finding.lacks.is_some())
    };
    assert_eq!(["12-20", "12-31"].map(|day| unconfirmed(&registry, day)), [false, false]);
    // On its last day it is asked again, so that nothing lapses where the registry answers.
    register.says(r#"{"state":"valid","until":"2026-12-31"}"#);
    assert_eq!(heard(&mut registry, "12-30", Which::Due).replies, []);
    assert_eq!(heard(&mut registry, "12-31", Which::Due).replies.len(), 2);
    assert!(!unconfirmed(&registry, "12-31"), "it counts on its last day");
}

#[test]
fn what_is_filed_is_asked_about_and_what_was_refused_is_not() {
    let (folder, mut registry, register) = asking();
    register.says(r#"{"state":"unknown"}"#);
    assert_eq!(heard(&mut registry, "12-01", Which::Due).replies.len(), 2);
    document::judge(&mut registry, &on("12-01"), 9, DocumentState::Refused("no".to_owned())).expect("a document");
    let again = heard(&mut registry, "12-02", Which::Due);
    assert_eq!(again.replies, [(12, "asked".to_owned(), ReplyState::Unknown)], "a denial is asked about every day");
    let filing = document::Filing {
        listing: 2003,
        kind: "food-production-licence".to_owned(),
        number: "SC 2/…".to_owned(),
        issuer: "x".to_owned(),
        issued: "2026-12-01".parse().expect("a date"),
        expires: None,
        items: Vec::new(),
    };
    register.asked();
    document::file(folder.path(), &mut registry, &on("12-02"), filing, None).expect("filed");
    assert_eq!(heard(&mut registry, "12-02", Which::Due).replies.len(), 1);
    assert_eq!(register.asked(), ["/look/food-production-licence/SC%202%2F%E2%80%A6"]);
}

#[test]
fn an_address_that_makes_no_sense_is_refused() {
    let (_folder, mut registry, register) = asking();
    let mut wrong = |change: &dyn Fn(&mut Adding)| {
        let mut adding = register.adding();
        change(&mut adding);
        refused(add(&mut registry, &on("12-01"), adding))
    };
    assert!(
        wrong(&|adding| adding.url = "http://registry.example/{number}".to_owned())
            .contains("does not begin with `https://`")
    );
    assert!(wrong(&|adding| adding.url = "https://registry.example/".to_owned()).contains("has no `{number}`"));
    assert!(wrong(&|adding| adding.name = "food".to_owned()).contains("a file was imported as `food`"));
    assert!(wrong(&|adding| adding.kinds.clear()).contains("it knows no kind of documents"));
}

#[test]
fn what_a_removed_registry_said_counts_no_more_and_is_not_another_ones() {
    let (_folder, mut registry, register) = asking();
    register.says(r#"{"state":"revoked"}"#);
    heard(&mut registry, "12-01", Which::Due);
    assert_eq!(grade(&mut registry, "12-01"), Grade::Red);
    remove(&mut registry, &on("12-01"), "asked").expect("it was there");
    assert_eq!(grade(&mut registry, "12-01"), Grade::Yellow, "nobody denies it any more");
    register.asked();
    assert_eq!(heard(&mut registry, "12-02", Which::All), Heard::default());
    assert_eq!(register.asked(), [""; 0], "it is asked nothing");
    add(&mut registry, &on("12-02"), register.adding()).expect("it is back");
    assert_eq!(grade(&mut registry, "12-02"), Grade::Yellow, "what the one before said is not its answer");
    assert_eq!(heard(&mut registry, "12-02", Which::Due).replies.len(), 2, "it is asked about everything");
    let history = registry.history(Of::Rulebook).expect("readable");
    let removed: Vec<&Did> =
        history.iter().map(|change| &change.did).filter(|did| matches!(did, Did::Remove(_))).collect();
    assert_eq!(removed.len(), 1, "{history:?}");
    assert!(refused(remove(&mut registry, &on("12-02"), "nmpa")).starts_with("there is no registry `nmpa`; "));
}

#[test]
fn licences_of_a_removed_file_are_looked_up_no_more() {
    let (_folder, mut registry) = office();
    let (before, _) = (registry.sources().expect("readable"), grade(&mut registry, "12-01"));
    assert!(before.iter().any(|source| source.name == "food"), "{before:?}");
    remove(&mut registry, &on("12-01"), "food").expect("it was there");
    assert_eq!(registry.sources().expect("readable").len(), before.len() - 1);
    let (_, found) = assess::look(&registry, Some(2003), "2026-12-01".parse().expect("a date"), 0).expect("a rulebook");
    let licence = found[0].assessment.findings.iter().find(|finding| finding.row == "snacks-licence").expect("a row");
    assert!(!licence.detail.en.contains("food on"), "{}", licence.detail.en);
}
