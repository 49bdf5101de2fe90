//! What a supplier files by itself: checked, assessed at once, and never what is another supplier's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use greengate::hub::checklist::{Checklist, checklist};
use greengate::hub::document::{self, Filing, date};
use greengate::hub::files;
use greengate::hub::filing::{self, Declared, NewProduct};
use greengate::hub::{HubFault, LabelKey, LabelOrder, Registry, Serials, capacity};
use greengate::rules::account::Role;
use greengate::rules::amount::Measure;
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::demo::DemoKey;
use greengate::rules::dossier::{CapacityKind, Document, DocumentState, Item};
use greengate::rules::record::{Listing, Record};
use greengate::rules::text::Text;

use super::assess::{assets, office, on};
use super::people::Pages;
use super::public;
use super::registry::refused;

const OURS: u32 = 201;
const THEIRS: u32 = 202;

fn new_product() -> NewProduct {
    NewProduct {
        gtin: Gtin::parse("09521110002056").expect("a GTIN"),
        name: Text::new("姜汁洗发水 400 ml", "Ginger shampoo 400 ml"),
        category: "shampoo".to_owned(),
        tags: BTreeSet::new(),
        brick: Some(10_000_366),
        capacities: [(CapacityKind::Production, said("9,000 a day"))].into(),
    }
}

fn said(declared: &str) -> Declared {
    Declared { declared: declared.to_owned(), evidence: "site visit".to_owned() }
}

fn filing(listing: u32, kind: &str, number: &str) -> Filing {
    Filing {
        listing,
        kind: kind.to_owned(),
        number: number.to_owned(),
        issuer: "钱塘检测".to_owned(),
        issued: "2026-04-30".parse().expect("a date"),
        expires: None,
        items: Vec::new(),
    }
}

fn file(
    (folder, registry): (&Path, &mut Registry),
    supplier: u32,
    filing: Filing,
    replaces: Option<u32>,
) -> Result<Document, HubFault> {
    let intake = files::read(folder, &assets("report.pdf")).expect("a PDF");
    filing::file(registry, &on("05-02"), supplier, filing, (folder, intake), replaces)
}

fn states(registry: &Registry, listing: u32) -> Vec<(u32, DocumentState)> {
    registry.documents(Some(listing)).expect("readable").into_iter().map(|d| (d.id, d.state)).collect()
}

fn look(registry: &Registry, listing: u32) -> Checklist {
    checklist(registry, listing, date(&on("05-02"))).expect("a rulebook")
}

#[test]
fn a_product_that_is_filed_has_its_number_and_is_told_what_is_missing() {
    let (_folder, mut registry) = office();
    let listing = filing::product(&mut registry, &on("05-02"), OURS, new_product()).expect("right");
    assert_eq!((listing.id, listing.supplier, listing.grade), (2005, OURS, Grade::Yellow));
    let list = look(&registry, 2005);
    let missing: Vec<&str> = list.papers.iter().map(|paper| paper.finding.what.en.as_str()).collect();
    let asked =
        ["Cosmetics production licence", "Cosmetics filing", "Cosmetics safety assessment", "Quality-check report"];
    assert_eq!(missing, asked);
    let items: Vec<String> =
        list.papers[3].items.iter().map(|(rule, _)| format!("{} {}", rule.item, rule.limit())).collect();
    assert_eq!(items[0], "lead ≤ 10 mg/kg");
    assert_eq!((items.len(), list.capacities.len(), list.others.len()), (6, 4, 0));
    assert_eq!(listing.missing.len(), 4 + 6 + 4, "{list:#?}");
    let twice = refused(filing::product(&mut registry, &on("05-02"), OURS, new_product()));
    assert!(twice.ends_with("as listing 2005 is already; a supplier's product has one listing"), "{twice}");
}

#[test]
fn a_product_is_checked_as_an_import_is() {
    let (_folder, mut registry) = office();
    let mut wrong = |change: fn(&mut NewProduct)| {
        let mut new = new_product();
        change(&mut new);
        refused(filing::product(&mut registry, &on("05-02"), OURS, new))
    };
    assert_eq!(wrong(|new| new.name = Text::default()), "`name_zh`: it is empty in both languages; write at least one");
    let unseen = wrong(|new| new.name.en = "Gin\u{200B}ger".to_owned());
    assert_eq!(unseen, "`name_en`: `Gin\\u{200b}ger` has the invisible character U+200B; type it anew");
    assert_eq!(wrong(|new| new.brick = Some(7)), "`brick`: a brick of GS1's product classification has eight digits");
    assert_eq!(
        wrong(|new| new.category = "soap".to_owned()),
        "the rulebook has no category `soap`; take one that it has"
    );
    let long = wrong(|new| new.capacities = [(CapacityKind::Operation, said(&"x".repeat(601)))].into());
    assert_eq!(long, "`declared`: it is longer than 600 bytes; shorten it");
}

#[test]
fn nothing_of_another_supplier_is_seen_or_changed() {
    let (folder, mut registry) = office();
    let before = registry.history(greengate::hub::Of::Listing(2003)).expect("readable").len();
    assert_eq!(filing::own(&registry, OURS, 2003).expect("readable"), None);
    assert_eq!(filing::own_document(&registry, OURS, 9).expect("readable"), None);
    assert!(filing::own_document(&registry, THEIRS, 9).expect("readable").is_some());
    let report = filing(2003, "inspection-report", "QX-9");
    let none = "you have no listing 2003";
    assert_eq!(refused(file((folder.path(), &mut registry), OURS, report, None)), none);
    let capacities = BTreeMap::from([(CapacityKind::Shipment, said("never"))]);
    assert_eq!(refused(filing::capacities(&mut registry, &on("05-02"), OURS, 2003, capacities)), none);
    let ours = filing(2001, "inspection-report", "QX-9");
    let other = refused(file((folder.path(), &mut registry), OURS, ours, Some(10)));
    assert_eq!(other, "there is no document 10 of this kind to replace");
    let missing = filing(2999, "inspection-report", "QX-9");
    assert_eq!(refused(file((folder.path(), &mut registry), OURS, missing, None)), "you have no listing 2999");
    assert_eq!(registry.history(greengate::hub::Of::Listing(2003)).expect("readable").len(), before);
}

#[test]
fn what_nobody_judged_gives_way_to_the_new_document_and_what_counts_stays() {
    let (folder, mut registry) = office();
    let mut file = |number: &str, replaces| {
        file((folder.path(), &mut registry), OURS, filing(2001, "inspection-report", number), replaces)
    };
    assert_eq!(file("QX-1", None).expect("a document").id, 14);
    assert_eq!(file("QX-2", Some(14)).expect("in its place").id, 15);
    assert!(refused(file("QX-3", Some(14))).starts_with("document 14 was revoked or replaced already"));
    assert_eq!(states(&registry, 2001)[3..], [(14, DocumentState::Replaced(15)), (15, DocumentState::Filed)]);
    let judge = |registry: &mut Registry, id, state| document::judge(registry, &on("05-03"), id, state);
    let gone = refused(judge(&mut registry, 14, DocumentState::Accepted));
    assert_eq!(gone, "document 15 was filed in place of document 14; judge that one");
    judge(&mut registry, 15, DocumentState::Accepted).expect("a document");
    let newer = filing(2001, "inspection-report", "QX-4");
    self::file((folder.path(), &mut registry), OURS, newer, Some(15)).expect("beside it");
    assert_eq!(states(&registry, 2001)[4..], [(15, DocumentState::Accepted), (16, DocumentState::Filed)]);
}

#[test]
fn a_licence_that_a_registry_denies_does_not_go_away_by_another_one() {
    let (folder, mut registry) = office();
    let forged = filing(2001, "cosmetics-production-licence", "浙妆20269999");
    let forged = file((folder.path(), &mut registry), OURS, forged, None).expect("a document").id;
    assert_eq!(filing::own(&registry, OURS, 2001).expect("readable").expect("ours").grade, Grade::Red);
    let again = filing(2001, "cosmetics-production-licence", "浙妆20260021");
    file((folder.path(), &mut registry), OURS, again, Some(forged)).expect("beside it");
    assert_eq!(states(&registry, 2001)[3], (forged, DocumentState::Filed));
    assert_eq!(filing::own(&registry, OURS, 2001).expect("readable").expect("ours").grade, Grade::Red);
}

/// Files of documents that are kept.
fn kept(folder: &Path) -> usize {
    let folders = fs::read_dir(folder.join("documents")).expect("a store").map(|entry| entry.expect("readable").path());
    folders.map(|path| if path.is_dir() { fs::read_dir(path).expect("readable").count() } else { 1 }).sum()
}

#[test]
fn what_is_refused_leaves_no_file_behind_and_takes_nobody_elses() {
    let (folder, mut registry) = office();
    let folder = folder.path();
    let report = |listing| filing(listing, "inspection-report", "QX-1");
    let early = Filing { issued: "2026-05-03".parse().expect("a date"), ..report(2001) };
    let refused_ones = [
        (report(2003), None),
        (report(2999), None),
        (filing(2001, "food-production-licence", "SC1"), None),
        (early, None),
        (report(2001), Some(1)),
        (report(2001), Some(99)),
    ];
    for (filing, replaces) in refused_ones.clone() {
        refused(file((folder, &mut registry), OURS, filing.clone(), replaces));
        assert_eq!(kept(folder), 0, "{filing:?}");
    }
    let command = document::file(folder, &mut registry, &on("05-02"), report(2999), Some(&assets("report.pdf")));
    refused(command);
    let seen =
        document::Seen { genuine: true, source: "a page".to_owned(), until: "2026-06-01".parse().expect("a date") };
    refused(document::capture(folder, &mut registry, &on("05-02"), 99, seen, &assets("report.pdf")));
    assert_eq!(kept(folder), 0);
    file((folder, &mut registry), OURS, report(2001), None).expect("right");
    for (filing, replaces) in refused_ones {
        refused(file((folder, &mut registry), OURS, filing, replaces));
    }
    assert_eq!(kept(folder), 1, "the document's file went with the same bytes of others");
}

#[test]
fn what_is_filed_of_anothers_product_is_told_to_officers_and_not_to_the_public() {
    let pages = Pages::office();
    let gtin = Gtin::parse("09521110002018").expect("a GTIN");
    let new = NewProduct { gtin, name: Text::new("冒名", "Squatter's shampoo"), ..new_product() };
    let theirs =
        filing::product(&mut pages.registry(), &pages.author(), THEIRS, new).expect("resellers have it too").id;
    let alone = filing::product(&mut pages.registry(), &pages.author(), OURS, new_product()).expect("right");
    let public = |gtin: Gtin| pages.stranger().get(&format!("/01/{gtin}?lang=en"));
    assert!(public(gtin).text().contains("Tea seed shampoo"));
    assert!(!public(gtin).text().contains("Squatter"), "nobody has looked at it");
    assert_eq!(public(alone.gtin).status, 404, "nobody has looked at it");
    let officer = pages.person("mei", Role::Officer);
    let inbox = officer.get("/console/inbox?lang=en");
    assert_eq!(inbox.text().matches("same GTIN: supplier").count(), 1, "{}", inbox.text());
    assert!(officer.get(&format!("/console/listings/{theirs}?lang=en")).text().contains("also supplier 201"));
    let found = (80, "a contract with the maker");
    let kind = CapacityKind::Production;
    capacity::assess(&mut pages.registry(), &pages.author(), theirs, kind, found).expect("a listing");
    assert!(public(gtin).text().contains("Squatter"), "an officer has looked");
}

#[test]
fn only_what_the_checklist_asks_for_is_filed() {
    let (folder, mut registry) = office();
    let snack = filing(2001, "food-production-licence", "SC1");
    assert_eq!(
        refused(file((folder.path(), &mut registry), OURS, snack, None)),
        "nothing of kind `food-production-licence` is asked of listing 2001; take one of its checklist"
    );
}

#[test]
fn a_capacity_that_is_declared_anew_is_assessed_anew_and_the_others_keep_their_score() {
    let (_folder, mut registry) = office();
    let now = registry.product(2001).expect("readable").expect("a product").capacities;
    let mut declared: BTreeMap<CapacityKind, Declared> = now
        .iter()
        .map(|(kind, c)| (*kind, Declared { declared: c.declared.clone(), evidence: c.evidence.clone() }))
        .collect();
    declared.insert(CapacityKind::Shipment, said("one day to every province"));
    let product = filing::capacities(&mut registry, &on("05-02"), OURS, 2001, declared).expect("ours");
    let scores: Vec<Option<u8>> = product.capacities.values().map(|capacity| capacity.assessed).collect();
    assert_eq!(scores, [Some(72), Some(81), None, Some(70)]);
}

#[test]
fn the_credit_code_is_not_the_suppliers_to_change() {
    let (_folder, mut registry) = office();
    let before = registry.firm(OURS).expect("readable").expect("a firm");
    let terms = BTreeMap::from([("Platform C".to_owned(), "green only".to_owned())]);
    let firm = filing::firm(&mut registry, &on("05-02"), OURS, vec!["赵 zhao@spring.example".to_owned()], terms);
    let firm = firm.expect("ours");
    assert_eq!((firm.code, firm.contacts.len()), (before.code, 1));
    let nobody = refused(filing::firm(&mut registry, &on("05-02"), 203, Vec::new(), BTreeMap::new()));
    assert_eq!(nobody, "the authority has not entered your credit code yet; ask it to");
}

#[test]
fn labels_are_for_what_is_green_and_ones_own() {
    let (_folder, mut registry) = office();
    registry.change(&on("05-02"), |changes| changes.put(&Record::Key(public()))).expect("a key");
    let key = LabelKey { slot: 1, secret: DemoKey::Authority.signing_key() };
    let mut print = |supplier, listing| {
        let serials = Serials::Next { prefix: "S-".to_owned(), count: 3 };
        let host = "QR.EXAMPLE.COM".to_owned();
        let order = LabelOrder { listing, lot: None, expiry: None, valid_until: None, serials, host };
        registry.change(&on("05-02"), |changes| filing::labels(changes, supplier, &key, &order))
    };
    assert_eq!(print(OURS, 2002).expect("it is green").labels.len(), 3);
    assert_eq!(refused(print(OURS, 2001)), "listing 2001 is not green, and labels are for what is; see its checklist");
    assert_eq!(refused(print(OURS, 2003)), "you have no listing 2003");
}

#[test]
fn a_listing_turns_green_by_what_its_supplier_files_and_an_officer_accepts() {
    let (folder, mut registry) = office();
    let mut report = filing(2001, "inspection-report", "QX-1");
    let values = [("lead", "1"), ("arsenic", "<0.1"), ("mercury", "<0.1"), ("cadmium", "<1"), ("methanol", "35")];
    let item = |(item, value): (&str, &str), unit: &str| Item {
        item: item.to_owned(),
        method: "STSC 2015".to_owned(),
        limit: String::new(),
        value: Measure::parse(value).expect("a value"),
        unit: unit.to_owned(),
    };
    report.items = values.into_iter().map(|pair| item(pair, "mg/kg")).collect();
    report.items.push(item(("total-plate-count", "<10"), "CFU/g"));
    let id = file((folder.path(), &mut registry), OURS, report, None).expect("a document").id;
    let waiting = look(&registry, 2001);
    let lacks: Vec<String> = waiting.standing.missing.iter().map(|reason| format!("{reason:?}")).collect();
    assert!(lacks[0].contains("Quality-check report (being examined)"), "{lacks:?}");
    assert_eq!(waiting.papers[3].filed[0].1.map(|day| day.to_string()), Some("2027-04-30".to_owned()));
    document::judge(&mut registry, &on("05-03"), id, DocumentState::Accepted).expect("a document");
    let list = look(&registry, 2001);
    assert_eq!(list.standing.grade, Grade::Green);
    assert!(list.papers.iter().all(greengate::hub::checklist::AskedPaper::is_met));
    let Listing { grade, .. } = list.listing;
    assert_eq!(grade, Grade::Yellow, "the grade goes out with the next publish");
}
