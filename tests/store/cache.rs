//! Lists come in, one version after the other, and handles take them up.

use std::fs::{self, File};

use greengate::rules::code::Grade;
use greengate::rules::policy::Policy;
use greengate::store::{Cache, Difference, StoreFault, VerifiedFile, confirm, load_way};
use tempfile::tempdir;

use super::{LIST, files, issued, load, open, signed, told};

#[test]
fn a_snapshot_is_loaded_whole() {
    let folder = tempdir().expect("a folder");
    assert!(Cache::open(folder.path()).expect("an empty folder is no fault").is_none());
    let facts = load(folder.path(), 0, 7, LIST).expect("it loads");
    assert_eq!((facts.version, facts.issued, facts.index_end), (7, issued(7), 31));
    assert_eq!(facts.policy, Policy { normal_h: 12, ..Policy::default() });
    let (told_facts, _, counts) = told(folder.path());
    assert_eq!((told_facts, counts.as_str()), (facts, "[2, 2, 2, 2, 1, 2]"));
    assert_eq!(open(folder.path()).listings(), 2);
    assert_eq!(files(folder.path()), ["cache-7.db"]);
}

#[test]
fn a_delta_changes_what_it_names_and_nothing_else() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let delta = r#"
        {"drop":{"exception":16}}
        {"put":{"exception":{"index":17,"grade":"red"}}}
        {"put":{"block":{"first":40,"last":49,"listing":12}}}
    "#;
    let facts = load(folder.path(), 7, 9, delta).expect("it loads");
    assert_eq!((facts.version, facts.index_end, facts.policy.normal_h), (9, 50, 12));
    let cache = open(folder.path());
    let grade = |index| cache.find(&signed(1, index)).expect("an answer").exception.map(|exception| exception.grade);
    assert_eq!([15, 16, 17].map(grade), [Some(Grade::Red), None, Some(Grade::Red)]);
    assert_eq!(told(folder.path()).2, "[2, 2, 3, 2, 1, 2]");
}

#[test]
fn the_authority_vouches_anew_for_a_list_and_never_for_an_earlier_moment() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let mut cache = open(folder.path());
    confirm(folder.path(), 7, issued(9)).expect("it is noted");
    assert!(cache.refresh().expect("it is read again"));
    assert_eq!((cache.facts().version, cache.facts().issued), (7, issued(9)));
    for (version, moment) in [(7, issued(8)), (8, issued(12))] {
        confirm(folder.path(), version, moment).expect("nothing is to be noted");
        assert_eq!(open(folder.path()).facts().issued, issued(9));
    }
}

#[test]
fn a_delta_that_leaves_a_name_without_its_record_is_refused() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let before = told(folder.path());
    for delta in [
        r#"{"put":{"block":{"first":12,"last":12,"listing":12}}}"#,
        r#"{"put":{"block":{"first":50,"last":59,"listing":99}}}"#,
        r#"{"put":{"exception":{"index":17,"grade":"red","reason":99}}}"#,
        r#"{"drop":{"listing":12}}"#,
        r#"{"drop":{"reason":1}}"#,
    ] {
        let refused = load(folder.path(), 7, 8, delta).expect_err(delta);
        assert!(matches!(refused, StoreFault::References { .. }), "{delta}: {refused}");
        assert_eq!(told(folder.path()), before, "{delta}");
    }
}

#[test]
fn what_a_list_says_of_itself_is_read_without_a_trace_and_as_it_is_now() {
    let outer = tempdir().expect("a folder");
    let folder = outer.path().join("a kiosk's 100%41 list?immutable=0#ü");
    fs::create_dir(&folder).expect("a folder");
    assert!(Cache::peek(&folder).expect("an empty folder is no fault").is_none());
    let loaded = load(&folder, 0, 7, LIST).expect("it loads");
    let changed = || folder.metadata().and_then(|about| about.modified()).expect("a time");
    let before = changed();
    assert_eq!(Cache::peek(&folder).expect("readable"), Some(loaded));
    #[cfg(unix)]
    assert_eq!(changed(), before, "files were made beside the list");
    // What a delta has just written stands in the log as long as somebody has the list open.
    let open = open(&folder);
    let loaded = load(&folder, 7, 8, r#"{"drop":{"exception":16}}"#).expect("it loads");
    assert_eq!((Cache::peek(&folder).expect("readable"), loaded.version), (Some(loaded), 8));
    drop(open);
    fs::write(folder.join("cache-8.db"), "rubbish".repeat(1000)).expect("damage");
    Cache::peek(&folder).expect_err("damaged");
}

#[test]
fn two_lists_are_compared() {
    let folders = [(); 2].map(|()| tempdir().expect("a folder"));
    let [before, after] = &folders;
    for folder in [before, after] {
        load(folder.path(), 0, 7, LIST).expect("it loads");
    }
    let delta = r#"
        {"drop":{"exception":16}}
        {"put":{"exception":{"index":17,"grade":"red"}}}
        {"put":{"listing":{"id":12,"supplier":2,"gtin":"06901234567892","name":{"zh":"茶","en":"Tea"},"grade":"red"}}}
        {"put":{"listing":{"id":13,"supplier":2,"gtin":"06901234567892","name":{"zh":"茶","en":"Tea"},"grade":"green"}}}
    "#;
    load(after.path(), 7, 8, delta).expect("it loads");
    let [before, after] = folders.each_ref().map(|folder| open(folder.path()));
    let found = after.differences(&before).expect("both are read");
    assert_eq!((found.listings, found.exceptions), (2, 2));
    assert_eq!(found.turned, [(Grade::Yellow, Grade::Red, 1)]);
    assert_eq!(before.differences(&before).expect("it is read"), Difference::default());
}

#[test]
fn a_snapshot_replaces_everything_and_leaves_no_file_behind() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    load(folder.path(), 7, 8, r#"{"drop":{"exception":16}}"#).expect("it loads");
    for left_behind in ["cache-5.db", "cache-5.db-wal", "cache-8.db.part", "cache-6.db.part-journal"] {
        File::create(folder.path().join(left_behind)).expect("a file");
    }
    let small =
        r#"{"put":{"key":{"slot":1,"public":"0202020202020202020202020202020202020202020202020202020202020202"}}}"#;
    let facts = load(folder.path(), 0, 9, small).expect("it loads");
    assert_eq!((facts.index_end, facts.policy), (0, Policy::default()));
    assert_eq!(told(folder.path()).2, "[0, 0, 0, 0, 1, 0]");
    assert_eq!(files(folder.path()), ["cache-9.db"]);
}

#[test]
fn a_handle_takes_up_a_delta_and_a_snapshot_that_another_loaded() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let mut cache = open(folder.path());
    assert!(!cache.refresh().expect("readable"));
    load(folder.path(), 7, 8, r#"{"put":{"exception":{"index":10,"grade":"red"}}}"#).expect("it loads");
    assert_eq!(cache.facts().version, 7);
    assert!(cache.refresh().expect("readable"));
    assert_eq!(cache.facts().version, 8);
    let exception = cache.find(&signed(1, 10)).expect("an answer").exception.expect("it came with the delta");
    assert_eq!(exception.grade, Grade::Red);
    load(folder.path(), 0, 9, LIST).expect("it loads");
    assert!(cache.refresh().expect("readable"));
    assert!(!cache.refresh().expect("readable"));
    assert_eq!(cache.facts().version, 9);
    assert_eq!(cache.find(&signed(1, 10)).expect("an answer").exception, None);
}

#[test]
fn a_damaged_newest_list_is_a_fault_and_never_an_older_list() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let damaged = folder.path().join("cache-8.db");
    fs::write(&damaged, "no database at all, and long enough to be looked at as one".repeat(100)).expect("a file");
    let message = Cache::open(folder.path()).expect_err("damaged").to_string();
    let wanted = format!(
        "`{}`: file is not a database; the file is damaged: keep it for the authority, and start with another",
        damaged.display()
    );
    assert_eq!(message, wanted);
    let refused = load(folder.path(), 7, 9, "").expect_err("a delta does not follow on a damaged list");
    assert!(matches!(refused, StoreFault::Version { have: 8, .. }), "{refused}");
    let older = load(folder.path(), 0, 7, LIST).expect_err("older than the damaged one");
    assert!(matches!(older, StoreFault::Version { .. }), "{older}");
}

#[test]
fn the_same_snapshot_mends_a_damaged_list_under_an_open_handle() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let whole = told(folder.path());
    let mut cache = open(folder.path());
    let path = folder.path().join("cache-7.db");
    fs::write(&path, "rubbish".repeat(1000)).expect("damage");
    Cache::open(folder.path()).expect_err("damaged");
    load(folder.path(), 0, 7, LIST).expect("the list that was lost comes back");
    cache.refresh().expect("readable");
    assert_eq!(told(folder.path()), whole);
    assert_eq!(cache.find(&signed(1, 15)).expect("an answer"), whole.1[3]);
}

#[test]
fn a_list_of_a_newer_program_is_refused_by_name() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let path = folder.path().join("cache-7.db");
    rusqlite::Connection::open(&path).expect("a database").pragma_update(None, "user_version", 9).expect("a newer one");
    let message = Cache::open(folder.path()).expect_err("newer").to_string();
    assert_eq!(message, format!("`{}` has schema 9 and this program knows 2; update the program", path.display()));
}

#[test]
fn a_list_of_an_older_program_is_loaded_again() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let whole = told(folder.path());
    let path = folder.path().join("cache-7.db");
    rusqlite::Connection::open(&path)
        .expect("a database")
        .pragma_update(None, "user_version", 1)
        .expect("an older one");
    let message = Cache::open(folder.path()).expect_err("older").to_string();
    let wanted = "was loaded by an older program; sync, or load the newest snapshot again";
    assert_eq!(message, format!("`{}` {wanted}", path.display()));
    load(folder.path(), 7, 8, "").expect_err("a delta does not help");
    load(folder.path(), 0, 7, LIST).expect("the same snapshot does");
    assert_eq!(told(folder.path()), whole);
}

#[test]
fn one_program_loads_at_a_time() {
    let folder = tempdir().expect("a folder");
    let lock = File::create(folder.path().join("cache.lock")).expect("a file");
    lock.lock().expect("the lock is free");
    let message = load(folder.path(), 0, 7, LIST).expect_err("another loads").to_string();
    let wanted = format!("another program is loading a list into `{}`; wait until it is done", folder.path().display());
    assert_eq!(message, wanted);
    drop(lock);
    assert_eq!(load(folder.path(), 0, 7, LIST).expect("it is free again").version, 7);
}

#[test]
fn progress_ends_within_the_file() {
    let folder = tempdir().expect("a folder");
    let many: Vec<String> =
        (0..20_000).map(|index| format!(r#"{{"put":{{"exception":{{"index":{index},"grade":"red"}}}}}}"#)).collect();
    let (path, expected) = super::records(folder.path(), 0, 7, &format!("{LIST}{}", many.join("\n")));
    let file = VerifiedFile::check(&path, expected).expect("as promised");
    let mut seen = Vec::new();
    greengate::store::load(folder.path(), file, &mut |done| seen.push(done)).expect("it loads");
    assert!(seen.is_sorted() && seen.len() >= 4, "{seen:?}");
    assert!(seen.iter().all(|done| *done <= expected.length), "{seen:?} of {}", expected.length);
}

#[test]
fn a_snapshot_goes_in_with_everything_behind_it_or_not_at_all() {
    let (folder, elsewhere) = (tempdir().expect("a folder"), tempdir().expect("a folder"));
    let file = |from, to, text| {
        let (path, expected) = super::records(elsewhere.path(), from, to, text);
        VerifiedFile::check(&path, expected)
    };
    let lost = || Err(StoreFault::NoCache { path: elsewhere.path().to_owned() });
    let mut way = [file(0, 7, LIST), lost()].into_iter();
    load_way(folder.path(), &mut way, Some(8), &mut |_, _| ()).expect_err("the delta does not come");
    assert_eq!(files(folder.path()), [""; 0]);
    let mut way = [file(0, 7, LIST), file(7, 8, "")].into_iter();
    let facts = load_way(folder.path(), &mut way, Some(8), &mut |_, _| ()).expect("all of it is here");
    assert_eq!((facts.version, files(folder.path())), (8, vec!["cache-8.db".to_owned()]));
}
