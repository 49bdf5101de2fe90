//! Label pages of the hub under load: how many in a second from one server thread, and how long the slowest take.
//!
//! `cargo bench --bench pages` makes a registry of 1,000,000 listings with a label each (kept in `target/pages` for the
//! next run), serves it on loopback, and asks for pages over connections that stay open: first with nothing else going
//! on, then while all listings are published. `-- LISTINGS SECONDS CLIENTS` says other numbers. What one core does is
//! told from the processor time of the service's own threads, for clients and publisher are in this process too.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use greengate::hub::keys::Keys;
use greengate::hub::receiver::{Door, Receiver, router};
use greengate::hub::service::{Limits, serve};
use greengate::hub::web::{self, Site};
use greengate::hub::{Author, Publishing, Registry, init, publish};
use greengate::rules::code::{Grade, Gtin, Header, Product, Scope};
use greengate::rules::demo::DemoKey;
use greengate::rules::label;
use greengate::rules::record::{Block, Key, Listing, Reason, Record, ReviewLevel, Supplier};
use greengate::rules::text::Text;
use jiff::Timestamp;

/// Different labels that are asked for; more than are in any cache.
const LABELS: u32 = 20_000;
const SUPPLIERS: u32 = 10_000;

fn main() {
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [listings, seconds, clients] =
        [(0, 1_000_000), (1, 10), (2, 8)].map(|(at, other)| numbers.get(at).copied().unwrap_or(other));
    let folder = world(listings);
    let paths = Arc::new(paths(listings));
    let limits = Limits { connection: Duration::from_secs(3600), ..Limits::default() };
    let door = Door { feed: folder.join("feed"), feed_url: "feed/".to_owned(), limits };
    let machines = router(Receiver::open(&folder).expect("a receiver"), door);
    let site = Site::open(&folder).expect("pages");
    let server =
        serve("127.0.0.1:0".parse().expect("an address"), limits, web::router(site, machines)).expect("a service");

    let load = |until: &(dyn Fn() -> bool + Sync)| ask(server.address(), &paths, clients, until);
    drop(load(&after(Duration::from_secs(2))));
    told("nothing else going on", &load(&after(Duration::from_secs(u64::from(seconds)))));

    change_all(&folder, listings);
    let is_out = Arc::new(AtomicBool::new(false));
    let publisher = thread::spawn({
        let (folder, is_out) = (folder.clone(), Arc::clone(&is_out));
        move || {
            let began = Instant::now();
            publish(&folder, &mut Keys::plain(&folder), &author(), &Publishing::default()).expect("a release");
            is_out.store(true, Ordering::Release);
            began.elapsed()
        }
    });
    told(&format!("while {listings} listings are published"), &load(&|| is_out.load(Ordering::Acquire)));
    println!("the publish took {:.1} s", publisher.join().expect("no panic").as_secs_f64());
    println!("memory: {} MB at most, with the clients and the publisher", memory_mb());
}

fn after(time: Duration) -> impl Fn() -> bool + Sync {
    let end = Instant::now() + time;
    move || Instant::now() >= end
}

fn author() -> Author {
    Author { who: "bench".to_owned(), why: "a bench".to_owned(), at: Timestamp::now() }
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
    let number = (690_000_000_000_u64 + u64::from(id)) * 10;
    (0..10).find_map(|check| Gtin::from_number(number + check)).expect("one of ten check digits is right")
}

/// Every listing has another grade than before, so that a whole list goes out.
fn change_all(folder: &Path, listings: u32) {
    let mut registry = Registry::open(folder).expect("a registry");
    let now = match registry.record(Some(greengate::rules::record::RecordKey::Listing(1))).expect("readable") {
        Some(Record::Listing(listing)) => listing.grade,
        _ => Grade::Green,
    };
    let grade = if now == Grade::Green { Grade::Yellow } else { Grade::Green };
    let put = registry.change(&author(), |changes| {
        (1..=listings).try_for_each(|id| changes.put(&Record::Listing(listing(id, grade))))
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

/// Asks over `clients` connections until it is told to stop.
fn ask(address: SocketAddr, paths: &Arc<Vec<String>>, clients: u32, until: &(dyn Fn() -> bool + Sync)) -> Load {
    let times = Mutex::new(Vec::new());
    let (began, used_s) = (Instant::now(), service_s());
    thread::scope(|scope| {
        for client in 0..clients {
            let (times, paths) = (&times, Arc::clone(paths));
            scope.spawn(move || {
                let mut own = Vec::new();
                let stream = TcpStream::connect(address).expect("a connection");
                stream.set_nodelay(true).expect("a connection");
                let mut reader = BufReader::new(stream.try_clone().expect("a connection"));
                let mut stream = stream;
                let mut at = usize::try_from(client).expect("a number") * 7919;
                while !until() {
                    at += 104_729;
                    let began = Instant::now();
                    one(&mut stream, &mut reader, &paths[at % paths.len()]);
                    own.push(u64::try_from(began.elapsed().as_micros()).expect("a short time"));
                }
                times.lock().expect("no panic").extend(own);
            });
        }
    });
    Load { times: times.into_inner().expect("no panic"), took: began.elapsed(), used_s: service_s() - used_s }
}

/// What a load came to.
struct Load {
    /// How long each page took, in microseconds.
    times: Vec<u64>,
    took: Duration,
    /// Processor time of the service, in seconds.
    used_s: f64,
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

fn told(when: &str, load: &Load) {
    let mut times = load.times.clone();
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() - 1) * percent / 100).copied().unwrap_or(0) as f64 / 1000.0;
    let pages = times.len() as f64;
    let (rate, of_core) = (pages / load.took.as_secs_f64(), pages / load.used_s);
    println!("{when}: {rate:.0} pages/s, {of_core:.0} for each second of a core");
    println!("    p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms", at(50), at(99), at(100));
}

/// Processor time that the service's threads had so far, in seconds.
fn service_s() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ticks = tasks.filter_map(|task| {
        let stat = fs::read_to_string(task.path().join("stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut numbers = rest.split_whitespace().skip(11);
        let ticks = numbers.next()?.parse::<u64>().ok()? + numbers.next()?.parse::<u64>().ok()?;
        matches!(name, "hub" | "hub-worker").then_some(ticks)
    });
    // Linux counts a hundred ticks in a second for every program.
    ticks.sum::<u64>() as f64 / 100.0
}

/// The most memory that this process had.
fn memory_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib / 1024)
}
