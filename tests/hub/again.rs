//! A form that lacks something comes back: its page, what was typed, and what is wrong told at its field.

use greengate::hub::Of;
use greengate::rules::account::Role;

use super::people::{Pages, Person, between};
use super::service::Answer;

const LISTING: &str = "/console/listings/2001";

/// The form of a page that goes to `action` and has this mark in it.
fn form<'a>(page: &'a str, action: &str, mark: &str) -> &'a str {
    let mut forms = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().expect("an end"));
    let is_it = |form: &&str| form.contains(&format!("action=\"{action}\"")) && form.contains(mark);
    forms.find(is_it).unwrap_or_else(|| panic!("no form to {action} with {mark} in {page}"))
}

/// Sends a form as a browser does: what is hidden in it, and what was typed.
fn send(person: &Person<'_>, page: &str, (action, mark): (&str, &str), typed: &[(&str, &str)]) -> Answer {
    let answer = person.get(&format!("{page}?lang=en"));
    let hidden = form(answer.text(), action, mark).split("type=\"hidden\" name=\"").skip(1);
    let hidden = hidden.map(|rest| (rest.split('"').next().expect("a name"), between(rest, "value=\"", "\"")));
    let fields: Vec<(&str, &str)> = hidden.chain(typed.iter().copied()).collect();
    person.post_plain(action, &fields)
}

/// The input of this id.
fn input<'a>(text: &'a str, id: &str) -> &'a str {
    let at = text.find(&format!("<input id=\"{id}\"")).unwrap_or_else(|| panic!("no input {id} in {text}"));
    text[at..].split('>').next().expect("an end")
}

struct Case {
    page: &'static str,
    action: &'static str,
    mark: &'static str,
    typed: &'static [(&'static str, &'static str)],
    /// The id of the field in which something is wrong.
    wrong: &'static str,
    /// What of the form stays as it was typed.
    kept: &'static str,
}

const OF_OFFICERS: [Case; 10] = [
    Case {
        page: LISTING,
        action: "/console/documents/1",
        mark: "",
        typed: &[("state", "refused"), ("why", " ")],
        wrong: "why-1",
        kept: "value=\"refused\"",
    },
    Case {
        page: LISTING,
        action: "/console/listings/2001/capacity",
        mark: "value=\"shipment\"",
        typed: &[("score", "77"), ("note", "")],
        wrong: "note-shipment",
        kept: "value=\"77\"",
    },
    Case {
        page: LISTING,
        action: "/console/listings/2001/capacity",
        mark: "value=\"operation\"",
        typed: &[("score", "101"), ("note", "one &amp; all")],
        wrong: "score-operation",
        kept: "value=\"one &amp;amp; all\"",
    },
    Case {
        page: LISTING,
        action: "/console/listings/2001/review",
        mark: "",
        typed: &[("outcome", "irregular"), ("found", "")],
        wrong: "found",
        kept: "<option value=\"irregular\" selected>",
    },
    Case {
        page: LISTING,
        action: "/console/listings/2001/propose",
        mark: "",
        typed: &[("grade", "red"), ("zh", "有霉味"), ("why", "")],
        wrong: "why",
        kept: "value=\"有霉味\"",
    },
    Case {
        page: LISTING,
        action: "/console/listings/2001/propose",
        mark: "",
        typed: &[("grade", "red"), ("why", "a letter")],
        wrong: "zh",
        kept: "<option value=\"red\" selected>",
    },
    Case {
        page: "/console/listings/2002/revoke",
        action: "/console/listings/2002/revoke",
        mark: "",
        typed: &[("en", "failed on site"), ("why", ""), ("sure", "yes")],
        wrong: "why",
        kept: "value=\"yes\" required checked",
    },
    Case {
        page: "/console/listings/2002/revoke",
        action: "/console/listings/2002/revoke",
        mark: "",
        typed: &[("en", "failed on site"), ("why", "report 7")],
        wrong: "sure",
        kept: "value=\"report 7\"",
    },
    Case {
        page: "/console/listings/2002/labels",
        action: "/console/listings/2002/labels",
        mark: "",
        typed: &[("scope", "lot"), ("count", "24"), ("host", "QR.EXAMPLE.COM"), ("expiry", "2026-12-31")],
        wrong: "lot",
        kept: "value=\"2026-12-31\"",
    },
    Case {
        page: "/console/listings/2002/labels",
        action: "/console/listings/2002/labels",
        mark: "",
        typed: &[("scope", "items"), ("count", "1001"), ("host", "QR.EXAMPLE.COM")],
        wrong: "count",
        kept: "value=\"1001\"",
    },
];

const OF_THE_ADMIN: [Case; 2] = [
    Case {
        page: "/console/accounts",
        action: "/console/accounts",
        mark: "",
        typed: &[("name", ""), ("role", "second")],
        wrong: "name",
        kept: "<option value=\"second\" selected>",
    },
    Case {
        page: "/console/accounts",
        action: "/console/accounts",
        mark: "",
        typed: &[("name", "tea@example.com"), ("role", "supplier"), ("supplier", "")],
        wrong: "supplier",
        kept: "value=\"tea@example.com\"",
    },
];

/// How many changes there were of the listings and accounts of these tests.
fn kept_rows(pages: &Pages) -> Vec<usize> {
    let of = [Of::Listing(2001), Of::Listing(2002), Of::Accounts];
    of.map(|of| pages.registry().history(of).expect("a history").len()).into()
}

#[test]
fn a_form_that_lacks_something_comes_back_with_what_was_typed_and_says_what_is_wrong_where_it_is() {
    let pages = Pages::office();
    let [officer, admin] = [pages.person("mei", Role::Officer), pages.person("root", Role::Admin)];
    let before = kept_rows(&pages);
    let cases = OF_OFFICERS.iter().map(|case| (&officer, case)).chain(OF_THE_ADMIN.iter().map(|case| (&admin, case)));
    for (person, Case { page, action, mark, typed, wrong, kept }) in cases {
        let answer = send(person, page, (action, mark), typed);
        let text = answer.text();
        assert_eq!(answer.status, 422, "{action} {wrong}: {text}");
        let title = between(text, "<h1>", "</h1>");
        assert_eq!(between(person.get(page).text(), "<h1>", "</h1>"), title, "{action}: another page");
        assert!(text.contains(&format!("href=\"{page}?lang=zh\"")), "{action}: the other language is another page");
        assert!(text.contains("class=\"trouble\" role=\"alert\""), "{action} {wrong}: {text}");
        let mine = form(text, action, mark);
        assert!(mine.contains(kept), "{action} {wrong}: {kept} is gone from {mine}");
        let field = input(mine, wrong);
        let told = format!("aria-describedby=\"{wrong}-wrong");
        assert!(field.contains("aria-invalid=\"true\"") && field.contains(&told), "{action}: {field}");
        assert!(mine.contains(&format!("class=\"wrong\" id=\"{wrong}-wrong\"")), "{action}: {mine}");
        assert_eq!(text.matches("aria-invalid").count(), 1, "{action}: another form of the page comes back too");
    }
    assert_eq!(kept_rows(&pages), before, "something was kept");
}

#[test]
fn what_has_to_be_there_is_asked_for_by_the_browser() {
    let pages = Pages::office();
    let [officer, admin] = [pages.person("mei", Role::Officer), pages.person("root", Role::Admin)];
    for (person, page, ids) in [
        (&officer, LISTING, &["why-1", "score-production", "note-production", "found", "why"][..]),
        (&officer, "/console/listings/2002/revoke", &["why", "sure"]),
        (&officer, "/console/listings/2002/labels", &["host"]),
        (&admin, "/console/accounts", &["name"]),
    ] {
        let page = person.get(page);
        for id in ids {
            assert!(input(page.text(), id).contains(" required"), "{id}");
        }
    }
    // A document is accepted without a reason.
    let refused = [("state", "refused"), ("why", "page 2 is blurred")];
    assert_eq!(send(&officer, LISTING, ("/console/documents/1", ""), &refused).status, 303);
    let page = officer.get(LISTING);
    let [refuse, accept] =
        ["value=\"refused\"", "value=\"accepted\" formnovalidate"].map(|button| page.text().find(button));
    // Enter in the reason presses the first one.
    assert!(refuse.is_some() && refuse < accept, "{refuse:?} {accept:?}");
}

#[test]
fn what_the_registry_refuses_comes_back_too() {
    let pages = Pages::office();
    let [officer, second] =
        [("mei", Role::Officer), ("lin", Role::Second)].map(|(name, role)| pages.person(name, role));
    let red = [("zh", "抽检不合格"), ("why", "report 7"), ("sure", "yes")];
    let revoke = "/console/listings/2001/revoke";
    assert_eq!(send(&second, revoke, (revoke, ""), &red).status, 303);
    let lift = "/console/listings/2001/lift";
    let refused = send(&officer, LISTING, (lift, ""), &[("lifted", "it is settled")]);
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("ask a second officer to lift it"), "{}", refused.text());
    assert!(form(refused.text(), lift, "").contains("value=\"it is settled\""), "{}", refused.text());
}

#[test]
fn a_form_that_names_no_page_of_ours_gets_the_trouble_alone() {
    let pages = Pages::office();
    let officer = pages.person("mei", Role::Officer);
    for page in ["", "/nothing", "//evil.example/", "https://evil.example/", "/\u{7f}", "/console/accounts"] {
        let answer = officer.post("/console/listings/2001/review", &[("outcome", "passed"), ("page", page)]);
        assert_eq!(answer.status, 422, "{page}");
        assert!(!answer.text().contains("<form class=\"fields"), "{page}: {}", answer.text());
    }
    // Nobody's page comes back who sent nothing of ours.
    let foreign = officer.post_plain("/console/listings/2001/review", &[("outcome", "passed"), ("page", LISTING)]);
    assert_eq!(foreign.status, 403);
    assert!(!foreign.text().contains("<form class=\"fields"), "{}", foreign.text());
}

#[test]
fn no_secret_comes_back() {
    let pages = Pages::office();
    let officer = pages.person("mei", Role::Officer);
    let secret = "correct horse battery";
    for (path, page, fields) in [
        ("/account/password", "/account", [("before", secret), ("new", secret)]),
        ("/account/second", "/account/second", [("password", secret), ("code", secret)]),
        ("/account/second", "/account/second", [("password", ""), ("code", secret)]),
        // Another form that is refused, and leads to the page of that one.
        ("/console/listings/2001/review", "/account", [("before", secret), ("outcome", "passed")]),
    ] {
        let answer = officer.post(path, &[&fields[..], &[("page", page)]].concat());
        assert_eq!(answer.status, 422, "{path}");
        assert!(!answer.text().contains(secret), "{path}: {}", answer.text());
    }
}

#[test]
fn the_form_for_labels_of_the_desk_speaks_of_labels() {
    let pages = Pages::office_with(|site| site.with_host(Some("QR.EXAMPLE.COM".to_owned())));
    let mut registry = pages.registry();
    greengate::hub::assess::settle_all(&mut registry, &pages.author()).expect("a rulebook");
    let wang = pages.person("wang", Role::Supplier(201));
    let path = "/desk/listing/2002/labels";
    let labels = send(&wang, path, (path, ""), &[("count", "0")]);
    assert_eq!(labels.status, 422);
    assert!(labels.text().contains("No labels were made yet. Please mend"), "{}", labels.text());
    assert!(labels.text().contains(&format!("href=\"{path}?lang=zh\"")), "the other language is no page");
    let firm = send(&wang, "/desk/firm", ("/desk/firm", ""), &[("partnerships", "Platform A")]);
    assert!(firm.text().contains("Nothing was saved yet. Please mend"), "{}", firm.text());
}
