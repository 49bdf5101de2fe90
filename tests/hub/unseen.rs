//! What a supplier filed and nobody of the authority has looked at: no list, no page and no platform tells of it.

use greengate::hub::filing::{self, Declared, NewProduct};
use greengate::hub::import::{Red, import};
use greengate::hub::{Author, LabelKey, LabelOrder, Registry, Serials, assess as assessment, capacity, grade, issue};
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::demo::DemoKey;
use greengate::rules::dossier::CapacityKind;
use greengate::rules::record::{Block, Line, Listing, Record, RecordKey, ReviewLevel};
use greengate::rules::text::Text;
use rusqlite::Connection;
use tempfile::TempDir;

use super::assess::{listing, office, on};
use super::platforms::Program;
use super::service::Hub;

const SUPPLIER: u32 = 201;
const GTIN: &str = "09521110002056";

/// The sample listings are release 1; then a product is filed, which is release 2. Gives its number.
fn filed() -> (TempDir, Registry, u32) {
    let (folder, mut registry) = office();
    registry.change(&on("05-02"), |changes| changes.put(&Record::Key(super::public()))).expect("a key");
    assessment::settle_due(&mut registry, &on("05-02")).expect("settled");
    registry.release(&on("05-02")).expect("release 1");
    let new = NewProduct {
        gtin: Gtin::parse(GTIN).expect("a GTIN"),
        name: Text::new("姜汁洗发水 400 ml", "Ginger shampoo 400 ml"),
        category: "shampoo".to_owned(),
        tags: [].into(),
        brick: None,
        capacities: [].into(),
    };
    let id = filing::product(&mut registry, &on("05-03"), SUPPLIER, new).expect("it is filed").id;
    assessment::settle_due(&mut registry, &on("05-03")).expect("settled");
    registry.release(&on("05-03")).expect("release 2");
    (folder, registry, id)
}

/// Settles what is due and makes a release of it.
fn publish(registry: &mut Registry, author: &Author) {
    assessment::settle_due(registry, author).expect("settled");
    registry.release(author).expect("a release");
}

/// The supplier says something else of the one capacity that an officer has found too low.
fn declare_anew(registry: &mut Registry, id: u32) {
    let said = Declared { declared: "two kettles".to_owned(), evidence: String::new() };
    let said = [(CapacityKind::Production, said)].into();
    filing::capacities(registry, &on("05-05"), SUPPLIER, id, said).expect("declared");
}

/// As a program of before left it, which did not tell with a listing whether anybody had looked at it.
fn as_it_was_before(folder: &TempDir) {
    let database = Connection::open(folder.path().join("registry.db")).expect("a database");
    for table in ["record", "change"] {
        let sql = format!("UPDATE {table} SET body = replace(body, ',\"unseen\":true', '')");
        database.execute(&sql, []).expect("as it was before");
    }
    database.pragma_update(None, "user_version", 9).expect("its schema");
}

/// Whether the file that leads from a release to the newest one has the listing.
fn is_in_file(registry: &Registry, from: u64, id: u32) -> bool {
    let mut found = false;
    let mut look = |line: &Line| {
        found |= match line {
            Line::Put(record) => record.key() == Some(RecordKey::Listing(id)),
            Line::Drop(key) => *key == RecordKey::Listing(id),
            Line::Meta(_) => false,
        };
        Ok(())
    };
    registry.lines(from, &mut look).expect("a release");
    found
}

/// Where platforms and the public find the listing.
fn found(hub: &Hub, id: u32) -> Vec<String> {
    let program = Program::of(hub);
    let mut found = Vec::new();
    for path in [&format!("/listings?gtin={GTIN}"), "/listings?limit=200", "/listings?limit=200&changed_since=1"] {
        let answer = program.get(path).json();
        let mut listings = answer["listings"].as_array().expect("a list").iter();
        found.extend(listings.any(|listing| listing["id"] == id).then(|| path.to_owned()));
    }
    found.extend((program.get(&format!("/listings/{id}")).status == 200).then(|| "its number".to_owned()));
    let answer = program.get(&format!("/lookup?text={GTIN}")).json();
    let listings = answer["results"][0]["listings"].as_array().expect("a list");
    found.extend((!listings.is_empty()).then(|| "its GTIN".to_owned()));
    let page = hub.get(&format!("/01/{GTIN}"), &[("accept", "text/html"), ("accept-language", "en")]);
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    found.extend(page.contains("Ginger shampoo").then(|| "its page".to_owned()));
    found
}

#[test]
fn nobody_is_told_of_a_filing_before_the_authority_has_said_anything_of_it() {
    let (folder, mut registry, id) = filed();
    let hub = Hub::over(folder);
    assert!(!is_in_file(&registry, 0, id) && !is_in_file(&registry, 1, id), "it is in the list");
    assert_eq!(found(&hub, id), [""; 0]);
    capacity::assess(&mut registry, &on("05-04"), id, CapacityKind::Production, (10, "one small kettle"))
        .expect("kept");
    assessment::settle_due(&mut registry, &on("05-04")).expect("settled");
    registry.release(&on("05-04")).expect("release 3");
    assert!(is_in_file(&registry, 0, id) && is_in_file(&registry, 2, id), "it is in no list");
    assert_eq!(found(&hub, id).len(), 6);
}

#[test]
fn whose_labels_are_out_is_in_the_list() {
    let (_folder, mut registry, id) = filed();
    let key = LabelKey { slot: 1, secret: DemoKey::Authority.signing_key() };
    let host = "QR.EXAMPLE.COM".to_owned();
    let order = LabelOrder { listing: id, lot: None, expiry: None, valid_until: None, serials: Serials::None, host };
    let today = "2026-05-04".parse().expect("a date");
    registry.change(&on("05-04"), |changes| issue(changes, &key, &order, today)).expect("a label");
    registry.release(&on("05-04")).expect("release 3");
    assert!(is_in_file(&registry, 2, id));
    assessment::settle_all(&mut registry, &on("05-05")).expect("settled");
    registry.release(&on("05-05")).expect("release 4");
    assert!(is_in_file(&registry, 0, id));
}

#[test]
fn what_a_file_brings_is_in_the_list_and_so_is_whose_labels_it_brings() {
    let (folder, mut registry, id) = filed();
    let brought = Listing {
        id: 3001,
        supplier: SUPPLIER,
        gtin: Gtin::with_check_digit(952_111_000_300).expect("twelve digits"),
        name: Text::new("薄荷洗发水", "Mint shampoo"),
        grade: Grade::Green,
        reason: None,
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
        unseen: true,
    };
    let records = [Record::Listing(brought), Record::Block(Block { first: 9001, last: 9009, listing: id })];
    let lines = records.map(|record| serde_json::to_string(&Line::Put(Box::new(record))).expect("a line"));
    let path = folder.path().join("records.jsonl");
    std::fs::write(&path, lines.join("\n")).expect("a file");
    import(&mut registry, &on("05-04"), &[path], Red::Stays, &mut |_| ()).expect("right");
    registry.release(&on("05-04")).expect("release 3");
    assert!(is_in_file(&registry, 2, 3001), "the listing that it brings");
    assert!(is_in_file(&registry, 2, id), "the listing whose labels it brings");
}

#[test]
fn a_registry_of_an_older_program_tells_of_its_filings_until_the_next_publish_alone() {
    let (folder, registry, id) = filed();
    drop(registry);
    as_it_was_before(&folder);
    let mut registry = Registry::open(folder.path()).expect("it is brought up");
    assert!(is_in_file(&registry, 0, id));
    assessment::settle_due(&mut registry, &on("05-03")).expect("settled");
    registry.release(&on("05-03")).expect("release 3");
    assert!(is_in_file(&registry, 2, id) && !is_in_file(&registry, 0, id));
}

#[test]
fn what_the_authority_said_something_of_stays_in_the_list_whatever_its_supplier_files() {
    let (folder, mut registry, id) = filed();
    capacity::assess(&mut registry, &on("05-04"), id, CapacityKind::Production, (10, "one small kettle"))
        .expect("kept");
    publish(&mut registry, &on("05-04"));
    assert!(is_in_file(&registry, 0, id));
    declare_anew(&mut registry, id);
    publish(&mut registry, &on("05-05"));
    assert!(is_in_file(&registry, 0, id), "a supplier took its listing out of the list");
    drop(registry);
    as_it_was_before(&folder);
    let mut registry = Registry::open(folder.path()).expect("it is brought up");
    publish(&mut registry, &on("05-06"));
    assert!(is_in_file(&registry, 0, id), "it was in the list before");
}

#[test]
fn a_word_that_is_taken_back_leaves_the_listing_in_the_list() {
    let (_folder, mut registry, id) = filed();
    grade::revoke(&mut registry, &on("05-04"), id, 220).expect("red");
    publish(&mut registry, &on("05-04"));
    grade::unsay(&mut registry, &on("05-05"), id).expect("taken back");
    publish(&mut registry, &on("05-05"));
    assert!(is_in_file(&registry, 0, id));
}

#[test]
fn a_listing_of_the_authoritys_own_stays_in_the_list_when_the_rulebook_begins_to_assess_it() {
    let (folder, mut registry, _) = filed();
    let own = folder.path().join("own.jsonl");
    let line = r#"{"listing":{"id":3001,"supplier":201,"gtin":"09521110009994","name":{"zh":"茶","en":"tea"},"grade":"green","review":"normal","unseen":true}}"#;
    std::fs::write(&own, format!("{line}\n")).expect("a file");
    import(&mut registry, &on("05-04"), &[own], Red::Stays, &mut |_| ()).expect("right");
    publish(&mut registry, &on("05-04"));
    assert!(is_in_file(&registry, 0, 3001), "a file of the authority's hides a listing");
    let product = folder.path().join("product.csv");
    std::fs::write(&product, "product,category,tags,brick\n3001,shampoo,,\n").expect("a file");
    import(&mut registry, &on("05-05"), &[product], Red::Stays, &mut |_| ()).expect("right");
    publish(&mut registry, &on("05-05"));
    assert_ne!(listing(&registry, 3001).grade, Grade::Green);
    assert!(is_in_file(&registry, 0, 3001), "what was green is not known any more");
}

#[test]
fn no_list_has_labels_of_a_listing_that_it_does_not_have() {
    let (folder, mut registry, id) = filed();
    let blocks = folder.path().join("blocks.jsonl");
    std::fs::write(&blocks, format!("{{\"block\":{{\"first\":1,\"last\":9,\"listing\":{id}}}}}\n")).expect("a file");
    import(&mut registry, &on("05-04"), &[blocks], Red::Stays, &mut |_| ()).expect("right");
    // A publish settles what is due before; what comes meanwhile is not settled.
    registry.release(&on("05-04")).expect("a release");
    assert!(is_in_file(&registry, 0, id));
}
