//! Bad, large and slow requests: each gets one clear sentence, and the next request is served.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use super::fake::{Fake, client};

#[test]
fn bad_requests_get_a_sentence_that_says_what_and_what_to_do() {
    let fake = Fake::start();
    let cases: [(&str, &[u8], u16, &str); 10] = [
        ("/hold-up", b"{", 400, "the labels could not be read: EOF while parsing an object at line 1 column 1; send "),
        ("/hold-up", br#"{"id": 1}"#, 400, "the labels could not be read: unknown field `id`"),
        ("/hold-up", br#"{"texts": [""]}"#, 400, "a text of 0 bytes fits in no QR code; use 1 to 2953"),
        (
            "/press/self-destruct",
            b"",
            404,
            "there is no button `self-destruct`; use `delivery`, `lamp-test`, `sync`, `review-passed` or `review-failed`",
        ),
        ("/camera/kick", b"", 404, "there is no state of the camera `kick`; use `plug` or `unplug`"),
        ("/clock", b"", 400, "the query could not be read: "),
        ("/clock?offset_s=99999999999", b"", 400, "`99999999999` s is more than fifty years"),
        ("/picture", b"no picture", 400, "the picture could not be read: "),
        ("/picture?ms=99999999", b"", 400, "a picture stays 3600000 ms at most"),
        ("/status.json", b"", 405, "`/status.json` does not take POST; use GET"),
    ];
    for (path, body, status, error) in cases {
        let refusal = fake.post(path, body).refusal();
        assert_eq!(refusal.0, status, "{path}");
        assert!(refusal.1.starts_with(error), "{path}: {}", refusal.1);
    }
    assert_eq!(fake.get("/nothing").refusal(), (404, "there is no `/nothing` here; open `/` for the page".to_owned()));
    assert!(fake.acts.try_recv().is_err(), "none of them did anything");
}

#[test]
fn seven_labels_do_not_fit_in_view() {
    let fake = Fake::start();
    let many = json!({"texts": ["1", "2", "3", "4", "5", "6", "7"]}).to_string();
    let error = "more than 6 labels do not fit in view; hold up fewer".to_owned();
    assert_eq!(fake.post("/hold-up", many.as_bytes()).refusal(), (400, error));
}

#[test]
fn a_body_above_its_limit_is_refused() {
    let fake = Fake::start();
    let (status, error) = fake.post("/hold-up", &b" ".repeat(70_000)).refusal();
    assert_eq!((status, error.starts_with("the request has more than 65536 bytes")), (413, true));
}

#[test]
fn a_grey_frame_of_the_wrong_length_is_refused() {
    let fake = Fake::start();
    let raw = [("content-type", "application/octet-stream")];
    let error = "a grey frame of `4` by `4` has 16 bytes, not 15; send one per pixel".to_owned();
    assert_eq!(fake.post_with("/picture?width=4&height=4", &[0; 15], &raw).refusal(), (400, error));
    let error = "a grey frame needs its size; add `?width=…&height=…`".to_owned();
    assert_eq!(fake.post_with("/picture", &[0; 15], &raw).refusal(), (400, error));
}

#[test]
fn sixteen_pages_listen_and_the_seventeenth_is_told_so() {
    let fake = Fake::start();
    let listeners: Vec<_> = (0..16).map(|_| client().get(fake.url("/events")).call().expect("a stream")).collect();
    assert!(listeners.iter().all(|listener| listener.status().as_u16() == 200));
    let error = "16 pages listen already; close one of them".to_owned();
    assert_eq!(fake.get("/events").refusal(), (503, error));
    assert_eq!(fake.get("/status.json").status, 200);
}

#[test]
fn noise_on_the_line_ends_that_connection_only() {
    let fake = Fake::start();
    let noises: [&[u8]; 4] = [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"];
    for noise in noises {
        let mut stream = TcpStream::connect(fake.panel.address()).expect("it listens");
        stream.write_all(noise).expect("it is taken");
        stream.shutdown(std::net::Shutdown::Write).expect("half closed");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it ends");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert_eq!(fake.get("/status.json").status, 200);
}

#[test]
fn an_endless_head_is_cut_off() {
    let fake = Fake::start();
    let mut stream = TcpStream::connect(fake.panel.address()).expect("it listens");
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "y".repeat(20_000));
    stream.write_all(head.as_bytes()).expect("it is taken");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 431");
}
