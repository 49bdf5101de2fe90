//! The authority in words: of one language on a page, names in place of ids, and what to do where there is nothing.

use greengate::hub::assess;
use greengate::rules::account::Role;
use greengate::rules::demo::DemoKey;

use super::hub;
use super::people::{Pages, between};

const OF_OFFICERS: [&str; 13] = [
    "/console/inbox",
    "/console/search?q=2001",
    "/console/listings",
    "/console/listings/2001",
    "/console/listings/2002",
    "/console/listings/2004",
    "/console/listings/2001/revoke",
    "/console/listings/2002/labels",
    "/console/suppliers",
    "/console/suppliers/201",
    "/console/kiosks",
    "/console/scans",
    "/console/publish",
];
const OF_SUPPLIERS: [&str; 8] = [
    "/desk",
    "/desk/new",
    "/desk/new?category=shampoo",
    "/desk/firm",
    "/desk/listing/2001",
    "/desk/listing/2001/capacities",
    "/desk/listing/2001/file?kind=inspection-report",
    "/desk/listing/2002/labels",
];
/// A person's reason with a mark of an assessment's in it.
const SEEN: &str = "the papers were seen on site; inputs of the test too";
const OF_ALL: [&str; 5] = ["/console/accounts", "/", "/account", "/01/09521110002018", "/nothing"];

/// An office where a rulebook assessed and a grade is proposed.
fn office() -> Pages {
    let pages = Pages::office_with(|site| site.with_host(Some("QR.EXAMPLE.COM".to_owned())));
    assess::settle_all(&mut pages.registry(), &pages.author()).expect("a rulebook");
    let second = pages.person("lin", Role::Second);
    let green = [("grade", "green"), ("why", SEEN)];
    assert_eq!(second.post("/console/listings/2001/propose", &green).status, 303);
    drop(second);
    pages
}

/// What a page shows: without its markup, and without what stands there in Chinese on purpose.
fn shown(page: &str) -> String {
    let mut told = String::new();
    for piece in page.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        if !tag.contains("lang=\"zh") {
            told.extend([text, "\n"]);
        }
    }
    told
}

#[test]
fn an_english_page_has_no_full_width_punctuation() {
    let pages = office();
    let [officer, supplier, admin] = [("mei", Role::Officer), ("wang", Role::Supplier(201)), ("root", Role::Admin)]
        .map(|(name, role)| pages.person(name, role));
    let all = [(&officer, &OF_OFFICERS[..]), (&supplier, &OF_SUPPLIERS), (&admin, &OF_ALL)];
    for (person, path) in all.iter().flat_map(|(person, paths)| paths.iter().map(move |path| (person, path))) {
        let page = person.get(&format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' }));
        assert!(matches!(page.status, 200 | 404), "{path}: {}", page.status);
        in_english(path, page.text());
    }
    // What a phone shows of green, of yellow, of red, and of a label that was forged.
    let hub = super::public::world();
    let labels = [(1, DemoKey::Authority), (11, DemoKey::Authority), (21, DemoKey::Authority), (5, DemoKey::CutOff)];
    for (index, key) in labels {
        let path = super::public::path(index, key, Some("701231"), None);
        in_english(&path, hub.get(&path, &[("accept", "text/html"), ("accept-language", "en")]).text());
    }
}

fn in_english(path: &str, page: &str) {
    let told = shown(page);
    assert!(told.len() > 100, "{path}: {page}");
    let full = |line: &&str| line.contains(['，', '：', '（', '）', '；', '。', '、', '“', '”']);
    assert_eq!(told.lines().find(full), None, "{path}");
}

#[test]
fn things_are_called_by_their_names_and_not_by_those_of_tables() {
    let pages = office();
    let officer = pages.person("mei", Role::Officer);
    for (language, names, kind) in [
        ("en", ["Shampoo and body wash", "Lead", "Cosmetics safety assessment"], "Cosmetics production licence"),
        ("zh", ["洗发沐浴用品", "铅", "化妆品安全评估报告"], "化妆品生产许可证"),
    ] {
        let page = officer.get(&format!("/console/listings/2002?lang={language}"));
        for name in names {
            assert!(page.text().contains(name), "{name}: {}", page.text());
        }
        let told = shown(page.text());
        for line in told.lines() {
            for id in ["shampoo", "lead", "total-plate-count", "cosmetics-filing"] {
                assert_ne!(line.trim(), id, "an id: {language}");
                assert!(!line.contains(&format!("({id})")) && !line.contains(&format!("（{id}）")), "an id: {line}");
            }
        }
        let found = officer.get(&format!("/console/search?q=%E6%B5%99%E5%A6%86&lang={language}"));
        assert!(found.text().contains(kind), "{kind}: {}", found.text());
    }
}

#[test]
fn the_history_says_in_words_what_decided_and_keeps_the_digest_folded() {
    let pages = office();
    let officer = pages.person("mei", Role::Officer);
    for (language, says) in
        [("en", "rulebook 1: Quality-check report is missing"), ("zh", "规则手册 1：缺少质量检验报告")]
    {
        let page = officer.get(&format!("/console/listings/2001?lang={language}"));
        let (_, history) = page.text().split_once("id=\"history\"").expect("a history");
        assert!(history.contains(says), "{history}");
        let digest = |text: &str| {
            let words = text.split(|sign: char| !sign.is_ascii_hexdigit());
            words.filter(|word| word.len() == 64).count()
        };
        assert!(digest(history) > 0, "the digest is gone: {history}");
        let open = history.split("<details").map(|rest| rest.split_once("</details>").map_or(rest, |(_, rest)| rest));
        assert_eq!(open.map(digest).sum::<usize>(), 0, "{history}");
        assert!(history.contains(&format!(">{SEEN}<")), "a person's reason is another one: {history}");
    }
}

#[test]
fn a_link_for_others_leads_to_the_host_that_is_known_and_not_where_a_request_says() {
    let evil = [("host", "evil.example"), ("accept", "application/linkset+json")];
    for (pages, root) in [(Pages::office(), None), (office(), Some("https://qr.example.com"))] {
        let admin = pages.person("root", Role::Admin);
        let made = admin.post("/console/accounts", &[("name", "tea"), ("role", "officer")]);
        let link = between(made.text(), "<code class=\"long\">", "</code>").to_owned();
        let own = root.map_or_else(|| pages.origin(), str::to_owned);
        assert!(link.starts_with(&format!("{own}/enter/link/")), "{link}");
        let links = admin.get_with("/01/09521110002018", &evil);
        let expected = format!("\"anchor\":\"{}/01/09521110002018\"", root.unwrap_or("https://evil.example"));
        assert!(links.text().contains(&expected), "{}", links.text());
        let about = admin.get_with("/.well-known/gs1resolver", &evil);
        let expected = format!("\"resolverRoot\":\"{}\"", root.unwrap_or("https://evil.example"));
        assert!(about.text().contains(&expected), "{}", about.text());
    }
}

#[test]
fn an_empty_list_says_what_makes_its_first_line() {
    let (folder, _registry) = super::authority();
    for (list, how) in [
        ("account", "nobody can sign in yet; `greengate-hub account add NAME --role admin`"),
        ("kiosk", "no kiosk may hand journals up yet; `greengate-hub kiosk add NAME`"),
        ("source", "no registry is known yet; `greengate-hub source import`"),
    ] {
        let listed = hub(folder.path(), &[list, "list"]);
        let said = String::from_utf8_lossy(&listed.stderr).into_owned();
        assert!(said.starts_with(how), "{said}");
        assert!(listed.status.success() && listed.stdout.is_empty(), "a remark is no line of the list");
    }
}
