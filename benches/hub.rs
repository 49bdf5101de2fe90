//! How many rows of journals an authority takes in each second, and how long it publishes.
//!
//! `cargo bench --bench hub` hands journals of several kiosks up over loopback HTTP, to a hub on SQLite, and where
//! `GREENGATE_DATABASE` names an empty database of PostgreSQL, to one, two, three and four hubs there, each a process of
//! its own. `-- publish COUNT` publishes a list of so many listings (1,000,000 without it), and then some changes of it.

use std::env;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use greengate::hub::keys::Keys;
use greengate::hub::receiver::{Door, Receiver, router};
use greengate::hub::service::{Limits, serve};
use greengate::hub::{Author, Home, Publishing, Registry, feed_folder, init, publish};
use greengate::rules::clock::ClockTrust;
use greengate::rules::code::{Code, Grade, Gtin, Product};
use greengate::rules::entry::{Entry, Judgement, Timings, What};
use greengate::rules::evidence::{Evidence, Found};
use greengate::rules::record::{Listing, Reason, Record, ReviewLevel, Supplier};
use greengate::rules::ruling::{Outcome, Ruling};
use greengate::rules::text::Text;
use greengate::store::Journal;
use greengate::store::journal::{self, Format};
use jiff::{SignedDuration, Timestamp};

/// Kiosks that hand up at once, what each has, and how much of it goes into a request.
const KIOSKS: usize = 8;
const ROWS: usize = 4_000;
const REQUEST: usize = 500;
const CHANGES: u32 = 10_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => ingest(),
        ["--hub", folder] => run_hub(Path::new(folder)),
        ["publish"] => publishing(1_000_000),
        ["publish", count] => publishing(count.parse().expect("how many listings")),
        _ => panic!("write `cargo bench --bench hub -- publish COUNT`"),
    }
}

fn author() -> Author {
    Author { who: "bench".to_owned(), why: "bench".to_owned(), at: Timestamp::now() }
}

// Rows.

fn ingest() {
    println!("{KIOSKS} kiosks, {ROWS} rows each, {REQUEST} in a request");
    println!("{:24} {:>8} {:>10} {:>10} {:>14}", "", "rows/s", "p50 ms", "p99 ms", "hub's peak MB");
    take("SQLite", 1, 1);
    if env::var_os("GREENGATE_DATABASE").is_some() {
        for (hubs, epoch) in (1..=4).zip(2..) {
            take(&format!("PostgreSQL, {hubs} hubs"), hubs, epoch);
        }
    }
}

fn name(kiosk: usize) -> String {
    format!("dock-{kiosk}")
}

fn home(folder: &Path, on_server: bool) -> Home {
    let url = env::var("GREENGATE_DATABASE").ok().filter(|_| on_server);
    url.map_or_else(|| folder.into(), |url| Home::with_database(folder, &url).expect("an address"))
}

/// A kiosk's rows, as it hands them up.
fn rows(kiosk: &str, epoch: u8) -> Vec<String> {
    let folder = tempfile::tempdir_in(if Path::new("/dev/shm").exists() { "/dev/shm" } else { "." }).expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, kiosk, [epoch; 16]).expect("a journal");
    for nth in 0..ROWS {
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
        review: greengate::rules::evidence::Reviewing::default(),
        draw_seed: [0; 32],
    };
    let judgement = Judgement {
        payload: vec![b'1'; 250],
        gtin: Some(gtin),
        serial: Some(format!("S{nth}")),
        outcome: Outcome::Accept,
        ruling: Ruling::Accept,
        replaces: None,
        evidence,
        timings: Timings::default(),
    };
    Entry {
        at: Timestamp::UNIX_EPOCH,
        trust: ClockTrust::Trusted,
        delivery: None,
        cache_version: Some(1),
        cache_age_s: Some(60),
        what: What::Verdict(Box::new(judgement)),
    }
}

/// Begins hubs, hands everything up, and prints how fast that was.
fn take(what: &str, hubs: usize, epoch: u8) {
    let journals: Vec<Vec<String>> = (0..KIOSKS).map(|kiosk| rows(&name(kiosk), epoch)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let on_server = what != "SQLite";
    let home = home(folder.path(), on_server);
    // A server's database has one authority; only the first of these begins it.
    if Registry::open(&home).is_err() {
        Registry::create(&home).expect("a registry");
    }
    let mut receiver = Receiver::open(&home).expect("a receiver");
    let tokens: Vec<String> = (0..journals.len())
        .map(|kiosk| {
            let code = receiver.add(&name(kiosk), Timestamp::now() + SignedDuration::from_hours(1)).expect("a code");
            receiver.enroll(&code, None, Timestamp::now()).expect("readable").expect("a token").token
        })
        .collect();
    drop(receiver);
    let running: Vec<(Child, String)> = (0..hubs).map(|_| start(folder.path(), on_server)).collect();
    let begun = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let kiosks: Vec<_> = journals
            .iter()
            .enumerate()
            .map(|(kiosk, rows)| {
                let (address, token) = (&running[kiosk % hubs].1, &tokens[kiosk]);
                scope.spawn(move || hand_up(address, token, &name(kiosk), rows, epoch))
            })
            .collect();
        kiosks.into_iter().flat_map(|kiosk| kiosk.join().expect("a kiosk")).collect()
    });
    let rows_each_s = (journals.len() * ROWS) as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    let peak = running.iter().map(|(hub, _)| peak_kb(hub.id())).max().unwrap_or_default() as f64 / 1024.0;
    println!("{what:24} {rows_each_s:8.0} {:10.1} {:10.1} {peak:14.1}", at(50), at(99));
    for (mut hub, _) in running {
        hub.kill().and_then(|()| hub.wait()).expect("it ends");
    }
}

/// Hands a journal up, a request after the other, and tells how long each took.
fn hand_up(address: &str, token: &str, kiosk: &str, rows: &[String], epoch: u8) -> Vec<Duration> {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let epoch = format!("{epoch:02x}").repeat(16);
    let rows = rows.chunks(REQUEST).map(|rows| {
        let head = format!("{{\"kiosk\":\"{kiosk}\",\"epoch\":\"{epoch}\"}}");
        let body = format!("{head}\n{}", rows.join("\n"));
        let begun = Instant::now();
        let request = agent.post(format!("{address}/journal")).header("authorization", format!("Bearer {token}"));
        let answer = request.send(body.as_bytes()).and_then(|mut answer| answer.body_mut().read_to_string());
        let took = begun.elapsed();
        let answer = answer.expect("an answer");
        assert!(answer.contains(r#""parked":[]"#), "{answer}");
        took
    });
    rows.collect()
}

fn start(folder: &Path, on_server: bool) -> (Child, String) {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg("--hub").arg(folder).stdout(Stdio::piped());
    if !on_server {
        command.env_remove("GREENGATE_DATABASE");
    }
    let mut hub = command.spawn().expect("a hub");
    let mut said = std::io::BufReader::new(hub.stdout.take().expect("its words"));
    let mut address = String::new();
    std::io::BufRead::read_line(&mut said, &mut address).expect("an address");
    (hub, address.trim_end().to_owned())
}

fn run_hub(folder: &Path) {
    let home = home(folder, true);
    let door = Door { feed: feed_folder(&home), feed_url: "feed/".to_owned(), limits: Limits::default() };
    let receiver = Receiver::open(&home).expect("a receiver");
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let server = serve(listen, Limits::default(), router(receiver, door)).expect("a service");
    println!("http://{}", server.address());
    thread::park();
}

/// The most memory that a process ever had, in KiB; 0 where the system does not tell.
fn peak_kb(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

// The list.

fn publishing(count: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Home::from(folder.path().join("authority"));
    init(&authority, None, &author()).expect("an authority");
    println!("{count} listings in {}", authority.display());
    release(&authority, "the whole list", (0..count).map(|id| listing(id, Grade::Green)));
    let some = CHANGES.min(count);
    let step = count / some;
    release(&authority, &format!("{some} changes"), (0..some).map(|nth| listing(nth * step, Grade::Red)));
    println!("peak memory {:.0} MB", peak_kb(std::process::id()) as f64 / 1024.0);
}

fn release(authority: &Home, what: &str, records: impl Iterator<Item = Record>) {
    let begun = Instant::now();
    let mut registry = Registry::open(authority).expect("a registry");
    let text = Text::new("召回", "recalled");
    let first =
        [Record::Reason(Reason { id: 1, text: text.clone() }), Record::Supplier(Supplier { id: 1, name: text })];
    let all = first.into_iter().chain(records);
    registry.change(&author(), |changes| { all }.try_for_each(|record| changes.put(&record))).expect("changes");
    drop(registry);
    let registered_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let mut keys = Keys::plain(authority);
    publish(authority, &mut keys, &author(), &Publishing::default()).expect("a release");
    println!("{what:24} registered in {registered_s:.2} s, published in {:.2} s", begun.elapsed().as_secs_f64());
}

fn listing(id: u32, grade: Grade) -> Record {
    let body = 690_000_000_000 + u64::from(id);
    Record::Listing(Listing {
        id,
        supplier: 1,
        gtin: (0..10).find_map(|check| Gtin::from_number(body * 10 + check)).expect("one of ten check digits fits"),
        name: Text::new(format!("杭州商品第{id}号"), format!("Hangzhou product number {id}")),
        grade,
        reason: (grade == Grade::Red).then_some(1),
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
    })
}
