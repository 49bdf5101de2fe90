//! Imports: what spreadsheets and databases hand in comes in whole, and what is wrong is told with its place.

use std::fs;
use std::path::{Path, PathBuf};

use greengate::hub::import::{Imported, Red, import};
use greengate::hub::{HubFault, Of, Registry, grade};
use greengate::rules::code::Grade;
use greengate::rules::record::{Listing, Record, RecordKey, ReviewLevel};
use tempfile::tempdir;

use super::registry::{TEA, authority, block, gtin, officer, put, reason, refused, supplier};

const HEADER: &str = "listing,supplier,gtin,name_zh,name_en,grade,reason,missing,review,inspect";
const ROW: &str = "1,1,6901234567892,茶,Tea,green,,,,";

/// Brings files with these names and contents in.
fn bring(registry: &mut Registry, files: &[(&str, &[u8])]) -> Result<Imported, HubFault> {
    let folder = tempdir().expect("a folder");
    let paths = files.iter().map(|(name, content)| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("a file");
        path
    });
    import(registry, &officer(100), &paths.collect::<Vec<_>>(), Red::Stays, &mut |_| ())
}

/// An authority with supplier 1 and reasons 1 to 3.
fn prepared() -> (tempfile::TempDir, Registry) {
    let (folder, mut registry) = authority();
    put(&mut registry, &[supplier(1), reason(1), reason(2), reason(3)]).expect("they fit");
    (folder, registry)
}

/// Another listing than [`ROW`], of another product.
fn row(id: u32) -> String {
    format!("{id},1,{},茶,Tea,green,,,,", gtin(id))
}

/// A table of listings with these rows, and what was wrong with it, without the folder.
fn wrong(rows: &str) -> Vec<String> {
    let (_folder, mut registry) = prepared();
    wrong_with(&mut registry, "l.csv", format!("{HEADER}\n{rows}").as_bytes())
}

fn wrong_with(registry: &mut Registry, name: &str, content: &[u8]) -> Vec<String> {
    let before = registry.pending().expect("a count");
    let fault = bring(registry, &[(name, content)]).expect_err("a fault");
    assert_eq!(registry.pending().expect("a count"), before, "nothing was changed");
    told(&fault)
}

fn told(fault: &HubFault) -> Vec<String> {
    let HubFault::Import { rows, .. } = fault else { panic!("{fault}") };
    let place = |path: &Path| path.file_name().expect("a name").display().to_string();
    rows.iter().map(|row| format!("{}:{}:{}: {}", place(&row.path), row.line, row.column, row.message)).collect()
}

fn found(registry: &Registry, id: u32) -> Option<Listing> {
    let record = registry.record(Some(RecordKey::Listing(id))).expect("readable");
    record.map(|record| if let Record::Listing(listing) = record { listing } else { panic!("{record:?}") })
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)
}

#[test]
fn the_sample_files_come_in_in_any_order_and_a_second_time_change_nothing() {
    let (_folder, mut registry) = authority();
    let files = ["listings", "reasons", "suppliers"].map(|name| sample(&format!("authority/{name}.csv")));
    let mut bring = || import(&mut registry, &officer(1), &files, Red::Stays, &mut |_| ()).expect("they are right");
    assert_eq!(bring(), Imported { rows: 28, changed: 28 });
    assert_eq!(bring(), Imported { rows: 28, changed: 0 });
    assert_eq!(registry.pending().expect("a count"), 28);
    let soap = found(&registry, 1008).expect("it came in");
    assert_eq!(
        (soap.name.en.as_str(), soap.grade, soap.missing),
        ("Hand wash 500 ml, antibacterial", Grade::Yellow, vec![104])
    );
    assert_eq!((soap.review, soap.inspect, soap.reason), (ReviewLevel::Normal, vec![142, 140], None));
    assert_eq!(found(&registry, 1009).expect("it came in").reason, Some(121));
    let history = registry.history(Of::Listing(1008)).expect("readable");
    assert_eq!((history.len(), history[0].who.as_str(), history[0].why.as_str()), (1, "mei", "reason 1"));
}

#[test]
fn the_demo_worlds_records_come_in() {
    let (_folder, mut registry) = authority();
    let files = [sample("demo/records.jsonl")];
    let mut bring = || import(&mut registry, &officer(1), &files, Red::Stays, &mut |_| ()).expect("they are right");
    let first = bring();
    assert!(first.rows > 80 && first.changed == first.rows, "{first:?}");
    assert_eq!(bring().changed, 0);
}

#[test]
fn a_table_may_be_written_as_spreadsheets_do() {
    let excel = "\u{feff}GTIN,Name_EN,\"name_zh\",grade,listing , supplier,reason,missing,review,inspect\r\n\
         96385074,\"a \"\"b\"\", c\",茶,green,7,1,,,reduced,\"1; 2\"\r\n,,,,,,,,,\r\n\r\n";
    let (_folder, mut registry) = prepared();
    assert_eq!(bring(&mut registry, &[("L.CSV", excel.as_bytes())]).expect("right"), Imported { rows: 1, changed: 1 });
    let listing = found(&registry, 7).expect("it came in");
    assert_eq!((listing.gtin.number(), listing.name.en.as_str()), (96_385_074, "a \"b\", c"));
    assert_eq!((listing.name.zh.as_str(), listing.review, listing.inspect), ("茶", ReviewLevel::Reduced, vec![1, 2]));
}

#[test]
fn every_wrong_cell_is_told_with_its_place_and_what_to_write() {
    let gtin = "a GTIN; write 8, 12, 13 or 14 digits, the last one the check digit, in a column formatted as text";
    let number = "a number; write 0 to 4294967295, without separators";
    let cases = [
        ("x,1,6901234567892,茶,Tea,green,,,,", format!("listing: `x` is not {number}")),
        ("1,+1,6901234567892,茶,Tea,green,,,,", format!("supplier: `+1` is not {number}")),
        ("4294967296,1,6901234567892,茶,Tea,green,,,,", format!("listing: `4294967296` is not {number}")),
        (",1,6901234567892,茶,Tea,green,,,,", format!("listing: `` is not {number}")),
        ("1,1,6901234567893,茶,Tea,green,,,,", format!("gtin: `6901234567893` is not {gtin}")),
        ("1,1,6.90E+12,茶,Tea,green,,,,", format!("gtin: `6.90E+12` is not {gtin}")),
        ("1,1,6901234567892,茶,Tea,blue,,,,", "grade: `blue` is not known; write `green`, `yellow` or `red`".into()),
        ("1,1,6901234567892,茶,Tea,green,,,often,", "review: `often` is not known; write `skip`, `reduced`, `normal`, `tightened` or `stopped`, or nothing for normal".into()),
        ("1,1,6901234567892,茶,Tea,yellow,,1;;2,,", format!("missing: `` is not {number}")),
        ("1,1,6901234567892,茶,Tea,yellow,,1;1,,", "missing: `1` stands twice; write it once".into()),
        ("1,1,6901234567892, ,,green,,,,", "name_zh: it is empty in both languages; write at least one".into()),
        ("1,1,6901234567892,茶,\"T\u{1b}[2J\",green,,,,", "name_en: `T\\u{1b}[2J` has a line break or the like; write one line".into()),
        ("1,1,6901234567892,茶,T\u{200b}ea,green,,,,", "name_en: `T\\u{200b}ea` has the invisible character U+200B; type it anew".into()),
        ("1,5,6901234567892,茶,Tea,green,,,,", "supplier: listing 1 names supplier 5, which is not there".into()),
        ("1,1,6901234567892,茶,Tea,red,5,,,", "reason: listing 1 names reason 5, which is not there".into()),
        ("1,1,6901234567892,茶,Tea,yellow,,1;6,,", "missing: listing 1 names reason 6, which is not there".into()),
        ("1,1,6901234567892,茶,Tea,green,,,,7", "inspect: listing 1 names reason 7, which is not there".into()),
        ("1,1,6901234567892,茶,Tea,green,,1,,", "missing: listing 1 is green, so it misses no document; or say yellow".into()),
        ("1,1,6901234567892,茶,Tea,yellow,,,,", "missing: listing 1 is yellow; say which documents it misses, or a reason".into()),
        ("1,1,6901234567892,茶,Tea,red,,,,", "reason: listing 1 is red; say the reason".into()),
        ("1,1,6901234567892,茶,Tea,green,,,", ": the row has 9 cells and the header 10; quote a cell that has a comma".into()),
    ];
    for (row, message) in cases {
        assert_eq!(wrong(&format!("\n{row}\n")), [format!("l.csv:3:{message}")]);
    }
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let good = row;
    let bad = |id| row(id).replace("green", "blue");
    for end in ["\n", "\r\n"] {
        // Empty lines, a row without a cell, a line break within quotes, no line end behind the last row.
        let rows = ["", &good(2), "", "", &bad(3), ",,,,,,,,,", &good(4).replace("茶", "\"茶\n\n\""), &bad(5), &bad(6)];
        let (_folder, mut registry) = prepared();
        let table = [&[HEADER], &rows[..]].concat().join(end);
        let places = wrong_with(&mut registry, "l.csv", table.as_bytes());
        let lines: Vec<&str> = places.iter().filter_map(|place| place.split(':').nth(1)).collect();
        assert_eq!(lines, ["6", "11", "12"], "{places:?}");
    }
}

#[test]
fn cells_that_are_too_long_are_refused_in_short_words() {
    let long = |letter: &str, times| wrong(&format!("1,1,6901234567892,,{},green,,,,", letter.repeat(times)));
    assert_eq!(long("茶", 201), ["l.csv:2:name_en: listing 1 has a text longer than 600 bytes"]);
    let shown = "x".repeat(60);
    assert_eq!(long("x", 5000), [format!("l.csv:2:name_en: `{shown}…` is longer than 4096 bytes; shorten it")]);
    let many = (0..65).map(|id: u32| id.to_string()).collect::<Vec<_>>().join(";");
    let rows = wrong(&format!("1,1,6901234567892,茶,Tea,green,,,,{many}"));
    assert_eq!(rows, ["l.csv:2:inspect: listing 1 has more than 64 documents or items"]);
}

#[test]
fn a_quote_that_is_never_closed_does_not_take_the_file_for_one_cell() {
    let rows = format!(
        "{ROW}\n2,1,6901234567892,\"茶,Tea,green,,,,\n{}",
        "3,1,6901234567892,茶,Tea,green,,,,\n".repeat(50_000)
    );
    let open = "the row has no end within 65536 bytes; close the quote `\"` that was opened";
    assert_eq!(wrong(&rows), [format!("l.csv:3:: {open}")]);
}

#[test]
fn other_encodings_are_told() {
    let (_folder, mut registry) = prepared();
    let mut gbk = format!("{HEADER}\n1,1,6901234567892,").into_bytes();
    gbk.extend(b"\xb2\xe8,Tea,green,,,,\n");
    let told = wrong_with(&mut registry, "l.csv", &gbk);
    assert_eq!(told, ["l.csv:2:name_zh: this is not UTF-8; save the file as `CSV UTF-8`"]);
    let bytes = format!("\u{feff}{HEADER}\n{ROW}\n").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let told = wrong_with(&mut registry, "l.csv", &bytes);
    assert_eq!(told, ["l.csv:1:: this is not UTF-8; save the file as `CSV UTF-8`"]);
}

#[test]
fn a_header_that_is_not_one_is_told_with_those_that_are() {
    let (_folder, mut registry) = prepared();
    let mut header = |content: &str| wrong_with(&mut registry, "x.csv", content.as_bytes()).remove(0);
    let none = format!(
        "x.csv:1:: this is no header; the first line is `supplier,name_zh,name_en`, `reason,text_zh,text_en`, `{HEADER}`, \
             `firm,code,contacts,partnerships`, `product,category,tags,brick`, \
             `capacity,listing,declared,evidence,assessed,note`, `document,listing,kind,number,issuer,issued,expires` or \
             `item,document,method,limit,value,unit`, with commas between"
    );
    for content in ["", "1,2,3\n", "supplier;name_zh;name_en\n", &"x".repeat(9000)] {
        assert_eq!(header(content), none);
    }
    let unknown = "is unknown here or stands twice; the columns are `supplier,name_zh,name_en`";
    assert_eq!(header("supplier,name_zh,town\n"), format!("x.csv:1:3: `town` {unknown}"));
    assert_eq!(header("supplier,supplier,name_zh,name_en\n"), format!("x.csv:1:2: `supplier` {unknown}"));
    let lacks = "the header lacks this column; add it, its cells may be empty where nothing is to be said";
    assert_eq!(header("reason,text_zh\n"), format!("x.csv:1:text_en: {lacks}"));
}

#[test]
fn twenty_wrong_rows_are_told_and_the_others_counted() {
    let (_folder, mut registry) = prepared();
    let rows = (1..=50).map(|id| format!("{id},{},{},茶,Tea,green,,,,\n", 1 + id % 2, gtin(id)));
    let rows = rows.collect::<Vec<_>>().concat();
    let fault = bring(&mut registry, &[("l.csv", format!("{HEADER}\n{rows}").as_bytes())]).expect_err("wrong");
    let HubFault::Import { rows, more } = &fault else { panic!("{fault}") };
    assert_eq!((rows.len(), *more, rows[19].line), (20, 5, 40));
    let told = fault.to_string();
    assert!(told.ends_with("and 5 more wrong rows\nnothing was imported"), "{told}");
    assert!(
        told.contains("l.csv` line 2, column `supplier`: listing 1 names supplier 2, which is not there\n"),
        "{told}"
    );
    assert_eq!(found(&registry, 2), None);
}

#[test]
fn a_number_that_stands_twice_is_refused() {
    assert_eq!(wrong(&format!("{ROW}\n{ROW}")), ["l.csv:3:listing: this is in line 2 already; remove one of them"]);
    let (_folder, mut registry) = prepared();
    let (one, two): (&[u8], &[u8]) =
        (b"reason,text_zh,text_en\n9,a,b\n", br#"{"reason":{"id":9,"text":{"zh":"a","en":"b"}}}"#);
    let fault = bring(&mut registry, &[("r.jsonl", two), ("r.csv", one)]).expect_err("twice");
    let [told] = &told(&fault)[..] else { panic!("{fault}") };
    assert!(
        told.starts_with("r.jsonl:1:reason: this is in `")
            && told.ends_with("r.csv` line 2 already; remove one of them"),
        "{told}"
    );
}

#[test]
fn a_second_listing_of_a_suppliers_product_is_told_with_its_row() {
    let second = row(2).replace(&gtin(2).to_string(), TEA);
    let told = |row: u32, id: u32, other: u32| {
        format!(
            "l.csv:{row}:gtin: listing {id} is of supplier 1 and GTIN `{TEA}`, as listing {other} is already; \
             a supplier's product has one listing"
        )
    };
    assert_eq!(wrong(&format!("{ROW}\n{}\n{second}\n", row(3))), [told(4, 2, 1)]);
    let (_folder, mut registry) = prepared();
    bring(&mut registry, &[("l.csv", format!("{HEADER}\n{ROW}\n{}", row(2)).as_bytes())]).expect("right");
    assert_eq!(wrong_with(&mut registry, "l.csv", format!("{HEADER}\n{second}").as_bytes()), [told(2, 2, 1)]);
}

#[test]
fn json_lines_are_records_alone_or_as_puts() {
    let lines = "\u{feff}{\"put\":{\"supplier\":{\"id\":4,\"name\":{\"zh\":\"\",\"en\":\"Four\"}}}}\n\n  \r\n\
        {\"policy\":{\"normal_h\":12}}\n\
        {\"listing\":{\"id\":1,\"supplier\":4,\"gtin\":\"6901234567892\",\"name\":{\"zh\":\"茶\",\"en\":\"\"},\"grade\":\"green\"}}\n\
        {\"block\":{\"first\":1,\"last\":5,\"listing\":1}}\n{\"exception\":{\"index\":3,\"grade\":\"red\",\"reason\":1}}";
    let (_folder, mut registry) = prepared();
    assert_eq!(
        bring(&mut registry, &[("a.jsonl", lines.as_bytes())]).expect("right"),
        Imported { rows: 5, changed: 5 }
    );
    assert_eq!(grade::policy(&registry).expect("readable").normal_h, 12);
    assert_eq!(registry.record(Some(RecordKey::Exception(3))).expect("readable").map(|own| own.check()), Some(Ok(())));
    assert_eq!(
        bring(&mut registry, &[("a.jsonl", lines.as_bytes())]).expect("right"),
        Imported { rows: 5, changed: 0 }
    );
}

#[test]
fn wrong_lines_of_json_are_told_with_line_and_column() {
    let (_folder, mut registry) = prepared();
    let long = format!("{}\n", " ".repeat(200_000));
    let mut line = |line: &str| wrong_with(&mut registry, "a.jsonl", line.as_bytes());
    let unknown = line("{\"drop\":{\"listing\":1}}").remove(0);
    assert!(unknown.starts_with("a.jsonl:1:7: unknown variant `drop`, expected one of"), "{unknown}");
    assert_eq!(line("\n{\"supplier\":{"), ["a.jsonl:2:13: EOF while parsing an object"]);
    assert_eq!(
        line("{\"supplier\":{\"id\":1,\"town\":2}}"),
        ["a.jsonl:1:26: unknown field `town`, expected `id` or `name`"]
    );
    let key = format!("{{\"key\":{{\"slot\":1,\"public\":\"{}\"}}}}", "01".repeat(32));
    assert_eq!(line(&key), ["a.jsonl:1:key: keys are not imported; the authority makes its own"]);
    assert_eq!(
        line("{\"policy\":{\"green_h\":12}}"),
        ["a.jsonl:1:normal_h: `normal_h` is 24 and `green_h` 12; the first must not be more"]
    );
    assert_eq!(
        line("{\"block\":{\"first\":1,\"last\":5,\"listing\":9}}"),
        ["a.jsonl:1:listing: block 1 names listing 9, which is not there"]
    );
    assert_eq!(
        line("{\"exception\":{\"index\":3,\"grade\":\"yellow\"}}"),
        ["a.jsonl:1:: label 3 belongs to no listing"]
    );
    let told = line(&format!("{long}{{}}\n"));
    assert_eq!(told[0], "a.jsonl:1:: the line is longer than 65536 bytes; one record is one line");
    assert!(told[1].starts_with("a.jsonl:2:"), "{told:?}");
}

#[test]
fn other_files_are_refused_by_name() {
    let (folder, mut registry) = prepared();
    let told = refused(bring(&mut registry, &[("a.xlsx", b"PK")]));
    assert!(
        told.ends_with("a.xlsx`: the name ends neither in `.csv` nor in `.jsonl`, so what is in it is unknown"),
        "{told}"
    );
    let missing = folder.path().join("none.csv");
    let mut bring = |path: &Path| import(&mut registry, &officer(1), &[path.to_owned()], Red::Stays, &mut |_| ());
    let fault = bring(&missing).expect_err("there is none").to_string();
    assert!(fault.starts_with(&format!("`{}` cannot be read: ", missing.display())), "{fault}");
    let huge = folder.path().join("huge.csv");
    fs::File::create(&huge).and_then(|file| file.set_len((1 << 30) + 1)).expect("a file with a hole");
    assert!(refused(bring(&huge)).ends_with("is larger than 1073741824 bytes; split it in several files"));
}

#[test]
fn an_old_file_does_not_undo_a_revocation() {
    let (folder, mut registry) = prepared();
    let path = folder.path().join("l.csv");
    fs::write(&path, format!("{HEADER}\n{ROW}\n{}\n", row(2))).expect("a file");
    let bring =
        |registry: &mut Registry, red| import(registry, &officer(1), std::slice::from_ref(&path), red, &mut |_| ());
    bring(&mut registry, Red::Stays).expect("right");
    put(&mut registry, &[block(1, 9, 2)]).expect("labels");
    grade::except(&mut registry, &officer(2), &[3], Grade::Yellow, Some(2)).expect("an exception");
    grade::revoke(&mut registry, &officer(3), 2, 1).expect("a revocation");
    let moved = refused(put(&mut registry, &[block(1, 9, 1)]));
    assert_eq!(moved, "labels 1 to 9 are of listing 2, and a block cannot lose labels");
    let refused = bring(&mut registry, Red::Stays).expect_err("listing 2 would be green again");
    assert_eq!(told(&refused), ["l.csv:3:grade: listing 2 was turned red; leave it red, or import with `--lift-red`"]);
    assert_eq!(registry.record(Some(RecordKey::Exception(3))).expect("readable"), None, "it is red as its listing");
    assert_eq!(bring(&mut registry, Red::MayBeLifted).expect("somebody said so").changed, 1);
    assert_eq!(found(&registry, 2).map(|listing| listing.grade), Some(Grade::Green));
}

#[test]
fn progress_is_told_in_bytes() {
    let (folder, mut registry) = prepared();
    let path = folder.path().join("l.csv");
    let rows = (1..=3000).map(|id| row(id) + "\n").collect::<Vec<_>>().concat();
    fs::write(&path, format!("{HEADER}\n{rows}")).expect("a file");
    let mut told = Vec::new();
    import(&mut registry, &officer(1), std::slice::from_ref(&path), Red::Stays, &mut |done| told.push(done))
        .expect("right");
    let length = fs::metadata(&path).expect("a file").len();
    assert!(told.len() == 2 && told.is_sorted() && told[0] > length / 4 && told[1] < length, "{told:?} of {length}");
}
