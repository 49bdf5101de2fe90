//! Cache and journal: what goes in is whole or not in, and what was written is still there.

mod cache;
mod export;
mod journal;
mod layers;
mod lookup;
mod power;
mod prune;
mod refused;
mod verify;

use std::fs::File;
use std::path::{Path, PathBuf};

use greengate::rules::clock::ClockTrust;
use greengate::rules::code::{Code, Grade, Gtin, Header, Product, Scope, SignedLabel};
use greengate::rules::entry::{Entry, Judgement, Timings, What};
use greengate::rules::evidence::{CacheFacts, Evidence, Found, Reviewing};
use greengate::rules::record::{Line, Meta};
use greengate::rules::ruling::{Outcome, Ruling};
use greengate::store::{self, Cache, Expected, RecordsWriter, StoreFault, VerifiedFile};
use jiff::Timestamp;

pub const TEA: u64 = 6_901_234_567_892;
pub const MASKS: u64 = 4_006_381_333_931;

/// A list with everything in it: two listings of one product, blocks with a gap, an exception, a cut-off key.
pub const LIST: &str = r#"
    {"put":{"policy":{"normal_h":12}}}
    {"put":{"reason":{"id":1,"text":{"zh":"抽检不合格","en":"failed a check"}}}}
    {"put":{"reason":{"id":2,"text":{"zh":"缺检测报告","en":"test report missing"}}}}
    {"put":{"supplier":{"id":1,"name":{"zh":"龙井茶业","en":"Longjing Tea Works"}}}}
    {"put":{"supplier":{"id":2,"name":{"zh":"西溪日化","en":"Xixi Home Care"}}}}
    {"put":{"listing":{"id":11,"supplier":1,"gtin":"06901234567892","name":{"zh":"茶","en":"Tea"},"grade":"green","inspect":[2,1]}}}
    {"put":{"listing":{"id":12,"supplier":2,"gtin":"06901234567892","name":{"zh":"茶","en":"Tea"},"grade":"yellow","reason":1,"missing":[2],"review":"tightened"}}}
    {"put":{"block":{"first":10,"last":19,"listing":11}}}
    {"put":{"block":{"first":30,"last":30,"listing":12}}}
    {"put":{"exception":{"index":15,"grade":"red","reason":1}}}
    {"put":{"exception":{"index":16,"grade":"yellow"}}}
    {"put":{"key":{"slot":1,"public":"0101010101010101010101010101010101010101010101010101010101010101","cut_off":5}}}
"#;

pub fn lines(text: &str) -> Vec<Line> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line).expect("a line of a list")).collect()
}

pub fn issued(version: u64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + i64::try_from(version).expect("a small version")).expect("a time")
}

pub fn meta(from: u64, to: u64) -> Line {
    Line::Meta(Meta { from, to, issued: issued(to) })
}

/// A file of records with these lines behind its meta, and what an authority would promise of it.
pub fn records(folder: &Path, from: u64, to: u64, text: &str) -> (PathBuf, Expected) {
    let path = folder.join(format!("records-{from}-{to}"));
    let mut writer = RecordsWriter::new(File::create(&path).expect("a file")).expect("a writer");
    for line in [meta(from, to)].iter().chain(&lines(text)) {
        writer.line(line).expect("a line");
    }
    (path, writer.finish().expect("an end").1)
}

pub fn load(folder: &Path, from: u64, to: u64, text: &str) -> Result<CacheFacts, StoreFault> {
    let (path, expected) = records(folder, from, to, text);
    let loaded = store::load(folder, VerifiedFile::check(&path, expected)?, &mut |_| ());
    std::fs::remove_file(path).expect("the file is there");
    loaded
}

pub fn open(folder: &Path) -> Cache {
    Cache::open(folder).expect("a readable cache").expect("a cache")
}

/// The list's parts, however much they hold: what each question is answered, and the counts.
pub fn told(folder: &Path) -> (CacheFacts, Vec<Found>, String) {
    let cache = open(folder);
    let mut codes: Vec<Code> = [0, 9, 10, 15, 16, 19, 20, 29, 30, 31].map(|index| signed(1, index)).to_vec();
    codes.extend([TEA, MASKS].map(unsigned));
    let found = codes.iter().map(|code| cache.find(code).expect("an answer")).collect();
    let info = cache.info().expect("counts");
    let counts = [info.suppliers, info.listings, info.blocks, info.exceptions, info.keys, info.reasons];
    (cache.facts(), found, format!("{counts:?}"))
}

pub fn product(gtin: u64) -> Product {
    Product { gtin: Gtin::from_number(gtin).expect("a GTIN"), lot: None, serial: None, expiry: None }
}

pub fn unsigned(gtin: u64) -> Code {
    Code::Unsigned(product(gtin))
}

pub fn signed(key_slot: u16, index: u32) -> Code {
    let header = Header { key_slot, valid_until: None, index, grade: Grade::Green, scope: Scope::Product };
    Code::Signed(SignedLabel { header, signature: [1; 64], product: product(TEA) })
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

pub fn entry(second: i64, delivery: Option<&str>, what: What) -> Entry {
    let delivery = delivery.map(str::to_owned);
    Entry { at: at(second), trust: ClockTrust::Trusted, delivery, cache_version: Some(7), cache_age_s: Some(-3), what }
}

/// A verdict on an item of the tea.
pub fn judgement(serial: &str, ruling: Ruling, replaces: Option<u64>) -> Judgement {
    let product = Product { serial: Some(serial.to_owned()), lot: Some("=L1".to_owned()), ..product(TEA) };
    let evidence = Evidence {
        code: Code::Unsigned(product),
        cache: None,
        found: Found::default(),
        taken_in: None,
        review: Reviewing::default(),
        draw_seed: [3; 32],
    };
    Judgement {
        payload: format!("=HYPERLINK(\"{serial}\")").into_bytes(),
        gtin: Gtin::from_number(TEA),
        serial: Some(serial.to_owned()),
        outcome: ruling.outcome().unwrap_or(Outcome::Hold),
        ruling,
        replaces,
        evidence,
        timings: Timings { scan_us: 1200, wait_us: 30 },
    }
}

pub fn verdict(second: i64, serial: &str, ruling: Ruling, replaces: Option<u64>) -> Entry {
    entry(second, None, What::Verdict(Box::new(judgement(serial, ruling, replaces))))
}

/// The files that belong to the cache, in order.
pub fn files(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    let mut names: Vec<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with("cache-"));
    names.sort();
    names
}
