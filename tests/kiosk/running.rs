//! A program that runs, and what its panel tells and takes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

pub struct Running {
    pub child: Child,
    address: String,
    agent: ureq::Agent,
}

impl Running {
    /// Starts the program and waits until it says where to look.
    pub fn start(state: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_greengate"))
            .env_remove("GREENGATE_CONFIG")
            .args(["run", "--listen", "127.0.0.1:0", "--state"])
            .arg(state)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut said = BufReader::new(child.stderr.take().expect("its words"));
        Self::of(child, &mut said)
    }

    /// A program that was started and says where to look.
    pub fn of(child: Child, said: &mut impl BufRead) -> Self {
        let address =
            said.lines().map_while(Result::ok).find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        let address = format!("http://{}", address.expect("an address").trim_end_matches('/'));
        Self { child, address, agent: ureq::Agent::new_with_defaults() }
    }

    pub fn status(&self) -> Value {
        let mut answer = self.agent.get(format!("{}/status.json", self.address)).call().expect("a status");
        answer.body_mut().read_json().expect("JSON")
    }

    pub fn hold_up(&self, ids: &[&str]) {
        let act = self.agent.post(format!("{}/hold-up", self.address)).header("Origin", &self.address);
        act.send_json(json!({ "ids": ids })).expect("the label is held up");
    }

    /// Looks at the status until `found` finds something in it.
    pub fn wait_for<T>(&self, found: impl Fn(&Value) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if let Some(found) = found(&self.status()) {
                return found;
            }
        }
        panic!("it never came; the last status is {}", self.status())
    }

    /// What is shown if it is a verdict: its slug and the newest verdict's row.
    pub fn shown(status: &Value) -> Option<(String, u64)> {
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
fn a_verdict_is_told_with_the_time_of_day_at_the_site() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = Running::start(folder.path());
    running.hold_up(&["tea"]);
    let (at, clock) = running.wait_for(|status| {
        let verdict = &status["verdicts"][0];
        Some((verdict["at"].as_str()?.parse::<Timestamp>().ok()?, verdict["clock"].as_str()?.to_owned()))
    });
    let there = TimeZone::get("Asia/Shanghai").expect("a zone").to_datetime(at);
    assert_eq!(clock, there.strftime("%H:%M:%S").to_string());
}
