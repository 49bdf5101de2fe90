//! A hub as it runs, in a folder of its own, and journals as kiosks write them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use greengate::hub::Registry;
use greengate::hub::receiver::{Door, Receiver, router};
use greengate::hub::service::{Limits, Server, serve};
use greengate::hub::web::{self, Site};
use greengate::rules::ruling::Ruling;
use greengate::store::Journal;
use greengate::store::journal::{self, Format};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::engines::home;
use crate::store::verdict;

pub const ROOT: &str = r#"{"signatures":[],"signed":{"_type":"root","version":2}}"#;

/// A hub on loopback.
pub struct Hub {
    server: Server,
    pub folder: TempDir,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    /// The sentence of a refusal, with its status.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["error"].as_str().expect("a sentence").to_owned())
    }

    /// What a journal's rows were answered: how far, and what was parked.
    pub fn taken(&self) -> (u64, Vec<(u64, String)>) {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        let answer = self.json();
        let parked = answer["parked"].as_array().expect("a list").iter();
        let parked = parked
            .map(|row| (row["seq"].as_u64().expect("a number"), row["why"].as_str().expect("a reason").to_owned()));
        (answer["seq"].as_u64().expect("a number"), parked.collect())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

impl Hub {
    pub fn start() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Registry::create(home(folder.path())).expect("a registry");
        let feed = folder.path().join("feed");
        for name in ["metadata", "targets"] {
            fs::create_dir_all(feed.join(name)).expect("a folder");
        }
        fs::write(feed.join("metadata/1.root.json"), r#"{"signed":{"_type":"root","version":1}}"#).expect("a file");
        fs::write(feed.join("metadata/2.root.json"), ROOT).expect("a file");
        let site = Site::open(home(folder.path())).expect("pages");
        let server = Self::serve(folder.path(), limits, site);
        Self { server, folder }
    }

    /// A hub of an authority that is there, whose webhooks may lead to this machine.
    pub fn over(folder: TempDir) -> Self {
        let site = Site::open(home(folder.path())).expect("pages").with_private_webhooks();
        let server = Self::serve(folder.path(), Limits::default(), site);
        Self { server, folder }
    }

    fn serve(folder: &Path, limits: Limits, site: Site) -> Server {
        let receiver = Receiver::open(home(folder)).expect("a receiver");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let door = Door { feed: folder.join("feed"), feed_url: "feed/".to_owned(), limits };
        serve(listen, limits, web::router(site, router(receiver, door))).expect("a service")
    }

    /// Ends the service; the folder stays.
    pub fn stopped(self) -> TempDir {
        drop(self.server);
        self.folder
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// The database, beside the service.
    pub fn receiver(&self) -> Receiver {
        Receiver::open(home(self.folder.path())).expect("a receiver")
    }

    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("journals.db")).expect("a database")
    }

    pub fn code(&self, kiosk: &str) -> String {
        self.receiver().add(kiosk, Timestamp::now() + SignedDuration::from_hours(1)).expect("a code")
    }

    pub fn enroll(&self, body: &Value) -> Answer {
        self.post("/enroll", None, body.to_string().as_bytes())
    }

    /// A new kiosk's token.
    pub fn token(&self, kiosk: &str) -> String {
        let answer = self.enroll(&serde_json::json!({ "code": self.code(kiosk) }));
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    pub fn post(&self, path: &str, token: Option<&str>, body: &[u8]) -> Answer {
        let mut request = client().post(self.url(path));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.send(body).expect("an answer"))
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = client().get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.call().expect("an answer"))
    }

    /// Asks with another method, without a body.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, "")
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            "" => client().run(request.body(()).expect("a request")),
            body => client().run(request.body(body).expect("a request")),
        };
        read(answer.expect("an answer"))
    }

    /// Hands lines of a journal up.
    pub fn hand_up<T: AsRef<str>>(&self, token: &str, kiosk: &str, epoch: u8, lines: &[T]) -> Answer {
        self.post("/journal", Some(token), sheet(kiosk, epoch, lines).as_bytes())
    }
}

fn client() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into()
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let mut bytes = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut bytes).expect("a whole body");
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), bytes }
}

/// What a kiosk posts.
pub fn sheet<T: AsRef<str>>(kiosk: &str, epoch: u8, lines: &[T]) -> String {
    let epoch = format!("{epoch:02x}").repeat(16);
    let head = serde_json::json!({ "kiosk": kiosk, "epoch": epoch }).to_string();
    let lines = lines.iter().map(|line| line.as_ref().to_owned());
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// A journal with a verdict on each of these items, appended to what is there.
pub fn journal<'a>(path: &Path, kiosk: &str, epoch: u8, items: impl IntoIterator<Item = &'a str>) -> PathBuf {
    let mut journal = Journal::create(path, kiosk, [epoch; 16]).expect("a journal");
    for (second, item) in (1..).zip(items) {
        journal.append(&verdict(second, item, Ruling::Accept, None)).expect("a row");
    }
    path.to_owned()
}

/// A journal's rows as its export writes them.
pub fn exported(path: &Path) -> Vec<String> {
    let mut text = Vec::new();
    journal::export(path, Format::JsonLines, None, &mut text, &mut |_, _| ()).expect("an export");
    String::from_utf8(text).expect("text").lines().map(str::to_owned).collect()
}

/// The rows of a fresh journal with these items.
pub fn rows<'a>(kiosk: &str, epoch: u8, items: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    exported(&journal(&folder.path().join("journal.db"), kiosk, epoch, items))
}
