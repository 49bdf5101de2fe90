//! Forms of pages that are not true any more: what was filed or said meanwhile is told, and nothing is kept.

use std::collections::BTreeMap;

use greengate::hub::filing::{self, Declared};
use greengate::hub::import::{Red, import};
use greengate::hub::{Registry, assess, document, grade};
use greengate::rules::account::Role;
use greengate::rules::code::Grade;
use greengate::rules::dossier::{CapacityKind, Document, DocumentState};

use super::assess::listing;
use super::people::Pages;

const PAGE: &str = "/console/listings/2001?lang=en";
/// What every form of the page sends.
const PAGE_FIELD: (&str, &str) = ("page", "/console/listings/2001");
const TOLD: &str = "changed meanwhile, and nothing was kept";

fn office() -> Pages {
    let pages = Pages::office();
    assess::settle_all(&mut pages.registry(), &pages.author()).expect("a rulebook");
    pages
}

fn production(registry: &Registry) -> (String, Option<u8>) {
    let product = registry.product(2001).expect("readable").expect("a product");
    let capacity = &product.capacities[&CapacityKind::Production];
    (capacity.declared.clone(), capacity.assessed)
}

fn first(registry: &Registry) -> Document {
    registry.documents(Some(2001)).expect("readable").remove(0)
}

#[test]
fn a_score_is_for_the_declaration_that_the_officer_saw() {
    let pages = office();
    let officer = pages.person("mei", Role::Officer);
    let mark = "name=\"kind\" value=\"production\"";
    let score = |shown: &str| {
        let fields = [("kind", "production"), ("score", "90"), ("note", "line seen"), ("shown", shown), PAGE_FIELD];
        officer.post("/console/listings/2001/capacity", &fields)
    };
    let before = officer.shown(PAGE, mark);
    let said = Declared { declared: "9,000 a day".to_owned(), evidence: "a new line".to_owned() };
    let declared = BTreeMap::from([(CapacityKind::Production, said)]);
    filing::capacities(&mut pages.registry(), &pages.author(), 201, 2001, declared).expect("ours");
    for stale in [before.as_str(), ""] {
        let told = score(stale);
        assert!(told.status == 409 && told.text().contains(TOLD) && told.text().contains("9,000 a day"), "{stale}");
        assert!(told.text().contains("value=\"line seen\""), "what was typed is gone");
        assert_eq!(production(&pages.registry()), ("9,000 a day".to_owned(), None), "{stale}");
    }
    assert_eq!(score(&officer.shown(PAGE, mark)).status, 303);
    assert_eq!(production(&pages.registry()).1, Some(90));
}

#[test]
fn a_document_is_judged_as_the_officer_saw_it() {
    let pages = office();
    let officer = pages.person("mei", Role::Officer);
    let mark = "action=\"/console/documents/1\"";
    let before = officer.shown(PAGE, mark);
    let path = pages.folder.path().join("documents.csv");
    let row = "document,listing,kind,number,issuer,issued,expires\n\
               1,2001,cosmetics-production-licence,浙妆20269999,浙江省药品监督管理局,2026-01-12,2046-01-11\n";
    std::fs::write(&path, row).expect("a file");
    import(&mut pages.registry(), &pages.author(), &[path], Red::Stays, &mut |_| ()).expect("right");
    let accept =
        |shown: &str| officer.post("/console/documents/1", &[("state", "accepted"), ("shown", shown), PAGE_FIELD]);
    let told = accept(&before);
    assert!(
        told.status == 409 && told.text().contains(TOLD) && told.text().contains("浙妆20269999"),
        "{}",
        told.text()
    );
    assert_eq!(first(&pages.registry()).state, DocumentState::Filed);
    // Another officer's word counts too.
    let seen = officer.shown(PAGE, mark);
    let refused = DocumentState::Refused("blurred".to_owned());
    document::judge(&mut pages.registry(), &pages.author(), 1, refused.clone()).expect("a document");
    assert_eq!(accept(&seen).status, 409);
    assert_eq!(first(&pages.registry()).state, refused);
    assert_eq!(accept(&officer.shown(PAGE, mark)).status, 303);
}

#[test]
fn the_second_person_confirms_what_the_second_person_saw() {
    let pages = office();
    let [officer, second] =
        [("mei", Role::Officer), ("lin", Role::Second)].map(|(name, role)| pages.person(name, role));
    let green = [("grade", "green"), ("why", "the report was seen on site")];
    assert_eq!(officer.post("/console/listings/2001/propose", &green).status, 303);
    let mark = "/console/listings/2001/confirm\"";
    let before = second.shown(PAGE, mark);
    let refused = DocumentState::Refused("of another firm".to_owned());
    document::judge(&mut pages.registry(), &pages.author(), 1, refused).expect("a document");
    let confirm = |shown: &str| second.post("/console/listings/2001/confirm", &[("shown", shown), PAGE_FIELD]);
    let told = confirm(&before);
    assert!(
        told.status == 409 && told.text().contains(TOLD) && told.text().contains("of another firm"),
        "{}",
        told.text()
    );
    assert_ne!(listing(&pages.registry(), 2001).grade, Grade::Green, "a row was excused that nobody had seen");
    assert_eq!(confirm(&second.shown(PAGE, mark)).status, 303);
    assert_eq!(listing(&pages.registry(), 2001).grade, Grade::Green);
}

#[test]
fn only_the_word_that_somebody_saw_is_lifted() {
    let pages = office();
    let second = pages.person("lin", Role::Second);
    let decision = |grade, reason| grade::Decision { grade, reason, missing: Vec::new() };
    let say = |decision| grade::grade(&mut pages.registry(), &pages.author(), 2001, decision).expect("a listing");
    say(decision(Grade::Green, None));
    let mark = "/console/listings/2001/lift\"";
    let before = second.shown(PAGE, mark);
    say(decision(Grade::Red, Some(220)));
    let lift = |shown: &str| second.post("/console/listings/2001/lift", &[("lifted", "it is old"), ("shown", shown)]);
    assert_eq!(lift(&before).status, 409);
    assert_eq!(listing(&pages.registry(), 2001).grade, Grade::Red, "a revocation went that nobody had seen");
    assert_eq!(lift(&second.shown(PAGE, mark)).status, 303);
}
