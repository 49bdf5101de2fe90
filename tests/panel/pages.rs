//! What every panel serves: the page, the screen, the status, the stream of events.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use greengate::panel::serve;
use greengate::rules::ruling::Outcome;

use super::fake::{Fake, client, picture, settings, snapshot, verdict};

#[test]
fn the_page_and_its_parts_are_served_with_their_types() {
    let fake = Fake::start();
    let parts = ["/", "/panel.css", "/panel.js", "/icon.svg", "/tones.json"].map(|path| {
        let answer = fake.get(path);
        (answer.status, answer.header("content-type").to_owned())
    });
    let html = (200, "text/html; charset=utf-8".to_owned());
    let css = (200, "text/css; charset=utf-8".to_owned());
    let js = (200, "text/javascript; charset=utf-8".to_owned());
    let json = (200, "application/json".to_owned());
    assert_eq!(parts, [html, css, js, (200, "image/svg+xml".to_owned()), json]);
}

#[test]
fn the_page_names_nothing_outside_itself() {
    let fake = Fake::start();
    for path in ["/", "/panel.css", "/panel.js"] {
        let text = fake.get(path).text().to_owned();
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another address");
        assert!(!text.contains(" style=") && !text.contains(" onclick="), "{path} has what the policy forbids");
    }
}

#[test]
fn the_page_plays_the_tones_of_the_box() {
    let fake = Fake::start();
    let tones = fake.get("/tones.json").json();
    assert_eq!(tones["accept"], serde_json::json!([{"hz": 1760, "ms": 120}]));
    assert_eq!(tones["hold"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_screen_is_the_published_picture_pixel_for_pixel() {
    let fake = Fake::start();
    let answer = fake.get("/screen.png?serial=1");
    let png = image::load_from_memory(&answer.bytes).expect("a PNG").into_rgb8();
    assert_eq!((png.width(), png.height()), (24, 16));
    assert_eq!(png.into_raw(), picture(0).rgb);
    assert_eq!(answer.header("x-screen-serial"), "1");
}

#[test]
fn a_screen_that_the_client_has_is_not_sent_again_until_it_changes() {
    let fake = Fake::start();
    let tag = fake.get("/screen.png").header("etag").to_owned();
    let again = fake.get_with("/screen.png", &[("if-none-match", &tag)]);
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    fake.publisher.publish(verdict(Outcome::Accept, 2000));
    let changed = fake.get_with("/screen.png", &[("if-none-match", &tag)]);
    assert_eq!((changed.status, changed.header("x-screen-serial")), (200, "2"));
}

#[test]
fn the_status_is_the_newest_one() {
    let fake = Fake::start();
    fake.publisher.publish(verdict(Outcome::Hold, 60_000));
    let status = fake.get("/status.json").json();
    assert_eq!(status["lights"]["on"]["lamp"], "yellow");
    assert_eq!(status["journal_seq"], 40);
    assert_eq!(status["screen_serial"], 2);
    assert_eq!(status["virtual_board"], true);
}

#[test]
fn a_lamp_whose_time_is_over_is_dark_in_the_status_and_the_metrics() {
    let fake = Fake::start();
    fake.publisher.publish(verdict(Outcome::Accept, 0));
    assert_eq!(fake.get("/status.json").json()["lights"], "off");
    assert!(fake.get("/metrics").text().contains("greengate_light_on{lamp=\"green\"} 0\n"));
}

#[test]
fn a_client_of_the_stream_gets_the_newest_status_and_not_the_ones_between() {
    let fake = Fake::start();
    let response = client().get(fake.url("/events")).call().expect("a stream");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut lines = BufReader::new(response.into_body().into_reader()).lines();
    let mut next = || loop {
        let line = lines.next().expect("the stream goes on").expect("text");
        if let Some(json) = line.strip_prefix("data: ") {
            return serde_json::from_str::<serde_json::Value>(json).expect("JSON");
        }
    };
    assert_eq!(next()["journal_seq"], 39);
    for seq in 1000..3000 {
        let mut newer = snapshot();
        newer.status.journal_seq = seq;
        fake.publisher.publish(newer);
    }
    let mut between = 0;
    while next()["journal_seq"] != 2999 {
        between += 1;
    }
    assert!(between < 200, "{between} of 2000 were sent one by one");
}

#[test]
fn the_stream_ends_with_the_kiosk_and_no_new_one_begins() {
    let Fake { panel, publisher, .. } = Fake::start();
    let url = format!("http://{}/events", panel.address());
    let body = client().get(&url).call().expect("a stream").into_body();
    drop(publisher);
    let read = BufReader::new(body.into_reader()).lines().map_while(Result::ok).count();
    assert!(read > 0);
    let again = client().get(&url).call().expect("an answer");
    assert_eq!(again.status().as_u16(), 503);
}

#[test]
fn a_kiosk_with_hardware_has_no_virtual_board() {
    let (panel, publisher) = serve(&settings("127.0.0.1:0", None), snapshot(), None, None).expect("it starts");
    let ask = |path: &str| client().get(format!("http://{}{path}", panel.address())).call().expect("an answer");
    assert_eq!(ask("/rack.json").status().as_u16(), 404);
    let post = client().post(format!("http://{}/hold-up", panel.address())).send("{}").expect("an answer");
    assert_eq!(post.status().as_u16(), 404);
    let mut status = ask("/status.json");
    assert!(status.body_mut().read_to_string().expect("text").ends_with("\"virtual_board\":false}"));
    drop(publisher);
}

#[test]
fn a_dropped_panel_ends_its_streams_and_frees_its_address() {
    let Fake { panel, publisher, .. } = Fake::start();
    let address = panel.address();
    let body = client().get(format!("http://{address}/events")).call().expect("a stream").into_body();
    let begun = std::time::Instant::now();
    drop(panel);
    assert!(begun.elapsed() < Duration::from_secs(2));
    let _cut = BufReader::new(body.into_reader()).lines().map_while(Result::ok).count();
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
    publisher.publish(snapshot());
}
