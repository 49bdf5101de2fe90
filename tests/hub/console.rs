//! The console over HTTP: who may do what, what is done, and what is said of it.

use greengate::hub::{Of, Registry, assess};
use greengate::rules::account::Role;
use greengate::rules::code::Grade;
use greengate::rules::dossier::Document;
use greengate::rules::record::{Record, RecordKey, Supplier};
use greengate::rules::text::Text;

use super::people::{Pages, Person, between};
use super::service::Answer;

/// Every page and form of the console, and who may use it: look, judge, confirm, manage.
const ROUTES: [(&str, &str, &str); 23] = [
    ("GET", "/console/inbox", "look"),
    ("GET", "/console/search?q=2001", "look"),
    ("GET", "/console/listings", "look"),
    ("GET", "/console/listings/2001", "look"),
    ("GET", "/console/suppliers", "look"),
    ("GET", "/console/suppliers/201", "look"),
    ("GET", "/console/kiosks", "look"),
    ("GET", "/console/scans", "look"),
    ("GET", "/console/publish", "look"),
    ("GET", "/console/listings/2001/revoke", "judge"),
    ("GET", "/console/listings/2001/labels", "judge"),
    ("POST", "/console/documents/1", "judge"),
    ("POST", "/console/listings/2001/capacity", "judge"),
    ("POST", "/console/listings/2001/review", "judge"),
    ("POST", "/console/listings/2001/propose", "judge"),
    ("POST", "/console/listings/2001/drop", "judge"),
    ("POST", "/console/listings/2001/lift", "judge"),
    ("POST", "/console/listings/2001/revoke", "judge"),
    ("POST", "/console/listings/2001/labels", "judge"),
    ("POST", "/console/listings/2001/confirm", "confirm"),
    ("GET", "/console/accounts", "manage"),
    ("POST", "/console/accounts", "manage"),
    ("POST", "/console/accounts/nobody/disable", "manage"),
];

fn grade(registry: &Registry, id: u32) -> Grade {
    match registry.record(Some(RecordKey::Listing(id))).expect("readable") {
        Some(Record::Listing(listing)) => listing.grade,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_role_has_its_pages_and_no_others() {
    let pages = Pages::office();
    let roles = [
        ("tea", Role::Supplier(201), &[][..]),
        ("platform", Role::Platform, &[]),
        ("mei", Role::Officer, &["look", "judge"]),
        ("lin", Role::Second, &["look", "judge", "confirm"]),
        ("root", Role::Admin, &["look", "manage"]),
    ];
    for (name, role, may) in roles {
        let person = pages.person(name, role);
        for (method, path, what) in ROUTES {
            let status = if method == "GET" { person.get(path).status } else { person.post(path, &[]).status };
            let allowed = may.contains(&what);
            // An empty form is refused for what it lacks, once it is allowed.
            let right = if allowed { status == 200 || method == "POST" && status == 422 } else { status == 403 };
            assert!(right, "{role:?} {method} {path}: {status}");
        }
    }
    let stranger = pages.stranger();
    for (method, path, _) in ROUTES {
        let answer = if method == "GET" { stranger.get(path) } else { stranger.post_plain(path, &[]) };
        assert!(answer.status == 303 && answer.header("location").starts_with("/enter"), "{method} {path}");
    }
}

#[test]
fn a_page_says_what_it_may_load_is_kept_by_nobody_and_has_one_heading_and_language() {
    let pages = Pages::office();
    let [officer, admin] = [pages.person("mei", Role::Officer), pages.person("root", Role::Admin)];
    let of_console = ROUTES.iter().filter(|(method, ..)| *method == "GET").map(|(_, path, what)| (*path, *what));
    for (path, what) in of_console.chain([("/enter", ""), ("/account", ""), ("/account/second", "")]) {
        let person = if what == "manage" { &admin } else { &officer };
        for (language, tag) in [("zh", "zh-CN"), ("en", "en")] {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = person.get(&format!("{path}{joint}lang={language}"));
            if page.status == 303 {
                continue;
            }
            let text = page.text();
            assert_eq!(page.header("content-security-policy").split(';').next(), Some("default-src 'none'"), "{path}");
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{path}");
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
            assert!(!text.contains(" style=") && !text.contains("<script") && !text.contains(" onclick"), "{path}");
            let mut ids: Vec<&str> =
                text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().expect("an end")).collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "{path}: an id stands twice");
        }
    }
}

#[test]
fn markup_in_a_name_is_text() {
    let pages = Pages::office();
    let name = Text::new("<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>");
    let supplier = Record::Supplier(Supplier { id: 201, name });
    pages.registry().change(&pages.author(), |changes| changes.put(&supplier)).expect("a supplier");
    let officer = pages.person("mei", Role::Officer);
    for path in [
        "/console/suppliers",
        "/console/suppliers/201",
        "/console/search?q=alert",
        "/console/search?q=%22%3E%3Cb%3E",
        "/console/listings?q=%3Cscript%3E",
    ] {
        let page = officer.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.text().contains("<script") && !page.text().contains("<img src=x") && !page.text().contains("<b>"),
            "{path}"
        );
    }
    assert!(officer.get("/console/suppliers?lang=en").text().contains("&lt;img src=x"));
}

#[test]
fn whoever_proposes_a_grade_cannot_confirm_it() {
    let pages = Pages::office();
    let mut registry = pages.registry();
    assess::settle_all(&mut registry, &pages.author()).expect("a rulebook");
    assert_eq!(grade(&registry, 2001), Grade::Yellow);
    let [lin, mei, fang] = [("lin", Role::Second), ("mei", Role::Officer), ("fang", Role::Second)]
        .map(|(name, role)| pages.person(name, role));
    let green = [("grade", "green"), ("why", "the papers were seen on site")];
    assert_eq!(lin.post("/console/listings/2001/propose", &[("grade", "green")]).status, 422, "a reason is needed");
    assert_eq!(lin.post("/console/listings/2001/propose", &green).status, 303);
    let page = lin.get("/console/listings/2001?lang=en");
    assert!(!page.text().contains("/console/listings/2001/confirm"), "the page offers what is refused");
    let at = seen(&fang);
    let own = lin.post("/console/listings/2001/confirm", &[("shown", &at)]);
    assert_eq!(own.status, 422);
    assert!(own.text().contains("whoever proposes a grade cannot confirm it"), "{}", own.text());
    assert_eq!(mei.post("/console/listings/2001/confirm", &[("shown", &at)]).status, 403);
    assert_eq!(grade(&registry, 2001), Grade::Yellow);
    pages.pass(1);
    assert_eq!(mei.post("/console/listings/2001/propose", &green).status, 303);
    let other = fang.post("/console/listings/2001/confirm", &[("shown", &at)]);
    assert_eq!(other.status, 409, "it is not the one that was seen");
    assert_eq!(fang.post("/console/listings/2001/confirm", &[("shown", &seen(&fang))]).status, 303);
    assert_eq!(grade(&registry, 2001), Grade::Green);
    let told = registry.history(Of::Listing(2001)).expect("a history");
    assert_eq!(told.iter().rev().take(2).map(|change| change.who.as_str()).collect::<Vec<_>>(), ["fang", "fang"]);
    // Green against the rulebook is anybody's to take back, red is not.
    assert_eq!(lift(&mei, 2001).status, 303);
    assert_eq!(grade(&registry, 2001), Grade::Yellow);
    // A newer word ends what was proposed before it: what was revoked turns green from no page that is still open.
    pages.pass(1);
    assert_eq!(mei.post("/console/listings/2001/propose", &green).status, 303);
    let at = seen(&fang);
    let revoked = [("zh", "抽检不合格"), ("en", "failed on site"), ("why", "report 7"), ("sure", "yes")];
    assert_eq!(mei.post("/console/listings/2001/revoke", &revoked).status, 303);
    assert_eq!(fang.post("/console/listings/2001/confirm", &[("shown", &at)]).status, 422);
    assert_eq!(grade(&registry, 2001), Grade::Red);
}

/// The open proposal and what it is about, as the page has it.
fn seen(person: &Person<'_>) -> String {
    person.shown("/console/listings/2001", "/console/listings/2001/confirm\"")
}

/// Lifts a person's grade from a page of now.
fn lift(person: &Person<'_>, listing: u32) -> Answer {
    let path = format!("/console/listings/{listing}");
    let shown = person.shown(&path, &format!("{path}/lift\""));
    person.post(&format!("{path}/lift"), &[("lifted", "it is settled"), ("shown", &shown)])
}

/// Judges a document from a page of now.
fn judge(person: &Person<'_>, document: &Document, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/console/documents/{}", document.id);
    let shown = person.shown(&format!("/console/listings/{}", document.listing), &format!("action=\"{path}\""));
    person.post(&path, &[fields, &[("shown", &shown)]].concat())
}

/// What the form for production's score sends back.
fn production(person: &Person<'_>, listing: u32) -> String {
    person.shown(&format!("/console/listings/{listing}"), "name=\"kind\" value=\"production\"")
}

#[test]
fn an_officer_judges_assesses_and_revokes_and_the_grade_follows() {
    let pages = Pages::office();
    let mut registry = pages.registry();
    assess::settle_all(&mut registry, &pages.author()).expect("a rulebook");
    let officer = pages.person("mei", Role::Officer);
    assert_eq!(grade(&registry, 2002), Grade::Green);
    let of_2002 = registry.documents(Some(2002)).expect("documents");
    assert_eq!(judge(&officer, &of_2002[0], &[("state", "refused")]).status, 422, "a reason is needed");
    assert_eq!(judge(&officer, &of_2002[0], &[("state", "refused"), ("why", "the seal is missing")]).status, 303);
    assert_eq!(grade(&registry, 2002), Grade::Yellow);
    assert!(officer.get("/console/listings/2002").text().contains("the seal is missing"));
    assert_eq!(judge(&officer, &of_2002[0], &[("state", "accepted")]).status, 303);
    assert_eq!(grade(&registry, 2002), Grade::Green);
    let shown = production(&officer, 2002);
    let low = [("kind", "production"), ("score", "10"), ("note", "one machine"), ("shown", shown.as_str())];
    assert_eq!(
        officer
            .post("/console/listings/2002/capacity", &[("kind", "production"), ("score", "101"), ("note", "x")])
            .status,
        422
    );
    assert_eq!(officer.post("/console/listings/2002/capacity", &low).status, 303);
    assert_ne!(grade(&registry, 2002), Grade::Green);
    let effect = officer.get("/console/listings/2002/revoke?lang=en");
    assert!(effect.text().contains("Issued labels that turn red: <strong>0</strong>"), "{}", effect.text());
    let reason = [("zh", "抽检不合格"), ("en", "failed on site"), ("why", "report 7")];
    assert_eq!(
        officer.post("/console/listings/2002/revoke", &reason).status,
        422,
        "nobody said that the effect was seen"
    );
    assert_eq!(officer.post("/console/listings/2002/revoke", &[&reason[..], &[("sure", "yes")]].concat()).status, 303);
    assert_eq!(grade(&registry, 2002), Grade::Red);
    assert_eq!(lift(&officer, 2002).status, 422, "one officer alone makes red better");
    let second = pages.person("lin", Role::Second);
    assert_eq!(lift(&second, 2002).status, 303);
    assert_ne!(grade(&registry, 2002), Grade::Red);
    let failed = [("outcome", "failed"), ("found", "the lot had mould")];
    assert_eq!(officer.post("/console/listings/2003/review", &failed).status, 303);
    assert_eq!(officer.post("/console/listings/2003/review", &failed).status, 303);
    assert!(officer.get("/console/listings/2003?lang=en").text().contains("tightened"));
}

#[test]
fn labels_are_issued_as_a_sheet_and_not_for_what_is_red() {
    let pages = Pages::office();
    assess::settle_all(&mut pages.registry(), &pages.author()).expect("a rulebook");
    let officer = pages.person("mei", Role::Officer);
    let order = [("scope", "items"), ("count", "3"), ("host", "QR.EXAMPLE.COM"), ("paper", "a4")];
    let sheet = officer.post("/console/listings/2002/labels", &order);
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "application/pdf"));
    assert_eq!(sheet.header("content-disposition"), "attachment; filename=\"labels-2002.pdf\"");
    assert!(sheet.bytes.starts_with(b"%PDF-"));
    let labels = pages.registry().labels(2002).expect("labels");
    assert_eq!(labels.len(), 3);
    assert!(labels[0].text.contains("QR.EXAMPLE.COM"));
    assert_eq!(
        officer.post("/console/listings/2002/labels", &[("scope", "items"), ("count", "1001"), ("host", "A.B")]).status,
        422
    );
    assert_eq!(officer.post("/console/listings/2004/labels", &order).status, 422);
    assert_eq!(pages.registry().labels(2004).expect("labels").len(), 0);
    let found = officer.get(&format!("/console/search?q={}", labels[1].index));
    assert!(found.text().contains("/console/listings/2002"), "{}", found.text());
}

#[test]
fn listings_are_found_by_what_people_remember() {
    let pages = Pages::office();
    let officer = pages.person("mei", Role::Officer);
    let found = |query: &str| {
        let page = officer.get(&format!("/console/listings?{query}"));
        let links = page.text().split("href=\"/console/listings/").skip(1);
        links.map(|rest| rest.split('"').next().expect("an end").parse().expect("a number")).collect::<Vec<u32>>()
    };
    assert_eq!(found(""), [2001, 2002, 2003, 2004]);
    assert_eq!(found("after=2002"), [2003, 2004]);
    assert_eq!(found("q=2003"), [2003]);
    let Some(Record::Listing(listing)) = pages.registry().record(Some(RecordKey::Listing(2003))).expect("readable")
    else {
        panic!("no listing");
    };
    assert!(found(&format!("q={}", listing.gtin)).contains(&2003));
    let word = listing.name.en.split(' ').next().expect("a word").to_uppercase();
    assert!(found(&format!("q={word}")).contains(&2003), "{word}");
    assert_eq!(found("q=green"), [0_u32; 0], "what is no name was found");
    assert_eq!(found("q=%25"), [0_u32; 0], "a sign of patterns finds all");
}

#[test]
fn the_admin_hands_a_link_over_and_cannot_shut_the_own_account() {
    let pages = Pages::office();
    let admin = pages.person("root", Role::Admin);
    let made = admin.post("/console/accounts", &[("name", "tea"), ("role", "supplier"), ("supplier", "201")]);
    assert_eq!(made.status, 200, "{}", made.text());
    let link = between(made.text(), "/enter/link/", "<");
    assert_eq!(pages.stranger().get(&format!("/enter/link/{link}")).status, 200);
    assert_eq!(admin.post("/console/accounts", &[("name", "b"), ("role", "supplier")]).status, 422);
    assert_eq!(admin.post("/console/accounts/root/disable", &[("disabled", "yes")]).status, 422);
    assert_eq!(admin.post("/console/accounts/tea/disable", &[("disabled", "yes")]).status, 303);
    assert_eq!(pages.stranger().get(&format!("/enter/link/{link}")).status, 404);
    assert!(admin.get("/console/accounts").text().contains("<td>root</td>"));
}

#[test]
fn a_release_is_a_button_where_the_keys_lie_open_and_a_command_where_they_are_sealed() {
    let folder = tempfile::tempdir().expect("a folder");
    greengate::hub::init(folder.path(), None, &super::author()).expect("an authority");
    let pages = Pages::over(folder);
    let officer = pages.person("mei", Role::Officer);
    assert!(officer.get("/console/publish").text().contains("action=\"/console/publish\""));
    assert_eq!(officer.post("/console/publish", &[]).status, 303);
    assert_eq!(pages.registry().newest_release().expect("readable").map(|release| release.version), Some(1));
    let admin = pages.person("root", Role::Admin);
    assert!(!admin.get("/console/publish").text().contains("action=\"/console/publish\""));
    assert_eq!(admin.post("/console/publish", &[]).status, 403);

    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = greengate::hub::keys::Passphrase::new("a passphrase for tests".to_owned()).expect("a passphrase");
    greengate::hub::init(folder.path(), Some(&passphrase), &super::author()).expect("an authority");
    let pages = Pages::over(folder);
    let officer = pages.person("mei", Role::Officer);
    let page = officer.get("/console/publish");
    assert!(page.text().contains("greengate-hub publish") && !page.text().contains("action=\"/console/publish\""));
    assert_eq!(officer.post("/console/publish", &[]).status, 422);
    assert_eq!(pages.registry().newest_release().expect("readable"), None);
}
