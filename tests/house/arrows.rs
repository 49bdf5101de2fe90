//! Arrows between rooms go one way, as the rooms table in `ARCHITECTURE.md` says.

use super::paths::{Named, To, named_in};
use super::source::Source;
use super::tables::{Rooms, rooms};

/// What is wrong with the arrows of one file.
fn complaints(source: &Source, rooms: &Rooms) -> Vec<String> {
    let room = source.room();
    let Some(may_name) = rooms.get(&room) else {
        return vec![format!("{}: `{room}` is not in the rooms table of ARCHITECTURE.md", source.path)];
    };
    let wrong = |named: &Named| match &named.to {
        To::Ours(path) => match path.first().map(String::as_str) {
            None | Some("*") => Some("the whole crate; name the room that is meant".to_owned()),
            Some(other) if other == room || may_name.contains(other) => None,
            Some(other) if rooms.contains_key(other) => {
                Some(format!("`{other}`, which the rooms table does not allow"))
            }
            Some(other) => Some(format!("`crate::{other}`, which is no room")),
        },
        To::Outside(_) => None,
    };
    let named = named_in(&source.tokens, &source.module());
    let lines = named.iter().filter_map(|named| Some((named.line, wrong(named)?)));
    lines.map(|(line, what)| format!("{}:{line}: `{room}` names {what}", source.path)).collect()
}

#[test]
fn rooms_name_only_what_the_table_allows() {
    let rooms = rooms(&super::read("ARCHITECTURE.md"));
    let complaints: Vec<String> =
        Source::all_below("src").iter().flat_map(|source| complaints(source, &rooms)).collect();
    super::assert_none(&complaints);
}

#[test]
fn every_room_of_the_table_exists() {
    let src = super::root().join("src");
    let rooms = rooms(&super::read("ARCHITECTURE.md"));
    assert!(rooms.len() > 3, "the rooms table of ARCHITECTURE.md was not found");
    let exists = |room: &str| src.join(room).exists() || src.join(format!("{room}.rs")).exists();
    let missing: Vec<String> =
        rooms.keys().filter(|room| !exists(room)).map(|room| format!("src/{room} does not exist")).collect();
    super::assert_none(&missing);
}

#[test]
fn arrows_of_the_table_make_no_circle() {
    let mut rooms = rooms(&super::read("ARCHITECTURE.md"));
    while let Some(leaf) = rooms.iter().find(|(_, may_name)| may_name.is_empty()).map(|(room, _)| room.clone()) {
        rooms.remove(&leaf);
        for may_name in rooms.values_mut() {
            may_name.remove(&leaf);
        }
    }
    assert_eq!(rooms, Rooms::new(), "these rooms name each other in a circle, or one that is not in the table");
}

#[cfg(test)]
fn complaints_of(path: &str, text: &str) -> Vec<String> {
    let table = "| room | does | may name |\n|---|---|---|\n| `rules/` | | |\n| `vision/` | | `rules` |\n| `store/` | | `rules` |\n| `lib.rs` | | |\n";
    complaints(&Source::new(path, text), &rooms(table))
}

#[test]
fn a_wrong_arrow_is_refused() {
    let wrong = "src/vision/scan.rs:2: `vision` names `store`, which the rooms table does not allow";
    assert_eq!(complaints_of("src/vision/scan.rs", "use crate::rules::code;\nuse crate::{store::Cache};"), [wrong]);
    assert_eq!(complaints_of("src/vision/scan.rs", "\nfn a() { super::super::store::open(); }"), [wrong]);
    assert_eq!(complaints_of("src/vision/scan.rs", "\n#[cfg(test)] mod tests { use crate::store; }"), [wrong]);
    let wrong = "src/rules/mod.rs:1: `rules` names `vision`, which the rooms table does not allow";
    assert_eq!(complaints_of("src/rules/mod.rs", "fn a() { vec![crate::vision::scan()] }"), [wrong]);
}

#[test]
fn the_back_doors_are_refused() {
    let whole = "src/vision/mod.rs:1: `vision` names the whole crate; name the room that is meant";
    assert_eq!(complaints_of("src/vision/mod.rs", "use crate::*;"), [whole]);
    assert_eq!(complaints_of("src/vision/mod.rs", "use super::*;"), [whole]);
    assert_eq!(complaints_of("src/vision/mod.rs", "use crate as all;"), [whole]);
    assert_eq!(
        complaints_of("src/vision/mod.rs", "use crate::open;"),
        ["src/vision/mod.rs:1: `vision` names `crate::open`, which is no room"]
    );
    assert_eq!(
        complaints_of("src/attic/mod.rs", ""),
        ["src/attic/mod.rs: `attic` is not in the rooms table of ARCHITECTURE.md"]
    );
}

#[test]
fn right_arrows_pass() {
    assert_eq!(
        complaints_of("src/vision/scan.rs", "use crate::rules::code;\nuse super::finder;\nuse std::fmt;"),
        [""; 0]
    );
    assert_eq!(complaints_of("src/rules/code.rs", "mod tests { use super::*; use super::super::hex; }"), [""; 0]);
}
