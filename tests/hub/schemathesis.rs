//! A judge of the interface for platforms: schemathesis asks whatever its description allows and forbids, and looks at
//! every answer (<https://schemathesis.io>).

use std::process::Command;

use greengate::hub::platform::Scope;

use super::platforms::Program;
use super::public::world;

/// The program: `GREENGATE_SCHEMATHESIS`, or the one in the path.
fn schemathesis() -> Option<String> {
    let program = std::env::var("GREENGATE_SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".to_owned());
    Command::new(&program).arg("--version").output().ok().filter(|output| output.status.success()).map(|_| program)
}

#[test]
fn schemathesis_finds_nothing() {
    let Some(judge) = schemathesis() else {
        println!(
            "skipped: schemathesis is not there (`pip install schemathesis`, and name it in GREENGATE_SCHEMATHESIS)"
        );
        return;
    };
    let hub = world();
    let program = Program::new(&hub, "tmall", &Scope::ALL, 1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(judge)
        .current_dir(folder.path())
        .args(["run", &hub.url("/api/v1/openapi.json"), "--header", &format!("Authorization: Bearer {}", program.key)])
        .args(["--checks", "all", "--max-examples", "30", "--seed", "1", "--generation-database", "none", "--no-color"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
