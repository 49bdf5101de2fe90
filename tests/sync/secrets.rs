//! Tokens, passwords and keys are in no log line, no status, no message and no page, however much is told.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use greengate::rules::site::FeedSettings;
use greengate::sync::{Enrolment, Http, ProxyUser, Secret, Settings};
use tempfile::TempDir;

use super::authority::Authority;
use super::command::{authority, config};
use super::follow::Running;
use super::proxy::Proxy;
use super::server::{Server, Trick};

/// Base64 of `dock:hushed-password`, as it crosses the wire.
const SHOWN: &str = "ZG9jazpodXNoZWQtcGFzc3dvcmQ=";
const PANEL_TOKEN: &str = "hushed-0123456789";

/// What must not be told: by name, as it crosses the wire, and as a key stands in its file.
#[track_caller]
fn assert_nothing_in(told: &str) {
    for secret in ["hushed", SHOWN, "ZG9jaz", "PRIVATE KEY"] {
        assert!(!told.contains(secret), "`{secret}` in:\n{told}");
    }
}

/// A site with everything that is secret, which goes to `server` by way of `proxy`.
fn site(server: &Server, proxy: &Proxy, authority: &Authority) -> TempDir {
    let feed = format!(
        "[feed]\nurl = \"{}\"\nroot = \"root.json\"\ntoken_file = \"token\"\nproxy = \"{}\"\nproxy_user_file = \"user\"\n\
         [panel]\nlisten = \"127.0.0.1:8080\"\ntoken = \"{PANEL_TOKEN}\"\n",
        server.address,
        proxy.address()
    );
    let config = config(&feed);
    let files = [
        ("token", "hushed-token\n".into()),
        ("user", "dock:hushed-password\n".into()),
        ("root.json", authority.root(1)),
    ];
    for (name, text) in files {
        super::write(&config.path().join(name), text);
    }
    config
}

/// Everything that the program says at its most talkative.
fn told(config: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.args(arguments).arg("--config").arg(config).env("RUST_LOG", "trace").stdin(Stdio::null());
    let output = command.output().expect("the program");
    let told = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.success(), told)
}

#[test]
fn a_sync_tells_no_secret_whether_it_succeeds_or_fails() {
    let authority = authority();
    let server = Server::of(authority.folder.path());
    let proxy = Proxy::start(Some(SHOWN));
    let config = site(&server, &proxy, &authority);
    let (is_well, said) = told(config.path(), &["sync"]);
    assert!(is_well && said.contains("DEBUG"), "{said}");
    assert_nothing_in(&said);
    assert!(server.heads().concat().contains("hushed-token"), "the token was not used");
    for status in [401, 500, 302] {
        server.once("timestamp.json", Trick::Status(status));
        let (is_well, said) = told(config.path(), &["sync"]);
        assert!(!is_well, "{said}");
        assert_nothing_in(&said);
    }
    super::write(&config.path().join("user"), "dock:hushed-and-wrong");
    let (is_well, said) = told(config.path(), &["sync"]);
    assert!(!is_well && said.contains("does not take the user and password"), "{said}");
    assert_nothing_in(&said);
    for (name, text) in [("token", "hushed two words"), ("user", "hushed-password")] {
        super::write(&config.path().join(name), text);
        let (is_well, said) = told(config.path(), &["sync"]);
        assert!(!is_well, "{said}");
        assert_nothing_in(&said);
    }
}

#[test]
fn other_commands_tell_no_secret() {
    let authority = authority();
    let (server, proxy) = (Server::of(authority.folder.path()), Proxy::start(Some(SHOWN)));
    let config = site(&server, &proxy, &authority);
    let hub = format!("{}/", server.address);
    let enrolment =
        serde_json::json!({"hub": hub, "kiosk": "dock", "token": "hushed-hub-token", "feed": hub, "root": null});
    fs::create_dir(config.path().join("state")).expect("a folder");
    super::write(&config.path().join("state/enrolment.json"), enrolment.to_string());
    for arguments in [&["config", "check"][..], &["cache", "info"], &["journal", "hand-up"], &["sync", "--dry-run"]] {
        assert_nothing_in(&told(config.path(), arguments).1);
    }
    let with_password = ["enroll", "https://me:hushed@127.0.0.1:1/", "--code", "code", "--replace"];
    let (is_well, said) = told(config.path(), &with_password);
    assert!(!is_well && said.contains("have no place in it"), "{said}");
    assert_nothing_in(&said);
}

#[test]
fn a_running_kiosk_tells_no_secret() {
    let authority = authority();
    let (server, proxy) = (Server::of(authority.folder.path()), Proxy::start(Some(SHOWN)));
    let config = site(&server, &proxy, &authority);
    let running = Running::start(config.path());
    running.wait_for(|status| status["cache"]["version"] == 1);
    server.once("timestamp.json", Trick::Status(401));
    running.post("/sync", 202);
    running.wait_for(|status| status["sync"]["fault"].is_string());
    for page in ["/status.json", "/metrics", "/", "/healthz"] {
        assert_nothing_in(&running.page(page));
    }
    assert_nothing_in(&running.said());
}

#[test]
fn settings_that_are_printed_tell_no_secret() {
    let authority = authority();
    let (server, proxy) = (Server::of(authority.folder.path()), Proxy::start(None));
    let config = site(&server, &proxy, &authority);
    let site = greengate::config::site(&config.path().join("site.toml")).expect("a site");
    assert!(site.panel.as_ref().is_some_and(|panel| panel.token.is_some()));
    let feed = site.feed.as_ref().expect("a feed");
    let settings = Settings::of(&site.state, feed).expect("usable settings");
    let issuing = super::tls::Issuing::new();
    let client = FeedSettings { client: Some(issuing.files("dock-3")), ..FeedSettings::at(server.address.clone()) };
    let http = Http::of(&server.address, &client).expect("usable settings");
    let secret = (Secret::new("hushed").expect("a token"), ProxyUser::new("hushed:hushed").expect("a user"));
    let enrolment = Enrolment {
        hub: server.address.clone(),
        kiosk: "dock".to_owned(),
        token: "hushed".to_owned(),
        feed: server.address.clone(),
        root: serde_json::Value::Null,
    };
    let printed = format!("{site:?}\n{settings:?}\n{http:?}\n{secret:?}\n{enrolment:?}");
    assert!(printed.contains(&server.address), "{printed}");
    assert_nothing_in(&printed);
}
