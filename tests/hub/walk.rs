//! README's walk through an assessment, as a newcomer types it.

use std::path::Path;
use std::process::Command;

/// The shell commands below a heading of README.md.
fn commands(heading: &str) -> String {
    let readme = include_str!("../../README.md");
    let section = readme.split_once(heading).expect("the heading").1;
    let block = section.split_once("```sh\n").expect("commands").1;
    block.split_once("\n```").expect("their end").0.to_owned()
}

#[test]
fn the_walk_to_a_grade_does_what_the_readme_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(project.join("assets"), folder.path().join("assets")).expect("a link");
    let program = Path::new(env!("CARGO_BIN_EXE_greengate-hub"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", program.parent().expect("a folder").display());
    let walk = format!("set -e\ngreengate-hub init\n{}", commands("## How a grade comes about"));
    let output = Command::new("sh")
        .args(["-c", &walk])
        .current_dir(folder.path())
        .env("PATH", path)
        .env_remove("GREENGATE_HUB")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let grades: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("it is ")).collect();
    assert_eq!(grades, ["yellow", "green", "red"], "{said}");
    assert!(said.contains("to do: 质量检验报告 / Quality-check report\n"), "{said}");
    let stricter = "\nlisting 2001: green → red  shampoo-lead: 铅不合格（限值 ≤ 2 mg/kg） / Lead failed (limit ≤ 2 mg/kg)\n1 of 4 listings would change\n";
    assert!(said.contains(stricter), "{said}");
    let decided =
        "the rulebook says red: shampoo-licence: 化妆品生产许可证已被吊销 / Cosmetics production licence was revoked\n";
    assert!(said.contains(decided), "{said}");
    let releases = said.lines().filter(|line| line.starts_with("release ")).count();
    assert_eq!(releases, 2, "{said}");
}
