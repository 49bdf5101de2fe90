//! A kiosk of made-up snapshots behind a real panel, and a client that reads every answer whatever its status.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use greengate::panel::{Panel, Publisher, VirtualHandle, serve};
use greengate::rules::clock::ClockTrust;
use greengate::rules::delivery::Tally;
use greengate::rules::image::{GreyImage, ScreenImage};
use greengate::rules::orders::{Flash, Lamp, Lights, Sound, Tone};
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::{Bar, Body, CacheAge, Scene, VerdictBody};
use greengate::rules::site::PanelSettings;
use greengate::rules::status::{CacheStatus, Counters, JournalStatus, Snapshot, Status, SyncStatus, VerdictLine};
use greengate::rules::text::Text;
use greengate::rules::time::Moment;
use greengate::rules::virtual_board::{RackLabel, VirtualAct};

/// A running panel and the ends that a kiosk would hold.
pub struct Fake {
    pub panel: Panel,
    pub publisher: Publisher,
    /// What was done to the virtual board.
    pub acts: Receiver<VirtualAct>,
    /// What the virtual camera sees.
    pub sees: Arc<Mutex<Arc<GreyImage>>>,
}

impl Fake {
    /// A panel on a free port of loopback, with a virtual board.
    pub fn start() -> Self {
        Self::with(snapshot(), "127.0.0.1:0", None)
    }

    /// A panel for this address and token.
    pub fn with(first: Snapshot, listen: &str, token: Option<&str>) -> Self {
        Self::with_rack(first, rack(), listen, token)
    }

    /// A kiosk that has no demo labels.
    pub fn bare() -> Self {
        Self::with_rack(snapshot(), Vec::new(), "127.0.0.1:0", None)
    }

    fn with_rack(first: Snapshot, rack: Vec<RackLabel>, listen: &str, token: Option<&str>) -> Self {
        let (sender, acts) = channel();
        let sees = Arc::new(Mutex::new(Arc::new(GreyImage::filled(64, 48, 90))));
        let camera = Arc::clone(&sees);
        let handle = VirtualHandle {
            rack,
            act: Box::new(move |act| sender.send(act).expect("the test listens")),
            preview: Box::new(move || camera.lock().expect("no test panicked").clone()),
        };
        let (panel, publisher) = serve(&settings(listen, token), first, Some(handle), None).expect("it starts");
        Self { panel, publisher, acts, sees }
    }

    /// The address of a path, under a loopback name.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.panel.address().port())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(client().get(self.url(path)), |r, (name, value)| r.header(*name, *value));
        Answer::read(request.call().expect("an answer"))
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.post_with(path, body, &[])
    }

    pub fn post_with(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(client().post(self.url(path)), |r, (name, value)| r.header(*name, *value));
        Answer::read(request.send(body).expect("an answer"))
    }
}

pub fn settings(listen: &str, token: Option<&str>) -> PanelSettings {
    PanelSettings { listen: listen.parse().expect("an address"), token: token.map(str::to_owned) }
}

/// Takes every status as an answer, follows nothing.
pub fn client() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into()
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    fn read(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let mut bytes = Vec::new();
        response.body_mut().as_reader().read_to_end(&mut bytes).expect("a whole body");
        Self { status: response.status().as_u16(), headers: response.headers().clone(), bytes }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("text")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and sentence of a refusal.
    pub fn refusal(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/json");
        (self.status, self.json()["error"].as_str().expect("a sentence").to_owned())
    }
}

/// A ready kiosk of the demo world.
pub fn snapshot() -> Snapshot {
    Snapshot { status: status(), screen: Arc::new(picture(0)), screen_serial: 1 }
}

/// A small screen whose pixels are all different; `shade` tells one from the next.
pub fn picture(shade: u8) -> ScreenImage {
    let (width, height) = (24, 16);
    let byte = |i: usize| u8::try_from(i % 251).expect("small") ^ shade;
    ScreenImage { width, height, rgb: (0..width * height * 3).map(byte).collect() }
}

fn status() -> Status {
    let cache = CacheStatus {
        version: 42,
        issued: "2026-11-23T01:00:00Z".parse().expect("a time"),
        age_s: 9 * 3600,
        listings: 34,
    };
    let counters = Counters {
        frames: 9000,
        frames_with_code: 120,
        accepted: 31,
        held: 6,
        rejected: 2,
        faults: 1,
        scan_us: 45_000_000,
        last_verdict_us: 48_000,
    };
    Status {
        version: "0.1.0".to_owned(),
        kiosk: "dock-3".to_owned(),
        board: "sim".to_owned(),
        demo: true,
        moment: Moment::from_ms(100_000),
        at: "2026-11-23T10:00:00Z".parse().expect("a time"),
        scene: Scene { body: Body::Ready, bar: bar() },
        lights: Lights::Off,
        sound: None,
        cache: Some(cache),
        display: None,
        sync: Some(sync()),
        journal_seq: 39,
        journal: JournalStatus { pruned: 12, bytes: 98_304 },
        verdicts: verdicts(),
        counters,
    }
}

fn sync() -> SyncStatus {
    let synced = "2026-11-23T09:40:00Z".parse().ok();
    SyncStatus {
        synced,
        from: Some("https://feed.example.org/".to_owned()),
        bytes: 2772,
        fault: None,
        hub: Some("https://hub.example.org/".to_owned()),
        handed_up: Some(38),
        parked: 0,
        journal_fault: None,
    }
}

fn bar() -> Bar {
    Bar {
        site: "西湖仓 West Lake".to_owned(),
        clock: Some("18:00".to_owned()),
        trust: Some(ClockTrust::Trusted),
        cache: CacheAge::Normal,
        delivery: Some(("ASN-20261123-7".to_owned(), Tally { accepted: 11, held: 2, rejected: 1 })),
        demo: true,
    }
}

/// In Chinese and in English.
type Words = (&'static str, &'static str);

fn verdicts() -> Vec<VerdictLine> {
    let lines = [
        (
            39,
            Outcome::Accept,
            "accept",
            ("龙井茶 250 克", "Longjing tea 250 g"),
            ("符合全部要求", "Everything is in order"),
        ),
        (
            38,
            Outcome::Hold,
            "missing-documents",
            ("儿童口罩 50 只装", "Children's masks"),
            ("文件不齐", "Documents are missing"),
        ),
        (
            37,
            Outcome::Reject,
            "red",
            ("免洗洗手液 500 毫升", "Hand gel 500 ml"),
            ("许可证已被吊销", "Licence was revoked"),
        ),
        (36, Outcome::Accept, "accept", ("藕粉 礼盒装", ""), ("符合全部要求", "Everything is in order")),
        (35, Outcome::Hold, "review", ("桂花糕 12 块", "Osmanthus cakes"), ("抽中复核", "Drawn for review")),
    ];
    let line = |(seq, outcome, slug, name, reason): (u64, Outcome, &str, Words, Words)| VerdictLine {
        seq,
        at: format!("2026-11-23T09:{:02}:11Z", seq + 5).parse().expect("a time"),
        clock: format!("17:{:02}:11", seq + 5),
        outcome,
        slug: slug.to_owned(),
        gtin: greengate::rules::code::Gtin::parse("6901234567892"),
        name: Text::new(name.0, name.1),
        reason: Text::new(reason.0, reason.1),
    };
    lines.map(line).into()
}

/// The same kiosk with a verdict on its screen, lit for `lit_ms` from now.
pub fn verdict(outcome: Outcome, lit_ms: u64) -> Snapshot {
    let mut snapshot = snapshot();
    let status = &mut snapshot.status;
    status.scene.body = Body::Verdict(Box::new(VerdictBody {
        outcome,
        slug: "accept".to_owned(),
        reason: Text::new("全部符合要求", "everything is in order"),
        next: Text::new("请入库", "take it in"),
        details: Vec::new(),
        product: Some(Text::new("龙井茶 250 克", "Longjing tea 250 g")),
        supplier: None,
        elements: "(01)06901234567892".to_owned(),
        new: false,
    }));
    let until = Moment::from_ms(status.moment.ms + lit_ms);
    status.lights = Lights::On { lamp: Lamp::of(outcome), flash: Flash::of(outcome), until };
    status.sound = Some(Sound { tone: Tone::of(outcome), serial: 7 });
    status.journal_seq += 1;
    snapshot.screen = Arc::new(picture(85));
    snapshot.screen_serial += 1;
    snapshot
}

/// Eight labels, one of them no verdict.
pub fn rack() -> Vec<RackLabel> {
    let labels = [
        ("tea-green", "龙井茶 250 克", "Longjing tea 250 g", "全部符合", "everything in order", "accept"),
        (
            "mask-yellow",
            "儿童口罩 50 只装",
            "Children’s masks, 50",
            "缺少两份文件",
            "two documents missing",
            "missing-documents",
        ),
        ("gel-forged", "免洗洗手液", "Hand gel 500 ml", "签名不符", "the signature is wrong", "forged"),
        ("cake-expired", "桂花糕 12 块", "Osmanthus cakes, 12", "货物已过期", "goods past their date", "expired-goods"),
        ("root-new", "藕粉 礼盒装", "Lotus root starch gift box", "比名录更新", "newer than the list", "new-green"),
        ("silk-review", "真丝围巾", "Silk scarf", "抽中检查", "drawn for review", "review"),
        ("shampoo-red", "生姜洗发水", "Ginger shampoo", "红码：抽检不合格", "red: failed a check", "red"),
        ("poster", "海报上的网址", "A poster’s address", "不是产品码", "not a product code", "not-a-product"),
    ];
    let label = |(id, zh, en, about_zh, about_en, slug): (&str, &str, &str, &str, &str, &str)| RackLabel {
        id: id.to_owned(),
        title: Text::new(zh, en),
        about: Text::new(about_zh, about_en),
        expected: match slug {
            "accept" | "new-green" => Some(Outcome::Accept),
            "missing-documents" | "review" => Some(Outcome::Hold),
            "forged" | "expired-goods" | "red" => Some(Outcome::Reject),
            _ => None,
        },
        slug: slug.to_owned(),
        text: format!("https://QR.EXAMPLE/{id}"),
    };
    labels.map(label).into()
}
