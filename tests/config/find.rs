//! Where the configuration is, and files that are none.

use std::fs;
use std::path::Path;

use greengate::config::{self, Found};
use tempfile::TempDir;

fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        fs::write(folder.path().join(file), "").expect("a file");
    }
    folder
}

fn refused(folder: &Path) -> String {
    config::find(Some(folder)).expect_err("a fault").to_string()
}

fn missing(path: &Path) -> String {
    format!(
        "`{}` is missing: a kiosk has a `board.toml` and a `site.toml` in one folder; begin with \
         `greengate board show sim-headless` and `greengate config example`",
        path.display()
    )
}

#[test]
fn a_folder_with_both_files_is_the_configuration() {
    let folder = folder(&["board.toml", "site.toml"]);
    let found = config::find(Some(folder.path())).expect("a configuration");
    let (board, site) = (folder.path().join("board.toml"), folder.path().join("site.toml"));
    assert_eq!(found, Found::Files { board, site });
}

#[test]
fn one_file_without_the_other_is_a_fault_that_names_the_missing_one() {
    let board = folder(&["board.toml"]);
    assert_eq!(refused(board.path()), missing(&board.path().join("site.toml")));
    let site = folder(&["site.toml"]);
    assert_eq!(refused(site.path()), missing(&site.path().join("board.toml")));
}

#[test]
fn a_named_folder_without_files_is_never_the_demo_world() {
    let empty = folder(&[]);
    assert_eq!(refused(empty.path()), missing(&empty.path().join("board.toml")));
}

#[test]
fn a_board_is_found_without_a_site_where_that_is_enough() {
    let board = folder(&["board.toml"]);
    assert_eq!(config::find_board(Some(board.path())).expect("a board"), Some(board.path().join("board.toml")));
    let site = folder(&["site.toml"]);
    let told = config::find_board(Some(site.path())).expect_err("no board").to_string();
    assert_eq!(told, missing(&site.path().join("board.toml")));
    let told = config::find_board(Some(&site.path().join("nowhere"))).expect_err("no folder").to_string();
    assert!(told.contains("is not a folder"), "{told}");
}

#[test]
fn a_file_or_nothing_in_the_place_of_the_folder_is_told() {
    let folder = folder(&["site.toml"]);
    for name in ["site.toml", "nowhere"] {
        let path = folder.path().join(name);
        let told =
            format!("`{}` is not a folder; name the folder that holds `board.toml` and `site.toml`", path.display());
        assert_eq!(refused(&path), told);
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_a_file_that_cannot_be_read() {
    let folder = folder(&["site.toml"]);
    let board = folder.path().join("board.toml");
    std::os::unix::fs::symlink("gone.toml", &board).expect("a link");
    let site = folder.path().join("site.toml");
    assert_eq!(config::find(Some(folder.path())).expect("found"), Found::Files { board: board.clone(), site });
    let told = config::board(&board).expect_err("a fault").to_string();
    assert!(told.starts_with(&format!("`{}` cannot be read: ", board.display())), "{told}");
}

#[test]
fn a_folder_is_no_board() {
    let folder = folder(&[]);
    let told = config::board(folder.path()).expect_err("a fault").to_string();
    let path = folder.path().display();
    assert_eq!(told, format!("`{path}` is not a regular file; name a TOML file"));
}

#[cfg(unix)]
#[test]
fn a_device_without_an_end_is_no_site() {
    let told = config::site(Path::new("/dev/zero")).expect_err("a fault").to_string();
    assert_eq!(told, "`/dev/zero` is not a regular file; name a TOML file");
}

#[test]
fn a_file_of_64_kib_is_read_and_a_longer_one_is_not() {
    let folder = folder(&[]);
    let path = folder.path().join("board.toml");
    let board = config::builtin_board("sim").expect("a board").to_owned();
    let padded = |length: usize| format!("{board}{}", "#".repeat(length - board.len()));
    fs::write(&path, padded(64 << 10)).expect("a file");
    assert_eq!(config::board(&path).expect("a board").name, "board");
    fs::write(&path, padded((64 << 10) + 1)).expect("a file");
    let told = config::board(&path).expect_err("a fault").to_string();
    let file = path.display();
    assert_eq!(
        told,
        format!("`{file}` has more than 64 KiB, and no configuration is that long; is it the right file?")
    );
}

#[test]
fn a_file_in_gbk_is_told_with_its_line_and_how_to_convert_it() {
    let folder = folder(&[]);
    let path = folder.path().join("site.toml");
    fs::write(&path, b"# Hangzhou\nname = \"\xba\xbc\xd6\xdd\"\n").expect("a file");
    let told = config::site(&path).expect_err("a fault").to_string();
    let file = path.display();
    let expected = format!(
        "`{file}` is not UTF-8 text: byte 0xba in line 2; save it as UTF-8, or convert it: `iconv -f GB18030 -t UTF-8`"
    );
    assert_eq!(told, expected);
}
