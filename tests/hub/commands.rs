//! The authority's commands, as an officer types them.

use std::path::Path;
use std::process::{Command, Output};

use greengate::hub::Registry;
use greengate::rules::code::Grade;
use greengate::rules::record::Record;
use tempfile::TempDir;

use super::registry::{authority, block, listing, officer, put, reason, supplier};

/// Listings 1 and 2 with labels 1 to 10 and 11 to 20, reasons 1 and 2.
fn office() -> (TempDir, Registry) {
    let (folder, mut registry) = authority();
    let tea = |id| Record::Listing(listing(id, 1, Grade::Green));
    let records = [supplier(1), reason(1), reason(2), tea(1), tea(2), block(1, 10, 1), block(11, 20, 2)];
    put(&mut registry, &records).expect("they fit");
    (folder, registry)
}

fn hub(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate-hub"));
    command.current_dir(folder).args(["--folder", ".", "--as", "mei"]).args(arguments);
    command.output().expect("the program")
}

/// What a command that succeeds says.
fn says(folder: &Path, arguments: &[&str]) -> String {
    let output = hub(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).expect("text")
}

/// The exit code and the words of a command that fails.
fn fails(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = hub(folder, arguments);
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

/// History without its times.
fn history(folder: &Path, what: &[&str]) -> Vec<String> {
    let told = says(folder, &[&["history"], what].concat());
    told.lines().map(|line| line.split_once("  ").expect("a time").1.to_owned()).collect()
}

#[test]
fn a_listing_is_graded_and_its_history_tells_who_and_why() {
    let (folder, _registry) = office();
    let grade = |arguments: &[&str]| says(folder.path(), &[&["grade", "1"], arguments].concat());
    assert_eq!(grade(&["yellow", "--missing", "1,2", "--why", "papers are old"]), "listing 1 is yellow\n");
    assert_eq!(grade(&["red", "--reason", "2", "--why", "a laboratory's letter"]), "listing 1 is red\n");
    assert_eq!(grade(&["green", "--why", "all is well"]), "listing 1 is green\n");
    assert_eq!(
        history(folder.path(), &["1"]),
        [
            "mei  green  reason 0",
            "mei  labels 1 to 10 assigned  reason 0",
            "mei  yellow, missing 1,2  papers are old",
            "mei  red, reason 2  a laboratory's letter",
            "mei  green  all is well",
        ]
    );
    let json = says(folder.path(), &["history", "1", "--json"]);
    let last: serde_json::Value = serde_json::from_str(json.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["who"], &last["why"]), (&"mei".into(), &"all is well".into()));
    assert_eq!(last["put"]["listing"]["grade"], "green");
}

#[test]
fn a_grade_that_makes_no_sense_is_refused_and_changes_nothing() {
    let (folder, registry) = office();
    let cases: [(&[&str], i32, &str); 9] = [
        (
            &["grade", "9", "green", "--why", "x"],
            65,
            "error: there is no listing 9; `greengate-hub import` brings listings in; nothing was changed\n",
        ),
        (&["grade", "1", "red", "--why", "x"], 65, "error: listing 1 is red; say the reason; nothing was changed\n"),
        (
            &["grade", "1", "red", "--reason", "7", "--why", "x"],
            65,
            "error: listing 1 names reason 7, which is not there; nothing was changed\n",
        ),
        (
            &["grade", "1", "yellow", "--why", "x"],
            65,
            "error: listing 1 is yellow; say which documents it misses, or a reason; nothing was changed\n",
        ),
        (
            &["revoke", "1", "--reason", "9", "--why", "x"],
            65,
            "error: listing 1 names reason 9, which is not there; nothing was changed\n",
        ),
        (
            &["revoke", "--label", "21", "--reason", "1", "--why", "x"],
            65,
            "error: label 21 belongs to no listing; nothing was changed\n",
        ),
        (
            &["except", "1", "30", "yellow", "--why", "x"],
            65,
            "error: label 30 belongs to no listing; nothing was changed\n",
        ),
        (
            &["except", "1", "2", "--lift", "--why", "x"],
            65,
            "error: label 1 has no grade of its own; nothing was changed\n",
        ),
        (&["except", "1", "2", "--why", "x"], 64, "error: `2` is no grade; write `green`, `yellow` or `red`\n"),
    ];
    let pending = registry.pending().expect("a count");
    for (arguments, code, message) in cases {
        assert_eq!(fails(folder.path(), arguments), (Some(code), message.to_owned()));
    }
    for arguments in [
        &["grade", "1", "green"][..],
        &["grade", "1", "green", "--why", " "],
        &["grade", "1", "blue", "--why", "x"],
        &["revoke", "1", "--label", "1", "--reason", "1", "--why", "x"],
        &["revoke", "--reason", "1", "--why", "x"],
        &["except", "red", "--why", "x"],
    ] {
        assert_eq!(fails(folder.path(), arguments).0, Some(64), "{arguments:?}");
    }
    assert_eq!(registry.pending().expect("a count"), pending);
}

#[test]
fn a_revoked_listing_takes_along_codes_that_were_better() {
    let (folder, registry) = office();
    let run = |arguments: &[&str]| says(folder.path(), arguments);
    assert_eq!(run(&["except", "3", "4", "12", "green", "--why", "checked one by one"]), "3 labels are green now\n");
    assert_eq!(run(&["except", "3", "5", "red", "--reason", "2", "--why", "damaged"]), "2 labels are red now\n");
    assert_eq!(run(&["revoke", "1", "--reason", "1", "--why", "recall"]), "listing 1 is red\n");
    let better = fails(folder.path(), &["except", "4", "green", "--why", "x"]);
    assert_eq!(
        better.1,
        "error: label 4 is of listing 1, which is red, and no code of it can be better; nothing was changed\n"
    );
    assert_eq!(registry.counts().expect("counts").exceptions, 3, "3 and 5 are red by themselves, 12 is of listing 2");
    assert_eq!(
        history(folder.path(), &["--label", "4"]),
        ["mei  labels 1 to 10 assigned  reason 0", "mei  green  checked one by one", "mei  lifted  recall"]
    );
}

#[test]
fn a_label_is_revoked_and_lifted() {
    let (folder, registry) = office();
    let run = |arguments: &[&str]| says(folder.path(), arguments);
    assert_eq!(run(&["revoke", "--label", "7", "--reason", "1", "--why", "stolen"]), "label 7 is red\n");
    assert_eq!(run(&["except", "7", "red", "--reason", "1", "--why", "again"]), "0 labels are red now\n");
    assert_eq!(run(&["except", "7", "--lift", "--why", "found"]), "1 label is graded by the listing again\n");
    let told = hub(folder.path(), &["history", "--label", "7"]);
    assert_eq!(String::from_utf8_lossy(&told.stderr), "label 7 is of listing 1\n");
    assert_eq!(
        history(folder.path(), &["--label", "7"]),
        ["mei  labels 1 to 10 assigned  reason 0", "mei  red, reason 1  stolen", "mei  lifted  found"]
    );
    assert_eq!(registry.counts().expect("counts").exceptions, 0);
    assert_eq!(history(folder.path(), &["--supplier", "1"]), ["mei  龙井茶业 / Tea 1  reason 0"]);
    assert_eq!(history(folder.path(), &["--reason", "2"]), ["mei  召回 / reason 2  reason 0"]);
    for nothing in [&["history", "8"][..], &["history", "--supplier", "8"]] {
        assert_eq!(fails(folder.path(), nothing).0, Some(65));
    }
}

#[test]
fn the_policy_is_shown_and_set() {
    let (folder, mut registry) = office();
    let run = |arguments: &[&str]| says(folder.path(), &[&["policy"], arguments].concat());
    let shown = "normal-h         24\ngreen-h          72\nservice-h        168\naccept-unsigned  false\n\
                 review-reduced   200\nreview-normal    50\nreview-tightened 10\n";
    assert_eq!(run(&[]), shown);
    let pending = registry.pending().expect("a count");
    let set = run(&["--normal-h", "12", "--accept-unsigned", "true", "--review-normal", "0", "--why", "winter"]);
    assert_eq!(set, shown.replace("24", "12").replace("false", "true").replace("normal    50", "normal    0"));
    assert_eq!(registry.pending().expect("a count"), pending + 1);
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"])).expect("JSON");
    assert_eq!((&json["normal_h"], &json["review_one_in"]["normal"]), (&12.into(), &0.into()));
    let refused = fails(folder.path(), &["policy", "--green-h", "6", "--why", "x"]);
    assert_eq!(
        refused,
        (
            Some(65),
            "error: `normal_h` is 12 and `green_h` 6; the first must not be more; nothing was changed\n".to_owned()
        )
    );
    for arguments in [&["policy", "--green-h", "6"][..], &["policy", "--why", "nothing"]] {
        assert_eq!(fails(folder.path(), arguments).0, Some(64), "{arguments:?}");
    }
    registry.release(&officer(5)).expect("a release");
    says(folder.path(), &["policy", "--normal-h", "24", "--review-normal", "10", "--why", "spring"]);
    assert_eq!(
        history(folder.path(), &["--policy"]),
        [
            "mei  normal-h 12, green-h 72, service-h 168, accept-unsigned true, review-reduced 200, review-normal 0, \
             review-tightened 10  winter",
            "mei  normal-h 12 → 24, review-normal 0 → 10  spring",
        ]
    );
}

#[test]
fn the_keys_have_a_history_and_status_tells_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| says(folder.path(), arguments);
    run(&["init"]);
    for (key, why) in [("timestamp", "the machine was lost"), ("label", "a year is over"), ("root-2", "li left")] {
        run(&["keys", "rotate", key, "--why", why]);
    }
    run(&["keys", "cut-off", "1", "--index", "7", "--why", "the printer was stolen"]);
    let list = run(&["keys", "list"]);
    let public = |name: &str| {
        let row = list.lines().find(|row| row.starts_with(name)).expect("a key");
        row.split_whitespace().nth(2).expect("its public half")[..16].to_owned()
    };
    let told = [
        "mei  root 1 is the first  the authority begins".to_owned(),
        format!("mei  label-1 is new: {}  the authority begins", public("label-1")),
        format!("mei  root 2 names a new timestamp: {}  the machine was lost", public("timestamp")),
        format!("mei  label-2 is new: {}  a year is over", public("label-2")),
        format!("mei  root 3 names a new root-2: {}  li left", public("root-2")),
        "mei  label-1 is cut off at index 7  the printer was stolen".to_owned(),
    ];
    assert_eq!(history(folder.path(), &["--keys"]), told);
    let status = run(&["status"]);
    let last = status.lines().last().expect("a line");
    assert!(last.starts_with("keys        2") && last.ends_with(&told[5]), "{last}");
    let json: serde_json::Value = serde_json::from_str(&run(&["status", "--json"])).expect("JSON");
    assert_eq!((&json["keys"]["who"], &json["keys"]["put"]["key"]["cut_off"]), (&"mei".into(), &7.into()));
    for arguments in [&["keys", "rotate", "label"][..], &["keys", "cut-off", "1"], &["history"]] {
        assert_eq!(fails(folder.path(), arguments).0, Some(64), "{arguments:?}");
    }
}

#[test]
fn status_counts_what_is_there_and_what_waits() {
    let (folder, mut registry) = office();
    assert!(says(folder.path(), &["status"]).ends_with("pending     7\nrelease     none\n"));
    registry.release(&officer(5)).expect("a release");
    says(folder.path(), &["revoke", "--label", "7", "--reason", "1", "--why", "stolen"]);
    let told = says(folder.path(), &["status"]);
    assert!(told.starts_with("suppliers   1\nlistings    2\nreasons     2\nblocks      2\nexceptions  1\n"), "{told}");
    assert!(told.ends_with("pending     1\nrelease     1 of 2026-11-24T01:00:05Z\n"), "{told}");
    let json: serde_json::Value = serde_json::from_str(&says(folder.path(), &["status", "--json"])).expect("JSON");
    assert_eq!(
        (&json["records"]["listings"], &json["pending"], &json["release"]["version"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(json["release"]["issued"], "2026-11-24T01:00:05Z");
}

#[test]
fn files_are_imported_by_command_and_wrong_ones_end_with_65() {
    let (folder, registry) = authority();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/authority");
    for name in ["listings.csv", "suppliers.csv", "reasons.csv"] {
        std::fs::copy(samples.join(name), folder.path().join(name)).expect("a copy");
    }
    let early = fails(folder.path(), &["import", "listings.csv"]);
    assert_eq!(early.0, Some(65));
    assert!(
        early.1.starts_with(
            "error: `listings.csv` line 2, column `supplier`: listing 1001 names supplier 101, which is not there\n"
        ),
        "{}",
        early.1
    );
    let all = ["import", "listings.csv", "suppliers.csv", "reasons.csv"];
    assert_eq!(says(folder.path(), &all), "28 rows, 28 changed\n");
    assert_eq!(says(folder.path(), &all), "28 rows, 0 changed\n");
    assert_eq!(history(folder.path(), &["1001"]), ["mei  green  import of listings.csv, suppliers.csv, reasons.csv"]);
    says(folder.path(), &["revoke", "1001", "--reason", "120", "--why", "recall"]);
    assert_eq!(fails(folder.path(), &all).0, Some(65));
    assert_eq!(
        says(folder.path(), &["import", "listings.csv", "--lift-red", "--why", "recall is over"]),
        "12 rows, 1 changed\n"
    );
    assert_eq!(fails(folder.path(), &["import", "none.csv"]).0, Some(66));
    assert_eq!(registry.counts().expect("counts").listings, 12);
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(
        fails(elsewhere.path(), &["import", "none.csv"]),
        (Some(66), "error: there is no authority in `.`; begin one with `greengate-hub init`\n".to_owned())
    );
}

#[test]
fn a_list_of_drops_says_where_nothing_drops() {
    let (folder, _registry) = super::assess::office();
    let within = |days: &str, on: &str| {
        let output = hub(folder.path(), &["assess", "--drops-within", days, "--on", on]);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        (text(&output.stdout).lines().count(), text(&output.stderr))
    };
    let nothing = "no listing's grade drops within 1 day from 2026-07-15 on\n";
    assert_eq!(within("1", "2026-07-15"), (0, nothing.to_owned()));
    assert_eq!(within("30", "2026-07-15"), (2, String::new()));
}

#[test]
fn a_registry_is_removed_with_who_and_why() {
    let (folder, _registry) = super::assess::office();
    let remove = ["source", "remove", "food", "--why", "it closed"];
    says(folder.path(), &remove);
    let listed = says(folder.path(), &["source", "list"]);
    assert!(listed.starts_with("cosmetics: ") && listed.lines().count() == 1, "{listed}");
    assert_eq!(
        history(folder.path(), &["--rulebook"]).last().map(String::as_str),
        Some("mei  registry 2 is removed  it closed")
    );
    let (code, why) = fails(folder.path(), &remove);
    assert_eq!(code, Some(65));
    assert_eq!(
        why,
        "error: there is no registry `food`; `greengate-hub source list` tells them; nothing was changed\n"
    );
}

#[test]
fn the_help_of_serve_names_the_pages_and_who_may_see_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = says(folder.path(), &["serve", "--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    let pages = ["Everybody sees `/`", "at `/enter`", "have `/desk`", "the admin have `/console`", "under `/api/v1/`"];
    for said in pages {
        assert!(help.contains(said), "{said}: {help}");
    }
    assert!(says(folder.path(), &["--help"]).contains("  serve "), "it is among the commands");
}
