//! How many rows of journals hubs take in each second.

use std::env;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use greengate::hub::receiver::Receiver;
use greengate::hub::{Home, Registry};
use greengate::rules::code::{Code, Gtin, Product};
use greengate::rules::entry::Entry;
use greengate::rules::evidence::{Evidence, Found, Reviewing};
use greengate::store::Journal;
use greengate::store::journal::{self, Format};
use jiff::{SignedDuration, Timestamp};

use super::percentile;
use super::process::{Hub, home};
use super::verdict::verdict;

/// Kiosks that hand up at once, what each has, and how much of it goes into a request.
const KIOSKS: usize = 8;
const ROWS: usize = 4_000;
const REQUEST: usize = 500;

/// The journal of a kiosk that is enrolled.
pub struct Kiosk {
    name: String,
    epoch: [u8; 16],
    token: String,
    rows: Vec<String>,
}

impl Kiosk {
    /// Enrols one at the authority in `home`, with so many rows to hand up.
    pub fn new(home: &Home, name: String, epoch: [u8; 16], rows: usize) -> Self {
        let mut receiver = Receiver::open(home).expect("a receiver");
        let code = receiver.add(&name, Timestamp::now() + SignedDuration::from_hours(1)).expect("a code");
        let token = receiver.enroll(&code, None, Timestamp::now()).expect("readable").expect("a token").token;
        let rows = lines(&name, epoch, rows);
        Self { name, epoch, token, rows }
    }

    /// What it hands up, so many rows in a request.
    pub fn requests(&self, rows: usize) -> impl Iterator<Item = String> {
        let epoch = self.epoch.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes all");
            text
        });
        let head = format!("{{\"kiosk\":\"{}\",\"epoch\":\"{epoch}\"}}", self.name);
        self.rows.chunks(rows).map(move |rows| format!("{head}\n{}", rows.join("\n")))
    }

    /// A request goes to the hub.
    pub fn hand_up(&self, agent: &ureq::Agent, hub: SocketAddr, body: &str) {
        let url = format!("http://{hub}/journal");
        let request = agent.post(url).header("authorization", format!("Bearer {}", self.token));
        let answer = request.send(body.as_bytes()).and_then(|mut answer| answer.body_mut().read_to_string());
        let answer = answer.expect("an answer");
        assert!(answer.contains(r#""parked":[]"#), "{answer}");
    }
}

/// A connection that stays open.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().into()
}

pub fn bench() {
    println!("{KIOSKS} kiosks, {ROWS} rows each, {REQUEST} in a request");
    println!("{:24} {:>8} {:>10} {:>10} {:>14}", "", "rows/s", "p50 ms", "p99 ms", "hub's peak MB");
    take("SQLite", 1, 1);
    if env::var_os("GREENGATE_DATABASE").is_some() {
        for (hubs, epoch) in (1..=4).zip(2..) {
            take(&format!("PostgreSQL, {hubs} hubs"), hubs, epoch);
        }
    }
}

/// Begins hubs, hands everything up, and prints how fast that was.
fn take(what: &str, hubs: usize, epoch: u8) {
    let folder = tempfile::tempdir().expect("a folder");
    let on_server = what != "SQLite";
    let home = home(folder.path(), on_server);
    // A server's database has one authority; only the first of these begins it.
    if Registry::open(&home).is_err() {
        Registry::create(&home).expect("a registry");
    }
    let kiosks: Vec<Kiosk> =
        (0..KIOSKS).map(|kiosk| Kiosk::new(&home, format!("dock-{kiosk}"), [epoch; 16], ROWS)).collect();
    let running: Vec<Hub> = (0..hubs).map(|_| Hub::start(folder.path(), on_server, false)).collect();
    let begun = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let kiosks: Vec<_> = kiosks
            .iter()
            .enumerate()
            .map(|(nth, kiosk)| {
                let hub = running[nth % hubs].address;
                scope.spawn(move || {
                    let agent = agent();
                    let timed = |body: String| {
                        let begun = Instant::now();
                        kiosk.hand_up(&agent, hub, &body);
                        begun.elapsed()
                    };
                    kiosk.requests(REQUEST).map(timed).collect::<Vec<Duration>>()
                })
            })
            .collect();
        kiosks.into_iter().flat_map(|kiosk| kiosk.join().expect("a kiosk")).collect()
    });
    let rows_each_s = (KIOSKS * ROWS) as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let peak = running.iter().map(Hub::peak_mb).fold(0.0, f64::max);
    let [half, slow] = [50, 99].map(|percent| percentile(&times, percent));
    println!("{what:24} {rows_each_s:8.0} {half:10.1} {slow:10.1} {peak:14.1}");
}

/// A kiosk's rows, as it hands them up.
fn lines(kiosk: &str, epoch: [u8; 16], rows: usize) -> Vec<String> {
    let folder = tempfile::tempdir_in(if Path::new("/dev/shm").exists() { "/dev/shm" } else { "." }).expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, kiosk, epoch).expect("a journal");
    for nth in 0..rows {
        journal.append(&entry(nth)).expect("a row");
    }
    let mut text = Vec::new();
    journal::export(&path, Format::JsonLines, None, &mut text, &mut |_, _| ()).expect("an export");
    String::from_utf8(text).expect("text").lines().map(str::to_owned).collect()
}

fn entry(nth: usize) -> Entry {
    let gtin = Gtin::from_number(6_901_234_567_892).expect("a GTIN");
    let product = Product { gtin, lot: None, serial: Some(format!("S{nth}")), expiry: None };
    let evidence = Evidence {
        code: Code::Unsigned(product),
        cache: None,
        found: Found::default(),
        taken_in: None,
        review: Reviewing::default(),
        draw_seed: [0; 32],
    };
    verdict(nth, gtin, evidence)
}
