//! Pages as a browser gets them: in whose language, with which limits on what they may load, and what is said where nothing is.

use super::service::Hub;

const HTML: (&str, &str) = ("accept", "text/html");

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn a_page_speaks_the_language_that_was_chosen_and_keeps_it() {
    let hub = Hub::start();
    assert!(text(&hub.get("/", &[HTML]).bytes).contains("<html lang=\"zh-CN\">"));
    let english = hub.get("/?lang=en", &[HTML]);
    assert!(text(&english.bytes).contains("<html lang=\"en\">"));
    assert_eq!(english.header("set-cookie"), "lang=en; Path=/; Max-Age=31536000; SameSite=Lax");
    assert!(text(&hub.get("/", &[HTML, ("cookie", "lang=en")]).bytes).contains("<html lang=\"en\">"));
}

#[test]
fn every_page_says_what_it_may_load_and_is_kept_by_nobody() {
    let hub = Hub::start();
    for path in ["/", "/nothing"] {
        let page = hub.get(path, &[HTML]);
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[test]
fn where_nothing_is_people_get_a_page_and_programs_a_problem() {
    let hub = Hub::start();
    let page = hub.get("/nothing", &[HTML, ("accept-language", "en")]);
    assert_eq!(page.status, 404);
    assert!(text(&page.bytes).contains("there is no `/nothing` here"));
    let problem = hub.get("/nothing", &[]);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.json()["detail"], "there is no `/nothing` here; begin at the first page");
}
