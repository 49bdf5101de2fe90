//! The power goes while a verdict is shown: what was shown is in the journal.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use greengate::kiosk::Shelf;
use greengate::store::{Cache, Journal, journal};
use serde_json::{Value, json};
use tempfile::tempdir;

struct Running {
    child: Child,
    address: String,
    agent: ureq::Agent,
}

impl Running {
    /// Starts the program and waits until it says where to look.
    fn start(state: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_greengate"))
            .env_remove("GREENGATE_CONFIG")
            .args(["run", "--listen", "127.0.0.1:0", "--state"])
            .arg(state)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = BufReader::new(child.stderr.take().expect("its words"));
        let address =
            said.lines().map_while(Result::ok).find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        let address = format!("http://{}", address.expect("an address").trim_end_matches('/'));
        Self { child, address, agent: ureq::Agent::new_with_defaults() }
    }

    fn status(&self) -> Value {
        let mut answer = self.agent.get(format!("{}/status.json", self.address)).call().expect("a status");
        answer.body_mut().read_json().expect("JSON")
    }

    fn hold_up(&self, ids: &[&str]) {
        let act = self.agent.post(format!("{}/hold-up", self.address)).header("Origin", &self.address);
        act.send_json(json!({ "ids": ids })).expect("the label is held up");
    }

    /// Looks at the status until `found` finds something in it.
    fn wait_for<T>(&self, found: impl Fn(&Value) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if let Some(found) = found(&self.status()) {
                return found;
            }
        }
        panic!("it never came; the last status is {}", self.status())
    }

    /// What is shown if it is a verdict: its slug and the newest verdict's row.
    fn shown(status: &Value) -> Option<(String, u64)> {
        let slug = status["scene"]["body"]["verdict"]["slug"].as_str()?;
        Some((slug.to_owned(), status["verdicts"][0]["seq"].as_u64()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: nothing is tidied up.
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is gone");
    }
}

#[test]
fn every_verdict_that_was_shown_is_in_the_journal_after_a_kill() {
    let folder = tempdir().expect("a folder");
    let path = Shelf::journal_path(folder.path());
    let mut shown: Vec<(String, u64)> = Vec::new();
    for id in ["tea", "conditioner", "red", "masks-item", "masks-item"] {
        let running = Running::start(folder.path());
        running.wait_for(|status| (status["scene"]["body"] == "ready").then_some(()));
        running.hold_up(&[id]);
        shown.push(running.wait_for(Running::shown));
        drop(running);
        let report = journal::verify(&path).expect("a whole chain");
        assert!(report.rows >= shown.last().expect("one").1);
    }
    let journal = Journal::open_read_only(&path).expect("the journal");
    for (slug, seq) in &shown {
        let row = journal.row(*seq).expect("it can be read").expect("the row is there");
        let json = serde_json::to_value(&row.entry.what).expect("JSON");
        assert!(json["verdict"]["ruling"].to_string().contains(slug.as_str()), "{slug} is not what {json} says");
    }
    let slugs: Vec<&str> = shown.iter().map(|(slug, _)| slug.as_str()).collect();
    assert_eq!(slugs, ["accept", "missing-documents", "red", "accept", "already-taken-in"]);
    assert!(Cache::open(folder.path()).expect("the list is whole").is_some());
}
