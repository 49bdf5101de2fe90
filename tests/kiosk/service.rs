//! The kiosk under a service manager, which these tests play: it hears the signs of life that it is owed, and none from a
//! kiosk that hangs.

use std::fs;
use std::io::{BufReader, PipeReader, PipeWriter, Write, pipe};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use super::running::Running;

/// Long enough for any machine; nothing waits for it when the code is right.
const PATIENCE: Duration = Duration::from_secs(60);
/// Several signs of life would have come in this time.
const SILENCE: Duration = Duration::from_secs(5);

/// Plays systemd.
struct Manager {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = tempdir().expect("a folder");
        let socket = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
        Self { socket, folder }
    }

    /// The kiosk as this manager starts it, with its state beside the socket.
    fn kiosk(&self, board: &str) -> Command {
        let config = self.folder.path().join("board.toml");
        fs::write(&config, board).expect("a board");
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
        command.env_remove("GREENGATE_CONFIG").env("RUST_LOG", "info").arg("run").arg("--board").arg(config);
        command.arg("--state").arg(self.folder.path().join("state")).args(["--listen", "127.0.0.1:0"]);
        command.env("NOTIFY_SOCKET", self.folder.path().join("notify")).env("WATCHDOG_USEC", "10000000");
        command
    }

    /// The lines of the next message, if one comes in time.
    fn next(&self, patience: Duration) -> Option<Vec<String>> {
        let mut message = [0; 4096];
        self.socket.set_read_timeout(Some(patience)).expect("a timeout");
        let length = self.socket.recv(&mut message).ok()?;
        let text = std::str::from_utf8(&message[..length]).expect("UTF-8");
        Some(text.lines().map(str::to_owned).collect())
    }

    /// Everything up to the message with a line that begins so.
    fn until(&self, wanted: &str) -> Vec<String> {
        let (end, mut heard) = (Instant::now() + PATIENCE, Vec::new());
        loop {
            let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            let lines = self.next(left).unwrap_or_else(|| panic!("no `{wanted}` in {heard:?}"));
            let is_there = lines.iter().any(|line| line.starts_with(wanted));
            heard.extend(lines);
            if is_there {
                return heard;
            }
        }
    }

    /// Whether a sign of life comes in a time in which several are owed. What was sent before does not count.
    fn is_silent(&self) -> bool {
        while self.next(Duration::from_millis(1)).is_some() {}
        let end = Instant::now() + SILENCE;
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            if self.next(left).is_some_and(|lines| lines.contains(&"WATCHDOG=1".to_owned())) {
                return false;
            }
        }
        true
    }
}

/// A board whose camera plays a folder of photographs.
fn photographs(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "title = \"Test\"\n[camera.folder]\npath = \"{folder}\"\nrate = 10\nrepeat = true\n[display.panel]\nwidth = 320\n\
         height = 240\n[lights.log]\n[sound.none]\n"
    )
}

fn photograph(path: &Path) {
    image::GrayImage::from_pixel(64, 64, image::Luma([128])).save(path).expect("a picture");
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill").args(["-s", name]).arg(child.id().to_string()).status();
    assert!(kill.expect("kill is there").success());
}

/// A kiosk that does not outlive its test.
struct Guarded(Child);

impl Guarded {
    fn start(command: &mut Command) -> Self {
        Self(command.stderr(Stdio::null()).spawn().expect("it starts"))
    }

    /// It ends in order after this signal.
    fn ends_by(&mut self, manager: &Manager, name: &str) {
        signal(&self.0, name);
        manager.until("STOPPING=1");
        assert!(self.0.wait().expect("it ends").success(), "after SIG{name}");
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // It has ended already where all is well.
        let _ = (self.0.kill(), self.0.wait());
    }
}

#[test]
fn a_kiosk_is_ready_shows_signs_of_life_and_says_that_it_ends() {
    for name in ["TERM", "HUP"] {
        let manager = Manager::new();
        let photos = tempdir().expect("a folder");
        photograph(&photos.path().join("a.png"));
        let mut kiosk = Guarded::start(&mut manager.kiosk(&photographs(photos.path())));
        assert_eq!(manager.next(PATIENCE).expect("a message"), ["READY=1", "STATUS=starting"]);
        let lines =
            [manager.until("STATUS=at work"), manager.until("WATCHDOG=1"), manager.until("WATCHDOG=1")].concat();
        assert!(lines.iter().all(|line| line == "WATCHDOG=1" || line == "STATUS=at work"), "{lines:?}");
        kiosk.ends_by(&manager, name);
    }
}

#[test]
fn a_manager_without_a_file_is_told_too_and_one_without_a_watchdog_gets_no_signs() {
    let manager = Manager::new();
    let name = format!("greengate-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let manager = Manager { socket: UnixDatagram::bind_addr(&address).expect("a socket"), ..manager };
    let photos = tempdir().expect("a folder");
    photograph(&photos.path().join("a.png"));
    let mut command = manager.kiosk(&photographs(photos.path()));
    let mut kiosk = Guarded::start(command.env("NOTIFY_SOCKET", format!("@{name}")).env("WATCHDOG_PID", "1"));
    manager.until("READY=1");
    manager.until("STATUS=at work");
    assert!(manager.is_silent(), "the watchdog is another process's");
    kiosk.ends_by(&manager, "INT");
}

#[test]
fn a_kiosk_without_a_camera_is_ready_and_alive_and_says_whom_it_needs() {
    let manager = Manager::new();
    let photos = tempdir().expect("a folder");
    fs::write(photos.path().join("a.png"), "no picture").expect("a file");
    let mut kiosk = Guarded::start(&mut manager.kiosk(&photographs(photos.path())));
    let heard = manager.until("STATUS=needs a person: ");
    assert_eq!(heard[0], "READY=1");
    let fault = format!("`{}` has no picture that can be read", photos.path().display());
    assert!(heard.last().expect("a line").contains(&fault), "{heard:?}");
    assert!(!manager.is_silent(), "it asks the camera again and again");
    kiosk.ends_by(&manager, "TERM");
}

#[test]
fn a_camera_that_hangs_in_its_driver_ends_the_signs_although_the_loop_turns() {
    let manager = Manager::new();
    let photos = tempdir().expect("a folder");
    photograph(&photos.path().join("a.png"));
    // A pipe into which nobody writes: opening it waits for ever, as a broken driver does.
    let pipe = photos.path().join("b.png");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there").success());
    let mut child = manager.kiosk(&photographs(photos.path())).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stderr.take().expect("its words"));
    let running = Running::of(child, &mut said);
    manager.until("READY=1");
    let lost = |status: &serde_json::Value| status.to_string().contains("no frame for").then_some(());
    running.wait_for(lost);
    let before = running.status()["at"].clone();
    assert!(manager.is_silent());
    assert_ne!(running.status()["at"], before, "the loop turned meanwhile");
    // Somebody writes, and the camera goes on.
    drop(fs::File::create(&pipe).expect("the pipe"));
    manager.until("WATCHDOG=1");
    // And hangs once more: neither does that keep the program from its end.
    signal(&running.child, "TERM");
    manager.until("STOPPING=1");
    let mut running = running;
    assert!(running.child.wait().expect("it ends").success());
}

/// Fills a pipe for as long as it is told to, so that whoever writes into it waits.
struct Stopper {
    over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Stopper {
    fn fill(mut pipe: PipeWriter) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let thread = thread::spawn(move || while !told.load(Ordering::Relaxed) && pipe.write_all(b"\n").is_ok() {});
        Self { over, thread }
    }

    /// Empties the pipe, now and to its end.
    fn empty(self, mut pipe: PipeReader) {
        self.over.store(true, Ordering::Relaxed);
        thread::spawn(move || std::io::copy(&mut pipe, &mut std::io::sink()));
        self.thread.join().expect("it ends");
    }
}

#[test]
fn a_loop_that_hangs_ends_the_signs_although_the_camera_goes_on() {
    let manager = Manager::new();
    let board = "title = \"Test\"\n[camera.panel]\nwidth = 640\nheight = 480\nrate = 10\n[display.panel]\nwidth = 320\n\
                 height = 240\n[lights.panel]\n[sound.log]\n";
    let (reader, writer) = pipe().expect("a pipe");
    let mut command = manager.kiosk(board);
    let child = command.stderr(Stdio::from(writer.try_clone().expect("a pipe"))).spawn().expect("it starts");
    drop(command);
    let mut said = BufReader::with_capacity(1, reader.try_clone().expect("a pipe"));
    let running = Running::of(child, &mut said);
    running.wait_for(|status| (status["scene"]["body"] == "ready").then_some(()));
    manager.until("WATCHDOG=1");
    // Nobody takes the log any more, as when the machine's own log hangs. The next line that the loop writes is a tone's.
    let stopper = Stopper::fill(writer);
    hang(&running);
    assert!(manager.is_silent());
    stopper.empty(reader);
    manager.until("WATCHDOG=1");
}

/// Holds a label up and takes it away until the loop hangs. Only a label that was out of view makes another tone.
fn hang(running: &Running) {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        running.hold_up(&["tea"]);
        if is_still(running, |body| body != "ready") {
            return;
        }
        running.hold_up(&[]);
        if is_still(running, |body| body == "ready") {
            return;
        }
    }
    panic!("the loop never hangs");
}

/// Whether nothing new is published for three seconds before the screen is as it is waited for.
fn is_still(running: &Running, wanted: impl Fn(&Value) -> bool) -> bool {
    let (mut status, mut silent) = (running.status(), Instant::now() + Duration::from_secs(3));
    while !wanted(&status["scene"]["body"]) {
        thread::sleep(Duration::from_millis(20));
        let now = running.status();
        if now["at"] != status["at"] {
            silent = Instant::now() + Duration::from_secs(3);
        } else if Instant::now() > silent {
            return true;
        }
        status = now;
    }
    false
}
