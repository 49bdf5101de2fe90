//! Every outside crate lives in the rooms that the crates table in `ARCHITECTURE.md` gives it, and is really used.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::paths::{To, named_in};
use super::source::{Source, words};
use super::tables::{Owner, Owners, owners};

/// The names of one kind of dependencies in a manifest.
fn dependencies(manifest: &Table, kind: &str) -> BTreeSet<String> {
    let names = |table: &Value| table.as_table().map(|table| table.keys().cloned().collect::<Vec<_>>());
    let platforms = manifest.get("target").and_then(Value::as_table);
    let for_platforms = platforms.into_iter().flat_map(Table::values).filter_map(|platform| platform.get(kind));
    manifest.get(kind).into_iter().chain(for_platforms).filter_map(names).flatten().collect()
}

/// Crates of the program.
fn shipped(manifest: &Table) -> BTreeSet<String> {
    &dependencies(manifest, "dependencies") - &judges(manifest)
}

/// Crates of tests and benches.
fn for_tests(manifest: &Table) -> BTreeSet<String> {
    &dependencies(manifest, "dev-dependencies") | &judges(manifest)
}

/// Other readers that a bench compares with. Cargo has no optional crates for benches, so they stand among the program's,
/// behind a feature that the program does not have.
fn judges(manifest: &Table) -> BTreeSet<String> {
    let peers = manifest.get("features").and_then(|features| features.get("peers")).and_then(Value::as_array);
    let names = peers.into_iter().flatten().filter_map(|name| name.as_str()?.strip_prefix("dep:"));
    names.map(str::to_owned).collect()
}

/// What a crate is called in code.
fn in_code(name: &str) -> String {
    name.replace('-', "_")
}

/// What a file uses of `crates`, and in which lines.
fn used(source: &Source, crates: &BTreeSet<String>) -> BTreeMap<String, usize> {
    let by_code: BTreeMap<String, &String> = crates.iter().map(|name| (in_code(name), name)).collect();
    let (shipped, _) = source.shipped();
    let named = named_in(&shipped, &source.module()).into_iter().filter_map(|named| match named.to {
        To::Outside(name) => Some(((*by_code.get(&name)?).clone(), named.line)),
        To::Ours(_) => None,
    });
    named.rev().collect()
}

/// Crates in rooms that do not own them.
fn strangers(source: &Source, crates: &BTreeSet<String>, owners: &Owners) -> Vec<String> {
    if source.is_test() {
        return Vec::new();
    }
    let room = source.room();
    let used =
        used(source, crates).into_iter().filter(|(name, _)| owners.get(name).is_none_or(|owner| !owner.admits(&room)));
    used.map(|(name, line)| {
        format!("{}:{line}: `{name}` does not live in `{room}`; see the crates table of ARCHITECTURE.md", source.path)
    })
    .collect()
}

/// Dependencies without a home, and homes without a dependency.
fn homeless(shipped: &BTreeSet<String>, for_tests: &BTreeSet<String>, owners: &Owners) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in shipped.union(for_tests) {
        match owners.get(name) {
            None => {
                wrong.push(format!("`{name}` is in Cargo.toml and has no row in the crates table of ARCHITECTURE.md"));
            }
            Some(Owner::Tests) if shipped.contains(name) => {
                wrong.push(format!("`{name}` is for tests, so it belongs in [dev-dependencies]"));
            }
            Some(Owner::Tests | Owner::Rooms(_) | Owner::EveryRoomBut(_)) => {}
        }
    }
    let gone = owners.keys().filter(|name| !shipped.contains(*name) && !for_tests.contains(*name));
    wrong.extend(gone.map(|name| format!("`{name}` is in the crates table of ARCHITECTURE.md and not in Cargo.toml")));
    wrong
}

/// Rooms that the table gives a crate to and that do not use it: `used` is pairs of room and crate.
fn idle_rooms(owners: &Owners, used: &BTreeSet<(String, String)>) -> Vec<String> {
    let rooms = owners.iter().flat_map(|(name, owner)| match owner {
        Owner::Rooms(rooms) => rooms.iter().map(|room| (room.clone(), name.clone())).collect::<Vec<_>>(),
        Owner::EveryRoomBut(_) | Owner::Tests => Vec::new(),
    });
    let idle = rooms.filter(|pair| !used.contains(pair));
    idle.map(|(room, name)| {
        format!("the crates table of ARCHITECTURE.md gives `{name}` to `{room}`, which does not use it")
    })
    .collect()
}

fn manifest() -> Table {
    super::read("Cargo.toml").parse().unwrap()
}

#[test]
fn crates_stay_in_the_rooms_that_own_them() {
    let owners = owners(&super::read("ARCHITECTURE.md"));
    let crates = dependencies(&manifest(), "dependencies");
    let complaints: Vec<String> =
        Source::all_below("src").iter().flat_map(|source| strangers(source, &crates, &owners)).collect();
    super::assert_none(&complaints);
}

#[test]
fn the_table_gives_no_crate_to_a_room_that_does_not_use_it() {
    let owners = owners(&super::read("ARCHITECTURE.md"));
    let crates = dependencies(&manifest(), "dependencies");
    let sources = Source::all_below("src");
    let pairs = sources.iter().flat_map(|source| used(source, &crates).into_keys().map(|name| (source.room(), name)));
    super::assert_none(&idle_rooms(&owners, &pairs.collect()));
}

#[test]
fn every_dependency_has_a_home() {
    let manifest = manifest();
    let owners = owners(&super::read("ARCHITECTURE.md"));
    super::assert_none(&homeless(&shipped(&manifest), &for_tests(&manifest), &owners));
}

#[test]
fn every_dependency_is_used() {
    let manifest = manifest();
    let shipped = shipped(&manifest);
    let in_src: BTreeSet<String> =
        Source::all_below("src").iter().flat_map(|source| used(source, &shipped).into_keys()).collect();
    let sources = ["src", "tests", "benches"].into_iter().flat_map(Source::all_below);
    let words: BTreeSet<String> = sources.flat_map(|source| words(&source.tokens)).collect();
    let for_tests = for_tests(&manifest);
    let idle = shipped.difference(&in_src).chain(for_tests.iter().filter(|name| !words.contains(&in_code(name))));
    let idle: Vec<String> = idle.map(|name| format!("`{name}` is in Cargo.toml and nothing uses it")).collect();
    super::assert_none(&idle);
}

#[cfg(test)]
fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[cfg(test)]
const TABLE: &str = "| crate | rooms | why |\n|---|---|---|\n| `rqrr` | `vision` | |\n| `log` | every room but `rules` | |\n| `tempfile` | tests | |\n";

#[test]
fn a_crate_in_the_wrong_room_is_refused() {
    let check = |path, text| strangers(&Source::new(path, text), &set(&["rqrr", "log", "new-one"]), &owners(TABLE));
    assert_eq!(
        check("src/panel/page.rs", "\nfn a() { rqrr::read() }"),
        ["src/panel/page.rs:2: `rqrr` does not live in `panel`; see the crates table of ARCHITECTURE.md"]
    );
    assert_eq!(check("src/rules/code.rs", "use log::info;").len(), 1);
    assert_eq!(check("src/vision/scan.rs", "use new_one::x;").len(), 1);
    assert_eq!(check("src/vision/scan.rs", "use rqrr::Grid; use {log::info, std::fmt};"), [""; 0]);
    assert_eq!(check("src/panel/page.rs", "#[cfg(test)] mod tests { use rqrr::Grid; }"), [""; 0]);
}

#[test]
fn a_dependency_without_a_home_is_refused() {
    let check = |shipped: &[&str], for_tests: &[&str]| homeless(&set(shipped), &set(for_tests), &owners(TABLE));
    assert_eq!(check(&["rqrr", "log"], &["tempfile"]), [""; 0]);
    assert_eq!(
        check(&["rqrr", "log", "new-one"], &["tempfile"]),
        ["`new-one` is in Cargo.toml and has no row in the crates table of ARCHITECTURE.md"]
    );
    assert_eq!(
        check(&["rqrr", "log", "tempfile"], &[]),
        ["`tempfile` is for tests, so it belongs in [dev-dependencies]"]
    );
    assert_eq!(
        check(&["rqrr"], &["tempfile"]),
        ["`log` is in the crates table of ARCHITECTURE.md and not in Cargo.toml"]
    );
}

#[test]
fn a_room_that_does_not_use_its_crate_is_noticed() {
    let owners =
        owners("| crate | rooms | why |\n|---|---|---|\n| `rqrr` | `vision`, `panel` | |\n| `log` | every room | |\n");
    let used = [("vision".to_owned(), "rqrr".to_owned())].into();
    let wrong = "the crates table of ARCHITECTURE.md gives `rqrr` to `panel`, which does not use it";
    assert_eq!(idle_rooms(&owners, &used), [wrong]);
}

#[test]
fn dependencies_of_platforms_count_too() {
    let manifest: Table = "[dependencies]\na = '1'\n[target.'cfg(unix)'.dependencies]\nb = '1'".parse().unwrap();
    assert_eq!(dependencies(&manifest, "dependencies"), set(&["a", "b"]));
}
