//! The house rules: what must stay true of the source itself, whoever writes the next file.
//!
//! The tables in `ARCHITECTURE.md` are the law; the tests read them and hold `src/` to them. Every rule is a function
//! from text to complaints, so that each one is itself tested on a few lines that break it.
#![expect(
    clippy::unwrap_used,
    reason = "what cannot be read here is a broken checkout, and the test's name says which"
)]

mod arrows;
mod belongings;
mod crates;
mod documents;
mod files;
mod minimum_rust;
mod paths;
mod source;
mod tables;

use std::path::{Path, PathBuf};

/// The folder of `Cargo.toml`.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the project, by its path from the top.
#[track_caller]
fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Every file below `folder` whose name ends with `ending`, sorted; paths from the top of the project.
fn files_below(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Fails with all complaints at once, one a line.
#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "the house rules are broken {} times:\n{}", complaints.len(), complaints.join("\n"));
}
