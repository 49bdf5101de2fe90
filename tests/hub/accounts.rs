//! Accounts over HTTP: the way in, and every way in that must not be one.

use std::io::{Read, Write};
use std::net::TcpStream;

use greengate::hub::Of;
use greengate::hub::accounts;
use greengate::rules::account::Role;

use super::people::{PASSWORD, Pages, Person, between};

#[test]
fn the_first_admin_is_made_once_by_whoever_has_the_printed_address() {
    let pages = Pages::open();
    let first = pages.first.clone().expect("nobody is there yet");
    let stranger = pages.stranger();
    assert_eq!(stranger.get("/enter/first/00000000000000000000000000000000").status, 404);
    assert_eq!(stranger.get(&first).status, 200);
    for (name, password, what) in [
        ("Mei Li", PASSWORD, "a-z 0-9"),
        ("mei", "short", "12 to 256"),
        ("mei", "password2026", "first that are tried"),
    ] {
        let refused = stranger.post_with(&first, &[("name", name), ("new", password)], &[("accept-language", "en")]);
        assert!(refused.status == 422 && refused.text().contains(what), "{}", refused.text());
    }
    let made = stranger.post_plain(&first, &[("name", "Mei"), ("new", PASSWORD)]);
    assert_eq!((made.status, made.header("location")), (303, "/account/second"));
    let cookie = made.header("set-cookie");
    assert!(
        cookie.starts_with("session=") && cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("Secure"),
        "{cookie}"
    );
    assert_eq!(pages.stranger().get(&first).status, 404);
    assert_eq!(pages.stranger().post_plain(&first, &[("name", "eve"), ("new", PASSWORD)]).status, 404);
    let history = pages.registry().history(Of::Accounts).expect("a history");
    assert!(history.iter().all(|change| change.who == "mei"), "{history:?}");
    // The address stands in a log. It opens nothing either while nobody is left.
    accounts::disable(&mut pages.registry(), &pages.author(), "mei", true).expect("disabled");
    assert_eq!(pages.stranger().post_plain(&first, &[("name", "eve"), ("new", PASSWORD)]).status, 404);
    accounts::disable(&mut pages.registry(), &pages.author(), "mei", false).expect("enabled");
    let told = serde_json::to_string(&history).expect("JSON");
    assert!(!told.contains("argon2") && !told.contains(PASSWORD), "{told}");
    drop(stranger);
    let Pages { folder, .. } = pages;
    assert_eq!(Pages::over(folder).first, None);
}

#[test]
fn a_role_that_needs_a_second_factor_sees_no_page_before_it_has_one() {
    let pages = Pages::open();
    let mut officer = pages.begins("mei", Role::Officer);
    for path in ["/account", "/console/inbox", "/console/listings/17"] {
        let led = officer.get(path);
        assert_eq!((led.status, led.header("location")), (303, "/account/second"), "{path}");
    }
    let wrong = officer.post("/account/second", &[("code", "000000")]);
    assert_eq!(wrong.status, 422);
    assert_eq!(officer.set_second_up().len(), 8);
    assert!(officer.is_in());
    assert!(pages.begins("tea", Role::Supplier(7)).is_in());
}

#[test]
fn whatever_is_wrong_the_answer_is_the_same() {
    let pages = Pages::open();
    let officer = pages.person("mei", Role::Officer);
    pages.pass(60);
    let digits = officer.digits();
    let answer = |name: &str, password: &str, code: &str| {
        let answer = pages.stranger().sign_in(name, password, code);
        (answer.status, answer.text().replace(&format!("value=\"{name}\""), ""))
    };
    let unknown = answer("nobody", PASSWORD, &digits);
    assert_eq!(unknown.0, 422);
    assert_eq!(answer("mei", "three blue heron", &digits), unknown);
    assert_eq!(answer("mei", PASSWORD, ""), unknown);
    assert_eq!(answer("mei", PASSWORD, "000000"), unknown);
    accounts::disable(&mut pages.registry(), &pages.author(), "mei", true).expect("an account");
    assert_eq!(answer("mei", PASSWORD, &digits), unknown);
}

#[test]
fn six_digits_and_recovery_codes_count_once() {
    let pages = Pages::open();
    let mut officer = pages.begins("mei", Role::Officer);
    let codes = officer.set_second_up();
    // The digits that set it up were used by that.
    assert_eq!(pages.stranger().sign_in("mei", PASSWORD, &officer.digits()).status, 422);
    pages.pass(30);
    let digits = officer.digits();
    let [first, second] = [pages.stranger(), pages.stranger()];
    assert_eq!(first.sign_in("MEI ", PASSWORD, &digits).header("location"), "/console/inbox");
    assert_eq!(second.sign_in("mei", PASSWORD, &digits).status, 422);
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(second.sign_in("mei", PASSWORD, &typed).status, 303);
    assert_eq!(pages.stranger().sign_in("mei", PASSWORD, &codes[0]).status, 422);
    assert!(first.is_in() && second.is_in());
}

#[test]
fn tries_wait_longer_and_longer_and_a_known_browser_is_not_kept_out_by_them() {
    let pages = Pages::open();
    let known = pages.person("tea", Role::Supplier(7));
    assert_eq!(known.post("/leave", &[]).status, 303);
    assert!(!known.is_in());
    let stranger = pages.stranger();
    for _ in 0..5 {
        assert_eq!(stranger.sign_in("tea", "guess and guess", "").status, 422);
    }
    let held = stranger.sign_in("tea", PASSWORD, "");
    assert_eq!((held.status, held.header("retry-after")), (429, "2"));
    assert_eq!(known.sign_in("tea", PASSWORD, "").status, 303);
    pages.pass(2);
    assert_eq!(stranger.sign_in("tea", "guess and guess", "").status, 422);
    assert_eq!(stranger.sign_in("tea", PASSWORD, "").header("retry-after"), "4");
    pages.pass(4);
    assert_eq!(stranger.sign_in("tea", PASSWORD, "").status, 303);
}

#[test]
fn tries_at_the_same_time_do_not_slip_past_the_pauses() {
    let pages = Pages::open();
    drop(pages.begins("tea", Role::Supplier(7)));
    let tries: Vec<u16> = std::thread::scope(|scope| {
        let try_one = || pages.stranger().sign_in("tea", "a wrong password of hers", "").status;
        let running: Vec<_> = (0..20).map(|_| scope.spawn(try_one)).collect();
        running.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    // Five are free, and two are looked at at once.
    let looked_at = tries.iter().filter(|status| **status == 422).count();
    assert!((5..=7).contains(&looked_at) && tries.iter().all(|status| [422, 429].contains(status)), "{tries:?}");
}

#[test]
fn who_is_disabled_while_a_form_comes_in_has_sent_nothing() {
    let pages = Pages::open();
    let tea = pages.begins("tea", Role::Supplier(7));
    let fields = format!("before={0}&new=another+good+password&csrf={1}", PASSWORD.replace(' ', "+"), tea.csrf());
    let cookies: Vec<String> = tea.kept().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head = format!(
        "POST /account/password HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncookie: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        cookies.join("; "),
        fields.len()
    );
    let mut stream =
        TcpStream::connect(pages.origin().strip_prefix("http://").expect("an address")).expect("it listens");
    let (begun, rest) = fields.split_at(10);
    stream.write_all(format!("{head}{begun}").as_bytes()).expect("sent");
    // An answer to somebody else: the head above has been read by then, for it came first.
    assert_eq!(pages.stranger().get("/").status, 200);
    accounts::disable(&mut pages.registry(), &pages.author(), "tea", true).expect("disabled");
    stream.write_all(rest.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("location: /enter\r\n"), "{answer}");
    let account = accounts::all(&pages.registry()).expect("readable").pop().expect("an account");
    assert!(account.disabled);
}

#[test]
fn what_a_request_knew_of_an_account_does_not_bring_it_back() {
    let pages = Pages::open();
    drop(pages.begins("tea", Role::Supplier(7)));
    let mut registry = pages.registry();
    let stale = accounts::all(&registry).expect("readable").pop().expect("an account");
    accounts::disable(&mut registry, &pages.author(), "tea", true).expect("disabled");
    let changed = accounts::change_password(&mut registry, &stale, (PASSWORD, "another good one"), pages.now());
    assert_eq!(changed.expect("no fault"), Err(accounts::LinkFault::Gone));
    let now = accounts::all(&registry).expect("readable").pop().expect("an account");
    assert_eq!((now.disabled, now.password), (true, stale.password));
}

#[test]
fn a_form_counts_only_with_the_token_of_its_session_and_from_our_own_page() {
    let pages = Pages::open();
    let [mei, eve] = [pages.person("mei", Role::Officer), pages.person("eve", Role::Officer)];
    let (csrf, others) = (mei.csrf(), eve.csrf());
    assert_ne!(csrf, others);
    assert_eq!(mei.post_plain("/leave", &[]).status, 403);
    assert_eq!(mei.post_plain("/leave", &[("csrf", &others)]).status, 403);
    for header in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(mei.post_with("/leave", &[("csrf", &csrf)], &[header]).status, 403, "{header:?}");
        assert_eq!(
            pages.stranger().post_with("/enter", &[("name", "mei"), ("password", PASSWORD)], &[header]).status,
            403
        );
    }
    assert!(mei.is_in());
    let ours = [("origin", pages.origin()), ("sec-fetch-site", "same-origin".to_owned())];
    let ours: Vec<_> = ours.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(mei.post_with("/leave", &[("csrf", &csrf)], &ours).status, 303);
    assert!(!mei.is_in());
}

#[test]
fn a_session_ends_when_nobody_works_and_at_the_end_of_a_day() {
    let pages = Pages::open();
    let officer = pages.person("mei", Role::Officer);
    // A day of work, with a page every 25 minutes, until twelve hours are over.
    for _ in 0..28 {
        pages.pass(25 * 60);
        assert!(officer.is_in(), "a session ended while somebody worked");
    }
    pages.pass(25 * 60);
    assert!(!officer.is_in());
    pages.pass(60);
    officer.sign_in("mei", PASSWORD, &officer.digits());
    pages.pass(29 * 60);
    assert!(officer.is_in());
    pages.pass(31 * 60);
    let led = officer.get("/console/listings?q=a%20b");
    assert_eq!((led.status, led.header("location")), (303, "/enter?to=%2Fconsole%2Flistings%3Fq%3Da%2520b"));
}

#[test]
fn a_new_password_ends_the_sessions_elsewhere() {
    let pages = Pages::open();
    let here = pages.person("tea", Role::Supplier(7));
    let elsewhere = pages.stranger();
    assert_eq!(elsewhere.sign_in("tea", PASSWORD, "").status, 303);
    assert_eq!(
        here.post("/account/password", &[("before", "wrong wrong wrong"), ("new", "four grey geese")]).status,
        422
    );
    assert_eq!(here.post("/account/password", &[("before", PASSWORD), ("new", "four grey geese")]).status, 303);
    assert!(here.get("/account").text().contains("role=\"status\""), "nothing says that it was done");
    assert!(here.is_in() && !elsewhere.is_in());
    assert_eq!(elsewhere.sign_in("tea", PASSWORD, "").status, 422);
    assert_eq!(elsewhere.sign_in("tea", "four grey geese", "").status, 303);
}

#[test]
fn a_second_factor_is_set_up_by_whoever_knows_the_password_and_by_nobody_else() {
    let pages = Pages::open();
    let mut officer = pages.person("mei", Role::Officer);
    pages.pass(60);
    let old = officer.digits();
    // What somebody can do who finds the browser signed in.
    assert!(!officer.get("/account/second").text().contains("<code>"), "the key is shown to whoever comes by");
    assert_eq!(officer.post("/account/second", &[("code", &old)]).status, 422);
    let wrong = officer.post("/account/second", &[("password", "three blue heron")]);
    assert!(wrong.status == 422 && !wrong.text().contains("<code>"), "{}", wrong.text());
    let offered = |officer: &Person<'_>| {
        let page = officer.post("/account/second", &[("password", PASSWORD)]);
        between(page.text(), "<code>", "</code>").replace(' ', "")
    };
    officer.key = offered(&officer);
    let first = officer.digits();
    let again = offered(&officer);
    assert_ne!(officer.key, again, "a key is offered that was shown before");
    let wrong = officer.post("/account/second", &[("code", &first)]);
    assert!(wrong.status == 422 && !wrong.text().contains("<code>"), "{}", wrong.text());
    officer.key = again;
    let done = officer.post("/account/second", &[("code", &officer.digits())]);
    assert_eq!((done.status, done.text().matches("<li><code>").count()), (200, 8));
}

#[test]
fn whoever_finds_a_browser_signed_in_tries_no_passwords_without_an_end() {
    let pages = Pages::open();
    let tea = pages.person("tea", Role::Supplier(7));
    for _ in 0..3 {
        assert_eq!(tea.post("/account/second", &[("password", "guess and guess")]).status, 422);
        let change = [("before", "guess and guess"), ("new", "four grey geese")];
        assert!([422, 429].contains(&tea.post("/account/password", &change).status));
    }
    assert_eq!(tea.post("/account/second", &[("password", PASSWORD)]).status, 429);
    assert_eq!(tea.post("/account/password", &[("before", PASSWORD), ("new", "four grey geese")]).status, 429);
    assert_eq!(pages.stranger().sign_in("tea", PASSWORD, "").status, 303, "elsewhere its owner waits for nothing");
    pages.pass(2);
    assert_eq!(tea.post("/account/second", &[("password", PASSWORD)]).status, 200);
}

#[test]
fn an_office_that_mistypes_keeps_none_of_its_people_out() {
    let pages = Pages::open();
    drop(pages.begins("tea", Role::Supplier(7)));
    for number in 0..40 {
        let name = format!("person{}", number / 4);
        assert_eq!(pages.stranger().sign_in(&name, "guess and guess", "").status, 422, "{number}");
    }
    assert_eq!(pages.stranger().sign_in("tea", PASSWORD, "").status, 303);
}

#[test]
fn a_link_sets_a_password_once_and_in_time() {
    let pages = Pages::open();
    let (account, link) =
        accounts::add(&mut pages.registry(), &pages.author(), "mei", Role::Officer).expect("an account");
    assert_eq!((account.name.as_str(), account.password), ("mei", None));
    let stranger = pages.stranger();
    assert_eq!(stranger.post_plain(&link.path(), &[("new", "mei")]).status, 422);
    assert_eq!(stranger.post_plain(&link.path(), &[("new", PASSWORD)]).status, 303);
    assert_eq!(pages.stranger().post_plain(&link.path(), &[("new", "four grey geese")]).status, 404);
    let (_, link) = accounts::reset(&mut pages.registry(), &pages.author(), "mei").expect("an account");
    assert!(!stranger.is_in());
    assert_eq!(stranger.sign_in("mei", PASSWORD, "").status, 422);
    pages.pass(73 * 60 * 60);
    assert_eq!(stranger.get(&link.path()).status, 404);
}

#[test]
fn the_command_line_makes_accounts_and_their_history_tells_who_did() {
    let pages = Pages::open();
    let run = |arguments: &[&str]| super::hub(pages.folder.path(), arguments);
    let made = run(&["account", "add", "tea", "--role", "supplier-7", "--url", "https://hub.example/"]);
    super::success(&made);
    let link = String::from_utf8(made.stdout).expect("text");
    assert!(link.starts_with("https://hub.example/enter/link/"), "{link}");
    assert!(super::failure(&run(&["account", "add", "tea", "--role", "officer"]), 65).contains("already"));
    assert!(super::failure(&run(&["account", "add", "b", "--role", "supplier-70"]), 65).contains("supplier 70"));
    super::success(&run(&["account", "disable", "tea"]));
    let list = run(&["account", "list"]);
    assert_eq!(String::from_utf8_lossy(&list.stdout), "tea: supplier-7, no password, no second factor, disabled\n");
    let history = run(&["history", "--accounts"]);
    let history = String::from_utf8_lossy(&history.stdout).into_owned();
    assert!(history.contains("  li  supplier-7, no password, no second factor  an account for tea\n"), "{history}");
    let path = link.trim().strip_prefix("https://hub.example").expect("a path");
    assert_eq!(pages.stranger().get(path).status, 404, "a disabled account has its link still");
    super::success(&run(&["account", "disable", "tea", "--undo"]));
    assert_eq!(between(pages.stranger().get(path).text(), "<strong>", "</strong>"), "tea");
}

#[test]
fn the_right_digits_end_the_pause_of_a_browser_as_the_right_password_does() {
    let pages = Pages::open();
    let mut officer = pages.person("mei", Role::Officer);
    let page = officer.post("/account/second", &[("password", PASSWORD)]);
    officer.key = between(page.text(), "<code>", "</code>").replace(' ', "");
    for _ in 0..4 {
        assert_eq!(officer.post("/account/second", &[("code", "000000")]).status, 422);
    }
    assert_eq!(officer.post("/account/second", &[("code", &officer.digits())]).status, 200);
    for _ in 0..4 {
        assert_eq!(officer.post("/account/second", &[("code", "000000")]).status, 422, "the tries of before count");
    }
}
