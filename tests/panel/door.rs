//! Who gets in: host names, other sites' pages, the token.

use greengate::panel::{PanelFault, serve};

use super::fake::{Fake, settings, snapshot};

const TOKEN: &str = "correct-horse-battery";

fn in_the_network() -> Fake {
    Fake::with(snapshot(), "0.0.0.0:0", Some(TOKEN))
}

fn refused_start(listen: &str, token: Option<&str>) -> String {
    let fault: Option<PanelFault> = serve(&settings(listen, token), snapshot(), None, None).err();
    fault.expect("a fault").to_string()
}

#[test]
fn every_answer_carries_the_headers_that_keep_a_browser_safe() {
    let fake = Fake::start();
    for path in ["/", "/status.json", "/nothing", "/healthz"] {
        let answer = fake.get(path);
        assert!(
            answer.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
fn a_foreign_host_name_is_refused() {
    let fake = Fake::start();
    let (status, error) = fake.get_with("/status.json", &[("host", "evil.example")]).refusal();
    assert_eq!(status, 421);
    assert!(error.starts_with("the panel does not answer to `evil.example`"), "{error}");
}

#[test]
fn a_button_cannot_be_pressed_from_another_sites_page() {
    let fake = Fake::start();
    let sites = [("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")];
    for header in sites {
        assert_eq!(fake.post_with("/press/delivery", b"", &[header]).refusal().0, 403, "{header:?}");
    }
    assert!(fake.acts.try_recv().is_err(), "nothing was pressed");
    let own = format!("http://127.0.0.1:{}", fake.panel.address().port());
    assert_eq!(fake.post_with("/press/delivery", b"", &[("origin", &own)]).status, 200);
}

#[test]
fn another_site_may_link_to_the_page_and_to_nothing_else() {
    let fake = Fake::start();
    let from_elsewhere = [("sec-fetch-site", "cross-site")];
    assert_eq!(fake.get_with("/", &from_elsewhere).status, 200);
    assert_eq!(fake.get_with("/status.json", &from_elsewhere).refusal().0, 403);
}

#[test]
fn in_the_network_nothing_is_served_without_the_token() {
    let fake = in_the_network();
    for path in ["/status.json", "/screen.png", "/events", "/metrics", "/rack.json", "/camera.png", "/nothing"] {
        assert_eq!(fake.get(path).refusal().0, 401, "{path}");
    }
    assert_eq!(fake.post("/press/delivery", b"").refusal().0, 401);
    assert!(fake.acts.try_recv().is_err(), "nothing was pressed");
    let page = fake.get("/");
    assert_eq!((page.status, page.header("content-type")), (401, "text/html; charset=utf-8"));
    assert!(page.header("www-authenticate").starts_with("Bearer"));
}

#[test]
fn the_token_opens_the_panel_in_a_header() {
    let fake = in_the_network();
    let right = format!("Bearer {TOKEN}");
    assert_eq!(fake.get_with("/status.json", &[("authorization", &right)]).status, 200);
    assert_eq!(fake.get_with("/status.json", &[("authorization", "Bearer correct-horse-batterz")]).refusal().0, 401);
}

#[test]
fn the_token_in_the_address_becomes_a_cookie() {
    let fake = in_the_network();
    let answer = fake.get(&format!("/?token={TOKEN}"));
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(TOKEN), "the cookie gives the token away");
    let pair = cookie.split(';').next().expect("a pair");
    assert_eq!(fake.get_with("/status.json", &[("cookie", pair)]).status, 200);
    assert_eq!(fake.get("/?token=wrong").status, 401);
    assert_eq!(fake.get_with("/status.json", &[("cookie", "greengate_panel=0")]).status, 401);
}

#[test]
fn the_answer_to_a_token_never_leads_to_another_site() {
    let fake = in_the_network();
    let answer = fake.get(&format!("//evil.example?token={TOKEN}"));
    assert_ne!(answer.header("location"), "//evil.example");
}

#[test]
fn a_panel_that_others_can_reach_does_not_start_without_a_good_token() {
    let missing = "the panel would listen on `0.0.0.0:0`, which others can reach, without a token; set `token` or use \
                   `127.0.0.1`";
    assert_eq!(refused_start("0.0.0.0:0", None), missing);
    let weak = "the panel's token has 5 bytes; use 16 to 256 letters, digits and signs without spaces";
    assert_eq!(refused_start("0.0.0.0:0", Some("12345")), weak);
}

#[test]
fn an_address_that_is_taken_is_told_with_the_way_out() {
    let fake = Fake::start();
    let fault = refused_start(&fake.panel.address().to_string(), None);
    assert!(fault.starts_with(&format!("the panel cannot listen on `{}`: ", fake.panel.address())), "{fault}");
    assert!(
        fault.ends_with("; choose another address or port with `--listen`, or `listen` of the site's `[panel]`"),
        "{fault}"
    );
}
