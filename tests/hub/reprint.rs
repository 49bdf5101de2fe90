//! Labels that were issued come out again as they were, and only those that a kiosk would let in.

use std::fs;
use std::path::Path;

use greengate::hub::{Again, Batch, Did, HubFault, LabelKey, LabelOrder, Of, Registry, Serials, issue, reprint};
use greengate::rules::code::Grade;
use greengate::rules::demo::DemoKey;
use greengate::rules::record::{Exception, Key, Listing, Reason, Record, RecordKey};
use greengate::rules::text::Text;
use jiff::civil::{Date, date};

use super::registry::put;
use super::{author, authority, failure, hub, public, success};

const TODAY: Date = date(2026, 11, 24);

pub fn issued(registry: &mut Registry, listing: u32, count: u32) -> Batch {
    let order = LabelOrder {
        listing,
        lot: Some("LJ-2604".to_owned()),
        expiry: Some(date(2027, 12, 31)),
        valid_until: Some(date(2028, 6, 30)),
        serials: Serials::Next { prefix: "S-".to_owned(), count },
        host: "qr.example.com".to_owned(),
    };
    let key = LabelKey { slot: 1, secret: DemoKey::Authority.signing_key() };
    registry.change(&author(), |changes| issue(changes, &key, &order, TODAY)).expect("an order that makes sense")
}

fn again_on(registry: &mut Registry, again: &Again, today: Date) -> Result<Vec<Batch>, HubFault> {
    registry.change(&author(), |changes| reprint(changes, again, today))
}

fn refusal(registry: &mut Registry, again: &Again, today: Date) -> String {
    again_on(registry, again, today).expect_err("a refusal").to_string()
}

fn listing(registry: &Registry, id: u32) -> Listing {
    match registry.record(Some(RecordKey::Listing(id))).expect("readable") {
        Some(Record::Listing(listing)) => listing,
        other => panic!("{other:?}"),
    }
}

/// Every file in a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().expect("a name"), fs::read(entry.path()).expect("a file")))
        .collect();
    files.sort();
    files
}

#[test]
fn what_was_issued_comes_out_again_batch_by_batch() {
    let (_folder, mut registry) = authority();
    let [first, second, third] = [(17, 3), (18, 1), (17, 2)].map(|(id, count)| issued(&mut registry, id, count));
    let mut again = |again| again_on(&mut registry, &again, TODAY).expect("they were issued");
    assert_eq!(again(Again::Indexes(1..=6)), [first.clone(), second.clone(), third.clone()]);
    assert_eq!(again(Again::Listing(17)), [first.clone(), third]);
    let [middle] = again(Again::Indexes(2..=2)).try_into().expect("one batch");
    assert_eq!((middle.labels, middle.listing), (first.labels[1..2].to_vec(), first.listing));
    assert_eq!(again(Again::Indexes(4..=4)), [second]);
}

#[test]
fn labels_are_the_same_byte_for_byte_without_the_key_and_after_a_change_of_names() {
    let (folder, mut registry) = authority();
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str], output: &str| {
        let output = path(output);
        let output = output.to_str().expect("a path");
        let media = ["--size", "40x25mm", "--dpi", "203", "--copies", "2", "-o", output];
        success(&hub(folder.path(), &[arguments, &media].concat()))
    };
    run(&["issue", "17", "--host", "Q.HZQC.CN", "--lot", "A", "--count", "3"], "labels");
    run(&["reprint", "1..3", "--why", "to compare"], "labels.pdf");
    fs::remove_dir_all(path("keys")).expect("no key is here any more");
    let renamed = Listing { name: Text::new("龙井", "Longjing"), ..listing(&registry, 17) };
    put(&mut registry, &[Record::Listing(renamed)]).expect("it fits");
    let said = run(&["reprint", "--listing", "17", "--why", "the printer jammed"], "again");
    assert_eq!(said, format!("labels 1 to 3 of listing 17 in `{}`\n", path("again").display()));
    assert_eq!(files(&path("labels")), files(&path("again")));
    run(&["reprint", "1..3", "--why", "the sheet was lost"], "again.pdf");
    assert!(fs::read(path("labels.pdf")).expect("a file") == fs::read(path("again.pdf")).expect("a file"));
    run(&["reprint", "2", "--why", "one was torn"], "two.csv");
    let two = &registry.labels(17).expect("readable")[1].text;
    assert_eq!(fs::read_to_string(path("two.csv")).expect("a file"), format!("index,text\n2,{two}\n"));

    let history = |of| {
        let changes = registry.history(of).expect("readable").into_iter();
        let reprints = changes.filter(|change| matches!(change.did, Did::Reprint(_)));
        reprints.map(|change| (change.who, change.why)).collect::<Vec<_>>()
    };
    let told = ["to compare", "the printer jammed", "the sheet was lost", "one was torn"];
    let told = told.map(|why| ("li".to_owned(), why.to_owned()));
    assert_eq!(history(Of::Listing(17)), told);
    assert_eq!(history(Of::Label(2)), told);
    assert_eq!(history(Of::Label(3)), told[..3]);
    assert_eq!(registry.pending().expect("a count"), 8, "kiosks learn nothing of it");
}

#[test]
fn what_was_never_issued_cannot_be_printed_again() {
    let (folder, mut registry) = authority();
    issued(&mut registry, 17, 3);
    for (again, why) in [
        (Again::Indexes(2..=4), "label 4 was never issued"),
        (Again::Indexes(0..=u32::MAX), "label 0 was never issued"),
        (Again::Indexes(9..=9), "label 9 was never issued"),
        (Again::Listing(18), "no label of listing 18 was ever issued"),
        (Again::Listing(99), "no label of listing 99 was ever issued"),
    ] {
        assert_eq!(refusal(&mut registry, &again, TODAY), format!("{why}; nothing was changed"));
    }
    for wrong in ["3..2", "a", "1..", "-1", "1...2"] {
        let said = hub(folder.path(), &["reprint", wrong, "--why", "x", "-o", "x.pdf"]);
        assert!(failure(&said, 64).contains("error: "), "{wrong}");
    }
    let without_why = hub(folder.path(), &["reprint", "1", "-o", "x.pdf"]);
    assert!(failure(&without_why, 64).contains("--why"));
    assert!(registry.history(Of::Label(3)).expect("readable").iter().all(|change| matches!(change.did, Did::Put(_))));
}

#[test]
fn what_a_kiosk_would_not_let_in_is_not_printed_again() {
    let (_folder, mut registry) = authority();
    issued(&mut registry, 17, 3);
    let all = Again::Indexes(1..=3);
    let past = refusal(&mut registry, &all, date(2028, 1, 1));
    assert_eq!(past, "the expiry of label 1 `2027-12-31` is past: today is 2028-01-01; nothing was changed");

    put(&mut registry, &[Record::Reason(Reason { id: 1, text: Text::new("召回", "recalled") })]).expect("it fits");
    put(&mut registry, &[Record::Exception(Exception { index: 2, grade: Grade::Red, reason: Some(1) })])
        .expect("it fits");
    let red = "label 2 of listing 17 is red; issue another one; nothing was changed";
    assert_eq!(refusal(&mut registry, &all, TODAY), red);
    again_on(&mut registry, &Again::Indexes(3..=3), TODAY).expect("the others are well");

    let cut_off = |index| Record::Key(Key { cut_off: Some(index), ..public() });
    put(&mut registry, &[cut_off(3)]).expect("it fits");
    again_on(&mut registry, &Again::Indexes(1..=1), TODAY).expect("below the cut-off");
    let refused = refusal(&mut registry, &Again::Indexes(3..=3), TODAY);
    assert!(refused.starts_with("a kiosk would refuse label 3: "), "{refused}");

    let red = Listing { grade: Grade::Red, reason: Some(1), ..listing(&registry, 17) };
    put(&mut registry, &[Record::Listing(red)]).expect("it fits");
    let refused = refusal(&mut registry, &Again::Indexes(1..=1), TODAY);
    assert!(refused.starts_with("listing 17 is red, and red products get no labels"), "{refused}");
}
