//! Documents stay true: what they name exists, and versions agree.

use std::path::Path;

use toml::Table;

use super::tables::code_spans;

/// Documents that must be there.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "DEVELOPERS.md", "CHANGELOG.md"];
/// Other top-level entries that a person looks for.
const TOP_LEVEL: [&str; 9] = [
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "Cargo.lock",
    "rust-toolchain.toml",
    "clippy.toml",
    "cross.toml",
    "deny.toml",
    "justfile",
    ".ci/run",
];

/// Every path of the project that a document names, with its line.
///
/// A code span counts when it starts with a folder of the project or of `src`, or is called like a document; a link
/// counts when it leads nowhere else.
fn paths_named(markdown: &str, folders: &[String]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_example = false;
    for (number, line) in markdown.lines().enumerate() {
        in_example ^= line.trim_start().starts_with("```");
        if in_example {
            continue;
        }
        let spans = code_spans(line).into_iter().filter(|span| is_path(span, folders));
        found.extend(spans.chain(links(line)).map(|path| (number + 1, path)));
    }
    found
}

fn is_path(span: &str, folders: &[String]) -> bool {
    let plain = span.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-/*".contains(letter));
    let folder = span.split_once('/').is_some_and(|(folder, _)| folders.iter().any(|known| known == folder));
    plain && (folder || !span.contains('/') && !span.contains('*') && span.rsplit('.').next() == Some("md"))
}

/// Where the links of a line lead inside the project.
fn links(line: &str) -> Vec<String> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    inside.map(|target| target.split('#').next().unwrap_or(target).to_owned()).collect()
}

/// Whether a path exists, at the top or in `src`; of a pattern, the folder before its star.
fn exists(path: &str, root: &Path) -> bool {
    let path = match path.split_once('*') {
        Some((before, _)) => before.rsplit_once('/').map_or("", |(folder, _)| folder),
        None => path,
    };
    root.join(path).exists() || root.join("src").join(path).exists()
}

/// Whether a changelog says what changes: in `Unreleased`, or under the version that the manifest has.
fn tells_of(changelog: &str, version: &str) -> bool {
    let heads = changelog.lines().filter_map(|line| line.strip_prefix("## "));
    let mut heads = heads.map(|head| head.trim_start_matches('[').split([']', ' ']).next().unwrap_or(head));
    heads.any(|head| head.eq_ignore_ascii_case("unreleased") || head == version)
}

/// Every `Rust 1.N` that a text names.
fn rust_versions(text: &str) -> Vec<&str> {
    let version =
        |rest: &str| rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    text.split("Rust ")
        .skip(1)
        .map(|rest| rest[..version(rest)].trim_end_matches('.'))
        .filter(|v| v.starts_with("1."))
        .collect()
}

fn package() -> Table {
    let manifest: Table = super::read("Cargo.toml").parse().unwrap();
    manifest["package"].as_table().unwrap().clone()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let root = super::root();
    let folders_of = |path: &Path| {
        let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().to_string_lossy().into_owned())
    };
    let known = ["src", "tests", "benches", "boards", "assets", "fuzz", ".ci"].map(str::to_owned);
    let folders: Vec<String> = known.into_iter().chain(folders_of(&root.join("src"))).collect();
    let mut complaints = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "DEVELOPERS.md"] {
        let named = paths_named(&super::read(document), &folders).into_iter();
        let missing = named.filter(|(_, path)| !exists(path, root));
        complaints.extend(missing.map(|(line, path)| format!("{document}:{line}: `{path}` does not exist")));
    }
    super::assert_none(&complaints);
}

#[test]
fn the_top_level_is_complete() {
    let entries = DOCUMENTS.iter().chain(&TOP_LEVEL).filter(|entry| !super::root().join(entry).exists());
    super::assert_none(&entries.map(|entry| format!("{entry} is missing")).collect::<Vec<_>>());
}

#[test]
fn the_changelog_tells_of_this_version() {
    let version = package()["version"].as_str().unwrap().to_owned();
    assert!(tells_of(&super::read("CHANGELOG.md"), &version), "neither `Unreleased` nor {version} is in CHANGELOG.md");
}

#[test]
fn documents_name_the_minimum_rust_of_the_manifest() {
    let minimum = package()["rust-version"].as_str().unwrap().to_owned();
    for document in ["README.md", "ARCHITECTURE.md", "DEVELOPERS.md"] {
        let text = super::read(document);
        let named = rust_versions(&text);
        assert!(!named.is_empty(), "{document} does not say `Rust {minimum}`");
        assert!(named.iter().all(|version| *version == minimum), "{document} says {named:?}, Cargo.toml {minimum}");
    }
}

#[test]
fn paths_are_told_from_other_words() {
    let folders = ["src", "boards", "rules"].map(str::to_owned);
    let text = "See `boards/sim.toml`, `rules/`, `image/png`, `/status.json` and\n`greengate scan boards/x`; [it](CHANGELOG.md#top) ([web](https://x/y.md))\n```\n`src/none.rs`\n```\n`DESIGN.md` `src/*.rs`";
    let expected = [(1, "boards/sim.toml"), (1, "rules/"), (2, "CHANGELOG.md"), (6, "DESIGN.md"), (6, "src/*.rs")];
    assert_eq!(paths_named(text, &folders), expected.map(|(line, path)| (line, path.to_owned())));
}

#[test]
fn a_path_that_is_not_there_is_missed() {
    let root = super::root();
    assert!(exists("src/lib.rs", root) && exists("rules/mod.rs", root) && exists("tests/house/*.rs", root));
    assert!(!exists("src/attic.rs", root) && !exists("attic/*.rs", root));
}

#[test]
fn a_changelog_that_is_behind_is_noticed() {
    assert!(tells_of("# Changelog\n\n## [Unreleased]\n", "0.2.0"));
    assert!(tells_of("## [0.2.0] - 2026-01-01\n", "0.2.0"));
    assert!(!tells_of("## [0.1.0] - 2026-01-01\n", "0.2.0"));
}

#[test]
fn rust_versions_are_read_from_prose() {
    assert_eq!(rust_versions("Needs Rust 1.89. Or Rust 1.90.1, not Rust itself."), ["1.89", "1.90.1"]);
}
