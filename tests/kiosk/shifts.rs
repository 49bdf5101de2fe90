//! Recorded shifts are played again; every row and every changed order is compared with what was expected.

use std::fs;
use std::path::{Path, PathBuf};

use greengate::kiosk::shift::{Shift, play};
use tempfile::tempdir;

fn shifts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shifts");
    let files = fs::read_dir(folder).expect("the shifts").map(|file| file.expect("a file").path());
    let mut shifts: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "shift")).collect();
    shifts.sort();
    shifts
}

fn transcript(path: &Path) -> String {
    let folder = tempdir().expect("a folder");
    let shift = Shift::read(path).unwrap_or_else(|fault| panic!("{fault}"));
    let transcript = play(shift, folder.path()).unwrap_or_else(|fault| panic!("{fault}"));
    transcript.lines.into_iter().map(|line| line + "\n").collect()
}

#[test]
fn every_shift_is_played_as_expected() {
    assert!(shifts().len() >= 5, "the shifts are gone");
    for path in shifts() {
        let (expected, played) = (path.with_extension("expected"), transcript(&path));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &played).expect("the expected file");
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        let differs = wanted.lines().zip(played.lines()).position(|(wanted, played)| wanted != played);
        let line = differs.unwrap_or(wanted.lines().count().min(played.lines().count()));
        assert_eq!(
            wanted.lines().nth(line),
            played.lines().nth(line),
            "`{}` differs in line {}; if that is right, run again with UPDATE_EXPECTED=1",
            expected.display(),
            line + 1
        );
    }
}

#[test]
fn a_shift_plays_the_same_twice() {
    for path in shifts() {
        assert_eq!(transcript(&path), transcript(&path), "`{}`", path.display());
    }
}

#[test]
fn a_line_that_makes_no_sense_is_named() {
    let folder = tempdir().expect("a folder");
    let cases = [
        ("", "line 1: a shift begins with `greengate-shift 1`"),
        ("greengate-shift 1\nsite demo\n", "line 1: the shift has no line `clock 2026-11-23T01:00:00Z`"),
        (
            "greengate-shift 1\nsite elsewhere\n",
            "line 2: `site demo`, or `site` with its TOML below, indented by four spaces",
        ),
        ("greengate-shift 1\nsite demo\nclock now\n", "line 3: `now` is not a time like `2026-11-23T01:00:00Z`"),
        (
            "greengate-shift 1\nmoon full\n",
            "line 2: `moon` is none of board, site, epoch, journal, clock, cache, or a time",
        ),
        ("greengate-shift 1\n1.000 dance\n", "line 2: `dance` is nothing that happens in a shift"),
        ("greengate-shift 1\n1.0000 start\n", "line 2: `1.0000` is not a time like `12.345`"),
        ("greengate-shift 1\n2.000 start\n1.000 end\n", "line 3: `1.000` is earlier than the line before"),
        ("greengate-shift 1\n1.000 see \"half\n", "line 2: `\"half` has no closing quote"),
        ("greengate-shift 1\n1.000 see x\"4\"\n", "line 2: `x\"4\"` is not hexadecimal"),
        (
            "greengate-shift 1\n1.000 see sideways\n",
            "line 2: `sideways` is none of move-closer, too-dark, blurred, glare, out-of-view, or a code in quotes",
        ),
        ("greengate-shift 1\n1.000 fail engine \"x\"\n", "line 2: `engine` is none of camera, lights, display"),
    ];
    for (text, message) in cases {
        let path = folder.path().join("bad.shift");
        fs::write(&path, text).expect("a file");
        let fault = Shift::read(&path).expect_err(message).to_string();
        assert_eq!(fault, format!("`{}` {message}", path.display()));
    }
}
