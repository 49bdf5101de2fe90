//! A kiosk enrols and hands its journal up, over lines that break and past rows that are lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use greengate::hub::Registry;
use greengate::sync::{self, Enrolled, Enrolment, HandedUp, SyncFault, Terms};
use tempfile::TempDir;

use crate::hub::service::{Hub, exported, journal};
use crate::store::{LIST, load};

const LOST: &str = "it does not end with `previous` and `hash` as a journal writes them";

/// A kiosk's state folder.
struct Kiosk {
    state: TempDir,
    enrolment: Enrolment,
}

impl Kiosk {
    fn enrolled(hub: &Hub) -> Self {
        let state = tempfile::tempdir().expect("a folder");
        let Enrolled { enrolment, left } = enroll(hub, state.path(), Terms::default()).expect("an enrolment");
        assert!(!left, "there was nothing to leave");
        Self { state, enrolment }
    }

    fn path(&self) -> PathBuf {
        self.state.path().join("journal.db")
    }

    fn write(&self, items: usize) {
        let items: Vec<String> = (0..items).map(|item| format!("S{item}")).collect();
        journal(&self.path(), "dock-3", 9, items.iter().map(String::as_str));
    }

    fn hand_up(&self) -> Result<HandedUp, SyncFault> {
        sync::hand_up(&self.path(), self.state.path(), &self.enrolment, None, &mut |_, _| ())
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).expect("a database")
    }
}

fn enroll(hub: &Hub, state: &Path, terms: Terms<'_>) -> Result<Enrolled, SyncFault> {
    sync::enroll(&hub.url("/"), &hub.code("dock-3"), "dock-3", state, terms)
}

/// The hub's rows: how many, and how many were parked.
fn at(hub: &Hub) -> (u64, u64) {
    let kiosk = hub.receiver().kiosks().expect("kiosks").swap_remove(0);
    (kiosk.rows, kiosk.parked)
}

#[test]
fn enrolment_leaves_a_private_file_and_the_root() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    let enrolment = Enrolment::read(kiosk.state.path()).expect("an enrolment");
    assert_eq!(enrolment, kiosk.enrolment);
    assert_eq!((enrolment.hub.as_str(), enrolment.kiosk.as_str()), (hub.url("/").as_str(), "dock-3"));
    assert_eq!(enrolment.feed, hub.url("/feed/"));
    assert!(!format!("{enrolment:?}").contains(&enrolment.token), "the token gets into logs");
    assert_eq!(enrolment.root.to_string(), crate::hub::service::ROOT);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(kiosk.state.path().join("enrolment.json")).expect("a file");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_kiosk_leaves_its_hub_only_when_told_to() {
    let (hub, other) = (Hub::start(), Hub::start());
    let kiosk = Kiosk::enrolled(&hub);
    let fault = enroll(&other, kiosk.state.path(), Terms::default()).expect_err("enrolled already").to_string();
    assert_eq!(
        fault,
        format!("the kiosk is enrolled at `{}` already; with `--replace` it leaves that one", hub.url("/"))
    );
    let terms = Terms { replace: true, ..Terms::default() };
    enroll(&other, kiosk.state.path(), terms).expect("another hub");
    assert_eq!(Enrolment::read(kiosk.state.path()).expect("an enrolment").hub, other.url("/"));
    std::fs::write(kiosk.state.path().join("enrolment.json"), "rubbish").expect("a file");
    let fault = enroll(&hub, kiosk.state.path(), Terms::default()).expect_err("damaged");
    assert!(matches!(fault, SyncFault::File { verb: "read", .. }), "{fault}");
    enroll(&hub, kiosk.state.path(), terms).expect("a new one");
}

#[test]
fn an_enrolment_that_cannot_be_says_why() {
    let hub = Hub::start();
    let state = tempfile::tempdir().expect("a folder");
    let told = |url: &str, code: &str, kiosk: &str| {
        sync::enroll(url, code, kiosk, state.path(), Terms::default()).expect_err("refused").to_string()
    };
    let code = hub.code("dock-3");
    let wrong = told(&hub.url("/"), "0000-0000-0000-0000", "dock-3");
    assert!(wrong.starts_with(&format!("`{}` answers 403: there is no such code; ", hub.url("/enroll"))), "{wrong}");
    let wrong = told(&hub.url("/"), &code, "dock-4");
    assert!(wrong.contains("the code is for kiosk `dock-3` and this is `dock-4`"), "{wrong}");
    let wrong = told(&hub.url("/elsewhere"), &code, "dock-3");
    assert!(wrong.contains("answers 404: there is no `/elsewhere/enroll` here"), "{wrong}");
    let wrong = told("http://hub.example/", &code, "dock-3");
    assert!(wrong.starts_with("`http://hub.example` is not encrypted, "), "{wrong}");
    let wrong = told("hub.example", &code, "dock-3");
    assert!(
        wrong.starts_with("url `hub.example` cannot be used: it is no address; write it like `https://"),
        "{wrong}"
    );
    let wrong = told("https://me:hidden@hub.example/", &code, "dock-3");
    assert!(wrong.starts_with("url `https://hub.example` cannot be used: a user and a password "), "{wrong}");
    let wrong = told("http://127.0.0.1:1/", &code, "dock-3");
    assert!(wrong.starts_with("`http://127.0.0.1:1/enroll` cannot be reached: "), "{wrong}");
    let files = std::fs::read_dir(state.path()).expect("a folder");
    let names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(names, ["feed.lock"], "nothing was written");
    sync::enroll(&hub.url(""), &code, "dock-3", state.path(), Terms::default()).expect("the code was not spent");
}

#[test]
fn a_journal_goes_up_in_batches_and_only_once() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(603);
    let mut steps = Vec::new();
    let handed = sync::hand_up(&kiosk.path(), kiosk.state.path(), &kiosk.enrolment, None, &mut |done, of| {
        steps.push((done, of));
    });
    assert_eq!(handed.expect("handed up"), HandedUp { seq: 603, sent: 603, parked: vec![] });
    assert_eq!(steps, [(500, 603), (603, 603)]);
    assert_eq!(at(&hub), (603, 0));
    assert_eq!(kiosk.hand_up().expect("nothing to do"), HandedUp { seq: 603, sent: 0, parked: vec![] });
    kiosk.write(2);
    assert_eq!(kiosk.hand_up().expect("two more"), HandedUp { seq: 605, sent: 2, parked: vec![] });
    assert_eq!(exported(&kiosk.path()).len(), 605, "rows stay on the kiosk");
}

#[test]
fn what_goes_up_is_what_the_export_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = journal(&folder.path().join("journal.db"), "dock-3", 9, ["S1", "S2"]);
    let lines = greengate::store::Journal::open_read_only(&path).expect("a journal").lines(0, 10).expect("lines");
    assert_eq!(lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>(), exported(&path));
}

#[test]
fn large_rows_make_small_batches_and_one_beyond_reason_is_put_aside() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    let (long, absurd) = ("x".repeat(150_000), "y".repeat(600_000));
    journal(&kiosk.path(), "dock-3", 9, [long.as_str(), &long, &absurd, "S4", &long]);
    let mut steps = Vec::new();
    let handed =
        sync::hand_up(&kiosk.path(), kiosk.state.path(), &kiosk.enrolment, None, &mut |done, _| steps.push(done));
    let handed = handed.expect("handed up");
    assert_eq!((handed.seq, at(&hub)), (5, (4, 1)));
    assert_eq!(handed.parked[0].seq, 3);
    assert!(steps.len() > 1, "{steps:?}");
}

#[test]
fn the_request_is_what_every_version_sends() {
    let hub = Hub::start();
    let mut kiosk = Kiosk::enrolled(&hub);
    let path = kiosk.path();
    let mut rows = greengate::store::Journal::create(&path, "dock-3", [9; 16]).expect("a journal");
    rows.append(&crate::store::entry(1, None, greengate::rules::entry::What::Recovered)).expect("a row");
    drop(rows);
    kiosk.database().execute_batch("DELETE FROM row; UPDATE meta SET seq = 1").expect("a lost row");
    let mut rows = greengate::store::Journal::create(&path, "dock-3", [9; 16]).expect("a journal");
    rows.append(&crate::store::entry(2, None, greengate::rules::entry::What::Recovered)).expect("a row");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    kiosk.enrolment.hub = format!("http://{}/hub/", listener.local_addr().expect("an address"));
    let token = kiosk.enrolment.token.clone();
    let listening = std::thread::spawn(move || one_message(&mut listener.accept().expect("a kiosk").0));
    kiosk.hand_up().expect_err("no answer");
    let request = String::from_utf8(listening.join().expect("a request")).expect("text");
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("POST /hub/journal HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: Bearer {token}")), "{head}");
    let body: Vec<&str> = body.lines().collect();
    let epoch = "09".repeat(16);
    let (said, version) = (r#"{"condition":{"at":"2"#, env!("CARGO_PKG_VERSION"));
    let ends = format!(r#"Z","list":null,"program":"{version}","rows":2}},"epoch":"{epoch}","kiosk":"dock-3"}}"#);
    assert!(body[0].starts_with(said) && body[0].ends_with(&ends), "{}", body[0]);
    assert_eq!(body[1], r#"{"lost":"the row is missing or damaged on the kiosk's disk","seq":1}"#);
    let begins = format!(r#"{{"kiosk":"dock-3","epoch":"{epoch}","seq":2,"entry":{{"at":"#);
    assert!(body[2].starts_with(&begins), "{}", body[2]);
    let seal = body[2].rsplit_once(r#","previous":""#).expect("a seal").1;
    assert_eq!((seal.len(), &seal[64..74], &seal[138..]), (140, r#"","hash":""#, "\"}"));
}

/// Passes a number of requests on to the hub and cuts the line after it has answered, then passes all on whole.
fn cutting(hub: SocketAddr, cuts: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for (count, client) in listener.incoming().enumerate() {
            let (Ok(mut client), Ok(mut hub)) = (client, TcpStream::connect(hub)) else { return };
            let request = one_message(&mut client);
            hub.write_all(&request).expect("the hub takes it");
            let answer = one_message(&mut hub);
            if count >= cuts {
                client.write_all(&answer).expect("the kiosk takes it");
            }
        }
    });
    address
}

/// A head and a body of the length that it tells.
fn one_message(stream: &mut TcpStream) -> Vec<u8> {
    let mut message = Vec::new();
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        message.extend_from_slice(line.as_bytes());
        let lower = line.to_lowercase();
        if let Some(told) = lower.strip_prefix("content-length:") {
            length = told.trim().parse().expect("a number");
        }
        if line == "\r\n" || line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    message.extend(body);
    message
}

#[test]
fn an_answer_that_is_lost_costs_nothing_but_a_second_try() {
    let hub = Hub::start();
    let mut kiosk = Kiosk::enrolled(&hub);
    kiosk.write(3);
    kiosk.enrolment.hub = format!("http://{}/", cutting(hub.address(), 1));
    let fault = kiosk.hand_up().expect_err("the line was cut");
    assert!(matches!(fault, SyncFault::Unreachable { .. }), "{fault}");
    assert_eq!(at(&hub), (3, 0), "the rows are on disk");
    kiosk.write(1);
    assert_eq!(kiosk.hand_up().expect("again"), HandedUp { seq: 4, sent: 4, parked: vec![] });
    assert_eq!(at(&hub), (4, 0));
}

#[test]
fn rows_that_the_disk_lost_do_not_hold_up_the_rest() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(6);
    let damage = "DELETE FROM row WHERE seq IN (2, 6);
                  UPDATE row SET body = 'rub' || char(10) || 'bish' WHERE seq = 3;
                  UPDATE row SET body = replace(body, '\"S4\"', '\"X4\"') WHERE seq = 5;";
    kiosk.database().execute_batch(damage).expect("damage");
    let handed = kiosk.hand_up().expect("handed up");
    let parked: Vec<_> = handed.parked.iter().map(|row| (row.seq, row.why.as_str())).collect();
    let changed = "its hash does not follow from it: it was changed after it was written";
    assert_eq!(parked, [(2, LOST), (3, LOST), (5, changed), (6, LOST)]);
    assert_eq!((handed.seq, at(&hub)), (6, (2, 4)));
    assert_eq!(kiosk.hand_up().expect("nothing to do").sent, 0);
}

#[test]
fn a_hub_that_was_put_back_gets_its_rows_again() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(5);
    kiosk.hand_up().expect("handed up");
    let older = "DELETE FROM row WHERE seq > 2; UPDATE journal SET seq = 2;";
    hub.database().execute_batch(older).expect("an older copy");
    kiosk.write(1);
    let handed = kiosk.hand_up().expect("handed up");
    assert_eq!((handed.seq, handed.sent, at(&hub)), (6, 1 + 4, (6, 0)));
}

#[test]
fn a_kiosk_with_nothing_to_give_is_seen_with_its_list_and_writes_nothing() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(0);
    assert_eq!(kiosk.hand_up().expect("nothing to give"), HandedUp::default());
    assert!(!kiosk.state.path().join("handed-up.json").exists());
    let said = || hub.receiver().kiosks().expect("kiosks").swap_remove(0).said.expect("its word");
    let program = Some(env!("CARGO_PKG_VERSION"));
    assert_eq!((said().program.as_deref(), said().list, said().waiting), (program, None, Some(0)));
    assert!(said().clock_off_s.expect("a clock").abs() < 60, "{:?}", said());
    load(kiosk.state.path(), 0, 41, LIST).expect("a list");
    kiosk.write(2);
    kiosk.hand_up().expect("handed up");
    assert_eq!((said().list, said().waiting), (Some(41), Some(0)));
    assert!(said().list_age_s.is_some(), "{:?}", said());
}

#[test]
fn a_hub_that_was_put_back_is_noticed_with_nothing_new_to_give() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(3);
    kiosk.hand_up().expect("handed up");
    hub.database().execute_batch("DELETE FROM row WHERE seq > 1; UPDATE journal SET seq = 1;").expect("an older copy");
    assert_eq!(kiosk.hand_up().expect("again"), HandedUp { seq: 3, sent: 2, parked: vec![] });
    assert_eq!(at(&hub), (3, 0));
}

#[test]
fn a_mark_that_is_lost_or_of_another_hub_costs_only_rows_sent_twice() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(3);
    kiosk.hand_up().expect("handed up");
    std::fs::write(kiosk.state.path().join("handed-up.json"), "rubbish").expect("a file");
    assert_eq!(kiosk.hand_up().expect("again"), HandedUp { seq: 3, sent: 3, parked: vec![] });
    assert_eq!(at(&hub), (3, 0));
    let other = Hub::start();
    let enrolled = enroll(&other, kiosk.state.path(), Terms { replace: true, ..Terms::default() }).expect("a hub");
    let moved = Kiosk { enrolment: enrolled.enrolment, ..kiosk };
    assert_eq!(moved.hand_up().expect("all of it"), HandedUp { seq: 3, sent: 3, parked: vec![] });
}

#[test]
fn a_journal_that_was_put_back_is_told() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    kiosk.write(3);
    kiosk.hand_up().expect("handed up");
    for name in ["journal.db", "journal.db-wal", "journal.db-shm", "handed-up.json"] {
        let _ = std::fs::remove_file(kiosk.state.path().join(name));
    }
    kiosk.write(1);
    let fault = kiosk.hand_up().expect_err("older than the hub's").to_string();
    assert!(fault.starts_with("the hub has 3 rows of this journal and the journal only 1; "), "{fault}");
}

#[test]
fn a_replaced_box_begins_anew_under_its_name() {
    let hub = Hub::start();
    let first = Kiosk::enrolled(&hub);
    first.write(3);
    first.hand_up().expect("handed up");
    let second = Kiosk::enrolled(&hub);
    journal(&second.path(), "dock-3", 10, ["S1"]);
    assert_eq!(second.hand_up().expect("handed up"), HandedUp { seq: 1, sent: 1, parked: vec![] });
    assert_eq!(at(&hub), (4, 0));
    first.write(1);
    let fault = first.hand_up().expect_err("its token is void").to_string();
    assert!(fault.contains("answers 401: no kiosk has this token; enrol with a new code"), "{fault}");
}

#[test]
fn a_journal_of_another_name_stays_where_it_is() {
    let hub = Hub::start();
    let kiosk = Kiosk::enrolled(&hub);
    journal(&kiosk.path(), "dock-4", 9, ["S1"]);
    let fault = kiosk.hand_up().expect_err("another's").to_string();
    assert!(fault.starts_with("the journal is kiosk `dock-4`'s and the kiosk is enrolled as `dock-3`; "), "{fault}");
}

/// A process that ends with the test.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn hub_program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    command.env_remove("RUST_LOG").arg("--folder").arg(folder);
    command
}

pub fn told(command: &mut Command) -> (String, String, Option<i32>) {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

pub fn start_service(folder: &Path) -> (Running, String) {
    let mut child = hub_program(folder)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
    let url = lines.find_map(|line| line.expect("a line").strip_prefix("listening on ").map(str::to_owned));
    std::thread::spawn(move || lines.for_each(drop));
    (Running(child), url.expect("an address"))
}

#[test]
fn a_kiosk_enrols_and_hands_up_with_the_programs_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (authority, config, state) =
        (folder.path().join("authority"), folder.path().join("config"), folder.path().join("state"));
    for path in [&authority, &config, &state, &authority.join("feed/metadata"), &authority.join("feed/targets")] {
        std::fs::create_dir_all(path).expect("a folder");
    }
    drop(Registry::create(&authority).expect("a registry"));
    std::fs::write(authority.join("feed/metadata/1.root.json"), crate::hub::service::ROOT).expect("a root");
    let site = "name = \"Dock\"\nkiosk = \"dock-3\"\nlanguages = [\"en\"]\ntime_zone = \"UTC\"\nstate = \"../state\"\n";
    std::fs::write(config.join("site.toml"), site).expect("a site");
    std::fs::write(config.join("board.toml"), include_str!("../../boards/sim.toml")).expect("a board");
    let kiosk = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
        told(command.env_remove("GREENGATE_CONFIG").env_remove("RUST_LOG").arg("--config").arg(&config).args(arguments))
    };
    let (service, url) = start_service(&authority);
    let (code, help, exit) = told(hub_program(&authority).args(["kiosk", "add", "dock-3"]));
    assert_eq!((code.len(), exit), (19, Some(0)), "{help}");
    let (words, fault, exit) = kiosk(&["journal", "hand-up"]);
    assert_eq!((words.as_str(), exit), ("", Some(66)), "{fault}");
    assert!(fault.starts_with("error: the kiosk is not enrolled: there is no `"), "{fault}");
    let (words, fault, exit) = kiosk(&["enroll", &url, "--code", &code]);
    assert_eq!(
        (words, exit),
        (format!("kiosk `dock-3` is enrolled at {url}; its feed is {url}feed/"), Some(0)),
        "{fault}"
    );
    journal(&state.join("journal.db"), "dock-3", 9, ["S1", "S2"]);
    let (words, fault, exit) = kiosk(&["journal", "hand-up", "--to", &url]);
    assert_eq!((words.as_str(), exit), ("2 rows handed up; the hub has all up to 2", Some(0)), "{fault}");
    let (list, _, _) = told(hub_program(&authority).args(["kiosk", "list", "--json"]));
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!((&list[0]["name"], &list[0]["rows"]), (&"dock-3".into(), &2.into()));
    let (line, _, _) = told(hub_program(&authority).args(["kiosk", "list"]));
    assert!(line.starts_with("dock-3: enrolled ") && line.ends_with("; 2 rows"), "{line}");
    assert_eq!(told(hub_program(&authority).args(["kiosk", "remove", "dock-3"])).2, Some(0));
    journal(&state.join("journal.db"), "dock-3", 9, ["S3"]);
    let (_, fault, exit) = kiosk(&["journal", "hand-up"]);
    assert_eq!(exit, Some(69), "{fault}");
    drop(service);
    let (_, fault, exit) = kiosk(&["journal", "hand-up"]);
    assert_eq!(exit, Some(69), "{fault}");
    assert!(fault.contains("cannot be reached"), "{fault}");
}
