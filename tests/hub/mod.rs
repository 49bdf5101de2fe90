//! The authority: what it knows, how it changes, what it issues, and what it publishes.

mod accounts;
mod again;
mod assess;
mod audit;
mod audit_grown;
mod blocks;
mod commands;
mod console;
mod demo;
mod desk;
mod due;
mod engines;
mod feed_files;
mod filing;
mod import;
mod inbox;
mod issue;
mod kiosks;
#[cfg(unix)]
mod life;
mod looks;
mod on_postgres;
mod pages;
mod people;
mod platforms;
mod prune;
pub mod public;
mod publish;
mod receiver;
mod registries;
mod registry;
mod relocate;
mod reprint;
mod review;
mod schemas;
mod schemathesis;
pub mod service;
mod sheet;
mod stale;
mod unseen;
#[cfg(unix)]
mod walk;
mod webhooks;
mod words;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use greengate::hub::{Author, Registry};
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::demo::DemoKey;
use greengate::rules::record::{Key, Listing, Record, ReviewLevel, Supplier};
use greengate::rules::text::Text;
use jiff::Timestamp;
use tempfile::TempDir;

/// Listings 17 (green), 18 (yellow) and 19 (red) of one product, suppliers 7, 8 and 9, and the key of slot 1.
fn authority() -> (TempDir, Registry) {
    let folder = tempfile::tempdir().expect("a world for tests");
    let mut registry = Registry::create(folder.path()).expect("a world for tests");
    registry
        .change(&author(), |changes| records().iter().try_for_each(|record| changes.put(record)))
        .expect("a world for tests");
    write_key(folder.path(), DemoKey::Authority);
    (folder, registry)
}

fn author() -> Author {
    let at: Timestamp = "2026-11-24T01:00:00Z".parse().expect("a world for tests");
    Author { who: "li".to_owned(), why: "a test".to_owned(), at }
}

fn records() -> Vec<Record> {
    let supplier = |id| {
        let name = Text::new("杭州西湖茶业有限公司", "Hangzhou West Lake Tea Co., Ltd.");
        Record::Supplier(Supplier { id, name })
    };
    let listing = |id, supplier, grade| {
        Record::Listing(Listing {
            id,
            supplier,
            gtin: Gtin::parse("6901234567892").expect("a world for tests"),
            name: Text::new("西湖龙井明前特级 250 克", "West Lake Longjing, first spring picking, 250 g"),
            grade,
            reason: None,
            missing: Vec::new(),
            review: ReviewLevel::Normal,
            inspect: Vec::new(),
            unseen: false,
        })
    };
    vec![
        Record::Key(public()),
        supplier(7),
        supplier(8),
        supplier(9),
        listing(17, 7, Grade::Green),
        listing(18, 8, Grade::Yellow),
        listing(19, 9, Grade::Red),
    ]
}

pub fn public() -> Key {
    Key { slot: 1, public: DemoKey::Authority.public(), cut_off: None }
}

fn write_key(folder: &Path, key: DemoKey) {
    let keys = folder.join("keys");
    fs::create_dir_all(&keys).expect("a world for tests");
    let pem = key.signing_key().to_pkcs8_pem(LineEnding::LF).expect("a world for tests");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    // Others must not read it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(keys.join(format!("label-{}.pem", key.slot()))).expect("a world for tests");
    file.write_all(pem.as_bytes()).expect("a world for tests");
}

/// What the program says to these arguments.
fn hub(folder: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_greengate-hub");
    Command::new(program)
        .arg("--folder")
        .arg(folder)
        .env_remove("GREENGATE_DATABASE")
        .arg("--as")
        .arg("li")
        .args(arguments)
        .output()
        .expect("a world for tests")
}

/// Its standard error, after it failed with this exit code.
fn failure(output: &Output, exit: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(exit), "{said}");
    said
}

fn success(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}
