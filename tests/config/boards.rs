//! Boards as a person uses them: shown with their wires, drawn, listed, and made anew.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use greengate::config;
use greengate::rules::board::Board;

fn builtin(name: &str) -> Board {
    config::board_text(name, config::builtin_board(name).expect("a board")).unwrap_or_else(|fault| panic!("{fault}"))
}

fn run(folder: &Path, arguments: &[&str], answers: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.current_dir(folder).env_remove("GREENGATE_CONFIG").args(arguments);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program starts");
    // It may have ended before it has read them.
    let _ = child.stdin.take().expect("a pipe").write_all(answers.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    println!("{}{}", told(&output.stdout), told(&output.stderr));
    output
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn no_board_claims_more_than_was_seen() {
    for board in config::BUILTIN_BOARDS.map(builtin) {
        let is_shown = board.verified.map(config::tried);
        let expected = match board.name.as_str() {
            "emulated-pi" => Some("tried by an emulated Raspberry Pi on 2026-11-28"),
            "pi3-ssd1306-leds" | "pi4-ili9341-relay" | "zero2w-st7789-leds" => {
                Some("tried by the bytes that leave for its parts on 2026-11-28")
            }
            _ => None,
        };
        assert_eq!(is_shown.as_deref(), expected, "`{}`", board.name);
    }
}

#[test]
fn a_shown_board_is_a_file_and_its_wires_are_told_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["board", "show", "pi4-ili9341-relay"], "");
    assert_eq!(told(&output.stdout), config::builtin_board("pi4-ili9341-relay").expect("a board"));
    let expected = "
pin 1 is at the header's end beside the memory card, on the side away from the edge
pin  is        wire
  4  5 V       relay board: VCC
  6  ground    relay board: GND
  7  GPIO 4    relay board: red
  9  ground    buttons: their other side
 11  GPIO 17   button: delivery
 12  GPIO 18   panel: backlight (BL or LED)
 13  GPIO 27   button: lamp test
 17  3.3 V     panel: VCC
 18  GPIO 24   panel: reset (RST)
 19  GPIO 10   panel: data (MOSI, SDA or DIN)
 20  ground    panel: GND
 22  GPIO 25   panel: D/C
 23  GPIO 11   panel: clock (SCK, SCL or CLK)
 24  GPIO 8    panel: select (CS)
 29  GPIO 5    relay board: yellow
 31  GPIO 6    relay board: green

`pi4-ili9341-relay`: tried by the bytes that leave for its parts on 2026-11-28
";
    assert_eq!(told(&output.stderr), expected);
    std::fs::write(folder.path().join("my.toml"), &output.stdout).expect("a file");
    let again = run(folder.path(), &["board", "show", "my.toml"], "");
    assert_eq!(again.stdout, output.stdout);
    let unknown = run(folder.path(), &["board", "show", "pi9"], "");
    assert_eq!(unknown.status.code(), Some(66));
    assert_eq!(told(&unknown.stderr), "error: no board `pi9`; `greengate board list` names them, or name a file\n");
}

#[test]
fn lines_of_a_chip_are_told_without_a_pin_and_cannot_be_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["board", "show", "generic-gpiocdev-hdmi", "--picture", "wiring.svg"], "");
    assert_eq!(output.status.code(), Some(65));
    let error = told(&output.stderr);
    assert!(error.contains("\nline 17 of `/dev/gpiochip0`: red\n"), "{error}");
    assert!(error.contains("`generic-gpiocdev-hdmi`: nobody has reported it working yet"), "{error}");
    assert!(error.contains("has no wire on a Raspberry Pi's header to draw"), "{error}");
    assert!(!folder.path().join("wiring.svg").exists());
}

#[test]
fn the_picture_in_the_documents_is_the_one_that_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["board", "show", "pi4-hdmi-tower", "--picture", "wiring.svg"], "");
    assert!(output.status.success());
    let drawn = std::fs::read_to_string(folder.path().join("wiring.svg")).expect("a picture");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/boards/pi4-hdmi-tower.svg");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(kept, drawn).expect("the picture is written");
        return;
    }
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert!(drawn == kept, "the wires have changed; draw them anew with UPDATE_EXPECTED=1 and look at the picture");
}

#[test]
fn a_title_in_any_script_and_with_any_sign_can_be_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let title = format!("title = \"<三号门> & \\\"A\\\" {}\"\n", "验收".repeat(30));
    std::fs::write(folder.path().join("mine.toml"), format!("{title}based_on = \"pi4-hdmi-tower\"\n"))
        .expect("a board");
    let output = run(folder.path(), &["board", "show", "mine.toml", "--picture", "wiring.svg"], "");
    assert!(output.status.success(), "{}", told(&output.stderr));
    let drawn = std::fs::read_to_string(folder.path().join("wiring.svg")).expect("a picture");
    assert!(drawn.contains("&lt;三号门&gt; &amp; \"A\" 验收"), "{drawn}");
    assert!(!drawn.contains("<三"), "{drawn}");
}

#[test]
fn every_board_is_listed_with_who_has_seen_it_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let listed = told(&run(folder.path(), &["board", "list"], "").stdout);
    for board in config::BUILTIN_BOARDS.map(builtin) {
        let is_it = |line: &&str| line.get(2..).is_some_and(|rest| rest.starts_with(&format!("{} ", board.name)));
        let line = listed.lines().find(is_it).unwrap_or_else(|| panic!("`{}` is not listed", board.name));
        let nobody = line.ends_with("; nobody has reported it working yet");
        assert_eq!(nobody, board.has_hardware() && board.verified.is_none(), "{line}");
    }
}

#[test]
fn a_board_is_made_by_its_suggestions_and_never_over_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["board", "new", "--yes", "-o", "dock.toml"], "");
    assert!(output.status.success(), "{}", told(&output.stderr));
    assert!(told(&output.stdout).contains("written to `dock.toml`\nboard `dock`: Kiosk, based on `"));
    let path = folder.path().join("dock.toml");
    let board = config::board(&path).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(board.based_on.is_some());
    std::fs::write(&path, "mine").expect("a file");
    let refused = run(folder.path(), &["board", "new", "--yes", "-o", "dock.toml"], "");
    assert_eq!(refused.status.code(), Some(74));
    let refused = run(folder.path(), &["board", "new", "-o", "dock.toml"], "\n");
    assert_eq!(refused.status.code(), Some(74));
    assert!(told(&refused.stdout).contains("write over `dock.toml`? [y/N]: "));
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "mine");
}

#[test]
#[cfg(not(feature = "pi"))]
fn without_hardware_in_the_program_suggestions_alone_make_a_board_and_that_no_lamp_was_tried_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["board", "new"], &"\n".repeat(20));
    assert!(output.status.success(), "{}", told(&output.stderr));
    let told = told(&output.stdout);
    assert_eq!(told.matches("this program was built without hardware").count(), 1, "{told}");
    assert!(folder.path().join("board.toml").exists());
}

#[test]
fn answers_that_end_early_write_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["board", "new"], "pi4-hdmi-tower\nDock 3\n");
    assert_eq!(output.status.code(), Some(66));
    let expected = "error: the answers ended before the board was whole; nothing was written\n";
    assert_eq!(told(&output.stderr), expected);
    assert!(!folder.path().join("board.toml").exists());
}

/// The text between two fences of a document, the first one of this language.
fn fenced(document: &str, language: &str) -> String {
    let (_, rest) = document.split_once(&format!("\n```{language}\n")).expect("the fence");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_guide_has_the_wires_of_its_board() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/package/BUILD.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("board.toml"), fenced(&guide, "toml")).expect("a board");
    let output = run(folder.path(), &["board", "show", "board.toml"], "");
    assert_eq!(told(&output.stderr).trim_start(), fenced(&guide, "text"));
}
