//! A running kiosk follows its feed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::command::{authority, config};

pub struct Running {
    child: Child,
    pub address: String,
    pub agent: ureq::Agent,
    /// What it has said.
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts the kiosk on a virtual board and waits until it says where to look.
    pub fn start(config: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_greengate"))
            .args(["run", "--board", "sim", "--listen", "127.0.0.1:0", "--config"])
            .arg(config)
            .env("RUST_LOG", "trace")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let more: Arc<Mutex<String>> = Arc::default();
        let heard = Arc::clone(&more);
        let lines = BufReader::new(child.stderr.take().expect("its words")).lines().map_while(Result::ok);
        let mut said = lines.inspect(move |line| heard.lock().expect("its words").extend([line.as_str(), "\n"]));
        let address = said.find_map(|line| Some(line.split_once("look here:  http://")?.1.to_owned()));
        let address = format!("http://{}", address.expect("an address").trim_end_matches('/'));
        // Whatever it says later has to be read, or it would wait for its reader.
        std::thread::spawn(move || said.for_each(drop));
        Self { child, address, agent: ureq::Agent::config_builder().proxy(None).build().into(), said: more }
    }

    pub fn said(&self) -> String {
        self.said.lock().expect("its words").clone()
    }

    pub fn page(&self, path: &str) -> String {
        let mut answer = self.agent.get(format!("{}{path}", self.address)).call().expect("a page");
        answer.body_mut().read_to_string().expect("text")
    }

    pub fn status(&self) -> Value {
        serde_json::from_str(&self.page("/status.json")).expect("JSON")
    }

    /// Asks the page for something, as its own script does.
    pub fn post(&self, path: &str, status: u16) {
        let act = self.agent.post(format!("{}{path}", self.address)).header("Origin", &self.address);
        assert_eq!(act.send_empty().expect("an answer").status(), status);
    }

    pub fn wait_for(&self, wanted: impl Fn(&Value) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !wanted(&self.status()) {
            assert!(Instant::now() < end, "it never came; the last status is {}", self.status());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is gone");
    }
}

#[test]
fn a_running_kiosk_takes_up_a_stick_when_it_appears_and_a_release_when_it_is_asked() {
    let mut authority = authority();
    let config = config("[feed]\nfolder = \"stick\"\nroot = \"root.json\"\n[panel]\nlisten = \"127.0.0.1:8080\"\n");
    super::write(&config.path().join("root.json"), authority.root(1));
    let running = Running::start(config.path());
    running.wait_for(|status| status["sync"]["fault"].is_string());
    assert!(running.status()["cache"].is_null());
    let stick = config.path().join("stick");
    std::os::unix::fs::symlink(authority.folder.path(), &stick).expect("the stick is there");
    running.wait_for(|status| status["cache"]["version"] == 1 && status["sync"]["fault"].is_null());
    authority.delta(1, 2);
    authority.publish();
    running.post("/sync", 202);
    running.wait_for(|status| status["cache"]["version"] == 2);
    authority.delta(2, 3);
    authority.publish();
    running.post("/press/sync", 200);
    running.wait_for(|status| status["cache"]["version"] == 3);
    std::fs::remove_file(&stick).expect("the stick is pulled out");
    running.post("/press/sync", 200);
    running.wait_for(|status| status["sync"]["fault"].is_string());
    assert_eq!(running.status()["cache"]["version"], 3, "the list goes on");
}
