//! Every file in `bad/` is refused with exactly the message beside it. `UPDATE_EXPECTED=1` writes the messages anew;
//! then read each one as somebody would who has only a terminal.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use greengate::config;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/bad")
}

/// The names of the files with this ending, without it.
fn names(ending: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder()).expect("the folder").map(|file| file.expect("a file").path());
    let files = files.filter(|path| path.extension().is_some_and(|found| found == ending));
    files.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

/// What somebody is told about a file; nothing if it is taken.
fn told(name: &str, text: &str) -> Option<String> {
    let file = format!("{name}.toml");
    let fault = match name.split('-').next() {
        Some("board") => config::board_text(&file, text).err(),
        Some("site") => config::site_text(&file, text).err(),
        other => panic!("`{name}`: {other:?} is neither board nor site"),
    };
    fault.map(|fault| format!("{fault}\n"))
}

#[test]
fn each_bad_file_is_refused_with_its_message() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for name in names("toml") {
        let text = fs::read_to_string(folder().join(format!("{name}.toml"))).expect("a bad file");
        let told = told(&name, &text).unwrap_or_else(|| panic!("`{name}` is taken"));
        let beside = folder().join(format!("{name}.stderr"));
        if update {
            fs::write(&beside, &told).expect("the message");
            continue;
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if told != expected {
            wrong.push(format!("{name}: expected\n{expected}\ntold\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_message_belongs_to_a_file_and_there_are_many() {
    if std::env::var_os("UPDATE_EXPECTED").is_none() {
        assert_eq!(names("stderr"), names("toml"));
    }
    for kind in ["board-", "site-"] {
        let count = names("toml").iter().filter(|name| name.starts_with(kind)).count();
        assert!(count >= 15, "{count} of {kind}");
    }
}

#[test]
fn each_message_says_where_and_what_to_do() {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        // They are being written at this moment.
        return;
    }
    for name in names("stderr") {
        let told = fs::read_to_string(folder().join(format!("{name}.stderr"))).expect("a message");
        assert!(told.contains(&format!("--> {name}.toml")), "{name} does not say where:\n{told}");
        assert_eq!(told.matches("error: ").count(), told.matches("help: ").count(), "{name} lacks help:\n{told}");
        assert!(!told.contains('\u{1b}'), "{name} has signs that a terminal obeys");
    }
}

#[test]
fn unknown_names_without_end_are_counted() {
    let text = (0..5000).map(|at| format!("wrong{at} = 1")).collect::<Vec<_>>().join("\n");
    let told = told("board-full", &text).expect("a fault");
    let first = told.lines().next();
    let names = "`wrong0`, `wrong1`, `wrong2`, `wrong3`, `wrong4` and 4995 more";
    assert_eq!(first, Some(format!("error: unknown names {names} in the board").as_str()));
    assert_eq!(told.matches("error: ").count(), 2, "the other one tells what is missing:\n{told}");
}

#[test]
fn of_many_problems_the_first_ten_are_drawn() {
    let names = ["name", "kiosk", "languages", "time_zone", "state"];
    let fields = ["rearm_ms", "accept_ms", "hold_ms", "reject_ms", "longest_ms", "notice_ms", "delivery_idle_min"];
    let text = names.map(|name| format!("{name} = 3\n")).concat()
        + "[intake]\n"
        + &fields.map(|name| format!("{name} = false\n")).concat();
    let told = told("site-full", &text).expect("a fault");
    assert_eq!(told.matches("error: ").count(), 10);
    assert!(told.ends_with("\n\nand 2 more problems in `site-full.toml`\n"), "{told}");
}
