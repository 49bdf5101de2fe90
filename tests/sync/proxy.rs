//! The way through a firm's proxy: taken when the site names it, and told apart from the server behind it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use greengate::rules::site::FeedSettings;
use greengate::sync::{Http, ProxyUser, Source, SyncFault};
use rustls::version::TLS13;
use tempfile::TempDir;

use super::authority::Authority;
use super::command::{authority, config};
use super::server::Server;
use super::tls::Issuing;
use super::{Kiosk, patient};

/// A proxy on loopback that opens tunnels.
pub struct Proxy {
    /// Its host and port.
    pub place: String,
    /// The heads of all requests.
    heads: Arc<Mutex<Vec<String>>>,
}

/// What the proxy answers when it opens no tunnel.
const WHO: &str = "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"dock\"";

impl Proxy {
    /// One that opens tunnels for everybody, or for those who show this.
    pub fn start(asks_for: Option<&'static str>) -> Self {
        Self::answering(move |head| match asks_for {
            Some(shown) if !head.contains(&format!("Proxy-Authorization: Basic {shown}\r\n")) => Some(WHO),
            Some(_) | None => None,
        })
    }

    /// One that refuses with this, or else opens a tunnel.
    fn answering(refuses: impl Fn(&str) -> Option<&'static str> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let place = listener.local_addr().expect("an address").to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut head = String::new();
                let mut lines = BufReader::new(stream.try_clone().expect("a stream"));
                while lines.read_line(&mut head).is_ok_and(|length| length > 2) {}
                seen.lock().expect("heads").push(head.clone());
                match refuses(&head) {
                    Some(status) => {
                        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").expect("an answer");
                    }
                    None => tunnel(stream, &head),
                }
            }
        });
        Self { place, heads }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.place)
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("heads").clone()
    }
}

/// Passes everything on in both directions.
fn tunnel(mut near: TcpStream, head: &str) {
    let to = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).expect("a place to connect to");
    let far = TcpStream::connect(to).expect("the server");
    near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").expect("an answer");
    pass(&near, &far);
    pass(&far, &near);
}

fn pass(from: &TcpStream, to: &TcpStream) {
    let [mut from, mut to] = [from, to].map(|stream| stream.try_clone().expect("a stream"));
    std::thread::spawn(move || {
        // Who hangs up is what ends it.
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// A server's feed by way of a proxy, as a site says it.
fn settings(server: &Server, proxy: &str, user_file: Option<PathBuf>) -> FeedSettings {
    FeedSettings {
        proxy: Some(proxy.to_owned()),
        proxy_user_file: user_file,
        ..FeedSettings::at(server.address.clone())
    }
}

fn source(settings: &FeedSettings) -> Source {
    let url = settings.url.as_deref().expect("an address");
    Source::http(Http::of(url, settings).expect("usable settings")).with_pace(patient())
}

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("proxy-user");
    super::write(&path, text);
    path
}

/// Why the kiosk does not get to the server; its list is as before.
#[track_caller]
fn unreachable(authority: &Authority, settings: &FeedSettings) -> String {
    let fault = Kiosk::synced(authority).refuses(&source(settings));
    let SyncFault::Unreachable { url, why } = fault else { panic!("it is {fault:?}") };
    assert!(url.starts_with(settings.url.as_deref().expect("an address")), "{url}");
    why
}

#[test]
fn the_sites_proxy_is_the_way_to_every_server() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    let plain = Server::of(authority.folder.path());
    let encrypted = Server::tls(authority.folder.path(), issuing.certify("127.0.0.1").config(None, &TLS13));
    for server in [plain, encrypted] {
        let proxy = Proxy::start(None);
        let token = issuing.ca().with_file_name("token");
        super::write(&token, "hidden-token\n");
        let settings = settings(&server, &proxy.address(), None);
        let settings = FeedSettings { ca: Some(issuing.ca()), token_file: Some(token), ..settings };
        assert_eq!(Kiosk::of(&authority).sync(&source(&settings)).expect("a sync").after, 1);
        let (_, place) = server.address.split_once("://").expect("an address");
        let heads = proxy.heads();
        let is_tunnel = |head: &String| head.starts_with(&format!("CONNECT {place} HTTP/1.1\r\n"));
        assert!(!heads.is_empty() && heads.iter().all(is_tunnel), "{heads:?}");
        // What is for one of them the other does not see.
        assert!(!heads.concat().contains("hidden"), "{heads:?}");
        assert!(server.heads().concat().contains("hidden-token"));
    }
}

#[test]
fn a_proxy_that_asks_is_told_who_the_kiosk_is_and_the_server_is_not() {
    let (authority, folder) = (Authority::new(), TempDir::new().expect("a folder"));
    let server = Server::of(authority.folder.path());
    // Base64 of `dock 3:p%41 ö:@/`, by another program.
    let proxy = Proxy::start(Some("ZG9jayAzOnAlNDEgw7Y6QC8="));
    let user = file(folder.path(), "dock 3:p%41 ö:@/\n");
    let settings = settings(&server, &proxy.address(), Some(user));
    assert_eq!(Kiosk::of(&authority).sync(&source(&settings)).expect("a sync").after, 1);
    assert!(!server.heads().concat().to_ascii_lowercase().contains("proxy"), "{:?}", server.heads());
}

#[test]
fn a_proxy_that_does_not_know_the_kiosk_is_named_with_what_to_do() {
    let (authority, folder) = (Authority::new(), TempDir::new().expect("a folder"));
    let server = Server::of(authority.folder.path());
    let proxy = Proxy::start(Some("ZG9jayAzOnAlNDEgw7Y6QC8="));
    let way = format!("by way of the proxy `{}`: ", proxy.place);
    let why = unreachable(&authority, &settings(&server, &proxy.address(), None));
    let asks = "it asks who the kiosk is; write `user:password` into a file and name that with `proxy_user_file`";
    assert_eq!(why, format!("{way}{asks}"));
    let user = file(folder.path(), "dock:hidden-password");
    let why = unreachable(&authority, &settings(&server, &proxy.address(), Some(user)));
    assert_eq!(why, format!("{way}it does not take the user and password in `proxy_user_file`"));
    assert!(server.heads().is_empty(), "something came through");
}

#[test]
fn a_proxy_that_lets_nobody_through_or_is_not_there_is_named() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let proxy = Proxy::answering(|_| Some("403 Forbidden"));
    let why = unreachable(&authority, &settings(&server, &proxy.address(), None));
    let opens = "it opens no tunnel to there (HTTP 403); whoever runs it has to allow CONNECT";
    assert_eq!(why, format!("by way of the proxy `{}`: {opens}", proxy.place));
    let why = unreachable(&authority, &settings(&server, "http://127.0.0.1:1", None));
    assert!(why.starts_with("by way of the proxy `127.0.0.1:1`: "), "{why}");
    assert!(server.heads().is_empty(), "something came through");
}

#[test]
fn a_proxy_of_the_environment_is_nobody_that_the_site_names() {
    let authority = authority();
    let server = Server::of(authority.folder.path());
    let config = config(&format!("[feed]\nurl = \"{}\"\nroot = \"root.json\"\n", server.address));
    super::write(&config.path().join("root.json"), authority.root(1));
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.args(["sync", "--config"]).arg(config.path());
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "http_proxy"] {
        command.env(name, "http://127.0.0.1:1");
    }
    let output = command.output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn users_and_proxies_that_make_no_sense_are_refused_and_not_shown() {
    for line in ["", "hidden", ":hidden", "hidden:two\nlines"] {
        let fault = ProxyUser::new(line).expect_err("no user").to_string();
        assert!(fault.contains("`user:password`") && !fault.contains("hidden"), "{fault}");
    }
    let folder = TempDir::new().expect("a folder");
    let server = FeedSettings::at("https://feed.example.org".to_owned());
    let path = folder.path().join("proxy-user");
    super::write(&path, b"hidden:\xff");
    for user in [path, folder.path().join("missing")] {
        let settings =
            FeedSettings { proxy: Some("http://x".to_owned()), proxy_user_file: Some(user), ..server.clone() };
        let fault = Http::of("https://feed.example.org", &settings).expect_err("a fault");
        assert!(matches!(fault, SyncFault::Setting { what: "proxy_user_file", .. }), "{fault}");
        assert!(!fault.to_string().contains("hidden"), "{fault}");
    }
    for proxy in ["proxy.example.org:3128", "socks5://x", "http://", "http://me:hidden@x", "me:hidden@x"] {
        let fault = Http::new("https://feed.example.org").expect("an address").with_proxy(proxy, None);
        let fault = fault.expect_err("no proxy");
        assert!(matches!(fault, SyncFault::Setting { what: "proxy", .. }), "{fault}");
        assert!(!fault.to_string().contains("hidden"), "{fault}");
    }
}
