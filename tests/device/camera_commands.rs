//! `greengate camera` as somebody types it who mounts a box.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use greengate::device::picture;
use greengate::rules::image::GreyImage;
use greengate::rules::symbol;
use tempfile::tempdir;

use super::save;

fn camera(arguments: &[&str], board: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.env_remove("GREENGATE_CONFIG").arg("camera").args(arguments);
    if arguments[0] != "list" {
        command.arg("--board").arg(board);
    }
    command.output().expect("the program starts")
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A board file whose camera is this.
fn board(folder: &Path, camera: &str) -> std::path::PathBuf {
    let path = folder.join("board.toml");
    let text =
        format!("title = \"Test\"\n{camera}[display.panel]\nwidth = 320\nheight = 240\n[lights.log]\n[sound.none]\n");
    fs::write(&path, text).expect("a board");
    path
}

/// A label on grey.
fn label() -> GreyImage {
    let symbol = symbol::encode("https://example.com/01/06901234567892").expect("a symbol");
    let (module, margin) = (6, 40);
    let side = symbol.size * module + 2 * margin;
    let mut picture = GreyImage::filled(side, side, 200);
    for y in 0..symbol.size * module {
        for x in 0..symbol.size * module {
            if symbol.dark[y / module * symbol.size + x / module] {
                picture.pixels[(y + margin) * side + x + margin] = 40;
            }
        }
    }
    picture
}

#[test]
fn a_shot_is_saved_and_told_in_numbers_with_what_is_on_it() {
    let folder = tempdir().expect("a folder");
    fs::create_dir(folder.path().join("photos")).expect("a folder");
    save(&label(), &folder.path().join("photos/a.png"));
    let board = board(folder.path(), "[camera.folder]\npath = \"photos\"\nrate = 10\n");
    let shot = folder.path().join("shot.png");
    let (code, told, wrong) = said(&camera(&["shot", &shot.display().to_string()], &board));
    assert_eq!((code, wrong.as_str()), (Some(0), ""));
    assert_eq!(picture::load(&shot).expect("a picture"), label());
    let brightness = picture::brightness(&label());
    let expected = format!(
        "{}: 254×254, brightness {brightness}, sharpness 160, `https://example.com/01/06901234567892`",
        shot.display()
    );
    assert_eq!(told, expected);
    assert!(!folder.path().join("shot.part").exists());
}

#[test]
fn a_preview_tells_each_second_and_saves_its_picture() {
    let folder = tempdir().expect("a folder");
    let board = board(folder.path(), "[camera.panel]\nwidth = 640\nheight = 480\nrate = 20\n");
    let saved = folder.path().join("now.png");
    let path = saved.display().to_string();
    let (code, told, wrong) = said(&camera(&["preview", "--seconds", "2", "--save", &path], &board));
    assert_eq!((code, wrong.as_str()), (Some(0), ""));
    assert!(told.lines().next().is_some_and(|line| line.contains(" frames a second, 640×480, brightness ")), "{told}");
    assert!(told.ends_with("no code"), "{told}");
    let picture = picture::load(&saved).expect("a picture");
    assert_eq!((picture.width, picture.height), (640, 480));
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_wrong_with_the_camera_is_told_by_a_preview_and_by_a_shot() {
    let folder = tempdir().expect("a folder");
    let crashes = folder.path().join("crashes");
    std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/device/rpicam-vid.sh"), &crashes)
        .expect("a link");
    let camera_table =
        format!("[camera.rpicam]\nprogram = '{}'\nwidth = 64\nheight = 64\nrate = 30\n", crashes.display());
    let board = board(folder.path(), &camera_table);
    let expected = format!(
        "`{}` has ended (exit status: 255): `ERROR: *** no cameras available ***`; check the camera's ribbon cable",
        crashes.display()
    );
    let (code, told, _) = said(&camera(&["preview", "--seconds", "1"], &board));
    assert_eq!((code, told), (Some(0), expected));
}

#[cfg(not(feature = "pi"))]
#[test]
fn a_usb_camera_needs_a_program_with_hardware_and_says_so() {
    let folder = tempdir().expect("a folder");
    let board = board(folder.path(), "[camera.v4l2]\ndevice = 0\nwidth = 640\nheight = 480\nrate = 30\n");
    let expected =
        "error: this program was built without hardware; build it with `--features pi`, or install the package";
    assert_eq!(said(&camera(&["shot", "a.png"], &board)), (Some(69), String::new(), expected.to_owned()));
}

#[cfg(feature = "pi")]
#[test]
fn a_usb_camera_that_is_not_there_is_told() {
    let folder = tempdir().expect("a folder");
    // No camera has this number.
    let board =
        board(folder.path(), "[camera.v4l2]\ndevice = \"usb:ffff:ffff\"\nwidth = 640\nheight = 480\nrate = 30\n");
    let (code, told, _) = said(&camera(&["preview", "--seconds", "1"], &board));
    assert_eq!(code, Some(0));
    assert!(told.starts_with("there is no camera `usb:ffff:ffff`; plug it in"), "{told}");
}

#[test]
fn the_list_is_never_empty() {
    let (code, told, wrong) = said(&camera(&["list"], Path::new("")));
    assert_eq!((code, wrong.as_str()), (Some(0), ""));
    assert!(!told.is_empty());
}
