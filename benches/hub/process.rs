//! A hub as a process of its own, which this program begins as itself.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use greengate::hub::keys::Keys;
use greengate::hub::receiver::{Door, Receiver, router};
use greengate::hub::service::{Limits, serve};
use greengate::hub::web::{self, Site};
use greengate::hub::{Home, Publishing, feed_folder, publish};

use super::author;

/// What a hub is told, and what it says then.
const PUBLISH: &str = "publish";
const PUBLISHED: &str = "published in seconds: ";

/// A hub that runs until this is dropped.
pub struct Hub {
    process: Child,
    said: BufReader<std::process::ChildStdout>,
    pub address: SocketAddr,
}

impl Hub {
    /// Serves the authority in `folder`, with the server's database if it is to have one; on one processor if so asked.
    pub fn start(folder: &Path, on_server: bool, on_one_core: bool) -> Self {
        let this = env::current_exe().expect("this program");
        let mut command = if on_one_core {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", "0"]).arg(this);
            command
        } else {
            Command::new(this)
        };
        command.arg("--hub").arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        if !on_server {
            command.env_remove("GREENGATE_DATABASE");
        }
        let mut process = command.spawn().expect("a hub; `taskset` is part of util-linux");
        let mut said = BufReader::new(process.stdout.take().expect("its words"));
        let address = line(&mut said).parse().expect("an address");
        Self { process, said, address }
    }

    /// Has it publish, and tells how long that took, in seconds.
    pub fn publish(&mut self) -> f64 {
        let words = self.process.stdin.as_mut().expect("its ear");
        writeln!(words, "{PUBLISH}").expect("it listens");
        line(&mut self.said).strip_prefix(PUBLISHED).and_then(|time| time.parse().ok()).expect("a time")
    }

    /// The most memory that it ever had, in MB; 0 where the system does not tell.
    pub fn peak_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: u32 = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default();
        f64::from(kib) * 1.024 / 1000.0
    }

    /// Processor time that it used, all its threads together.
    pub fn used(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let numbers = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(11).take(2));
        // Linux counts a hundred ticks in a second for every program.
        let ticks: u64 = numbers.into_iter().flatten().filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).expect("it ends");
    }
}

fn line(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

/// Is such a hub.
pub fn run(folder: &Path) {
    let home = home(folder, true);
    let limits = Limits { connection: Duration::from_secs(3600), ..Limits::default() };
    let door = Door { feed: feed_folder(&home), feed_url: "feed/".to_owned(), limits };
    let machines = router(Receiver::open(&home).expect("a receiver"), door);
    let site = Site::open(&home).expect("pages");
    let listen = (Ipv4Addr::LOCALHOST, 0).into();
    let server = serve(listen, limits, web::router(site, machines)).expect("a service");
    println!("{}", server.address());
    for word in std::io::stdin().lines() {
        assert_eq!(word.expect("a word"), PUBLISH);
        let began = Instant::now();
        publish(home.clone(), &mut Keys::plain(&home), &author(), &Publishing::default()).expect("a release");
        println!("{PUBLISHED}{}", began.elapsed().as_secs_f64());
    }
}

/// The authority in `folder`, with the server's database if it is to have one and there is one.
pub fn home(folder: &Path, on_server: bool) -> Home {
    let url = env::var("GREENGATE_DATABASE").ok().filter(|_| on_server);
    url.map_or_else(|| folder.into(), |url| Home::with_database(folder, &url).expect("an address"))
}
