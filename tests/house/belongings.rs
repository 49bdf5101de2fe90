//! What lies in `boards/` and `assets/` is used by something, and what is tracked belongs to the project alone.

use std::path::Path;
use std::process::Command;

use super::tables::code_spans;

/// Folders whose files are for the program or for people.
const FOLDERS: [&str; 2] = ["boards", "assets"];
/// Where use of them is looked for; a file that another one of `assets` names is used too.
const USERS: [&str; 5] = ["src", "tests", "benches", "assets", ".ci"];
/// Documents that may name a file for people.
const DOCUMENTS: [&str; 5] = ["README.md", "ARCHITECTURE.md", "DEVELOPERS.md", "Cargo.toml", "justfile"];

/// Every path whose file name stands in none of the other `texts`.
fn unused(paths: &[String], texts: &[(String, String)]) -> Vec<String> {
    let named = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        texts.iter().any(|(from, text)| from != path && names(text, name))
    };
    paths.iter().filter(|path| !named(path)).map(|path| format!("nothing names {path}")).collect()
}

/// Whether a text has `name` as a whole word: `sim.toml` is not in `big-sim.toml`.
fn names(text: &str, name: &str) -> bool {
    let ends_there = |place: usize| {
        let before = text[..place].chars().next_back();
        let after = text[place + name.len()..].chars().next();
        !before.is_some_and(is_of_a_name) && !after.is_some_and(char::is_alphanumeric)
    };
    text.match_indices(name).any(|(place, _)| ends_there(place))
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || "-_.".contains(letter)
}

/// Places on somebody's own machine that a text names, with their lines.
fn machine_places(text: &str) -> Vec<(usize, String)> {
    // Written in two pieces, so that this file does not name them.
    let places =
        [["/ho", "me/"], ["/Use", "rs/"], ["/ro", "ot/"], ["/wo", "rk/"], ["C:\\Use", "rs\\"], ["file:", "///"]];
    let places = places.map(|pieces| pieces.concat());
    let starts = |line: &str, place: usize| {
        !line[..place].chars().next_back().is_some_and(|before| before.is_alphanumeric() || "._-/*}~)".contains(before))
    };
    let found = |line: &str| {
        places.iter().find(|place| line.match_indices(place.as_str()).any(|(at, _)| starts(line, at))).cloned()
    };
    text.lines().enumerate().filter_map(|(number, line)| Some((number + 1, found(line)?))).collect()
}

/// Where a lock file gets crates from, other than crates.io.
fn other_sources(lock: &str) -> Vec<&str> {
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    sources.filter(|source| *source != "\"registry+https://github.com/rust-lang/crates.io-index\"").collect()
}

/// Every recipe that a document calls, and that a justfile does not have.
fn missing_recipes(markdown: &str, justfile: &str) -> Vec<String> {
    let is_recipe = |line: &&str| !line.starts_with([' ', '#']) && line.contains(':');
    let recipes = justfile.lines().filter(is_recipe);
    let recipes: Vec<&str> = recipes.filter_map(|line| line.split([' ', ':']).next()).collect();
    let spans = markdown.lines().flat_map(code_spans);
    let called = spans.filter_map(|span| Some(span.strip_prefix("just ")?.split(' ').next()?.to_owned()));
    called.filter(|name| !recipes.contains(&name.as_str())).collect()
}

/// What git tracks, or nothing outside of a checkout.
fn tracked() -> Vec<String> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(super::root()).output();
    let Ok(listed) = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()) else {
        return Vec::new();
    };
    listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
}

/// A file as text; none if it is gone or not text.
fn text_of(path: &str) -> Option<String> {
    std::fs::read_to_string(super::root().join(path)).ok()
}

#[test]
fn every_board_and_asset_is_used() {
    let below = |folder: &&str| super::files_below(folder, "");
    let name = |path: &Path| path.to_string_lossy().replace('\\', "/");
    let paths: Vec<String> = FOLDERS.iter().flat_map(below).map(|path| name(&path)).collect();
    let users = USERS.iter().flat_map(below).map(|path| name(&path));
    let users = users.chain(DOCUMENTS.map(str::to_owned));
    let texts: Vec<(String, String)> = users.filter_map(|path| Some((path.clone(), text_of(&path)?))).collect();
    super::assert_none(&unused(&paths, &texts));
}

#[test]
fn tracked_files_name_no_place_on_a_machine() {
    let tracked = tracked();
    if tracked.is_empty() {
        println!("skipped: not a git checkout");
    }
    let texts = tracked.iter().filter_map(|path| Some((path, text_of(path)?)));
    let places = texts.flat_map(|(path, text)| {
        let places = machine_places(&text).into_iter();
        places.map(|(line, place)| format!("{path}:{line}: names `{place}`")).collect::<Vec<_>>()
    });
    super::assert_none(&places.collect::<Vec<_>>());
}

#[test]
fn crates_come_from_crates_io_alone() {
    assert_eq!(other_sources(&super::read("Cargo.lock")), [""; 0]);
    let settings = super::root().join(".cargo/config.toml");
    let text = std::fs::read_to_string(settings).unwrap_or_default();
    assert!(!text.contains("[source") && !text.contains("[registr"), "`.cargo/config.toml` is no place for registries");
}

#[test]
fn every_recipe_that_a_document_calls_exists() {
    let justfile = super::read("justfile");
    for document in ["README.md", "ARCHITECTURE.md", "DEVELOPERS.md"] {
        assert_eq!(missing_recipes(&super::read(document), &justfile), [""; 0], "{document}");
    }
}

#[test]
fn cross_builds_are_held_to_the_same_dependencies() {
    let read = |path: &str| super::read(path).parse::<toml::Table>().unwrap();
    let (cross, deny) = (read("cross.toml"), read("deny.toml"));
    let checked = deny["graph"]["targets"].as_array().unwrap();
    let targets: Vec<&String> = cross["target"].as_table().unwrap().keys().collect();
    assert_eq!(targets, ["aarch64-unknown-linux-gnu", "armv7-unknown-linux-gnueabihf"]);
    for target in targets {
        assert!(checked.iter().any(|known| known.as_str() == Some(target)), "deny.toml does not check `{target}`");
    }
}

#[test]
fn a_file_that_nothing_names_is_noticed() {
    let text = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let texts = [text("src/a.rs", "include_str!(\"../boards/big-sim.toml\")"), text("boards/sim.toml", "# sim.toml")];
    let paths = ["boards/sim.toml", "boards/big-sim.toml"].map(str::to_owned);
    assert_eq!(unused(&paths, &texts), ["nothing names boards/sim.toml"]);
}

#[test]
fn a_place_on_a_machine_is_noticed() {
    let places = [["/ho", "me/me"], ["\"/wo", "rk/x"], ["C:\\Use", "rs\\me"]].map(|pieces| pieces.concat());
    let lines = |text: &str| machine_places(text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
    assert_eq!(lines(&places.join("\n")), [1, 2, 3]);
    assert_eq!(lines("https://example.org/home/page paper/work/x ~/home/ $HOME/x"), [0; 0]);
}

#[test]
fn another_registry_is_noticed() {
    let lock =
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nsource = \"git+https://example.org\"";
    assert_eq!(other_sources(lock), ["\"git+https://example.org\""]);
}

#[test]
fn a_recipe_that_is_gone_is_noticed() {
    let justfile = "# x: y\nrun *arguments:\n    cargo run -- a:b\ncheck:\n";
    assert_eq!(missing_recipes("`just run`, `just check` and `just fly high`; `cargo x`", justfile), ["fly"]);
}
