//! `greengate bench`: what it measures. How long anything takes is the machine's own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tempfile::tempdir;

const ROWS: [&str; 11] = [
    "frame is looked at",
    "loop takes it up",
    "list and journal tell what they know",
    "verdict is decided",
    "light before it is dark",
    "row is on disk",
    "light is on",
    "screen is drawn",
    "display has it",
    "frame to light",
    "frame to screen",
];
const COSTS: [&str; 7] = [
    "start to ready (`READY=1`)",
    "the same and the lamps' self-test",
    "processor, nothing held up",
    "processor, another label every 3 s",
    "memory at its peak (VmHWM)",
    "of it not the program's file (RssAnon)",
    "the program's file",
];

/// What a command prints that ends well.
fn bench(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    let output =
        command.env_remove("GREENGATE_CONFIG").arg("bench").args(arguments).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The numbers behind `what`.
fn figures(printed: &str, what: &str) -> Vec<f64> {
    let line = printed.lines().find_map(|line| line.strip_prefix(what));
    let line = line.unwrap_or_else(|| panic!("no `{what}` in\n{printed}"));
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn a_bench_measures_every_step_to_light_and_screen_and_what_a_kiosk_costs() {
    let folder = tempdir().expect("a folder");
    let on = folder.path().to_str().expect("a path");
    let printed = bench(&["--rounds", "5", "--seconds", "1", "--board", "sim-mono-128x64", "--on", on]);
    assert!(printed.starts_with("board sim-mono-128x64: 128×64, and a camera of 1280×720"), "{printed}");
    for what in ROWS {
        let [median, p99] = figures(&printed, what)[..] else { panic!("`{what}` in\n{printed}") };
        assert!(median <= p99, "{what}: {printed}");
    }
    let costs = if cfg!(target_os = "linux") { &COSTS[..] } else { &[] };
    for what in costs {
        let [figure] = figures(&printed, what)[..] else { panic!("`{what}` in\n{printed}") };
        assert!(figure >= 0.0, "{what}: {printed}");
    }
    let [light, screen] = ["frame to light", "frame to screen"].map(|what| figures(&printed, what)[0]);
    assert!(light <= screen, "{printed}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "what it wrote is gone");
}

#[test]
fn a_bench_on_a_board_that_is_not_there_names_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_greengate")).args(["bench", "--board", "none.toml"]).output();
    let output = output.expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("none.toml"), "{said}");
}

#[test]
fn what_a_bench_does_not_hear_is_refused() {
    for arguments in [["bench", "--state", "there"], ["--config", "there", "bench"]] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_greengate")).args(arguments).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains("`bench` measures the demo world and takes no `--"), "{said}");
    }
    // The kiosk that it watches has its state where the bench says, and nowhere else.
    let hidden = ["run", "--board", "sim", "--bench", "there", "--state", "here"];
    let output = Command::new(env!("CARGO_BIN_EXE_greengate")).args(hidden).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(64), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Its first signal, while a kiosk of its own is watched for longer than anybody waits.
#[test]
#[cfg(target_os = "linux")]
fn the_first_signal_ends_a_bench_and_its_kiosk() {
    let folder = tempdir().expect("a folder");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_greengate"))
        .args(["bench", "--rounds", "5", "--seconds", "3600", "--board", "sim-mono-128x64", "--on"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let said = BufReader::new(bench.stdout.take().expect("its words"));
    let begun = said.lines().map_while(Result::ok).find(|line| line.starts_with(COSTS[1]));
    assert!(begun.is_some(), "its kiosk is at work");
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", bench.id())).expect("its children");
    let [kiosk] = children.split_whitespace().collect::<Vec<_>>()[..] else { panic!("a kiosk in `{children}`") };
    let kill = Command::new("kill").args(["-s", "TERM"]).arg(bench.id().to_string()).status();
    assert!(kill.expect("kill is there").success());
    assert_eq!(bench.wait().expect("it ends").code(), Some(130));
    // By the signal that makes its lamps dark, and waited for.
    assert!(!std::path::Path::new("/proc").join(kiosk).exists(), "its kiosk has ended");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "what it wrote is gone");
}
