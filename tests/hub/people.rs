//! People at the authority's pages: a service with a clock that tests move, and browsers with cookies.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use greengate::hub::accounts;
use greengate::hub::receiver::{Door, Receiver, router};
use greengate::hub::service::{Limits, Server, serve};
use greengate::hub::web::{self, Site};
use greengate::hub::{Author, Registry};
use greengate::rules::account::Role;
use greengate::rules::demo::DemoKey;
use greengate::rules::record::Record;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use tempfile::TempDir;

use super::service::Answer;

pub const PASSWORD: &str = "three blue herons";
const BEGIN: i64 = 1_795_000_000;
/// 2 May 2026.
const MAY: i64 = 1_777_680_000;

/// The authority's pages on loopback, over the registry of [`super::authority`].
pub struct Pages {
    server: Server,
    pub folder: TempDir,
    clock: Arc<AtomicI64>,
    /// Where the first admin is made.
    pub first: Option<String>,
}

/// A browser.
pub struct Person<'a> {
    pages: &'a Pages,
    cookies: RefCell<BTreeMap<String, String>>,
    /// The second factor's key.
    pub key: String,
}

impl Pages {
    pub fn open() -> Self {
        Self::over(super::authority().0)
    }

    pub fn over(folder: TempDir) -> Self {
        Self::from(folder, BEGIN)
    }

    /// The sample listings, assessed, on a day in May, with a label key that lies open.
    pub fn office() -> Self {
        Self::from(office(), MAY)
    }

    pub fn from(folder: TempDir, begin: i64) -> Self {
        Self::with(folder, begin, |site| site)
    }

    /// The sample listings again, with something about the pages changed.
    pub fn office_with(change: impl FnOnce(Site) -> Site) -> Self {
        Self::with(office(), MAY, change)
    }

    fn with(folder: TempDir, begin: i64, change: impl FnOnce(Site) -> Site) -> Self {
        let clock = Arc::new(AtomicI64::new(begin));
        let told = Arc::clone(&clock);
        let site = Site::open(folder.path()).expect("pages");
        let site = change(site.with_clock(move || at(told.load(Ordering::Relaxed))));
        let first = site.first_path();
        let limits = Limits::default();
        let door = Door { feed: folder.path().join("feed"), feed_url: "feed/".to_owned(), limits };
        let machines = router(Receiver::open(folder.path()).expect("a receiver"), door);
        let listen = "127.0.0.1:0".parse().expect("an address");
        let server = serve(listen, limits, web::router(site, machines)).expect("a service");
        Self { server, folder, clock, first }
    }

    pub fn registry(&self) -> Registry {
        Registry::open(self.folder.path()).expect("a registry")
    }

    pub fn now(&self) -> Timestamp {
        at(self.clock.load(Ordering::Relaxed))
    }

    /// Time goes on by so many seconds.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn author(&self) -> Author {
        Author { who: "root".to_owned(), why: "a test".to_owned(), at: self.now() }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.server.address())
    }

    pub fn stranger(&self) -> Person<'_> {
        Person { pages: self, cookies: RefCell::default(), key: String::new() }
    }

    /// A new account of this role, as far as its owner comes with the link alone.
    pub fn begins(&self, name: &str, role: Role) -> Person<'_> {
        let (_, link) = accounts::add(&mut self.registry(), &self.author(), name, role).expect("an account");
        let person = self.stranger();
        assert_eq!(person.get(&link.path()).status, 200);
        let set = person.post_plain(&link.path(), &[("new", PASSWORD)]);
        assert_eq!(set.status, 303, "{}", set.text());
        person
    }

    /// Somebody of this role who is signed in.
    pub fn person(&self, name: &str, role: Role) -> Person<'_> {
        let mut person = self.begins(name, role);
        if role.needs_second() {
            person.set_second_up();
        }
        person
    }
}

fn office() -> TempDir {
    let (folder, mut registry) = super::assess::office();
    let author = super::author();
    registry.change(&author, |changes| changes.put(&Record::Key(super::public()))).expect("a key");
    super::write_key(folder.path(), DemoKey::Authority);
    folder
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a moment")
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("text")
    }
}

impl Person<'_> {
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[("accept", "text/html")])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = client().get(format!("{}{path}", self.pages.origin())).header("cookie", self.cookies());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.keep(request.call().expect("an answer"))
    }

    /// A form with the token of this session.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        self.post_plain(path, &[fields, &[("csrf", csrf.as_str())]].concat())
    }

    pub fn post_plain(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[])
    }

    /// A body of another kind than a plain form's.
    pub fn post_bytes(&self, path: &str, kind: &str, body: &[u8]) -> Answer {
        let request = client().post(format!("{}{path}", self.pages.origin())).header("cookie", self.cookies());
        self.keep(request.header("content-type", kind).send(body).expect("an answer"))
    }

    pub fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = client().post(format!("{}{path}", self.pages.origin())).header("cookie", self.cookies());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.keep(request.send_form(fields.iter().copied()).expect("an answer"))
    }

    /// What the form with this mark on a page sends back of what the page showed.
    pub fn shown(&self, path: &str, mark: &str) -> String {
        let page = self.get(path);
        let (_, form) = page.text().split_once(mark).unwrap_or_else(|| panic!("no `{mark}` on {path}"));
        between(form, "name=\"shown\" value=\"", "\"").to_owned()
    }

    /// The token that every form of this session has.
    pub fn csrf(&self) -> String {
        let page = self.get("/account");
        let page = if page.status == 200 { page } else { self.get("/account/second") };
        between(page.text(), "name=\"csrf\" value=\"", "\"").to_owned()
    }

    pub fn sign_in(&self, name: &str, password: &str, code: &str) -> Answer {
        self.post_plain("/enter", &[("name", name), ("password", password), ("code", code)])
    }

    /// The six digits that an app shows now.
    pub fn digits(&self) -> String {
        digits(&self.key, self.pages.now())
    }

    pub fn set_second_up(&mut self) -> Vec<String> {
        let page = self.post("/account/second", &[("password", PASSWORD)]);
        self.key = between(page.text(), "<code>", "</code>").replace(' ', "");
        let done = self.post("/account/second", &[("code", &self.digits())]);
        assert_eq!(done.status, 200, "{}", done.text());
        done.text().split("<li><code>").skip(1).map(|rest| rest[..19].to_owned()).collect()
    }

    pub fn is_in(&self) -> bool {
        self.get("/account").status == 200
    }

    /// The cookies that the browser has.
    pub fn kept(&self) -> Vec<(String, String)> {
        self.cookies.borrow().clone().into_iter().collect()
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, mut response: ureq::http::Response<ureq::Body>) -> Answer {
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let mut bytes = Vec::new();
        response.body_mut().as_reader().read_to_end(&mut bytes).expect("a whole body");
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), bytes }
    }
}

pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no `{before}` in {text}"));
    rest.split_once(after).expect("an end").0
}

/// RFC 6238, once more and by itself.
fn digits(key: &str, now: Timestamp) -> String {
    let five = |sign: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == sign).expect("base 32");
    let bits = key.bytes().fold(String::new(), |bits, sign| bits + &format!("{:05b}", five(sign)));
    let secret: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("text"), 2).expect("bits"))
        .collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).expect("a key");
    mac.update(&u64::try_from(now.as_second() / 30).expect("a step").to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn client() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into()
}
