//! The tables in `ARCHITECTURE.md` that the house is held to: the rooms with their arrows, and who owns which crate.

use std::collections::{BTreeMap, BTreeSet};

/// Which rooms a room may name.
pub type Rooms = BTreeMap<String, BTreeSet<String>>;

/// Which rooms may use an outside crate.
pub type Owners = BTreeMap<String, Owner>;

/// Who may use an outside crate.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner {
    /// Every room but these.
    EveryRoomBut(BTreeSet<String>),
    /// These rooms only.
    Rooms(BTreeSet<String>),
    /// Tests and benches only.
    Tests,
}

impl Owner {
    /// Whether `room` may use the crate.
    pub fn admits(&self, room: &str) -> bool {
        match self {
            Self::EveryRoomBut(rooms) => !rooms.contains(room),
            Self::Rooms(rooms) => rooms.contains(room),
            Self::Tests => false,
        }
    }
}

/// The table that starts with `| room |`: its first column is the room, its last one what the room may name.
pub fn rooms(markdown: &str) -> Rooms {
    let row = |cells: &[&str]| {
        let names = |cell: &str| code_spans(cell).into_iter().map(|name| name.trim_end_matches('/').to_owned());
        let may_name = cells.last().map(|cell| names(cell).collect()).unwrap_or_default();
        names(cells[0]).map(|room| (room, BTreeSet::clone(&may_name))).collect::<Vec<_>>()
    };
    table(markdown, "room").iter().flat_map(|cells| row(cells)).collect()
}

/// The table that starts with `| crate |`: its first column names crates, its second one their rooms.
pub fn owners(markdown: &str) -> Owners {
    let owner = |cell: &str| {
        let rooms = code_spans(cell).into_iter().map(|room| room.trim_end_matches('/').to_owned()).collect();
        match cell {
            _ if cell.starts_with("every room") => Owner::EveryRoomBut(rooms),
            _ if cell.starts_with("tests") => Owner::Tests,
            _ => Owner::Rooms(rooms),
        }
    };
    let row = |cells: &[&str]| code_spans(cells[0]).into_iter().map(|name| (name, owner(cells[1]))).collect::<Vec<_>>();
    table(markdown, "crate").iter().flat_map(|cells| row(cells)).collect()
}

/// The rows of the first table whose head starts with `| head |`.
fn table<'a>(markdown: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let start = format!("| {head} |");
    let rows = markdown.lines().skip_while(|line| !line.starts_with(&start)).skip(2);
    let cells = |line: &'a str| line.trim().trim_matches('|').split('|').map(str::trim).collect();
    rows.take_while(|line| line.starts_with('|')).map(cells).collect()
}

/// What stands between backticks, in order.
pub fn code_spans(line: &str) -> Vec<String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_rooms_table_is_read() {
    let text = "x\n\n| room | does | may name |\n|---|---|---|\n| `rules/` | the `core` | nothing |\n| `kiosk/` | all | `rules`, `store` |\n\n| y |\n";
    let rooms = rooms(text);
    assert_eq!(rooms.keys().collect::<Vec<_>>(), ["kiosk", "rules"]);
    assert_eq!(rooms["rules"], BTreeSet::new());
    assert_eq!(rooms["kiosk"], ["rules", "store"].map(str::to_owned).into());
}

#[test]
fn the_crates_table_is_read() {
    let text = "| crate | rooms | why |\n|---|---|---|\n| `log` | every room but `rules` | x |\n| `rqrr` | `vision` | y |\n| `tempfile`, `ureq` | tests | z |\n";
    let owners = owners(text);
    assert!(owners["log"].admits("vision") && !owners["log"].admits("rules"));
    assert!(owners["rqrr"].admits("vision") && !owners["rqrr"].admits("panel"));
    assert_eq!(owners["ureq"], Owner::Tests);
}
