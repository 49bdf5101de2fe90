//! A small driver for headless Chromium over the `DevTools` protocol, on two pipes: no port, no web socket.
//!
//! Messages are JSON texts, each ended by a zero byte. Waiting happens inside the page (a promise that a condition
//! fulfils), so tests neither sleep nor poll. What the page reports as an error is kept for
//! [`Page::complaints`].

use std::collections::VecDeque;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// No answer of the browser takes longer than this on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running browser with its own empty profile. It ends with this value.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    events: VecDeque<Value>,
    next_id: u64,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts Chromium, or says on one line why the test is skipped.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(program) = find() else {
            println!("skipped: no Chromium in PATH (looked for {})", NAMES.join(", "));
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder for the profile");
        // The browser reads from descriptor 3 and writes to 4; the shell moves the pipes there.
        let mut child = Command::new("sh")
            .arg("-c")
            .arg("exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1")
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run"])
            .args(["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"])
            .args(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--mute-audio"])
            .args(["--autoplay-policy=user-gesture-required", "--lang=en-US", "--force-color-profile=srgb"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let to = child.stdin.take().expect("a pipe");
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, from) = channel();
        thread::spawn(move || {
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|bytes| bytes > 0) {
                message.pop();
                let value = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if sender.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        Some(Self { child, to, from, events: VecDeque::new(), next_id: 0, _profile: profile })
    }

    /// Opens an empty page of this size in CSS pixels.
    pub fn page(&mut self, width: u32, height: u32) -> Page<'_> {
        let target = self.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call(None, "Target.attachToTarget", &attach)["sessionId"].as_str().map(str::to_owned);
        let mut page = Page { browser: self, session: session.expect("a session") };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        page.resize(width, height);
        page
    }

    fn call(&mut self, session: Option<&str>, method: &str, params: &Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        let answer = self.until(|message| message["id"] == json!(id));
        assert_eq!(answer["error"], Value::Null, "{method} {params}");
        answer["result"].clone()
    }

    /// The next message that fits; events on the way are kept.
    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.from.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(message) if fits(&message) => return message,
                Ok(message) => self.events.push_back(message),
                Err(RecvTimeoutError::Timeout) => panic!("the browser did not answer in {PATIENCE:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the browser ended"),
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.to.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let _ = self.child.wait();
    }
}

fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|program| program.is_file())
}

/// One tab.
pub struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
}

impl Page<'_> {
    /// Sends one command of the `DevTools` protocol.
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        let session = self.session.clone();
        self.browser.call(Some(&session), method, params)
    }

    /// Changes the size in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Opens an address and waits until the page has loaded.
    pub fn open(&mut self, address: &str) {
        let answer = self.call("Page.navigate", &json!({"url": address}));
        assert_eq!(answer["errorText"], Value::Null, "{address}");
        self.browser.events.retain(|event| event["method"] != "Page.loadEventFired");
        self.wait_for("document.readyState === 'complete'");
    }

    /// The value of a JavaScript expression; a promise is waited for.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", &params);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    /// Waits in the page until the condition holds.
    pub fn wait_for(&mut self, condition: &str) {
        let held = self.eval(&format!(
            "new Promise((done) => {{ const end = performance.now() + 30000; const look = () => {{ \
             let holds = false; try {{ holds = Boolean({condition}); }} catch {{}} \
             if (holds) done(true); else if (performance.now() > end) done(false); else setTimeout(look, 15); }}; \
             look(); }})"
        ));
        assert!(held == json!(true), "never held: {condition}\n{:#?}", self.complaints());
    }

    /// Clicks in the middle of the element as a person does; `modifiers` is 8 for shift.
    pub fn click(&mut self, selector: &str, modifiers: u32) {
        let place = self.eval(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
                "modifiers": modifiers});
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses a key, for example `Enter` or `Escape`.
    pub fn press(&mut self, key: &str) {
        let code = if key == "Enter" { 13 } else { 27 };
        let text = if key == "Enter" { "\r" } else { "" };
        let down = json!({"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        self.call("Input.dispatchKeyEvent", &down);
        self.call("Input.dispatchKeyEvent", &json!({"type": "keyUp", "key": key, "code": key}));
    }

    /// Saves what the window shows as a PNG file.
    pub fn screenshot(&mut self, path: &Path) {
        let picture = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        std::fs::write(path, base64(picture["data"].as_str().expect("a picture"))).expect("it can be written");
    }

    /// Everything that the page complained of so far: exceptions, errors in the console, violations of the content
    /// security policy.
    pub fn complaints(&mut self) -> Vec<String> {
        // Events that were sent before the answer to this have arrived when the answer has.
        self.eval("0");
        self.browser.events.iter().filter_map(complaint).collect()
    }
}

fn complaint(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" if params["type"] == "error" => Some(params["args"].to_string()),
        "Log.entryAdded" if params["entry"]["level"] == "error" => Some(params["entry"].to_string()),
        _ => None,
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let digits: Vec<u8> = digits.collect();
    let bytes = digits.chunks(4).flat_map(|chunk| {
        let bits = chunk.iter().enumerate().fold(0, |bits, (i, digit)| bits | u32::from(*digit) << (18 - 6 * i));
        bits.to_be_bytes().into_iter().skip(1).take(chunk.len() * 3 / 4)
    });
    bytes.collect()
}
