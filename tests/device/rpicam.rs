//! A camera on the ribbon cable, with a stand-in for the program that brings its frames: real processes, real pipes. Time is
//! moved by hand, so that nothing waits for a deadline.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use greengate::device::{Camera, DeviceClock, Frame};
use greengate::rules::board::{self, Area, Frames, Rpicam, Size};
use greengate::rules::image::GreyImage;
use tempfile::{TempDir, tempdir};

use super::{clock, open};

const SIZE: Size = Size { width: 64, height: 66 };

/// The stand-in under a name that says what it does, in a folder of its own.
struct StandIn {
    folder: TempDir,
    program: PathBuf,
}

impl StandIn {
    fn new(does: &str) -> Self {
        let folder = tempdir().expect("a folder");
        let program = folder.path().join(does);
        symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/device/rpicam-vid.sh"), &program).expect("a link");
        Self { folder, program }
    }

    fn board(&self) -> Rpicam {
        let frames = Frames { size: SIZE, rate: 30, budget_ms: 25, roi: None, frozen_ms: 1200, power_line_hz: None };
        Rpicam { program: self.program.clone(), frames, shutter_us: None, gain: None, focus_cm: None }
    }

    /// A board file with it and nothing else that is real.
    fn board_toml(&self) -> String {
        format!(
            "title = \"Test\"\n[camera.rpicam]\nprogram = '{}'\nwidth = 64\nheight = 66\nrate = 30\n[display.panel]\n\
             width = 320\nheight = 240\n[lights.log]\n[sound.none]\n",
            self.program.display()
        )
    }

    fn camera(&self) -> Watched {
        Watched::new(self.board())
    }

    /// What it was started with, a line for each time.
    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits until it has been started, and answers with its process.
    fn pid(&self) -> String {
        wait_for(|| self.lines("pids").pop())
    }
}

struct Watched {
    camera: Camera,
    clock: DeviceClock,
    frame: GreyImage,
}

impl Watched {
    fn new(board: Rpicam) -> Self {
        let clock = clock();
        let camera = open(board::Camera::Rpicam(board), &clock).expect("a board").camera;
        Self { camera, clock, frame: GreyImage::default() }
    }

    /// The next frame or fault, with so much time passing between two looks.
    fn next(&mut self, step: Duration) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(120);
        while Instant::now() < end {
            match self.camera.frame(&mut self.frame) {
                Ok(Frame::New) => return Ok(()),
                Ok(Frame::Same) => self.clock.advance(step),
                Ok(Frame::Ended) => panic!("a camera has no end"),
                Err(fault) => return Err(fault.to_string()),
            }
        }
        panic!("nothing ever came");
    }
}

/// Hardly any time, so that a busy machine is not taken for a silent camera.
const STILL: Duration = Duration::from_millis(1);
/// Enough that a deadline comes soon.
const QUICKLY: Duration = Duration::from_millis(400);

fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process is there and is more than a name on the list of the dead.
fn lives(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

fn until_dead(pid: &str) {
    wait_for(|| (!lives(pid)).then_some(()));
}

const SILENT: &str = "the camera gives no pictures; check its cable, or unplug it and plug it in again";

#[test]
fn frames_come_as_they_were_written_one_after_the_other() {
    let stand_in = StandIn::new("steady");
    let mut watched = stand_in.camera();
    assert!(watched.camera.is_live());
    let mut last = 0;
    for _ in 0..5 {
        watched.next(STILL).expect("a frame");
        let GreyImage { width, height, pixels } = &watched.frame;
        assert_eq!((*width, *height, pixels.len()), (64, 66, 64 * 66));
        assert!(pixels.iter().all(|pixel| *pixel == pixels[0] && *pixel != 255), "one shade, and no colour in it");
        assert_ne!(pixels[0], last, "another one each time");
        last = pixels[0];
    }
    assert_eq!(watched.camera.about(), Some(format!("`{}`, 64×66", stand_in.program.display()).as_str()));
}

#[test]
fn only_the_part_that_the_board_names_is_looked_at() {
    let stand_in = StandIn::new("steady");
    let mut board = stand_in.board();
    board.frames.roi = Some(Area { x: 10, y: 2, size: Size { width: 40, height: 64 } });
    let mut watched = Watched::new(board);
    watched.next(STILL).expect("a frame");
    assert_eq!((watched.frame.width, watched.frame.height, watched.frame.pixels.len()), (40, 64, 40 * 64));
}

#[test]
fn the_board_becomes_the_programs_arguments() {
    let plain = StandIn::new("steady");
    plain.camera().next(STILL).expect("a frame");
    let usual = "--timeout 0 --nopreview --codec yuv420 --flush --output - --width 64 --height 66 --framerate 30";
    assert_eq!(plain.lines("arguments"), [usual]);
    let set = StandIn::new("steady");
    let mut board = set.board();
    (board.shutter_us, board.gain, board.focus_cm) = (Some(8000), Some(2), Some(15));
    board.frames.power_line_hz = Some(50);
    Watched::new(board).next(STILL).expect("a frame");
    let more = " --shutter 8000 --gain 2 --lens-position 6.67 --flicker-period 10000us";
    assert_eq!(set.lines("arguments"), [format!("{usual}{more}")]);
}

#[test]
fn a_program_that_ends_is_told_with_its_last_words_and_begun_anew() {
    let stand_in = StandIn::new("crashes");
    let mut watched = stand_in.camera();
    let told = format!(
        "`{}` has ended (exit status: 255): `ERROR: *** no cameras available ***`; check the camera's ribbon cable",
        stand_in.program.display()
    );
    for _ in 0..3 {
        // The same words each time, without the time in them.
        assert_eq!(watched.next(QUICKLY), Err(told.clone()));
    }
    assert_eq!(stand_in.lines("pids").len(), 3);
}

#[test]
fn a_camera_that_another_program_has_is_in_use_and_its_cable_is_not_to_blame() {
    let stand_in = StandIn::new("taken");
    let told = "the camera `rpicam` is in use; stop the other program, or the kiosk (`systemctl stop greengate`)";
    assert_eq!(stand_in.camera().next(QUICKLY), Err(told.to_owned()));
    // So says the doctor beside a kiosk that runs.
    let folder = stand_in.folder.path();
    fs::write(folder.join("board.toml"), stand_in.board_toml()).expect("a board");
    let site = "name = 'Test'\nkiosk = 'dock'\nstate = 'state'\nlanguages = ['en']\ntime_zone = 'UTC'\n";
    fs::write(folder.join("site.toml"), site).expect("a site");
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_greengate"));
    let output = doctor.args(["doctor", "--config"]).arg(folder).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let camera =
        said.lines().find(|line| line.contains("`rpicam` is in use: the kiosk runs, or another program has it"));
    assert!(camera.is_some_and(|line| line.starts_with("warn")), "{said}");
}

#[test]
fn a_program_that_ends_in_the_middle_of_a_frame_has_ended() {
    let stand_in = StandIn::new("short");
    let mut watched = stand_in.camera();
    watched.next(STILL).expect("the whole frame");
    assert_eq!(watched.frame.pixels[0], 0o132);
    let told = format!("`{}` has ended (exit status: 0); check the camera's ribbon cable", stand_in.program.display());
    assert_eq!(watched.next(STILL), Err(told));
}

#[test]
fn a_program_that_never_writes_a_byte_is_told_and_killed() {
    for does in ["mute", "shouts"] {
        let stand_in = StandIn::new(does);
        let mut watched = stand_in.camera();
        assert_eq!(watched.next(QUICKLY), Err(SILENT.to_owned()), "{does}");
        until_dead(&stand_in.pid());
    }
}

#[test]
fn frames_that_stop_are_told_and_the_program_is_begun_anew() {
    let stand_in = StandIn::new("stops");
    let mut watched = stand_in.camera();
    watched.next(STILL).expect("a frame");
    assert_eq!(watched.next(QUICKLY), Err(SILENT.to_owned()));
    let first = stand_in.pid();
    // The next one begins with the very same frame.
    let frozen = "the camera shows the same picture all the time; unplug it and plug it in again";
    assert_eq!(watched.next(QUICKLY), Err(frozen.to_owned()));
    assert_eq!(stand_in.lines("pids").len(), 2);
    until_dead(&first);
}

#[test]
fn complaints_without_end_do_not_hold_up_the_frames() {
    let stand_in = StandIn::new("complains");
    let mut watched = stand_in.camera();
    for _ in 0..5 {
        watched.next(STILL).expect("a frame");
    }
}

#[test]
fn a_program_that_is_not_there_is_told_and_how_to_get_it() {
    let folder = tempdir().expect("a folder");
    let mut board = StandIn::new("steady").board();
    board.program = folder.path().join("rpicam-vid");
    let told = format!(
        "`{}` cannot be started: No such file or directory (os error 2); install the package `rpicam-apps`",
        board.program.display()
    );
    let mut watched = Watched::new(board);
    assert_eq!(watched.next(QUICKLY), Err(told.clone()));
    assert_eq!(watched.next(QUICKLY), Err(told), "it may be installed meanwhile");
}

#[test]
fn a_reader_that_cannot_be_ended_is_left_behind_and_the_third_is_the_end() {
    let stand_in = StandIn::new("clings");
    let mut watched = stand_in.camera();
    for _ in 0..3 {
        assert_eq!(watched.next(Duration::from_secs(2)), Err(SILENT.to_owned()));
    }
    let told = "the camera's driver has not come back 3 times, each for 5 s; the program ends to be started anew";
    assert_eq!(watched.next(Duration::from_secs(2)), Err(told.to_owned()));
    assert!(watched.camera.frame(&mut watched.frame).is_err_and(|fault| fault.is_final()));
}

#[test]
fn a_camera_that_is_closed_leaves_no_program_behind() {
    let stand_in = StandIn::new("stops");
    let mut watched = stand_in.camera();
    watched.next(STILL).expect("a frame");
    assert!(lives(&stand_in.pid()));
    drop(watched);
    until_dead(&stand_in.pid());
}

#[test]
fn a_kiosk_that_is_killed_leaves_no_program_behind() {
    // One that writes nothing: nobody tells it that its reader is gone.
    let stand_in = StandIn::new("mute");
    let folder = tempdir().expect("a folder");
    let board = folder.path().join("board.toml");
    fs::write(&board, stand_in.board_toml()).expect("a board");
    let mut kiosk = Command::new(env!("CARGO_BIN_EXE_greengate"))
        .env_remove("GREENGATE_CONFIG")
        .args(["run", "--listen", "127.0.0.1:0", "--board"])
        .arg(&board)
        .arg("--state")
        .arg(folder.path().join("state"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let pid = stand_in.pid();
    assert!(lives(&pid));
    kiosk.kill().expect("it is killed");
    kiosk.wait().expect("it is gone");
    until_dead(&pid);
}
