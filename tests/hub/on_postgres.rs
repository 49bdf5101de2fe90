//! The authority on PostgreSQL: what its registry and its receiver do on SQLite they do there, and several hubs share it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use greengate::hub::receiver::Receiver;
use greengate::hub::{Author, Home, Registry};
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::engines::{Server, on_postgres, once_more};
use super::registry::{put, supplier};
use super::service::{self, Hub};

once_more! {
    registry:
        a_change_is_made_whole_or_not_at_all,
        what_a_record_names_must_be_there,
        what_is_named_cannot_be_dropped,
        what_was_dropped_in_the_same_change_is_no_longer_there,
        history_keeps_who_when_and_why,
        listings_are_found_by_their_product,
        a_delta_has_what_is_not_as_before_and_nothing_else,
        dropped_and_made_again_over_several_releases,
        there_is_no_list_before_the_first_release,
        a_snapshot_and_deltas_lead_to_the_same_list_as_the_newest_snapshot;
    receiver:
        rows_are_kept_as_the_kiosk_wrote_them,
        the_same_rows_twice_change_nothing,
        a_gap_is_told_until_it_is_filled,
        rows_may_come_in_any_order,
        a_changed_row_is_parked_and_the_others_come_in,
        lines_that_are_no_rows_are_parked_in_their_place,
        a_line_without_any_number_never_makes_another_row_count_as_received,
        bytes_that_are_no_text_are_parked,
        rows_of_a_rewritten_journal_do_not_follow,
        a_row_that_the_next_one_does_not_follow_is_parked,
        two_kiosks_do_not_meet,
        a_new_epoch_begins_anew_and_the_old_rows_stay,
        without_a_good_token_nothing_is_taken,
        a_code_is_traded_once_for_token_feed_and_the_newest_root,
        an_expired_code_and_a_void_one_open_nothing,
        a_code_is_not_spent_on_another_kiosk_nor_before_the_feed_is_there,
        a_replaced_box_makes_the_token_of_the_one_before_void,
        rows_survive_the_end_of_the_service;
    kiosks:
        a_kiosk_says_how_it_is_with_every_request,
        no_row_is_refused_for_what_a_kiosk_says_of_itself;
    prune:
        old_rows_are_moved_and_the_rest_goes_on,
        what_follows_on_a_row_that_is_gone_has_to_follow_on_it,
        a_clock_that_nobody_trusted_makes_no_row_old,
        rows_behind_a_gap_stay;
    review:
        two_failures_at_the_dock_tighten_a_listing_once_however_often_they_come;
    assess:
        what_says_something_else_than_before_is_looked_at_anew,
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// An authority with its database on a server.
struct World {
    server: Arc<Server>,
    url: String,
    folder: TempDir,
}

impl World {
    fn begin() -> Option<Self> {
        let server = Server::shared()?;
        let world = Self { url: server.database(), server, folder: tempfile::tempdir().expect("a folder") };
        let made = world.hub(&["init"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(world)
    }

    fn home(&self) -> Home {
        Home::with_database(self.folder.path(), &self.url).expect("an address")
    }

    fn command_in(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
        command.arg("--folder").arg(folder).env("GREENGATE_DATABASE", &self.url).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn hub(&self, arguments: &[&str]) -> Output {
        self.command_in(self.folder.path(), arguments).output().expect("the program")
    }

    /// Starts a hub, and tells where it listens.
    fn serve(&self) -> (Child, String) {
        let arguments = ["serve", "--listen", "127.0.0.1:0"];
        let mut child = self.command_in(self.folder.path(), &arguments).spawn().expect("a hub");
        let said = BufReader::new(child.stderr.take().expect("its words"));
        let mut lines = said.lines().map_while(Result::ok);
        let told = lines.find_map(|line| Some(line.split_once("listening on ")?.1.trim_end_matches('/').to_owned()));
        // What it says later must not hold it up.
        thread::spawn(move || lines.for_each(drop));
        (child, told.expect("an address"))
    }

    fn database(&self) -> postgres::Client {
        postgres::Client::connect(&self.url, postgres::NoTls).expect("a connection")
    }

    fn releases(&self) -> i64 {
        self.database().query_one("SELECT count(*) FROM release", &[]).expect("readable").get(0)
    }

    /// How often the lease was taken, if somebody holds it.
    fn held(&self) -> Option<i64> {
        let sql = "SELECT fence FROM lease WHERE until > extract(epoch FROM clock_timestamp()) * 1000";
        self.database().query_opt(sql, &[]).expect("readable").map(|row| row.get(0))
    }
}

#[test]
fn every_row_comes_in_once_and_in_order_while_hubs_are_killed() {
    const KIOSKS: usize = 4;
    const ROWS: usize = 120;
    let Some(world) = World::begin() else { return };
    let mut receiver = Receiver::open(world.home()).expect("a receiver");
    let until_then = Timestamp::now() + SignedDuration::from_hours(1);
    let names: Vec<String> = (0..KIOSKS).map(|at| format!("dock-{at}")).collect();
    let tokens: Vec<String> = names
        .iter()
        .map(|name| {
            let code = receiver.add(name, until_then).expect("a code");
            receiver.enroll(&code, None, Timestamp::now()).expect("readable").expect("a token").token
        })
        .collect();
    let items: Vec<String> = (0..ROWS).map(|at| format!("S{at}")).collect();
    let journals: Vec<Vec<String>> =
        names.iter().map(|name| service::rows(name, 9, items.iter().map(String::as_str))).collect();
    let (mut hubs, addresses): (Vec<Child>, Vec<String>) = (0..2).map(|_| world.serve()).unzip();
    let addresses = Mutex::new(addresses);
    let done = AtomicBool::new(false);
    let kills = thread::scope(|scope| {
        let kiosks: Vec<_> = (0..KIOSKS)
            .map(|at| {
                let (name, token, lines, addresses) = (&names[at], &tokens[at], &journals[at], &addresses);
                scope.spawn(move || hand_up(name, token, lines, addresses, at))
            })
            .collect();
        let killer = scope.spawn(|| {
            let mut kills = 0;
            while !done.load(Ordering::Relaxed) || kills < 4 {
                // Somewhere within a request, now this one, now that one.
                thread::sleep(Duration::from_millis(40 + 37 * (kills % 5)));
                let victim = usize::from(kills % 3 == 0);
                hubs[victim].kill().and_then(|()| hubs[victim].wait()).expect("SIGKILL");
                let (hub, address) = world.serve();
                hubs[victim] = hub;
                addresses.lock().expect("addresses")[victim] = address;
                kills += 1;
            }
            for hub in &mut hubs {
                hub.kill().and_then(|()| hub.wait()).expect("SIGKILL");
            }
            kills
        });
        for kiosk in kiosks {
            kiosk.join().expect("a kiosk");
        }
        done.store(true, Ordering::Relaxed);
        killer.join().expect("a killer")
    });
    assert!(kills >= 4, "{kills}");
    let mut database = world.database();
    for (name, lines) in names.iter().zip(&journals) {
        let rows = database.query("SELECT seq, body FROM row WHERE kiosk = $1 ORDER BY seq", &[name]).expect("rows");
        let numbers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(numbers, (1..=i64::try_from(ROWS).expect("few")).collect::<Vec<_>>(), "{name}");
        for (row, line) in rows.iter().zip(lines) {
            assert!(line.contains(row.get::<_, &str>(1).trim_end_matches('}')), "{line}");
        }
    }
    let parked: i64 = database.query_one("SELECT count(*) FROM parked", &[]).expect("readable").get(0);
    assert_eq!(parked, 0);
}

/// What a kiosk does: rows from the last one on that a hub answered for, to whichever hub answers.
fn hand_up(name: &str, token: &str, lines: &[String], addresses: &Mutex<Vec<String>>, at: usize) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(10)))
        .proxy(None)
        .build()
        .into();
    let (mut reached, mut turn) = (0, at);
    while reached < lines.len() {
        turn += 1;
        let address = addresses.lock().expect("addresses")[turn % 2].clone();
        let some = &lines[reached..lines.len().min(reached + 7)];
        let request = agent.post(format!("{address}/journal")).header("authorization", format!("Bearer {token}"));
        let Ok(mut answer) = request.send(service::sheet(name, 9, some).as_bytes()) else { continue };
        let Ok(told) = answer.body_mut().read_to_string() else { continue };
        assert!(matches!(answer.status().as_u16(), 200 | 503), "{told}");
        let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
        if let Some(seq) = told["seq"].as_u64() {
            reached = usize::try_from(seq).expect("few");
        }
    }
}

/// A copy of the authority's folder, as another machine has it.
fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().expect("a folder");
    let done = Command::new("cp").arg("-a").arg(from.join(".")).arg(to.path()).status().expect("cp");
    assert!(done.success());
    to
}

/// Begins to publish, and stands still where it opens this key, with the lease in its hand.
fn held_up_at(world: &World, key: &str) -> (Child, Vec<u8>) {
    let keys = world.folder.path().join("keys");
    // The first publish makes it, and looks at the other key for that, but a pipe is read once.
    fs::copy(keys.join("snapshot.pem"), keys.join("audit.pem")).expect("a key of the audit log");
    let path = keys.join(key);
    let pem = fs::read(&path).expect("a key");
    fs::remove_file(&path).expect("it goes");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().expect("mkfifo").success());
    let child = world.command_in(world.folder.path(), &["publish"]).spawn().expect("a hub");
    until("the lease is taken", || world.held().is_some());
    (child, pem)
}

/// Gives the key that is waited for, and tells what came of the publish.
fn let_go(world: &World, key: &str, held: Child, pem: &[u8]) -> Output {
    let mut pipe = fs::OpenOptions::new().write(true).open(world.folder.path().join("keys").join(key)).expect("a pipe");
    pipe.write_all(pem).expect("it reads");
    drop(pipe);
    held.wait_with_output().expect("its end")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const HELD_UP: &str = "this command was held up for so long that another one may publish in its place; give it again";

/// Another publish takes over when the holder of the lease does not renew it; whoever was held up changes nothing more.
fn taken_over(key: &str, before: impl FnOnce(&World)) {
    let Some(world) = World::begin() else { return };
    before(&world);
    let other = copied(world.folder.path());
    if key.contains(".next") {
        fs::remove_file(other.path().join("keys").join(key)).expect("it is of this hub alone");
    }
    let (held, pem) = held_up_at(&world, key);
    if !key.contains(".next") {
        // What it still has to show its lease for is the feed alone.
        until("its release is made", || world.releases() == 1);
    }
    let publish = |folder: &Path| world.command_in(folder, &["publish"]).output().expect("the program");
    let busy = publish(other.path());
    assert_eq!(busy.status.code(), Some(69), "{}", said(&busy));
    assert!(said(&busy).contains("another command publishes from "), "{}", said(&busy));
    // As if it slept until its time ran out.
    let send = |signal| kill_process(Pid::from_child(&held), signal).expect("a signal");
    send(Signal::STOP);
    world.database().execute("UPDATE lease SET until = 1", &[]).expect("it ran out");
    let won = publish(other.path());
    assert!(won.status.success(), "{}", said(&won));
    let mut registry = Registry::open(world.home()).expect("a registry");
    put(&mut registry, &[supplier(1)]).expect("something for another release");
    send(Signal::CONT);
    let lost = let_go(&world, key, held, &pem);
    assert!(!lost.status.success() && said(&lost).contains(HELD_UP), "{}", said(&lost));
    assert!(!world.folder.path().join("feed/metadata/timestamp.json").exists(), "it published all the same");
    assert_eq!(world.releases(), 1);
}

#[test]
fn who_was_held_up_before_its_release_makes_none() {
    taken_over("targets.next.pem", |world| {
        let keys = world.folder.path().join("keys");
        fs::copy(keys.join("snapshot.pem"), keys.join("targets.next.pem")).expect("a key that waits");
    });
}

#[test]
fn who_was_held_up_before_its_feed_leaves_it_as_it_was() {
    taken_over("timestamp.pem", |_| {});
}

#[test]
fn a_killed_publisher_holds_up_no_longer_than_its_lease() {
    let Some(world) = World::begin() else { return };
    let other = copied(world.folder.path());
    let (mut held, _) = held_up_at(&world, "timestamp.pem");
    held.kill().and_then(|()| held.wait()).expect("SIGKILL");
    let left = "SELECT (until - extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM lease";
    let left: i64 = world.database().query_one(left, &[]).expect("readable").get(0);
    assert!(left <= 20_000, "{left} ms");
    world.database().execute("UPDATE lease SET until = until - $1", &[&left]).expect("time goes by");
    let won = world.command_in(other.path(), &["publish"]).output().expect("the program");
    assert!(won.status.success(), "{}", said(&won));
    assert_eq!(world.held(), None, "it gave the lease back");
}

#[test]
fn changes_of_many_processes_have_numbers_without_a_gap() {
    let Some(world) = World::begin() else { return };
    let author = Author { who: "mei".to_owned(), why: "a test".to_owned(), at: Timestamp::now() };
    let before: i64 = world.database().query_one("SELECT max(seq) FROM change", &[]).expect("readable").get(0);
    thread::scope(|scope| {
        for worker in 0..4_u32 {
            let (world, author) = (&world, &author);
            scope.spawn(move || {
                let mut registry = Registry::open(world.home()).expect("a registry");
                for at in 0..10 {
                    let record = supplier(1 + worker * 100 + at);
                    registry.change(author, |changes| changes.put(&record)).expect("a change");
                    // What is not made leaves no gap.
                    let failed = registry.change(author, |changes| {
                        changes.put(&supplier(9000 + worker))?;
                        changes.drop(greengate::rules::record::RecordKey::Supplier(77_777))
                    });
                    assert!(failed.is_err());
                }
            });
        }
    });
    let sql = "SELECT count(*), max(seq), count(DISTINCT seq) FROM change";
    let row = world.database().query_one(sql, &[]).expect("readable");
    let all = before + 40;
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)), (all, all, all));
}

#[test]
fn a_lost_connection_is_followed_by_another_one() {
    on_postgres(|| {
        let hub = Hub::start();
        let (token, rows) = (hub.token("dock-3"), service::rows("dock-3", 9, ["S1", "S2"]));
        assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows[..1]).taken().0, 1);
        let mut beside = super::engines::client(hub.folder.path()).expect("a connection");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE pid <> pg_backend_pid() AND datname = current_database()";
        assert!(!beside.query(cut, &[]).expect("they end").is_empty());
        assert_eq!(hub.hand_up(&token, "dock-3", 9, &rows).taken().0, 2);
    });
}

#[test]
fn what_cannot_be_reached_is_told_without_the_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
        command.arg("--folder").arg(folder.path()).args(["--database", url, "status"]).output().expect("the program")
    };
    let nobody = hub("postgres://mei:s3cret@127.0.0.1:1/hub");
    assert_eq!(nobody.status.code(), Some(74), "{}", said(&nobody));
    let told = said(&nobody);
    assert!(
        told.contains("`postgres://mei@127.0.0.1:1/hub`") && told.contains("the next request connects anew"),
        "{told}"
    );
    let wrong = hub("mysql://mei:s3cret@db/hub");
    assert_eq!(wrong.status.code(), Some(65), "{}", said(&wrong));
    assert!(said(&wrong).contains("write it as `postgres://user:password@host/database`"), "{}", said(&wrong));
    for output in [nobody, wrong] {
        assert!(!said(&output).contains("s3cret"), "{}", said(&output));
    }
}

#[test]
fn an_authority_is_begun_once_and_found_from_another_folder() {
    let Some(world) = World::begin() else { return };
    let again = world.hub(&["init"]);
    assert_eq!(again.status.code(), Some(64), "{}", said(&again));
    assert!(!world.folder.path().join("registry.db").exists() && !world.folder.path().join("journals.db").exists());
    let mut registry = Registry::open(world.home()).expect("a registry");
    put(&mut registry, &[supplier(1)]).expect("a supplier");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let status = world.command_in(elsewhere.path(), &["status"]).output().expect("the program");
    let told = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(told.contains("suppliers   1\n"), "{told}{}", said(&status));
    let empty = Home::with_database(elsewhere.path(), &world.server.database()).expect("an address");
    let none = Registry::open(empty).expect_err("nobody began one").to_string();
    assert!(none.ends_with("begin one with `greengate-hub init`"), "{none}");
}
