//! How long a kiosk's first sync of a large list takes, a later one with some changes, and one without any.
//!
//! `cargo bench --bench sync` makes an authority with 1,000,000 listings and 1,000,000 exceptions (`-- COUNT` of each),
//! publishes, and serves the feed over loopback HTTP. Each sync runs in a process of its own, so that the peak memory
//! (`VmHWM` of /proc/self/status) is its alone. The `sqlite3` shell, where there is one, imports the same rows for
//! comparison. All is in `TMPDIR`: point it at the card that matters.

#[path = "support/list.rs"]
mod list;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use greengate::hub::receiver::{Door, Receiver, router};
use greengate::hub::service::{Limits, Server, serve};
use greengate::hub::{Author, Publishing, Registry, feed_folder, init, newest_root, publish};
use greengate::rules::code::Grade;
use greengate::rules::record::{Listing, Record};
use greengate::sync::{Http, Settings, Source, sync};
use jiff::Timestamp;
use list::{exception, listing, records};

const CHANGES: u32 = 10_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--part", address, state, root] => run_sync(address, Path::new(state), Path::new(root)),
        [] => run_all(1_000_000),
        [count] => run_all(count.parse().expect("how many listings")),
        _ => panic!("write `cargo bench --bench sync -- COUNT`"),
    }
}

fn run_all(count: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    println!("cargo bench --bench sync -- {count}");
    println!("{count} listings, {count} exceptions, {} blocks in {}", count / 100, folder.display());
    let authority = folder.join("authority");
    init(&authority, None, &author()).expect("an authority");
    release(&authority, "first release", records(count));
    fs::write(folder.join("root.json"), newest_root(&authority).expect("a root")).expect("a file");
    let server = start(&authority);
    let address = format!("http://{}/feed/", server.address());

    println!("\n{:24} {:>9} {:>10} {:>9} {:>12}", "", "s", "peak MB +", "requests", "bytes");
    let first_s = child("first sync", &address, folder);
    child("unchanged feed", &address, folder);
    let shell_s = shell(folder);
    release(&authority, "second release", changes(count));
    let delta_s = child("delta", &address, folder);
    if shell_s.is_some() {
        shell_delta(folder);
    }
    child("unchanged feed", &address, folder);

    println!("\nthe delta takes {:.1} % of the first sync", delta_s / first_s * 100.0);
    match shell_s {
        Some(shell_s) => println!("the first sync takes {:.2} times as long as the sqlite3 shell", first_s / shell_s),
        None => println!("there is no sqlite3 shell to compare with"),
    }
}

// The authority.

fn author() -> Author {
    Author { who: "bench".to_owned(), why: "bench".to_owned(), at: Timestamp::now() }
}

fn release(authority: &Path, what: &str, records: impl Iterator<Item = Record>) {
    let start = Instant::now();
    let mut registry = Registry::open(authority).expect("a registry");
    registry
        .change(&author(), |changes| records.into_iter().try_for_each(|record| changes.put(&record)))
        .expect("changes");
    let registered_s = start.elapsed().as_secs_f64();
    let mut keys = greengate::hub::keys::Keys::plain(authority);
    let start = Instant::now();
    publish(authority, &mut keys, &author(), &Publishing::default()).expect("a release");
    println!("({what}: registered in {registered_s:.2} s, published in {:.2} s)", start.elapsed().as_secs_f64());
}

fn start(authority: &Path) -> Server {
    let receiver = Receiver::open(authority).expect("a receiver");
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let limits = Limits::default();
    let door = Door { feed: feed_folder(authority), feed_url: "feed/".to_owned(), limits };
    serve(listen, limits, router(receiver, door)).expect("a service")
}

/// Half of them new exceptions, half of them regraded listings, all over the list.
fn changes(count: u32) -> impl Iterator<Item = Record> {
    let half = (CHANGES / 2).min(count);
    let step = count / half.max(1);
    let more = (0..half).map(move |nth| exception(nth * step * 10 + 1));
    let regraded = (0..half)
        .map(move |nth| Record::Listing(Listing { grade: Grade::Red, reason: Some(1), ..listing(nth * step) }));
    more.chain(regraded)
}

// The kiosk.

/// A sync in a process of its own, whose row of the table it prints. Gives its seconds.
fn child(what: &str, address: &str, folder: &Path) -> f64 {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--part", address]).arg(folder.join("state")).arg(folder.join("root.json"));
    let output = command.stderr(Stdio::inherit()).output().expect("the sync starts");
    assert!(output.status.success(), "the sync failed");
    let told = String::from_utf8(output.stdout).expect("text");
    let mut told = told.split_whitespace();
    let took_s: f64 = told.next().expect("seconds").parse().expect("seconds");
    let [grown, requests, bytes, did] = [(); 4].map(|()| told.next().expect("a figure"));
    println!("{what:24} {took_s:9.3} {grown:>10} {requests:>9} {bytes:>12}  {did}");
    took_s
}

fn run_sync(address: &str, state: &Path, root: &Path) {
    let root = fs::read(root).expect("a root");
    fs::create_dir_all(state).expect("a folder");
    let source = Source::http(Http::new(address).expect("an address"));
    let settings = Settings { state: state.to_owned(), sources: vec![source], root: Some(root) };
    let (before, start) = (peak_kb(), Instant::now());
    let outcome = sync(&settings, &mut |_| (), Timestamp::now()).expect("a sync");
    let took_s = start.elapsed().as_secs_f64();
    let grown_mb = (peak_kb() - before) as f64 / 1024.0;
    println!("{took_s:.4} {grown_mb:.1} {} {} {:?}", outcome.requests, outcome.bytes, outcome.did);
}

/// The most memory that this process ever had, in KiB; 0 where the system does not tell.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

// The shell.

/// The seconds in which the `sqlite3` shell imports the rows of the list that is there, from CSV that is at hand, into the
/// same tables, with the same care for power cuts (none before it is complete) and the index last.
fn shell(folder: &Path) -> Option<f64> {
    let list = folder.join("state/cache-1.db");
    let tables = sqlite3(&list, "SELECT name FROM sqlite_schema WHERE type = 'table';")?;
    let made = |kind| format!("SELECT sql || ';' FROM sqlite_schema WHERE type = '{kind}' AND sql IS NOT NULL;");
    let (mut export, mut import) = (".mode csv\n".to_owned(), "PRAGMA journal_mode = OFF;\n".to_owned());
    import += "PRAGMA synchronous = OFF;\nPRAGMA cache_size = -8000;\n";
    import += &sqlite3(&list, &made("table"))?;
    import += ".mode csv\n";
    for table in tables.lines() {
        let file = folder.join(format!("{table}.csv")).display().to_string();
        // A key's bytes are no text.
        let columns = if table == "key" { "slot, hex(public), cut_off" } else { "*" };
        writeln!(export, ".output '{file}'\nSELECT {columns} FROM {table};").expect("text");
        writeln!(import, ".import '{file}' {table}").expect("text");
    }
    import += &sqlite3(&list, &made("index"))?;
    sqlite3(&list, &export)?;
    let start = Instant::now();
    let imported = folder.join("imported.db");
    sqlite3(&imported, &import)?;
    let took_s = start.elapsed().as_secs_f64();
    let rows = "SELECT count(*) FROM snapshot_listing; SELECT count(*) FROM snapshot_exception;";
    assert_eq!(sqlite3(&imported, rows), sqlite3(&list, rows), "the shell has imported something else");
    println!("{:24} {took_s:9.3}", "sqlite3 .import");
    Some(took_s)
}

/// Prints the seconds in which the shell puts the delta's rows into what it has imported, with a kiosk's care for power
/// cuts: one transaction.
fn shell_delta(folder: &Path) {
    let imported = folder.join("imported.db");
    sqlite3(&imported, "PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint;");
    let list = folder.join("state/cache-1.db");
    let mut script = format!(
        "ATTACH '{}' AS list;\nPRAGMA synchronous = FULL;\nPRAGMA cache_size = -8000;\nBEGIN;\n",
        list.display()
    );
    for table in ["listing", "exception"] {
        writeln!(script, "INSERT OR REPLACE INTO snapshot_{table} SELECT * FROM list.delta_{table};").expect("text");
    }
    let start = Instant::now();
    sqlite3(&imported, &(script + "COMMIT;\n"));
    println!("{:24} {:9.3}", "sqlite3 upserts", start.elapsed().as_secs_f64());
}

/// What the shell prints; nothing where there is none.
fn sqlite3(database: &Path, script: &str) -> Option<String> {
    let mut command = Command::new("sqlite3");
    let mut child = command.arg(database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    child.stdin.take().expect("piped").write_all(script.as_bytes()).expect("a script");
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "the sqlite3 shell failed");
    Some(String::from_utf8(output.stdout).expect("text"))
}
