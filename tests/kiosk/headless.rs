//! The program as a user starts it: a folder of photographs in, PNG screens and a journal out.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use greengate::kiosk::Shelf;
use greengate::rules::symbol;
use greengate::store::journal;
use tempfile::tempdir;

use super::world;

fn greengate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.env_remove("GREENGATE_CONFIG").env("RUST_LOG", "info");
    command
}

/// A photograph of `text` as a QR code on grey, and its file.
fn photograph(folder: &Path, name: &str, text: &str) -> PathBuf {
    let symbol = symbol::encode(text).expect("a text that fits");
    let (module, margin) = (6, 60);
    let side = u32::try_from(symbol.size * module + 2 * margin).expect("a small picture");
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        let place = |at: u32| (at as usize).checked_sub(margin).map(|at| at / module).filter(|at| *at < symbol.size);
        let dark = place(x).zip(place(y)).is_some_and(|(x, y)| symbol.dark[y * symbol.size + x]);
        image::Luma([if dark { 30 } else { 220 }])
    });
    let path = folder.join(name);
    picture.save(&path).expect("a picture");
    path
}

fn configuration(folder: &Path, photos: &Path, screens: &Path) -> PathBuf {
    let config = folder.join("config");
    std::fs::create_dir_all(&config).expect("a folder");
    let board = format!(
        "title = \"Test\"\n[camera.folder]\npath = \"{}\"\nrate = 10\nrepeat = false\n[display.png]\nfolder = \"{}\"\n\
         width = 320\nheight = 240\n[lights.log]\n[sound.log]\n",
        photos.display(),
        screens.display()
    );
    std::fs::write(config.join("board.toml"), board).expect("a board");
    config
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn photographs_go_in_and_screens_lights_and_rows_come_out() {
    let folder = tempdir().expect("a folder");
    let (photos, screens, state) =
        (folder.path().join("photos"), folder.path().join("screens"), folder.path().join("state"));
    for path in [&photos, &screens, &state] {
        std::fs::create_dir_all(path).expect("a folder");
    }
    let tea = today().rack.into_iter().find(|label| label.id == "tea").expect("the tea").text;
    for frame in 0..40 {
        photograph(&photos, &format!("{frame:03}.png"), &tea);
    }
    let config = configuration(folder.path(), &photos, &screens);
    let board = config.join("board.toml");
    let shift = folder.path().join("day.shift");
    let output = run(greengate()
        .arg("run")
        .arg("--record")
        .arg(&shift)
        .arg("--board")
        .arg(board)
        .arg("--state")
        .arg(&state)
        .args(["--listen", "127.0.0.1:0"]));
    assert!(output.status.success());
    let replayed = run(greengate().arg("replay").arg(&shift));
    let told = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(
        told.contains("row 2: verdict accept") && told.contains("green steady"),
        "the recorded shift plays the same"
    );
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("lights: green"), "no green light in the log");
    let screens: Vec<String> = std::fs::read_dir(screens)
        .expect("screens")
        .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(screens.iter().any(|name| name.contains("verdict")), "{screens:?}");
    let report = journal::verify(&Shelf::journal_path(&state)).expect("a whole chain");
    assert_eq!(report.rows, 2, "the lamp test and one verdict for one showing");
}

pub fn today() -> greengate::kiosk::demo::World {
    let now = jiff::Timestamp::now();
    let zone = &greengate::config::builtin_site().time_zone;
    greengate::kiosk::demo::world(now, greengate::rules::time::date_of(now, zone))
}

#[test]
fn scan_prints_a_line_of_json_for_each_picture_and_exits_by_the_worst() {
    let folder = tempdir().expect("a folder");
    let rack = today().rack;
    let text = |id: &str| rack.iter().find(|label| label.id == id).expect("a label").text.clone();
    let accept = photograph(folder.path(), "accept.png", &text("tea"));
    let hold = photograph(folder.path(), "hold.png", &text("conditioner"));
    let reject = photograph(folder.path(), "reject.png", &text("forged-copy"));
    let output = run(greengate().args(["scan", "--json"]).args([&accept, &hold]));
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(lines[0]["codes"][0]["verdict"], "accept");
    assert_eq!(lines[0]["codes"][0]["text"], text("tea"));
    assert_eq!(lines[1]["codes"][0]["reason"], "missing-documents");
    assert_eq!(lines[1]["codes"][0]["corners"].as_array().map(Vec::len), Some(4));
    assert!(lines[1]["ms"].is_number());
    assert_eq!(run(greengate().arg("scan").args([&accept, &hold, &reject])).status.code(), Some(2));
    assert_eq!(run(greengate().arg("scan").arg(&accept)).status.code(), Some(0));
    assert_eq!(run(greengate().arg("scan").arg(folder.path().join("none.png"))).status.code(), Some(66));
    let read_only = run(greengate().args(["scan", "--json", "--no-cache"]).arg(&reject));
    assert_eq!(read_only.status.code(), Some(0));
    let line: serde_json::Value = serde_json::from_slice(&read_only.stdout).expect("a line of JSON");
    assert_eq!(line["codes"][0]["verdict"], serde_json::Value::Null);
}

#[test]
fn a_second_kiosk_on_the_same_state_is_refused() {
    let folder = tempdir().expect("a folder");
    world(folder.path());
    let first = greengate::store::Journal::open(&Shelf::journal_path(folder.path()), "dock").expect("the first");
    let output = run(greengate().args(["lights", "test", "--state"]).arg(folder.path()));
    assert_ne!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("journal"), "it says what is in use");
    drop(first);
}
