//! What a kiosk costs its machine: `greengate run` as a process of its own, watched through `/proc`.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{Ends, Stop, ms, pause, percentile};
use crate::cli::out::put;
use crate::cli::{Exit, Failure};
use crate::config;
use crate::device;
use crate::kiosk::demo;
use crate::rules::time::date_of;

/// So often a kiosk is started; the first time it loads the demo's list.
const STARTS: usize = 4;
/// A kiosk that is not at work by then does not come.
const PATIENCE: Duration = Duration::from_secs(60);
/// How soon a wait for its signs notices that the bench is to end.
const NOTICE: Duration = Duration::from_millis(100);
/// Each label is held up this long, and then another one.
const HELD: Duration = Duration::from_secs(3);

/// Starts kiosks with their state in `folder`, and watches the last one twice for `watched`.
pub fn measure(board: &str, folder: &Path, watched: Duration, ends: &Ends) -> Result<(), Stop> {
    fs::create_dir_all(folder)?;
    let mut starts = Vec::new();
    let mut kiosk = None;
    for _ in 0..STARTS {
        drop(kiosk.take());
        starts.push(kiosk.insert(Running::start(board, folder, ends)?).begun);
    }
    let Some(kiosk) = kiosk else { return Ok(()) };
    let median = |of: fn(&Begun) -> Duration| {
        let mut times: Vec<Duration> = starts.iter().skip(1).map(of).collect();
        times.sort_unstable();
        ms(percentile(&times, 50))
    };
    let row = |what: &str, figure: f64, unit: &str| put(format_args!("{what:<44} {figure:>7.1} {unit}"));
    put("")?;
    row("start to ready (`READY=1`)", median(|begun| begun.ready), "ms")?;
    row("the same and the lamps' self-test", median(|begun| begun.at_work), "ms")?;
    row("processor, nothing held up", kiosk.watch(watched, |watched| pause(ends, watched))?, "%")?;
    row("processor, another label every 3 s", kiosk.watch(watched, |watched| kiosk.hold_up(watched, ends))?, "%")?;
    row("memory at its peak (VmHWM)", kiosk.memory("VmHWM")?, "MB")?;
    row("of it not the program's file (RssAnon)", kiosk.memory("RssAnon")?, "MB")?;
    row("the program's file", std::env::current_exe()?.metadata()?.len() as f64 / 1e6, "MB")?;
    Ok(())
}

/// How long a kiosk took from its start.
#[derive(Clone, Copy)]
struct Begun {
    ready: Duration,
    at_work: Duration,
}

/// A kiosk at work. It ends with this.
struct Running {
    child: Child,
    panel: String,
    begun: Begun,
}

impl Running {
    fn start(board: &str, folder: &Path, ends: &Ends) -> Result<Self, Stop> {
        let (notify, log) = (folder.join("notify"), folder.join("log"));
        // What a kiosk before left there is nobody's.
        let _ = fs::remove_file(&notify);
        let manager = UnixDatagram::bind(&notify)?;
        manager.set_read_timeout(Some(NOTICE))?;
        let panel = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["run", "--board", board, "--listen", &panel, "--bench"]).arg(folder.join("state"));
        command.env("NOTIFY_SOCKET", &notify).env_remove("WATCHDOG_USEC");
        // Whatever ends the bench: no demo world stays behind on the box's lamps. This signal makes them dark.
        device::ends_with_us(&mut command, Signal::TERM);
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?).spawn()?;
        let mut kiosk = Self { child, panel, begun: Begun { ready: Duration::ZERO, at_work: Duration::ZERO } };
        let until = |wanted| {
            if hear(&manager, wanted, ends)? {
                return Ok(());
            }
            let said = fs::read_to_string(&log).unwrap_or_default();
            let message = format!("the kiosk does not begin its work; it says:\n{said}");
            Err(Stop::Failed(Failure::new(Exit::Software, message)))
        };
        until("READY=1")?;
        kiosk.begun.ready = started.elapsed();
        until("STATUS=at work")?;
        kiosk.begun.at_work = started.elapsed();
        Ok(kiosk)
    }

    /// The share of one processor that the kiosk takes while `meanwhile` goes on for so long.
    fn watch(&self, watched: Duration, meanwhile: impl FnOnce(Duration) -> Result<(), Stop>) -> Result<f64, Stop> {
        let (before, begun) = (self.processor()?, Instant::now());
        meanwhile(watched)?;
        Ok((self.processor()? - before) / begun.elapsed().as_secs_f64() * 100.0)
    }

    /// Holds up the demo's labels, one after the other.
    fn hold_up(&self, watched: Duration, ends: &Ends) -> Result<(), Stop> {
        let now = Timestamp::now();
        let world = demo::world(now, date_of(now, &config::builtin_site().time_zone));
        let end = Instant::now() + watched;
        for label in world.rack.iter().filter(|label| label.expected.is_some()).cycle() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let act =
                ureq::post(format!("http://{}/hold-up", self.panel)).header("Origin", format!("http://{}", self.panel));
            let held = act.send_json(json!({ "ids": [label.id] }));
            held.map_err(|error| Failure::new(Exit::Software, format!("the kiosk takes no label: {error}")))?;
            pause(ends, left.min(HELD))?;
        }
        Ok(())
    }

    /// Processor time in seconds, of all its threads (`proc_pid_stat(5)`: fields 14 and 15).
    fn processor(&self) -> Result<f64, Failure> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
    }

    /// A line of `proc_pid_status(5)` in megabytes.
    fn memory(&self, name: &str) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or_default();
        Ok(kib * 1024.0 / 1e6)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // By its signal, for only so are lamps dark afterwards.
        let ended = Pid::from_raw(self.child.id().cast_signed()).map(|pid| kill_process(pid, Signal::TERM));
        if !matches!(ended, Some(Ok(()))) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Waits for a message with this line. Answers whether it came.
fn hear(manager: &UnixDatagram, wanted: &str, ends: &Ends) -> Result<bool, Stop> {
    let mut message = [0; 4096];
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        pause(ends, Duration::ZERO)?;
        // Nothing yet, most often.
        let length = manager.recv(&mut message).unwrap_or_default();
        if message[..length].split(|byte| *byte == b'\n').any(|line| line == wanted.as_bytes()) {
            return Ok(true);
        }
    }
    Ok(false)
}
