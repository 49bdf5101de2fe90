//! Label pages of the hub under load, beside rows of journals and a publish.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use greengate::hub::{Home, Registry, init};
use greengate::rules::code::{Grade, Gtin, Header, Product, Scope};
use greengate::rules::demo::DemoKey;
use greengate::rules::label;
use greengate::rules::record::{Block, Key, Listing, Reason, Record, RecordKey, ReviewLevel, Supplier};
use greengate::rules::text::Text;
use jiff::Timestamp;

use super::process::Hub;
use super::rows::{Kiosk, agent};
use super::{author, percentile};

/// Different labels that are asked for; more than are in any cache.
const LABELS: u32 = 20_000;
const SUPPLIERS: u32 = 10_000;
/// Connections that ask for pages.
const CLIENTS: u32 = 8;
/// What is asked of the hub in each second, in the end.
const PAGES: u32 = 2_000;
const ROWS: u32 = 5_000;
/// Kiosks that hand up, and rows in each of their requests.
const KIOSKS: u32 = 4;
const REQUEST: u32 = 100;
/// Of so many listings one changes in the last publish.
const STEP: usize = 100;
/// Kiosks have rows for so long.
const LONGEST: Duration = Duration::from_secs(60);

pub fn bench(listings: u32, seconds: u32) {
    let folder = world(listings);
    let home = Home::from(folder.clone());
    let paths = paths(listings);
    let seconds = Duration::from_secs(u64::from(seconds));
    change(&folder, listings, 1);
    let mut hub = Hub::start(&folder, false, true);
    let load = Load { hub: hub.address, paths: &paths, home: &home };

    println!("{listings} listings on one processor, {CLIENTS} connections");
    drop(load.as_many_as_can_be(after(seconds / 5)));
    let (began, used) = (Instant::now(), hub.used());
    let times = load.as_many_as_can_be(after(seconds));
    let count = times.len() as f64;
    let (rate, of_core) =
        (count / began.elapsed().as_secs_f64(), count / hub.used().saturating_sub(used).as_secs_f64());
    told(
        &format!("as many pages as it gives: {rate:.0} in a second, {of_core:.0} for a second of the processor"),
        times,
    );

    let kiosks = load.kiosks(seconds);
    let (pages, rows) = load.at_a_pace(&kiosks, after(seconds));
    told(&format!("{PAGES} pages in each second"), pages);
    told(&format!("and {ROWS} rows, {REQUEST} in a request"), rows);

    let kiosks = load.kiosks(LONGEST);
    let is_out = AtomicBool::new(false);
    let ((pages, rows), took_s) = thread::scope(|scope| {
        let publisher = scope.spawn(|| {
            let took_s = hub.publish();
            is_out.store(true, Ordering::Release);
            took_s
        });
        let is_over = after(LONGEST);
        let times = load.at_a_pace(&kiosks, || is_over() || is_out.load(Ordering::Acquire));
        (times, publisher.join().expect("no panic"))
    });
    println!("it publishes {listings} listings, which takes {took_s:.1} s");
    told("the pages meanwhile", pages);
    told("the rows meanwhile", rows);
    change(&folder, listings, STEP);
    println!("it publishes every {STEP}th of them, which takes {:.2} s", hub.publish());
    println!("memory of the hub: {:.0} MB at the peak", hub.peak_mb());
}

fn after(time: Duration) -> impl Fn() -> bool + Sync {
    let end = Instant::now() + time;
    move || Instant::now() >= end
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let [half, slow, slowest] = [50, 99, 100].map(|percent| percentile(&times, percent));
    println!("{what}\n    {} asked; p50 {half:.1} ms, p99 {slow:.1} ms, slowest {slowest:.1} ms", times.len());
}

/// An authority with so many listings, from the run before where that left one.
fn world(listings: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/pages/{listings}"));
    let done = folder.join("done");
    if done.exists() {
        return folder;
    }
    let began = Instant::now();
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    init(&folder, None, &author()).expect("an authority");
    let mut registry = Registry::open(&folder).expect("a registry");
    let put = registry.change(&author(), |changes| {
        let public = DemoKey::Authority.public();
        changes.put(&Record::Key(Key { slot: 4000, public, cut_off: None }))?;
        let text = Text::new("质量检验报告", "quality-check report");
        changes.put(&Record::Reason(Reason { id: 1, text }))?;
        for id in 1..=SUPPLIERS {
            let name = Text::new(format!("杭州第 {id} 商贸有限公司"), format!("Hangzhou Trading No. {id} Co., Ltd."));
            changes.put(&Record::Supplier(Supplier { id, name }))?;
        }
        for id in 1..=listings {
            changes.put(&Record::Listing(listing(id, Grade::Green)))?;
            changes.put(&Record::Block(Block { first: id, last: id, listing: id }))?;
        }
        Ok(())
    });
    put.expect("a world");
    fs::write(done, "").expect("a file");
    println!("made {listings} listings in {:.0} s", began.elapsed().as_secs_f64());
    folder
}

fn listing(id: u32, grade: Grade) -> Listing {
    Listing {
        id,
        supplier: id % SUPPLIERS + 1,
        gtin: gtin(id),
        name: Text::new(format!("桂花洗发露 {id} 号"), format!("Osmanthus shampoo no. {id}")),
        grade,
        reason: None,
        missing: if grade == Grade::Green { Vec::new() } else { vec![1] },
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
    }
}

fn gtin(id: u32) -> Gtin {
    Gtin::with_check_digit(690_000_000_000 + u64::from(id)).expect("twelve digits")
}

/// Every so many-th listing has another grade than before.
fn change(folder: &Path, listings: u32, step: usize) {
    let mut registry = Registry::open(folder).expect("a registry");
    let now = match registry.record(Some(RecordKey::Listing(1))).expect("readable") {
        Some(Record::Listing(listing)) => listing.grade,
        _ => Grade::Green,
    };
    let grade = if now == Grade::Green { Grade::Yellow } else { Grade::Green };
    let put = registry.change(&author(), |changes| {
        (1..=listings).step_by(step).try_for_each(|id| changes.put(&Record::Listing(listing(id, grade))))
    });
    put.expect("changes");
}

fn paths(listings: u32) -> Vec<String> {
    let path = |at: u32| {
        let index = u32::try_from(u64::from(at) * u64::from(listings) / u64::from(LABELS)).expect("a number") + 1;
        let header = Header { key_slot: 4000, valid_until: None, index, grade: Grade::Green, scope: Scope::Item };
        let product = Product { gtin: gtin(index), lot: None, serial: Some(format!("S{index}")), expiry: None };
        let text = label::sign(&header, &product, &DemoKey::Authority.signing_key()).expect("a label").to_text("h");
        text["https://H".len()..].to_owned()
    };
    (0..LABELS.min(listings)).map(path).collect()
}

/// Who asks.
struct Load<'a> {
    hub: SocketAddr,
    paths: &'a [String],
    home: &'a Home,
}

impl Load<'_> {
    /// Asks for a page as soon as the one before is there, and tells how long each took.
    fn as_many_as_can_be(&self, is_over: impl Fn() -> bool + Sync) -> Vec<Duration> {
        self.pages(&|_| Instant::now(), &is_over)
    }

    /// New kiosks that have enough to hand up for a time.
    fn kiosks(&self, time: Duration) -> Vec<Kiosk> {
        // Nobody hands the same rows up twice.
        let epoch = Timestamp::now().as_nanosecond().to_be_bytes();
        let rows = usize::try_from(u64::from(ROWS / KIOSKS) * time.as_secs()).expect("a number");
        let name = |nth| format!("dock-{nth}-{}", time.as_secs());
        thread::scope(|scope| {
            let made: Vec<_> =
                (0..KIOSKS).map(|nth| scope.spawn(move || Kiosk::new(self.home, name(nth), epoch, rows))).collect();
            made.into_iter().map(|kiosk| kiosk.join().expect("a kiosk")).collect()
        })
    }

    /// Asks for pages and hands rows up at the pace of the constants, whether the hub keeps up or not, and tells how long
    /// after its time each was answered.
    fn at_a_pace(&self, kiosks: &[Kiosk], is_over: impl Fn() -> bool + Sync) -> (Vec<Duration>, Vec<Duration>) {
        let began = Instant::now();
        let is_over = &is_over;
        thread::scope(|scope| {
            let rows: Vec<_> = (0..)
                .zip(kiosks)
                .map(|(nth, kiosk)| {
                    scope.spawn(move || {
                        let agent = agent();
                        let due = |at: u32| began + Duration::from_secs(1) * REQUEST / ROWS * (at * KIOSKS + nth);
                        let requests = (0..).zip(kiosk.requests(usize::try_from(REQUEST).expect("a number")));
                        let timed = |(at, body): (u32, String)| {
                            let due = due(at);
                            thread::sleep(due.saturating_duration_since(Instant::now()));
                            kiosk.hand_up(&agent, self.hub, &body);
                            due.elapsed()
                        };
                        requests.take_while(|_| !is_over()).map(timed).collect::<Vec<Duration>>()
                    })
                })
                .collect();
            let pages = self.pages(&|nth| began + Duration::from_secs(1) / PAGES * nth, is_over);
            (pages, rows.into_iter().flat_map(|kiosk| kiosk.join().expect("a kiosk")).collect())
        })
    }

    /// Asks for pages, the nth of them when `due` says, and tells how long after that each was there.
    fn pages(&self, due: &(dyn Fn(u32) -> Instant + Sync), is_over: &(impl Fn() -> bool + Sync)) -> Vec<Duration> {
        let times = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let times = &times;
                scope.spawn(move || {
                    let mut own = Vec::new();
                    let mut stream = TcpStream::connect(self.hub).expect("a connection");
                    stream.set_nodelay(true).expect("a connection");
                    let mut reader = BufReader::new(stream.try_clone().expect("a connection"));
                    for nth in (client..).step_by(usize::try_from(CLIENTS).expect("a number")) {
                        let due = due(nth);
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        if is_over() {
                            break;
                        }
                        let path = usize::try_from(nth).expect("a number") * 104_729 % self.paths.len();
                        one(&mut stream, &mut reader, &self.paths[path]);
                        own.push(due.elapsed());
                    }
                    times.lock().expect("no panic").extend(own);
                });
            }
        });
        times.into_inner().expect("no panic")
    }
}

fn one(stream: &mut TcpStream, reader: &mut BufReader<TcpStream>, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: qr.example\r\naccept: text/html\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a connection");
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).expect("an answer");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).expect("an answer");
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    assert!(length > 1000, "a page");
}
