//! The minimum Rust version in `Cargo.toml` is one that every dependency accepts.

use std::process::Command;

use serde_json::Value;

/// `1.89` or `1.89.0` as numbers.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text.split('.').map(|number| number.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

/// Every package that asks for a newer Rust than `minimum`.
fn newer_than(minimum: &str, packages: &[Value]) -> Vec<String> {
    let asks = |package: &Value| {
        let asked = package["rust_version"].as_str()?;
        let name = package["name"].as_str()?;
        (version(asked) > version(minimum))
            .then(|| format!("`{name}` asks for Rust {asked}, the package says {minimum}"))
    };
    packages.iter().filter_map(asks).collect()
}

/// The triple of the machine that builds.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// What cargo knows of the packages that this machine builds; crates of other platforms need not be there.
fn packages() -> Vec<Value> {
    let options = ["metadata", "--locked", "--offline", "--format-version=1", "--filter-platform"];
    let output = Command::new(env!("CARGO")).args(options).arg(host()).current_dir(super::root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn every_dependency_accepts_the_minimum_rust() {
    let manifest: toml::Table = super::read("Cargo.toml").parse().unwrap();
    let minimum = manifest["package"]["rust-version"].as_str().unwrap();
    let packages = packages();
    assert!(packages.len() > 50, "only {} packages were found", packages.len());
    super::assert_none(&newer_than(minimum, &packages));
}

#[test]
fn clippy_knows_the_minimum_rust_from_the_manifest() {
    assert!(
        !super::read("clippy.toml").contains("msrv"),
        "`msrv` in clippy.toml would hide `rust-version` in Cargo.toml"
    );
}

#[test]
fn a_dependency_that_asks_for_more_is_refused() {
    let packages: Vec<Value> = serde_json::from_str(
        r#"[{"name": "a", "rust_version": "1.89.1"}, {"name": "b", "rust_version": "1.9"}, {"name": "c", "rust_version": null}]"#,
    )
    .unwrap();
    assert_eq!(newer_than("1.89", &packages), ["`a` asks for Rust 1.89.1, the package says 1.89"]);
}
