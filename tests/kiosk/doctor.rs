//! The doctor, as a person runs it.

use std::process::Command;

use serde_json::Value;
use tempfile::tempdir;

#[test]
fn the_doctor_finds_nothing_bad_about_the_virtual_board_and_tells_a_finding_a_line() {
    let state = tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_greengate"))
        .env_remove("GREENGATE_CONFIG")
        .args(["doctor", "--json", "--state"])
        .arg(state.path())
        .output()
        .expect("the program");
    let text = String::from_utf8(output.stdout).expect("text");
    let findings: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a finding a line")).collect();
    let level = |part: &str| {
        let found = findings.iter().find(|finding| finding["part"] == part);
        found.map(|finding| finding["level"].as_str().expect("a level").to_owned())
    };
    for part in ["camera", "display", "list"] {
        assert_eq!(level(part).as_deref(), Some("fine"), "{part} in {text}");
    }
    // What only a box has.
    for part in ["camera file", "lines", "watchdog"] {
        assert_eq!(level(part), None, "{part} in {text}");
    }
    let needs_help = |finding: &Value| finding["level"] != "fine";
    assert!(findings.iter().all(|finding| finding.get("help").is_some() == needs_help(finding)), "{text}");
}
