//! `/metrics` and `/healthz`.

use std::collections::BTreeMap;

use greengate::rules::orders::Lamp;
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::{Body, FaultBody};
use greengate::rules::status::SyncStatus;
use greengate::rules::text::Text;

use super::fake::{Fake, snapshot, verdict};

/// Reads Prometheus text 0.0.4 line by line: every sample has help and type before it, and a number.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut families = BTreeMap::new();
    let mut samples = BTreeMap::new();
    let mut helped = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split_once(' ').expect("a name and a sentence").0;
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a name and a type");
            assert_eq!(name, helped);
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            assert!(families.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} comes twice");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            let family = name.split('{').next().expect("a name");
            assert!(families.contains_key(family) && family.starts_with("greengate_"), "{line}");
            let value = value.parse().expect("a number");
            assert!(samples.insert(name.to_owned(), value).is_none(), "{line} comes twice");
        }
    }
    samples
}

#[test]
fn every_line_of_the_metrics_parses_and_tells_the_published_figures() {
    let fake = Fake::start();
    fake.publisher.publish(verdict(Outcome::Accept, 60_000));
    let answer = fake.get("/metrics");
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let samples = samples(answer.text());
    let expected = [
        ("greengate_info{version=\"0.1.0\",kiosk=\"dock-3\",board=\"sim\",demo=\"true\"}", 1.0),
        ("greengate_frames_total", 9000.0),
        ("greengate_verdicts_total{outcome=\"accept\"}", 31.0),
        ("greengate_verdicts_total{outcome=\"reject\"}", 2.0),
        ("greengate_scan_seconds_total", 45.0),
        ("greengate_last_verdict_seconds", 0.048),
        ("greengate_cache_version", 42.0),
        ("greengate_cache_age_seconds", 32_400.0),
        ("greengate_journal_seq", 40.0),
        ("greengate_journal_pruned_seq", 12.0),
        ("greengate_journal_bytes", 98_304.0),
        ("greengate_journal_handed_up_seq", 38.0),
        ("greengate_hand_up_ok", 1.0),
        ("greengate_sync_ok", 1.0),
        ("greengate_sync_bytes", 2772.0),
        ("greengate_light_on{lamp=\"green\"}", 1.0),
        ("greengate_light_on{lamp=\"red\"}", 0.0),
        ("greengate_display_seen", 1.0),
        ("greengate_healthy", 1.0),
        ("greengate_clock_trusted", 1.0),
    ];
    for (name, value) in expected {
        assert_eq!(samples.get(name), Some(&value), "{name}");
    }
}

#[test]
fn without_a_cache_there_are_no_figures_of_one() {
    let mut bare = snapshot();
    bare.status.cache = None;
    let fake = Fake::with(bare, "127.0.0.1:0", None);
    let samples = samples(fake.get("/metrics").text());
    assert_eq!(samples.get("greengate_cache_present"), Some(&0.0));
    assert_eq!(samples.get("greengate_cache_age_seconds"), None);
}

#[test]
fn what_never_happened_is_neither_good_nor_bad() {
    let names = ["greengate_sync_ok", "greengate_hand_up_ok", "greengate_journal_handed_up_seq"];
    let figures = |sync| {
        let mut of = snapshot();
        of.status.sync = Some(sync);
        let samples = samples(Fake::with(of, "127.0.0.1:0", None).get("/metrics").text());
        names.map(|name| samples.get(name).copied())
    };
    assert_eq!(figures(SyncStatus::default()), [None; 3]);
    let fault = Some("no route to host".to_owned());
    let failed = SyncStatus { fault: fault.clone(), journal_fault: fault, ..SyncStatus::default() };
    assert_eq!(figures(failed), [Some(0.0), Some(0.0), None]);
}

#[test]
fn a_name_with_quotes_and_line_ends_does_not_break_the_metrics() {
    let mut odd = snapshot();
    odd.status.kiosk = "dock \"3\"\n\\north".to_owned();
    let fake = Fake::with(odd, "127.0.0.1:0", None);
    let text = fake.get("/metrics").text().to_owned();
    assert!(text.contains("kiosk=\"dock \\\"3\\\"\\n\\\\north\""), "{text}");
    samples(&text);
}

#[test]
fn the_kiosk_is_healthy_while_it_works_and_says_what_is_wrong_when_it_does_not() {
    let fake = Fake::start();
    let well = fake.get("/healthz");
    assert_eq!((well.status, well.json()["why"].as_str()), (200, Some("the kiosk works; its screen shows `ready`")));
    let mut ill = snapshot();
    ill.status.scene.body = Body::Fault(FaultBody {
        what: Text::new("摄像头断开", "the camera is gone"),
        next: Text::new("请检查连线", "check its cable"),
        detail: "no frame from `/dev/video0`".to_owned(),
    });
    fake.publisher.publish(ill);
    let fault = fake.get("/healthz");
    let why = "the camera is gone: no frame from `/dev/video0`; check its cable";
    assert_eq!((fault.status, fault.json()["why"].as_str()), (503, Some(why)));
    let mut tested = snapshot();
    tested.status.scene.body = Body::SelfTest(Some(Lamp::Red));
    fake.publisher.publish(tested);
    assert_eq!(fake.get("/healthz").status, 200);
}

#[test]
fn a_kiosk_whose_loop_ended_is_not_healthy() {
    let Fake { panel, publisher, .. } = Fake::start();
    drop(publisher);
    let answer = super::fake::client().get(format!("http://{}/healthz", panel.address())).call().expect("an answer");
    assert_eq!(answer.status().as_u16(), 503);
}
