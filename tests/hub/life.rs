//! The whole life of a listing in a browser, from the supplier's form to the light at the dock: `life/life.mjs` plays it with
//! Playwright before a hub and a kiosk as a newcomer starts them, and axe-core looks at every page.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::json;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hub/life");
const PYTHON_READER: &str = "import sys, zxingcpp; from PIL import Image; \
    [print(code.text) for code in zxingcpp.read_barcodes(Image.open(sys.argv[1]))]";

/// A program that runs until the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // What is gone already needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let places: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| places.iter().map(|place| place.join(name)).find(|file| file.is_file()))
}

fn runs(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    let quiet = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// The folder with what the script needs from npm, as its lock says.
fn modules() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("life");
    fs::create_dir_all(&folder).expect("a folder");
    let lock = fs::read(format!("{HERE}/package-lock.json")).expect("a lock");
    if fs::read(folder.join("installed")).is_ok_and(|installed| installed == lock) {
        return Some(folder);
    }
    for name in ["package.json", "package-lock.json"] {
        fs::copy(format!("{HERE}/{name}"), folder.join(name)).expect("a copy");
    }
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    let npm = Command::new("npm").args(install).current_dir(&folder).status();
    if !npm.is_ok_and(|status| status.success()) {
        return None;
    }
    fs::write(folder.join("installed"), lock).expect("a note");
    Some(folder)
}

/// Starts a program and hears what it says until a line tells what is wanted; the rest is passed on.
fn started(command: &mut Command, is_last: impl Fn(&str) -> bool) -> (Running, Vec<String>) {
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let last = is_last(&line);
        said.push(line);
        if last {
            break;
        }
    }
    assert!(said.last().is_some_and(|line| is_last(line)), "{said:#?}");
    // Whatever it says later has to be read, or it would wait for its reader.
    thread::spawn(move || lines.for_each(drop));
    (Running(child), said)
}

fn address(said: &[String]) -> String {
    let line = said.iter().find(|line| line.contains("look here:")).expect("an address");
    let address = line.split_once("http://").expect("an address").1;
    format!("http://{}", address.split('/').next().expect("an address"))
}

/// Programs that read codes: each with the arguments that stand before the picture.
fn readers() -> Vec<Vec<String>> {
    let mut readers = Vec::new();
    let python = env::var("GREENGATE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if runs(&python, &["-c", "import zxingcpp; from PIL import Image"]) {
        readers.push([python.as_str(), "-c", PYTHON_READER].map(str::to_owned).to_vec());
    } else {
        println!("skipped: reading the sheet with zxing-cpp: `pip install zxing-cpp pillow`");
    }
    if program(&["zbarimg"]).is_some() {
        let zbar = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"];
        readers.push(zbar.map(str::to_owned).to_vec());
    } else {
        println!("skipped: reading the sheet with zbar: there is no zbarimg");
    }
    readers
}

#[test]
fn a_listing_is_filed_assessed_printed_shown_yellow_green_and_red() {
    let Some(chromium) = program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]) else {
        return println!("skipped: there is no Chromium in PATH");
    };
    let (Some(node), Some(raster)) = (program(&["node"]), program(&["pdftoppm", "gs"])) else {
        return println!("skipped: there is no node, or neither pdftoppm nor gs");
    };
    let Some(modules) = modules() else {
        return println!("skipped: npm could not install what tests/hub/life/package.json names");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let demo = folder.path().join("demo");
    let mut hub = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    hub.args(["serve", "--listen", "127.0.0.1:0", "--demo"]).arg(&demo);
    let (_hub, said) = started(&mut hub, |line| line.contains("stop with Ctrl-C"));
    let url = address(&said);
    let words = said.iter().map(|line| line.split_whitespace().collect::<Vec<&str>>());
    let passwords: BTreeMap<&str, &str> = words
        .filter_map(|words| Some((*words.first()?, *words.get(1)?)))
        .filter(|(_, password)| password.starts_with("demo-"))
        .collect();
    let enrol = said.iter().find(|line| line.contains(" enroll ")).expect("how a kiosk enrols");
    let kiosk_program = env!("CARGO_BIN_EXE_greengate");
    let enrolled = Command::new(kiosk_program).args(enrol.split_whitespace().skip(1)).output().expect("it runs");
    assert!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
    let mut kiosk = Command::new(kiosk_program);
    kiosk.arg("--config").arg(demo.join("kiosk")).args(["run", "--listen", "127.0.0.1:0"]);
    let (_kiosk, kiosk_said) = started(&mut kiosk, |line| line.contains("look here:"));
    let life = json!({
        "hub": url,
        "kiosk": address(&kiosk_said),
        "passwords": passwords,
        "folder": folder.path(),
        "modules": modules,
        "chromium": chromium,
        "raster": [raster],
        "readers": readers(),
        "scan": format!("{}/assets/authority/report.pdf", env!("CARGO_MANIFEST_DIR")),
        "shots": env::var("GREENGATE_SHOTS").ok(),
    });
    let mut played = Command::new(node)
        .arg(format!("{HERE}/life.mjs"))
        .arg(life.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut told = String::new();
    played.stdout.take().expect("its words").read_to_string(&mut told).expect("text");
    assert!(played.wait().expect("it ends").success(), "see above; the life was told by {HERE}/life.mjs");
    print!("{told}");
}
