//! `greengate lights`: what a person or the service manager asks of the lamps from outside.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use greengate::kiosk::Shelf;
use greengate::store::Journal;
use tempfile::{TempDir, tempdir};

use super::world;

fn greengate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.env_remove("GREENGATE_CONFIG").env_remove("SERVICE_RESULT").env("RUST_LOG", "info").args(arguments);
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    println!("{}{}", told(&output.stdout), told(&output.stderr));
    output
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a board and nothing else.
fn board(lights: &str) -> TempDir {
    let folder = tempdir().expect("a folder");
    let board = format!(
        "title = \"Test\"\n[camera.stream]\npath = \"-\"\n[display.png]\nfolder = \"screens\"\nwidth = 320\nheight = 240\n\
         {lights}\n[sound.log]\n"
    );
    std::fs::write(folder.path().join("board.toml"), board).expect("a board");
    folder
}

/// `greengate lights off` with a configuration.
fn off(config: &Path) -> Output {
    run(greengate(&["lights", "off", "--config"]).arg(config))
}

#[test]
fn a_board_without_lamps_of_its_own_has_nothing_to_make_dark() {
    let folder = board("[lights.panel]");
    let output = off(folder.path());
    assert!(output.status.success());
    assert_eq!(told(&output.stdout), "the board has no lamps of its own, so there is nothing to make dark\n");
    let files: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(files.len(), 1, "neither site nor journal nor screens were needed or made");
    assert!(run(&mut greengate(&["lights", "off", "--board", "sim"])).status.success());
}

#[test]
fn lamps_are_looked_for_by_the_board_alone_even_while_the_journal_is_in_use() {
    let state = tempdir().expect("a folder");
    world(state.path());
    let _kiosk = Journal::open(&Shelf::journal_path(state.path()), "dock").expect("the kiosk's journal");
    let folder = board("[lights.gpiocdev]\nchip = \"/dev/null\"\nred = 1\nyellow = 2\ngreen = 3");
    let output = run(greengate(&["lights", "off", "--config"]).arg(folder.path()).arg("--state").arg(state.path()));
    assert_eq!(output.status.code(), Some(69), "the part is not there");
    let error = told(&output.stderr);
    let expected = if cfg!(feature = "pi") { "it is no GPIO device" } else { "built without hardware" };
    assert!(error.contains(expected), "{error}");
    assert!(!error.contains("journal"), "{error}");
}

#[test]
fn a_board_that_is_wrong_is_told_with_its_place() {
    let folder = board("[lights.rppal]\nred = 17\nyellow = 17\ngreen = 22");
    let output = off(folder.path());
    assert_eq!(output.status.code(), Some(78));
    assert!(told(&output.stderr).contains("GPIO 17 is used by `red` of `[lights]` and by `yellow` of `[lights]`"));
}

/// A lamp test whose first lamp is lit.
#[cfg(unix)]
fn lamp_test(state: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = greengate(&["lights", "test", "--board", "sim-headless", "--seconds", "10", "--state"]);
    let mut child = command.arg(state).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stdout.take().expect("its words"));
    let mut first = String::new();
    said.read_line(&mut first).expect("a line");
    assert_eq!(first, "Red\n");
    (child, said)
}

#[test]
#[cfg(unix)]
fn a_lamp_test_that_is_ended_leaves_no_lamp_lit() {
    for signal in ["INT", "TERM", "HUP"] {
        let state = tempdir().expect("a folder");
        let (child, said) = lamp_test(state.path());
        let kill = Command::new("kill").args(["-s", signal]).arg(child.id().to_string()).status();
        assert!(kill.expect("kill is there").success());
        let rest: Vec<String> = said.lines().map_while(Result::ok).collect();
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(rest, ["dark"], "after SIG{signal}");
        assert_eq!(output.status.code(), Some(130));
        let log = told(&output.stderr);
        assert!(log.trim_end().ends_with("lights: dark"), "{log}");
    }
}
