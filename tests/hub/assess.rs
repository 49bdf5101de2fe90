//! The authority assesses: rulebooks as an officer writes them, documents, registries, persons' words, and what goes out.

use std::fs;
use std::path::{Path, PathBuf};

use greengate::hub::document::{Filing, Seen, date};
use greengate::hub::import::{Red, import};
use greengate::hub::rulebook::{TABLES, adopt, read};
use greengate::hub::source::Asked;
use greengate::hub::{Author, HubFault, Of, Registry, assess, document, grade, review, source};
use greengate::rules::code::Grade;
use greengate::rules::dossier::{DocumentState, FileForm};
use greengate::rules::hex;
use greengate::rules::record::{Listing, Record, RecordKey, ReviewLevel};
use greengate::rules::switching::Outcome;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::engines::home;
use super::registry::refused;
use super::schemas::put_back;

pub fn assets(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/authority").join(path)
}

/// An officer on a day of 2026.
pub fn on(day: &str) -> Author {
    let at: Timestamp = format!("2026-{day}T01:00:00Z").parse().expect("a time");
    Author { who: "mei".to_owned(), why: "a test".to_owned(), at }
}

/// The sample listings with all their documents accepted, both registers and the rulebook, in May.
pub fn office() -> (TempDir, Registry) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut registry = Registry::create(home(folder.path())).expect("a registry");
    let names = ["capacities.csv", "documents.csv", "firms.csv", "items.csv", "listings.csv", "products.csv"];
    let files = names.into_iter().chain(["reasons.csv", "suppliers.csv"]);
    let files: Vec<PathBuf> = files.map(|name| assets("assessed").join(name)).collect();
    import(&mut registry, &on("05-01"), &files, Red::Stays, &mut |_| ()).expect("they are right");
    for id in 1..=13 {
        document::judge(&mut registry, &on("05-01"), id, DocumentState::Accepted).expect("a document");
    }
    for name in ["cosmetics", "food"] {
        let asked = Asked { name: name.to_owned(), at: date(&on("05-01")), days: 90 };
        source::import(&mut registry, &on("05-01"), asked, &assets(&format!("registers/{name}.csv"))).expect("right");
    }
    let written = read(&assets("rulebook")).expect("it is right");
    adopt(&mut registry, &on("05-01"), &written).expect("a rulebook");
    (folder, registry)
}

pub fn listing(registry: &Registry, id: u32) -> Listing {
    match registry.record(Some(RecordKey::Listing(id))).expect("readable") {
        Some(Record::Listing(listing)) => listing,
        other => panic!("{other:?}"),
    }
}

fn words(registry: &Registry, id: u32) -> String {
    match registry.record(Some(RecordKey::Reason(id))).expect("readable") {
        Some(Record::Reason(reason)) => reason.text.en,
        other => panic!("{other:?}"),
    }
}

/// Grade, reason and missing documents of a listing after everything was settled on a day.
fn settled(registry: &mut Registry, id: u32, day: &str) -> (Grade, String, Vec<String>) {
    assess::settle_all(registry, &on(day)).expect("a rulebook");
    let Listing { grade, reason, missing, .. } = listing(registry, id);
    let reason = reason.map(|id| words(registry, id)).unwrap_or_default();
    (grade, reason, missing.into_iter().map(|id| words(registry, id)).collect())
}

fn grades(registry: &mut Registry, day: &str) -> [Grade; 4] {
    assess::settle_all(registry, &on(day)).expect("a rulebook");
    [2001, 2002, 2003, 2004].map(|id| listing(registry, id).grade)
}

const REPORT: &str = "Quality-check report";

#[test]
pub fn the_samples_are_graded_and_run_out_by_themselves() {
    use Grade::{Green, Red, Yellow};
    let (_folder, mut registry) = office();
    assert_eq!(grades(&mut registry, "05-01"), [Yellow, Green, Green, Red]);
    let before = registry.pending().expect("a count");
    assert_eq!(grades(&mut registry, "05-02"), [Yellow, Green, Green, Red]);
    assert_eq!(registry.pending().expect("a count"), before, "what is the same changes nothing");
    let (_, reason, missing) = settled(&mut registry, 2004, "05-01");
    assert_eq!(reason, "Lead failed (limit ≤ 0.5 mg/kg)");
    assert_eq!(missing, ["Retest within the limit: Lead"]);
    let (_, reason, missing) = settled(&mut registry, 2001, "05-01");
    assert_eq!((reason.as_str(), missing.len(), missing[0].as_str()), ("", 7, REPORT));
    let items: Vec<String> = listing(&registry, 2003).inspect.iter().map(|id| words(&registry, *id)).collect();
    assert_eq!(items, ["Lead", "Aflatoxin B1", "Saccharin sodium", "Salmonella"]);
    // The registers' confirmations count until 30 July, and the snacks' reports 180 days from 2 April.
    assert_eq!(grades(&mut registry, "07-30"), [Yellow, Green, Green, Red]);
    assert_eq!(grades(&mut registry, "07-31"), [Yellow, Yellow, Yellow, Red]);
    let history = registry.history(Of::Listing(2002)).expect("readable");
    let why = history.last().map(|change| change.why.as_str()).expect("a change");
    let (decided, inputs) = why.split_once("; inputs ").expect("what was assessed");
    assert_eq!(decided, "rulebook 1: shampoo-licence, document-unconfirmed");
    let (_, found) = assess::look(&registry, Some(2002), "2026-07-31".parse().expect("a date"), 0).expect("a rulebook");
    assert_eq!(inputs, hex::encode(&Sha256::digest(&found[0].inputs)), "anybody can hash them again");
    let (_, found) = assess::look(&registry, None, "2026-07-15".parse().expect("a date"), 30).expect("a rulebook");
    let drops: Vec<(u32, String)> =
        found.into_iter().filter_map(|assessed| Some((assessed.listing.id, assessed.drops?.0.to_string()))).collect();
    assert_eq!(drops, [(2002, "2026-07-31".to_owned()), (2003, "2026-07-31".to_owned())]);
}

#[test]
pub fn a_register_denies_what_it_does_not_list_and_what_is_anothers() {
    let (folder, mut registry) = office();
    let path = folder.path().join("food.csv");
    let mut register = |rows: &str, day: &str| {
        fs::write(&path, format!("kind,number,holder,state\n{rows}\n")).expect("a file");
        let asked = Asked { name: "food".to_owned(), at: date(&on(day)), days: 90 };
        source::import(&mut registry, &on(day), asked, &path)?;
        Ok::<_, HubFault>(settled(&mut registry, 2003, day))
    };
    let grade = |answer: Result<(Grade, String, Vec<String>), HubFault>| {
        let (grade, reason, _) = answer.expect("right");
        (grade, reason)
    };
    let denied = (Grade::Red, "Food production licence is not in the public registry".to_owned());
    assert_eq!(grade(register("food-production-licence,SC1,,valid", "05-02")), denied);
    assert_eq!(grade(register("food-production-licence,SC10833012700021,91330106MA2KXQ201W,valid", "05-03")), denied);
    let revoked = (Grade::Red, "Food production licence was revoked".to_owned());
    assert_eq!(grade(register("food-production-licence,SC10833012700021,,revoked", "05-04")), revoked);
    assert_eq!(grade(register("food-production-licence,SC10833012700021,,valid", "05-05")).0, Grade::Green);
    assert_eq!(
        refused(register("food-production-licence,SC1,,valid", "05-04")),
        "the file of 2026-05-05 is here already; take a newer one than that"
    );
    let HubFault::Import { rows, .. } =
        register("food-production-licence,SC1,123,valid\nx,1,,gone", "05-06").expect_err("wrong")
    else {
        panic!("rows are wrong");
    };
    let places: Vec<(u64, &str)> = rows.iter().map(|row| (row.line, row.column.as_str())).collect();
    assert_eq!(places, [(2, "holder"), (3, "state")]);
}

#[test]
pub fn a_person_looks_a_licence_up_and_keeps_the_screen() {
    let (folder, mut registry) = office();
    let screenshot = assets("report.pdf");
    let mut look = |day: &str, genuine: bool, until: &str| {
        let seen = Seen { genuine, source: "the authority's page".to_owned(), until: until.parse().expect("a date") };
        document::capture(folder.path(), &mut registry, &on(day), 9, seen, &screenshot)?;
        Ok::<_, HubFault>(settled(&mut registry, 2003, day).0)
    };
    assert_eq!(look("08-05", true, "2026-12-31").expect("kept"), Grade::Green, "the register's word ended in July");
    assert_eq!(look("08-06", false, "2026-12-31").expect("kept"), Grade::Red);
    assert_eq!(refused(look("08-07", true, "2026-08-06")), "2026-08-06 is over; say until when it counts");
    let kept = registry.documents(Some(2003)).expect("readable").remove(1).capture.expect("a capture");
    assert_eq!((kept.who.as_str(), kept.genuine), ("mei", false));
}

#[test]
pub fn documents_are_filed_judged_and_never_come_back_from_revoked() {
    let (folder, mut registry) = office();
    let filing = |kind: &str, issued: &str| Filing {
        listing: 2001,
        kind: kind.to_owned(),
        number: "QX-1".to_owned(),
        issuer: "钱塘检测".to_owned(),
        issued: issued.parse().expect("a date"),
        expires: None,
        items: Vec::new(),
    };
    let mut file =
        |filing: Filing, path: &Path| document::file(folder.path(), &mut registry, &on("05-02"), filing, Some(path));
    let filed = file(filing("inspection-report", "2026-05-01"), &assets("report.pdf")).expect("right");
    let stored = filed.file.expect("a file");
    assert_eq!((filed.id, stored.form), (14, FileForm::Pdf));
    let kept = greengate::hub::files::path_of(folder.path(), &stored);
    assert_eq!(fs::read(kept).expect("it is kept"), fs::read(assets("report.pdf")).expect("a file"));
    let csv = assets("assessed/items.csv");
    let none =
        format!("`{}` is no whole PDF, JPEG or PNG; file one of these, and nothing behind its end", csv.display());
    assert_eq!(refused(file(filing("inspection-report", "2026-05-01"), &csv)), none);
    let huge = folder.path().join("huge.pdf");
    fs::File::create(&huge).and_then(|file| file.set_len(11 << 20)).expect("a file with a hole");
    assert!(
        refused(file(filing("inspection-report", "2026-05-01"), &huge))
            .ends_with("is larger than 10 MiB; scan it coarser")
    );
    let early = refused(file(filing("inspection-report", "2026-05-03"), &assets("report.pdf")));
    assert_eq!(early, "`issued`: 2026-05-03 has not come yet; write the date of the document");
    assert!(refused(file(filing("A Report", "2026-05-01"), &huge)).starts_with("`kind`: `A Report` is no kind"));
    let mut judge = |state| document::judge(&mut registry, &on("05-03"), 14, state).map(|document| document.state);
    judge(DocumentState::Accepted).expect("a document");
    judge(DocumentState::Revoked("the laboratory called".to_owned())).expect("a document");
    assert!(refused(judge(DocumentState::Accepted)).starts_with("document 14 was revoked; "));
    judge(DocumentState::Refused("settled".to_owned())).expect("that counts for nothing too");
    assert_eq!(
        refused(judge(DocumentState::Accepted)),
        "document 14 was revoked, and that is settled; judge the new one"
    );
    let told = registry.history(Of::Document(14)).expect("readable");
    assert_eq!(told.len(), 4);
}

#[test]
pub fn a_persons_grade_holds_as_long_as_nothing_else_is_found() {
    let (_folder, mut registry) = office();
    let decision = |grade, reason| grade::Decision { grade, reason, missing: Vec::new() };
    assert_eq!(grades(&mut registry, "05-01")[0], Grade::Yellow);
    let said = grade::grade(&mut registry, &on("05-02"), 2001, decision(Grade::Green, None)).expect("a listing");
    assert_eq!(said.grade, Grade::Green);
    assert_eq!(grades(&mut registry, "05-03")[0], Grade::Green);
    let (_, _, missing) = settled(&mut registry, 2001, "07-31");
    assert_eq!(missing, ["Cosmetics production licence (being confirmed)", "Cosmetics filing (being confirmed)"]);
    let said = grade::grade(&mut registry, &on("05-02"), 2004, decision(Grade::Green, None)).expect("a listing");
    assert_eq!(said.grade, Grade::Red, "no person makes a failed item green");
    grade::revoke(&mut registry, &on("05-04"), 2002, 220).expect("a listing");
    assert_eq!(settled(&mut registry, 2002, "05-05"), (Grade::Red, "Not assessed yet".to_owned(), Vec::new()));
    let csv = assets("assessed/listings.csv");
    import(&mut registry, &on("05-06"), std::slice::from_ref(&csv), Red::Stays, &mut |_| ())
        .expect("it says nothing of grades");
    assert_eq!(grades(&mut registry, "05-06"), [Grade::Green, Grade::Red, Grade::Green, Grade::Red]);
    assert_eq!(grade::unsay(&mut registry, &on("05-07"), 2002).expect("a word").grade, Grade::Green);
    assert_eq!(refused(grade::unsay(&mut registry, &on("05-07"), 2002)), "nobody said a grade of listing 2002");
    grade::revoke(&mut registry, &on("05-08"), 2002, 220).expect("a listing");
    import(&mut registry, &on("05-09"), &[csv], Red::MayBeLifted, &mut |_| ()).expect("somebody said so");
    assert_eq!(grades(&mut registry, "05-09")[1], Grade::Green);
    let red = registry.history(Of::Listing(2002)).expect("readable");
    assert!(red.iter().any(|change| change.who == "mei" && change.why == "a test"));
}

#[test]
pub fn a_red_that_a_file_brings_is_a_persons_word() {
    let (folder, mut registry) = office();
    let table = fs::read_to_string(assets("assessed/listings.csv")).expect("a table");
    let red = table.lines().map(|row| row.replace("yellow,220", "red,220") + "\n").collect::<String>();
    let path = folder.path().join("listings.csv");
    fs::write(&path, red).expect("a file");
    import(&mut registry, &on("05-02"), &[path], Red::Stays, &mut |_| ()).expect("right");
    assert_eq!(grades(&mut registry, "05-03"), [Grade::Red; 4]);
}

#[test]
pub fn reviews_switch_the_level_that_goes_out_and_bound_the_grade() {
    let (_folder, mut registry) = office();
    let mut found = |outcome| review::review(&mut registry, &on("05-02"), 2002, outcome).expect("a listing").level;
    assert_eq!(found(Outcome::Failed), ReviewLevel::Normal);
    assert_eq!(found(Outcome::Failed), ReviewLevel::Tightened);
    let tightened = settled(&mut registry, 2002, "05-02");
    assert_eq!(tightened, (Grade::Yellow, "Reviews are tightened".to_owned(), Vec::new()));
    for _ in 0..5 {
        review::review(&mut registry, &on("05-02"), 2002, Outcome::Failed).expect("a listing");
    }
    assert_eq!(listing(&registry, 2002).review, ReviewLevel::Stopped);
    assert_eq!(settled(&mut registry, 2002, "05-02").0, Grade::Red);
    let word = refused(review::review(&mut registry, &on("05-02"), 2002, Outcome::Qualified));
    assert!(word.starts_with("listing 2002 is at review level stopped: only what is reduced"), "{word}");
    review::review(&mut registry, &on("05-03"), 2002, Outcome::Resumed).expect("a listing");
    for _ in 0..5 {
        review::review(&mut registry, &on("05-03"), 2002, Outcome::Passed).expect("a listing");
    }
    assert_eq!(settled(&mut registry, 2002, "05-03").0, Grade::Green);
}

#[test]
pub fn a_new_rulebook_is_tried_before_it_holds() {
    let (folder, mut registry) = office();
    grades(&mut registry, "05-01");
    let written = altered(
        &folder,
        "capacities.csv",
        "shampoo-quality,shampoo,,quality-control,70",
        "shampoo-quality,shampoo,,quality-control,90",
    );
    let new = read(&written).expect("it is right");
    let (assessed, changed) =
        assess::compare(&registry, &new.rulebook, "2026-05-02".parse().expect("a date")).expect("readable");
    let changed: Vec<_> = changed.iter().map(|d| (d.listing, d.before, d.after.standing.grade)).collect();
    assert_eq!((assessed, changed), (4, vec![(2002, Grade::Green, Grade::Yellow)]));
    assert_eq!(grades(&mut registry, "05-02")[1], Grade::Green, "trying changes nothing");
    assert_eq!(adopt(&mut registry, &on("05-02"), &new).expect("a rulebook").version, 2);
    assert_eq!(adopt(&mut registry, &on("05-03"), &new).expect("a rulebook").version, 2, "it is the same");
    assert_eq!(settled(&mut registry, 2002, "05-03").2, ["Evidence of better quality control capacity"]);
}

/// A copy of the sample rulebook with something replaced in one table.
pub fn altered(folder: &TempDir, table: &str, from: &str, to: &str) -> PathBuf {
    let written = folder.path().join("rulebook");
    fs::create_dir_all(&written).expect("a folder");
    for name in TABLES {
        let text = fs::read_to_string(assets("rulebook").join(name)).expect("a table");
        assert!(name != table || text.contains(from), "`{from}` is not in {name}");
        let text = if name == table { text.replacen(from, to, 1) } else { text };
        fs::write(written.join(name), text).expect("a table");
    }
    written
}

/// In which table what is replaced by what, and what is said then.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "categories.csv",
        "category,",
        "kategory,",
        "categories.csv:1:: the first line has to be `category,name_zh,name_en`",
    ),
    ("kinds.csv", "营业执照", "", "kinds.csv:2:name_zh: it is empty; kiosks speak both languages"),
    (
        "documents.csv",
        "shampoo-filing",
        "shampoo-licence",
        "documents.csv:3:row: `shampoo-licence` is in `documents.csv` line 2 already; give it a name of its own",
    ),
    (
        "documents.csv",
        "not special",
        "not so special",
        "documents.csv:3:when: `not so special` is not a condition; write a tag, `not` and a tag, or nothing",
    ),
    (
        "documents.csv",
        ",food-production-licence",
        ",food-licence",
        "documents.csv:9:kinds: `food-licence` is not in `kinds.csv`; add it there",
    ),
    (
        "documents.csv",
        "365,",
        "a year,",
        "documents.csv:7:age_days: `a year` is not a number; write 0 to 4294967295, without separators",
    ),
    ("documents.csv", ",,yes", ",,x", "documents.csv:2:confirmed: `x` is not `yes` or nothing"),
    ("items.csv", ",,10,mg/kg", ",11,10,mg/kg", "items.csv:2:max: 10 is less than `min`, 11"),
    ("items.csv", ",,10,mg/kg", ",,,mg/kg", "items.csv:2:max: neither `min` nor `max` is there; write a limit"),
    (
        "items.csv",
        "shampoo-lead,shampoo",
        "shampoo-lead,soap",
        "items.csv:2:category: `soap` is not in `categories.csv`; add it there",
    ),
    (
        "capacities.csv",
        "quality-control,70,40",
        "quality-control,70,71",
        "capacities.csv:3:fails_below: 71 is more than `min`, 70",
    ),
    ("capacities.csv", "production,60", "production,160", "capacities.csv:2:min: `160` is not a number from 0 to 100"),
    (
        "decisions.csv",
        "item-failed,red",
        "item-failed,yellow",
        "decisions.csv:12:grade: what is `item-failed` is at least red: no further paper mends it",
    ),
    (
        "decisions.csv",
        "expired,,document-expired,yellow",
        "expired,,document-expired,green",
        "decisions.csv:5:grade: what is `document-expired` is at least yellow",
    ),
    (
        "decisions.csv",
        "stopped,,review-stopped",
        "stopped,shampoo,review-stopped",
        "decisions.csv:1:state: no row decides `review-stopped` for every category; add one whose category is empty",
    ),
];

#[test]
pub fn a_wrong_rulebook_is_told_by_table_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    for &(table, from, to, wrong) in WRONG {
        let written = altered(&folder, table, from, to);
        let fault = read(&written).expect_err(wrong);
        let HubFault::Rulebook { rows, .. } = &fault else { panic!("{fault}") };
        let row = &rows[0];
        let name = row.path.file_name().expect("a name").display().to_string();
        assert_eq!(format!("{name}:{}:{}: {}", row.line, row.column, row.message), wrong);
        assert!(fault.to_string().ends_with("\nnothing was adopted"), "{fault}");
    }
    let written = altered(&folder, "items.csv", "365,yes,甲醇", "365,,甲醇");
    let keys = "shampoo-lead,shampoo,,inspection-report,lead,,10,mg/kg,365,yes";
    assert!(read(&written).is_ok(), "four key items are enough");
    fs::write(
        written.join("items.csv"),
        fs::read_to_string(assets("rulebook/items.csv")).expect("a table").replace(",365,yes,", ",365,,"),
    )
    .expect("a table");
    assert!(
        read(&written)
            .expect_err(keys)
            .to_string()
            .contains("`shampoo` has 0 key inspection items; write `yes` at three to five")
    );
}

/// What is wrong with a file that is imported, or how much changed.
fn brought(folder: &TempDir, registry: &mut Registry, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file");
    match import(registry, &on("05-02"), &[path], Red::Stays, &mut |_| ()) {
        Ok(imported) => format!("{} changed", imported.changed),
        Err(HubFault::Import { rows, .. }) => format!("{}:{}: {}", rows[0].line, rows[0].column, rows[0].message),
        Err(other) => panic!("{other}"),
    }
}

#[test]
pub fn what_was_filed_comes_in_from_files_and_is_told_by_row_and_column() {
    let (folder, mut registry) = office();
    let mut wrong = |name: &str, text: &str| brought(&folder, &mut registry, name, text);
    let firm = "firm,code,contacts,partnerships\n";
    let code =
        "`91330106MA2KXQ2010` is not a unified social credit code: 18 characters, the last one a check character";
    assert_eq!(wrong("a.csv", &format!("{firm}201,91330106MA2KXQ2010,,\n")), format!("2:code: {code}"));
    assert_eq!(
        wrong("b.csv", &format!("{firm}209,91330106MA2KXQ201W,,\n")),
        "2:firm: there is no such supplier; import it before, or with this file"
    );
    assert_eq!(
        wrong("c.csv", &format!("{firm}201,91330106MA2KXQ201W,,Platform A\n")),
        "2:partnerships: `Platform A` names no conditions; write `platform=conditions`, with `;` between"
    );
    let product = "product,category,tags,brick\n";
    assert_eq!(
        wrong("d.csv", &format!("{product}2001,Shampoo,,\n")),
        "2:category: `Shampoo` is no name; write it as the rulebook does, in small letters and hyphens"
    );
    assert_eq!(
        wrong("e.csv", &format!("{product}2001,shampoo,,123\n")),
        "2:brick: a brick of GS1's product classification has eight digits"
    );
    let capacity = "capacity,listing,declared,evidence,assessed,note\n";
    assert_eq!(
        wrong("f.csv", &format!("{capacity}shipment,2001,x,,101,seen\n")),
        "2:assessed: 101 is above 100; write 0 to 100"
    );
    assert_eq!(
        wrong("g.csv", &format!("{capacity}shipment,2001,x,,80,\n")),
        "2:note: it is empty; write what the assessor saw"
    );
    assert_eq!(
        wrong("h.csv", &format!("{capacity}shipment,2001,x,,80,seen\nshipment,2001,y,,,\n")),
        "3:capacity: this is in line 2 already; remove one of them"
    );
    let document = "document,listing,kind,number,issuer,issued,expires\n";
    assert_eq!(
        wrong("i.csv", &format!("{document}1,2002,inspection-report,1,lab,2026-04-01,\n")),
        "2:document: document 1 is of listing 2001 already; take another number"
    );
    assert_eq!(
        wrong("j.csv", &format!("{document}20,2001,inspection-report,1,lab,1.4.2026,\n")),
        "2:issued: `1.4.2026` is not a date; write it like 2026-11-24, in a column formatted as text"
    );
    let item = "item,document,method,limit,value,unit\n";
    assert_eq!(
        wrong("k.csv", &format!("{item}lead,7,,,ND,mg/kg\n")),
        "2:value: `ND` is no measured value; write a number like `2.1`, or `<0.1` where nothing was found"
    );
    assert_eq!(
        wrong("l.csv", &format!("{item}lead,70,,,1,mg/kg\n")),
        "2:document: there is no document 70; import it before, or with this file"
    );
    let document =
        r#""id":20,"listing":2001,"kind":"inspection-report","number":"1","issuer":"lab","issued":"2026-04-01""#;
    assert_eq!(
        wrong("m.jsonl", &format!(r#"{{"document":{{{document},"state":"accepted"}}}}"#)),
        "1:state: this is the authority's to say; leave it out"
    );
}

#[test]
pub fn what_says_something_else_than_before_is_looked_at_anew() {
    let (folder, mut registry) = office();
    let line = r#"{"product":{"listing":2001,"category":"shampoo","tags":["children"]}}"#;
    assert_eq!(brought(&folder, &mut registry, "m.jsonl", line), "1 changed");
    let product = registry.product(2001).expect("readable").expect("a product");
    assert_eq!(product.capacities.len(), 4, "they stay");
    let item = "item,document,method,limit,value,unit\nlead,7,,,1.5,mg/kg\n";
    assert_eq!(brought(&folder, &mut registry, "n.csv", item), "1 changed");
    let state = registry.documents(Some(2002)).expect("readable").pop().map(|document| document.state);
    assert_eq!(state, Some(DocumentState::Filed));
}

#[test]
pub fn a_registry_of_before_is_brought_up_and_its_red_stays_a_persons() {
    let (folder, registry) = office();
    drop(registry);
    put_back(folder.path(), 1);
    let database = rusqlite::Connection::open(folder.path().join("registry.db")).expect("a database");
    let red =
        "UPDATE record SET body = json_set(body, '$.listing.grade', 'red', '$.listing.reason', 220) WHERE key = 2002";
    database.execute_batch(red).expect("the schema of before");
    drop(database);
    let mut registry = Registry::open(folder.path()).expect("it is brought up");
    adopt(&mut registry, &on("05-02"), &read(&assets("rulebook")).expect("right")).expect("a rulebook");
    let products = [assets("assessed/products.csv")];
    import(&mut registry, &on("05-02"), &products, Red::Stays, &mut |_| ()).expect("right");
    assert_eq!(grades(&mut registry, "05-02"), [Grade::Yellow, Grade::Red, Grade::Yellow, Grade::Yellow]);
}
