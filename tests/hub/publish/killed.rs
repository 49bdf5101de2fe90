//! The real program is killed, has no room on its disk, or runs twice at once: the feed is the one of before or the one
//! after, and the next publish finishes. `GREENGATE_KILLS=500` kills so often in place of the usual number.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Authority, client, names, supplier};
use crate::support::Seeded;

const KILLS: u64 = 12;

fn publish(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    command.arg("--folder").arg(folder).args(["publish", "--to"]).arg(folder.join("www"));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn start(folder: &Path) -> Child {
    publish(folder).spawn().expect("the program starts")
}

/// The release that a folder of the feed has.
fn release(authority: &Authority, folder: &str) -> u64 {
    client::read(&authority.first_root, &authority.path().join(folder)).expect("a feed that verifies").release()
}

/// Records that make a snapshot of more than a hundred kilobytes.
fn many(round: u32) -> Vec<greengate::rules::record::Record> {
    let mut random = Seeded::new(u64::from(round));
    (0..4000).map(|id| supplier(id, &format!("{:x}{:x}{:x}", random.next(), random.next(), random.next()))).collect()
}

/// Publishes undisturbed. Tells how long that took.
#[track_caller]
fn finish(folder: &Path) -> Duration {
    let begin = Instant::now();
    assert!(start(folder).wait().expect("our child").success());
    begin.elapsed()
}

/// Kills a publish at this moment after its start. Tells whether it was still at work.
fn kill_at(folder: &Path, moment: Duration) -> bool {
    let begin = Instant::now();
    let mut child = start(folder);
    while child.try_wait().expect("our child").is_none() {
        if begin.elapsed() >= moment {
            child.kill().expect("our child");
            return !child.wait().expect("our child").success();
        }
    }
    false
}

#[test]
fn a_publish_that_is_killed_at_any_moment_is_finished_by_the_next() {
    let authority = Authority::new();
    authority.put_all(&many(0));
    let mut usual = finish(authority.path());
    let kills = std::env::var("GREENGATE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut random = Seeded::new(5);
    let (mut killed, mut afters) = (0, 0);
    for round in 1..=kills {
        authority.put_all(&many(u32::try_from(round).expect("few")));
        // Well beyond, because the feed is exchanged and copied at the very end.
        let limit = u64::try_from(usual.as_micros() * 2).expect("a short while");
        let moment = Duration::from_micros(random.below(limit));
        killed += u64::from(kill_at(authority.path(), moment));
        let found = ["feed", "www"].map(|folder| release(&authority, folder));
        assert!(found[1] <= found[0] && found[1] >= round && found[0] <= round + 1, "kill {round}: {found:?}");
        afters += u64::from(found[0] > round);
        usual = finish(authority.path());
        for folder in ["feed", "www"] {
            assert_eq!(release(&authority, folder), round + 1, "kill {round} after {moment:?}: {folder}");
            assert_eq!(names(&authority.path().join(folder)), ["audit", "metadata", "targets"]);
        }
    }
    println!("{killed} of {kills} publishes were killed at work; {afters} left the feed of after");
}

#[cfg(unix)]
#[test]
fn a_disk_without_room_leaves_the_feed_of_before() {
    let authority = Authority::new();
    finish(authority.path());
    authority.put_all(&many(1));
    let program = publish(authority.path());
    // No file may grow beyond 64 KiB, and the system says so instead of ending the program.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\""]);
    command.arg(program.get_program()).args(program.get_args());
    let output = command.output().expect("the program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("cannot be written: File too large"), "{said}");
    assert_eq!([release(&authority, "feed"), release(&authority, "www")], [1, 1]);
    finish(authority.path());
    assert_eq!([release(&authority, "feed"), release(&authority, "www")], [2, 2]);
}

#[test]
fn many_at_once_do_no_harm() {
    let authority = Authority::new();
    authority.put_all(&many(1));
    let children: Vec<Child> = (0..5).map(|_| start(authority.path())).collect();
    let mut done = 0;
    for child in children {
        let output = child.wait_with_output().expect("our child");
        let said = String::from_utf8_lossy(&output.stderr);
        done += u32::from(output.status.success());
        assert!(output.status.success() || said.contains("wait until it is done"), "{said}");
    }
    assert!(done > 0);
    assert_eq!([release(&authority, "feed"), release(&authority, "www")], [1, 1]);
}
