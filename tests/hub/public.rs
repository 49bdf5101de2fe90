//! What a phone shows that opens a label, and what a GS1 Digital Link resolver answers there.

use std::path::PathBuf;

use greengate::hub::Registry;
use greengate::rules::code::{Expiry, Grade, Header, Product, Scope};
use greengate::rules::demo::DemoKey;
use greengate::rules::dossier::{Document, DocumentState, Firm, Paper};
use greengate::rules::label;
use greengate::rules::record::{Block, Exception, Key, Listing, Reason, Record};
use greengate::rules::text::Text;
use jiff::civil::{Date, date};

use super::service::{Answer, Hub};
use super::{author, records};
use crate::support::browser::Browser;

const GTIN: &str = "06901234567892";
const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
const EN: (&str, &str) = ("accept-language", "en");

/// Indexes 1 to 10 are of the green listing 17, 11 to 20 of the yellow one, 21 to 30 of the red one. Code 5 has a grade of
/// its own; the second key was cut off.
pub fn world() -> Hub {
    let hub = Hub::start();
    let mut registry = Registry::open(hub.folder.path()).expect("a registry");
    registry
        .change(&author(), |changes| {
            let reason = |id, zh: &str, en: &str| Record::Reason(Reason { id, text: Text::new(zh, en) });
            changes.put(&reason(1, "铅超过限量", "lead is above its limit"))?;
            changes.put(&reason(2, "质量检验报告", "quality-check report"))?;
            changes.put(&reason(3, "外包装破损，退回", "came back with a broken package"))?;
            for record in records() {
                changes.put(&match record {
                    Record::Listing(listing) if listing.grade == Grade::Yellow => {
                        Record::Listing(Listing { missing: vec![2], ..listing })
                    }
                    Record::Listing(listing) if listing.grade == Grade::Red => {
                        Record::Listing(Listing { reason: Some(1), ..listing })
                    }
                    other => other,
                })?;
            }
            let public = DemoKey::CutOff.public();
            changes.put(&Record::Key(Key { slot: DemoKey::CutOff.slot(), public, cut_off: Some(0) }))?;
            for (first, listing) in [(1, 17), (11, 18), (21, 19)] {
                changes.put(&Record::Block(Block { first, last: first + 9, listing }))?;
            }
            changes.put(&Record::Exception(Exception { index: 5, grade: Grade::Red, reason: Some(3) }))?;
            private_papers().iter().try_for_each(|paper| changes.put_paper(paper))
        })
        .expect("a world for tests");
    hub
}

/// Papers with what no page may show, each part marked `SECRET`.
fn private_papers() -> Vec<Paper> {
    let document = |id, kind: &str, state| {
        let (number, issuer) = ("SECRET-NUMBER".to_owned(), "SECRET issuer".to_owned());
        let (issued, expires) = (date(2026, 3, 1), Some(date(2027, 2, 28)));
        let kind = kind.to_owned();
        let listing = 17;
        Paper::Document(Document {
            id,
            listing,
            kind,
            number,
            issuer,
            issued,
            expires,
            file: None,
            items: Vec::new(),
            state,
            capture: None,
        })
    };
    let firm = Firm {
        supplier: 7,
        code: "91330106MA2KXQ201W".to_owned().try_into().expect("a credit code"),
        contacts: vec!["SECRET 138 0000 0000".to_owned()],
        partnerships: [("tmall".to_owned(), "SECRET 5 %".to_owned())].into(),
    };
    vec![
        Paper::Firm(firm),
        document(1, "inspection-report", DocumentState::Accepted),
        document(2, "business-licence", DocumentState::Revoked("SECRET letter".to_owned())),
        document(3, "waiting-paper", DocumentState::Filed),
        document(4, "refused-paper", DocumentState::Refused("SECRET".to_owned())),
    ]
}

/// The path of a label, signed.
pub fn path(index: u32, key: DemoKey, expiry: Option<&str>, valid_until: Option<Date>) -> String {
    let header = Header { key_slot: key.slot(), valid_until, index, grade: Grade::Green, scope: Scope::Item };
    let product = Product {
        gtin: GTIN.to_owned().try_into().expect("a GTIN"),
        lot: Some("LJ-2604".to_owned()),
        serial: Some("S.1".to_owned()),
        expiry: expiry.map(|day| Expiry::parse(day).expect("a date")),
    };
    let text = label::sign(&header, &product, &key.signing_key()).expect("a label").to_text("h");
    text["https://H".len()..].to_owned()
}

fn plain(index: u32) -> String {
    path(index, DemoKey::Authority, Some("701231"), None)
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.bytes).expect("text")
}

fn page(hub: &Hub, path: &str) -> Answer {
    hub.get(path, &[HTML, EN])
}

/// What a page says first, and the colour that it has.
fn headline(answer: &Answer) -> (&str, &str) {
    let text = text(answer);
    let after = |mark: &str| text.split_once(mark).map_or("", |(_, rest)| rest);
    let until = |rest: &'static str, text: &str| text.find(rest).unwrap_or_default();
    let colour = after("<div class=\"verdict ");
    let says = after("<p class=\"says\">");
    (&colour[..until("\"", colour)], &says[..until("</p>", says)])
}

#[test]
fn a_label_shows_the_grade_that_holds_now() {
    let hub = world();
    let told = [(1, "green", "Green: everything asked for is met"), (11, "yellow", "Yellow: documents are missing")];
    for (index, colour, says) in told {
        let answer = page(&hub, &plain(index));
        assert_eq!((answer.status, headline(&answer)), (200, (colour, says)));
    }
    assert!(text(&page(&hub, &plain(11))).contains("<li>quality-check report</li>"));
    let red = page(&hub, &plain(21));
    assert_eq!(headline(&red), ("red", "Red: do not take in, sell or use"));
    assert!(text(&red).contains("lead is above its limit"));
    let own = page(&hub, &plain(5));
    assert_eq!(headline(&own).0, "red", "the code's own grade stands before its listing's");
    assert!(text(&own).contains("came back with a broken package"));
    let zh = hub.get(&plain(1), &[HTML]);
    assert_eq!(headline(&zh), ("green", "绿码：要求都已满足"));
    assert!(text(&zh).contains("杭州西湖茶业有限公司") && text(&zh).contains("西湖龙井明前特级 250 克"));
}

#[test]
fn a_revocation_shows_at_once() {
    let hub = world();
    let first = page(&hub, &plain(1));
    let mut registry = Registry::open(hub.folder.path()).expect("a registry");
    greengate::hub::grade::revoke(&mut registry, &author(), 17, 1).expect("a revocation");
    let second = hub.get(&plain(1), &[HTML, EN, ("if-none-match", first.header("etag"))]);
    assert_eq!((second.status, headline(&second).0), (200, "red"));
}

#[test]
fn a_forged_torn_or_cut_off_label_says_so_in_red() {
    let hub = world();
    let forged = page(&hub, &path(1, DemoKey::Forger, None, None));
    assert_eq!((forged.status, headline(&forged)), (404, ("red", "Forged or damaged label")));
    assert!(text(&forged).contains("The signature does not fit the label"));
    assert!(!text(&forged).contains("West Lake"), "nothing of a forged label is shown as true");
    let cut_off = page(&hub, &path(1, DemoKey::CutOff, None, None));
    assert!(
        text(&cut_off).contains("The label&#39;s signer was cut off") || text(&cut_off).contains("signer was cut off")
    );
    let moved = page(&hub, &plain(1).replace("LJ-2604", "LJ-2605"));
    assert_eq!((moved.status, headline(&moved).0), (404, "red"));
    let torn = page(&hub, &plain(1)[..150].to_owned());
    assert_eq!(torn.status, 400);
    assert!(text(&torn).contains("176 digits and has 149; scan the label again"));
    let broken = page(&hub, &plain(1).replacen("/01/", "1/01/", 1));
    assert_eq!((broken.status, headline(&broken).0), (400, "red"));
    let program = hub.get(&path(1, DemoKey::Forger, None, None), &[]);
    assert_eq!(program.header("content-type"), "application/problem+json");
    assert_eq!(program.json()["detail"], "the signature does not fit the label; do not take the goods in");
}

#[test]
fn what_has_run_out_is_said_gravest_first() {
    let hub = world();
    let goods = page(&hub, &path(1, DemoKey::Authority, Some("261101"), Some(date(2026, 11, 1))));
    assert_eq!(headline(&goods), ("red", "The goods are past their expiry"));
    let label = page(&hub, &path(1, DemoKey::Authority, None, Some(date(2026, 11, 1))));
    assert_eq!(headline(&label), ("yellow", "The label has expired"));
    let red = page(&hub, &path(21, DemoKey::Authority, Some("261101"), None));
    assert_eq!(headline(&red).1, "Red: do not take in, sell or use");
}

#[test]
fn a_genuine_label_of_no_listing_is_not_green() {
    let hub = world();
    let answer = page(&hub, &plain(77));
    assert_eq!((answer.status, headline(&answer).0), (404, "yellow"));
}

#[test]
fn documents_are_told_by_kind_and_date_and_nothing_private_is() {
    let hub = world();
    for accept in ["text/html", "application/linkset+json"] {
        let answer = hub.get(&plain(1), &[("accept", accept), EN]);
        assert!(!text(&answer).contains("SECRET"), "{}", text(&answer));
        assert!(!text(&answer).contains("91330106"), "{}", text(&answer));
    }
    let shown = page(&hub, &plain(1));
    assert!(text(&shown).contains("inspection-report") && text(&shown).contains("2027-02-28"));
    assert!(text(&shown).contains("business-licence") && text(&shown).contains("revoked"));
    assert!(!text(&shown).contains("waiting-paper") && !text(&shown).contains("refused-paper"));
    assert!(text(&shown).contains("Demo: suppliers, products and signatures are invented."));
}

#[test]
fn a_code_without_a_signature_lists_who_supplies_the_product() {
    let hub = world();
    let answer = page(&hub, &format!("/01/{GTIN}/10/LJ%2D2604?17=281231&utm_source=x"));
    assert_eq!((answer.status, headline(&answer)), (200, ("yellow", "This code is not signed")));
    assert_eq!(text(&answer).matches("<h3>").count(), 3);
    assert!(text(&answer).contains("<dd>LJ-2604</dd>"));
    let none = page(&hub, "/01/04006381333931");
    assert_eq!(none.status, 404);
    assert!(text(&none).contains("no listing has the GTIN 04006381333931"));
    for path in
        ["/01/06901234567893", "/01/0690123456789X", "/01/12", &format!("/01/{GTIN}/17/261231"), "/414/6901234567892"]
    {
        assert_eq!(page(&hub, path).status, 400, "{path}");
    }
}

#[test]
fn an_address_is_the_same_however_it_was_handed_on() {
    let hub = world();
    for path in [format!("{}&utm_source=wx", plain(1)), plain(1).replace("S.1", "S%2E1"), plain(1).replace("?", "/?")] {
        assert_eq!(headline(&page(&hub, &path)).0, "green", "{path}");
    }
}

#[test]
fn a_resolver_tells_its_links() {
    let hub = world();
    let linkset = hub.get(&plain(1), &[("accept", "application/linkset+json")]);
    assert_eq!(linkset.header("content-type"), "application/linkset+json");
    assert_eq!(linkset.header("access-control-allow-origin"), "*");
    let set = &linkset.json()["linkset"][0];
    assert_eq!(set["anchor"], hub.url(&plain(1)));
    for (kind, href) in [
        ("defaultLink", hub.url(&plain(1))),
        ("pip", hub.url(&plain(1))),
        ("certificationInfo", hub.url(&format!("{}#grounds", plain(1)))),
    ] {
        assert_eq!(set[format!("https://ref.gs1.org/voc/{kind}")][0]["href"], href, "{kind}");
    }
    for query in ["all", "linkset"] {
        let same = hub.get(&format!("{}&linkType={query}", plain(1)), &[HTML]);
        assert_eq!(same.json(), linkset.json());
    }
    let page = page(&hub, &plain(1));
    assert!(page.header("link").ends_with("&linkType=linkset>; rel=\"linkset\"; type=\"application/linkset+json\""));
    let one = hub.get(&format!("{}&linkType=gs1:certificationInfo", plain(1)), &[HTML]);
    assert_eq!((one.status, one.header("location")), (307, format!("{}#grounds", plain(1)).as_str()));
    let none = hub.get(&format!("{}&linkType=gs1:hasRetailers", plain(1)), &[]);
    assert_eq!(none.status, 404);
    assert_eq!(
        none.json()["detail"],
        "there is no link of type `gs1:hasRetailers`; there are `gs1:pip`, `gs1:certificationInfo` and `linkset`"
    );
    let about = hub.get("/.well-known/gs1resolver", &[]).json();
    assert_eq!((&about["resolverRoot"], &about["supportedPrimaryKeys"][0]), (&hub.url("").into(), &"01".into()));
}

#[test]
fn other_methods_are_answered_as_the_web_has_it() {
    let hub = world();
    let head = hub.ask("HEAD", &plain(1), &[HTML]);
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("etag"), hub.get(&plain(1), &[HTML]).header("etag"));
    let options = hub.ask("OPTIONS", &plain(1), &[]);
    assert_eq!((options.status, options.header("access-control-allow-methods")), (204, "GET, HEAD, OPTIONS"));
    let delete = hub.ask("DELETE", &plain(1), &[]);
    assert_eq!((delete.status, delete.header("allow")), (405, "GET, HEAD, OPTIONS"));
}

#[test]
fn a_page_that_is_known_is_not_sent_again() {
    let hub = world();
    let first = page(&hub, &plain(1));
    assert_eq!(first.header("cache-control"), "public, max-age=60");
    let again = hub.get(&plain(1), &[HTML, EN, ("if-none-match", first.header("etag"))]);
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let other = hub.get(&plain(1), &[HTML, ("if-none-match", first.header("etag"))]);
    assert_eq!(other.status, 200, "another language is another page");
    let chosen = hub.get(&format!("{}&lang=en", plain(1)), &[HTML]);
    assert_eq!(chosen.header("cache-control"), "no-store", "it sets a cookie");
}

#[test]
fn the_first_page_leads_to_what_was_typed() {
    let hub = world();
    let to = |typed: &str| hub.get(&format!("/search?q={typed}"), &[HTML, EN]);
    assert_eq!(to("6901234567892").header("location"), format!("/01/{GTIN}"));
    let typed = plain(1).replace('?', "%3F").replace('=', "%3D");
    assert_eq!(to(&format!("https://QR.EXAMPLE.COM{typed}")).header("location"), plain(1));
    assert_eq!(to("(01)06901234567892(10)A").header("location"), format!("/01/{GTIN}/10/A"));
    for wrong in ["", "6901234567893", "%3Cscript%3E"] {
        let answer = to(wrong);
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(!text(&answer).contains("<script"));
    }
}

/// Pictures for people: `GREENGATE_SHOTS=folder cargo test --test main hub::public::shots -- --ignored`.
#[test]
#[ignore = "draws pictures for people"]
fn shots() {
    let (Some(mut browser), Some(folder)) = (Browser::start(), std::env::var_os("GREENGATE_SHOTS")) else { return };
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let hub = world();
    let pages = [
        ("green", plain(1)),
        ("yellow", plain(11)),
        ("red", plain(21)),
        ("forged", path(1, DemoKey::Forger, None, None)),
        ("expired-goods", path(1, DemoKey::Authority, Some("261101"), None)),
        ("expired-label", path(1, DemoKey::Authority, None, Some(date(2026, 11, 1)))),
        ("unsigned", format!("/01/{GTIN}")),
        ("torn", plain(1)[..150].to_owned()),
        ("start", "/".to_owned()),
    ];
    let mut page = browser.page(360, 740);
    for (name, path) in pages {
        for language in ["zh", "en"] {
            let joint = if path.contains('?') { '&' } else { '?' };
            page.open(&hub.url(&format!("{path}{joint}lang={language}")));
            page.wait_for("document.readyState === 'complete'");
            page.screenshot(&folder.join(format!("{name}-{language}.png")));
            assert!(page.eval("document.documentElement.scrollWidth <= 360").as_bool().expect("a truth"), "{name}");
        }
    }
}
