//! Orders of labels: what is issued, and what is refused before anything is.

use std::fs;

use greengate::hub::{Batch, HubFault, LabelKey, LabelOrder, Registry, Serials, issue};
use greengate::rules::code::{Grade, Scope};
use greengate::rules::demo::DemoKey;
use greengate::rules::label;
use greengate::rules::record::{Key, Listing, Record, RecordKey};
use greengate::rules::text::Text;
use jiff::civil::date;

use super::{author, authority, failure, hub, public, success};

fn order() -> LabelOrder {
    LabelOrder {
        listing: 17,
        lot: Some("LJ-2604".to_owned()),
        expiry: Some(date(2027, 12, 31)),
        valid_until: Some(date(2028, 6, 30)),
        serials: items(3),
        host: "qr.example.com".to_owned(),
    }
}

fn items(count: u32) -> Serials {
    Serials::Next { prefix: "S-".to_owned(), count }
}

fn with_key(registry: &mut Registry, order: &LabelOrder, key: DemoKey) -> Result<Batch, HubFault> {
    let key = LabelKey { slot: key.slot(), secret: key.signing_key() };
    registry.change(&author(), |changes| issue(changes, &key, order, date(2026, 11, 24)))
}

fn issued(registry: &mut Registry, order: &LabelOrder) -> Result<Batch, HubFault> {
    with_key(registry, order, DemoKey::Authority)
}

fn refusal(registry: &mut Registry, order: &LabelOrder) -> String {
    issued(registry, order).expect_err("a refusal").to_string()
}

fn serials(batch: &Batch) -> Vec<&str> {
    batch.labels.iter().filter_map(|label| label.product.serial.as_deref()).collect()
}

#[test]
fn issued_labels_verify_and_say_what_was_ordered() {
    let (_folder, mut registry) = authority();
    let batch = issued(&mut registry, &order()).unwrap();
    assert_eq!(serials(&batch), ["S-000001", "S-000002", "S-000003"]);
    for (index, label) in (1..).zip(&batch.labels) {
        let verified = label::verify(&label::parse(&label.text).unwrap(), Some(&public())).unwrap();
        let header = verified.header();
        assert_eq!((header.index, header.grade, header.scope), (index, Grade::Green, Scope::Item));
        assert_eq!(header.valid_until, Some(date(2028, 6, 30)));
        assert_eq!(verified.product(), &label.product);
        let elements = format!("(01)06901234567892 (10)LJ-2604 (17)271231 (21)S-{index:06}");
        assert_eq!(label.product.elements(), elements);
    }
}

#[test]
fn every_label_is_in_the_registry_and_its_index_in_a_block() {
    let (_folder, mut registry) = authority();
    let first = issued(&mut registry, &order()).unwrap();
    let second = issued(&mut registry, &LabelOrder { listing: 18, ..order() }).unwrap();
    assert_eq!(second.labels[0].index, 4);
    let kept = registry.labels(17).unwrap();
    let kept: Vec<_> = kept.iter().map(|label| (label.index, label.slot, &label.text)).collect();
    let made: Vec<_> = first.labels.iter().map(|label| (label.index, 1, &label.text)).collect();
    assert_eq!(kept, made);
    let block = registry.record(Some(RecordKey::Block(4))).unwrap();
    assert!(matches!(block, Some(Record::Block(block)) if (block.last, block.listing) == (6, 18)));
}

#[test]
fn without_serials_there_is_one_label_for_the_lot_or_the_product() {
    let (_folder, mut registry) = authority();
    let scope = |batch: &Batch| label::parse(&batch.labels[0].text).unwrap().header.scope;
    let lot = issued(&mut registry, &LabelOrder { serials: Serials::None, ..order() }).unwrap();
    assert_eq!((lot.labels.len(), scope(&lot)), (1, Scope::Lot));
    let product = LabelOrder { serials: Serials::None, lot: None, expiry: None, valid_until: None, ..order() };
    let product = issued(&mut registry, &product).unwrap();
    assert_eq!((product.labels.len(), scope(&product)), (1, Scope::Product));
    assert_eq!(product.labels[0].product.elements(), "(01)06901234567892");
}

#[test]
fn a_label_carries_the_grade_of_its_day() {
    let (_folder, mut registry) = authority();
    let batch = issued(&mut registry, &LabelOrder { listing: 18, ..order() }).unwrap();
    assert_eq!(label::parse(&batch.labels[0].text).unwrap().header.grade, Grade::Yellow);
}

#[test]
fn a_serial_is_never_issued_twice_whoever_supplies_the_product() {
    let (_folder, mut registry) = authority();
    issued(&mut registry, &order()).unwrap();
    let other = LabelOrder { listing: 18, serials: items(2), ..order() };
    assert_eq!(serials(&issued(&mut registry, &other).unwrap()), ["S-000004", "S-000005"]);
    let given = |serials: &[&str]| {
        let serials = Serials::Given(serials.iter().map(|&serial| serial.to_owned()).collect());
        LabelOrder { serials, ..order() }
    };
    let message = refusal(&mut registry, &given(&["A", "S-000005"]));
    assert_eq!(message, "serial `S-000005` was issued before with label 5; take another one; nothing was changed");
    let message = refusal(&mut registry, &given(&["A", "B", "A"]));
    assert_eq!(message, "serial `A` is there twice; every item has its own; nothing was changed");
    assert_eq!(serials(&issued(&mut registry, &given(&["A", "B"])).unwrap()), ["A", "B"]);
}

#[test]
fn a_refused_order_takes_no_index_and_leaves_no_label() {
    let (_folder, mut registry) = authority();
    let message = refusal(&mut registry, &LabelOrder { host: "two words".to_owned(), ..order() });
    assert_eq!(message, "`two words` is not a host; write a name like `QR.EXAMPLE.COM`; nothing was changed");
    assert_eq!(registry.labels(17).unwrap(), []);
    assert_eq!(issued(&mut registry, &order()).unwrap().labels[0].index, 1);
}

#[test]
fn orders_that_make_no_sense_are_refused() {
    let (_folder, mut registry) = authority();
    let lot = |lot: &str| LabelOrder { lot: Some(lot.to_owned()), ..order() };
    let prefix = Serials::Next { prefix: "SERIES-OF-SPRING-".to_owned(), count: 1 };
    let far = Some(date(2080, 1, 1));
    for (order, expected) in [
        (
            LabelOrder { listing: 19, ..order() },
            "listing 19 is red, and red products get no labels; assess it anew first",
        ),
        (LabelOrder { listing: 99, ..order() }, "there is no listing `99`"),
        (lot("a b"), "lot `a b` cannot stand on a label; write 1 to 20 of `A-Z 0-9 - .`"),
        (
            LabelOrder { serials: prefix, ..order() },
            "serial `SERIES-OF-SPRING-000001` cannot stand on a label; write 1 to 20 of `A-Z 0-9 - .`",
        ),
        (
            LabelOrder { expiry: Some(date(2026, 11, 23)), ..order() },
            "the expiry `2026-11-23` is past: today is 2026-11-24",
        ),
        (
            LabelOrder { expiry: far, ..order() },
            "the expiry `2080-01-01` is too far away for its two digits of the year",
        ),
        (
            LabelOrder { valid_until: Some(date(2026, 1, 1)), ..order() },
            "the last valid day `2026-01-01` is past: today is 2026-11-24",
        ),
        (
            LabelOrder { valid_until: Some(date(2199, 6, 6)), ..order() },
            "a label cannot say that it is valid until `2199-06-06`; write a day before 2199-06-06",
        ),
        (LabelOrder { serials: items(0), ..order() }, "`0` labels cannot be issued at once; ask for 1 to 10000"),
        (
            LabelOrder { serials: items(u32::MAX), ..order() },
            "`10001` labels cannot be issued at once; ask for 1 to 10000",
        ),
    ] {
        assert_eq!(refusal(&mut registry, &order), format!("{expected}; nothing was changed"));
    }
    assert_eq!(registry.labels(17).unwrap(), []);
}

#[test]
fn a_key_that_kiosks_do_not_believe_signs_nothing() {
    let (_folder, mut registry) = authority();
    let mut message = |key| with_key(&mut registry, &order(), key).unwrap_err().to_string();
    assert!(message(DemoKey::Forger).starts_with("the secret key is not that of key 1"));
    assert!(message(DemoKey::CutOff).starts_with("kiosks do not know key 2"));
    let cut_off = Record::Key(Key { cut_off: Some(1), ..public() });
    registry.change(&author(), |changes| changes.put(&cut_off)).unwrap();
    assert!(refusal(&mut registry, &order()).starts_with("key 1 is cut off from label 1 on"));
}

#[test]
fn the_program_writes_a_list_of_what_it_issued() {
    let (folder, _) = authority();
    let (file, serials) = (folder.path().join("labels.csv"), folder.path().join("serials.txt"));
    fs::write(&serials, "\u{FEFF}X.1\r\n\r\nX.2\r\n").unwrap();
    let (file_name, serials) = (file.to_str().unwrap(), serials.to_str().unwrap());
    let arguments = ["issue", "17", "--host", "Q.HZQC.CN", "--serials", serials, "-o", file_name];
    let said = success(&hub(folder.path(), &arguments));
    assert_eq!(said, format!("labels 1 to 2 of listing 17 in `{file_name}`\n"));
    let kept = Registry::open(folder.path()).unwrap().labels(17).unwrap();
    let list = format!("index,text\n1,{}\n2,{}\n", kept[0].text, kept[1].text);
    assert_eq!(fs::read_to_string(&file).unwrap(), list);
    assert!(kept[1].text.starts_with("https://Q.HZQC.CN/") && kept[1].text.ends_with("/21/X.2"));
}

#[test]
fn nothing_is_issued_where_nothing_can_be_written() {
    let (folder, registry) = authority();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("there.pdf"), "older labels").unwrap();
    for (output, exit, why) in [
        (path("no/such/folder/x.pdf"), 74, "cannot be written"),
        (path("there.pdf"), 64, "exists already; take another name"),
        (path("labels.docx"), 64, "labels are not written as `.docx`; take .pdf, .svg, .png, .csv or a folder"),
        (path("one.png"), 65, "2 pages do not fit"),
    ] {
        let arguments = ["issue", "17", "--host", "Q.HZQC.CN", "--count", "2", "-o", &output];
        let said = failure(&hub(folder.path(), &arguments), exit);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(registry.labels(17).unwrap(), []);
    assert_eq!(fs::read_to_string(path("there.pdf")).unwrap(), "older labels");
    let left = fs::read_dir(folder.path()).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.contains("part")).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_number_that_has_no_next_one_is_told() {
    let (_folder, mut registry) = authority();
    let last = u64::MAX.to_string();
    issued(&mut registry, &LabelOrder { serials: Serials::Given(vec![last.clone()]), ..order() }).unwrap();
    let next = LabelOrder { serials: Serials::Next { prefix: String::new(), count: 2 }, ..order() };
    let expected = format!("no number comes after serial `{last}`; take another prefix; nothing was changed");
    assert_eq!(refusal(&mut registry, &next), expected);
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_no_list_of_serials() {
    let (folder, _registry) = authority();
    let arguments = ["issue", "17", "--host", "Q.HZQC.CN", "--serials", "/dev/zero", "-o", "labels.csv"];
    let said = failure(&hub(folder.path(), &arguments), 65);
    assert_eq!(said, "error: `/dev/zero` is larger than 1048576 bytes\n");
}

#[test]
fn a_character_that_the_font_lacks_is_told() {
    let (folder, mut registry) = authority();
    let Some(Record::Listing(listing)) = registry.record(Some(RecordKey::Listing(17))).unwrap() else { panic!() };
    let name = Text::new("龙井\u{20000}茶", "Longjing");
    registry.change(&author(), |changes| changes.put(&Record::Listing(Listing { name, ..listing }))).unwrap();
    let output = folder.path().join("labels.pdf");
    let said = success(&hub(folder.path(), &["issue", "17", "--host", "Q.HZQC.CN", "-o", output.to_str().unwrap()]));
    assert!(said.starts_with("warning: the font lacks `\u{20000}`; labels of listing 17 have boxes there\n"), "{said}");
}

#[test]
fn more_copies_than_memory_holds_are_refused() {
    let (folder, registry) = authority();
    let arguments = ["issue", "17", "--host", "Q.HZQC.CN", "--count", "101", "--copies", "200", "-o", "labels.pdf"];
    let said = failure(&hub(folder.path(), &arguments), 65);
    assert!(said.contains("20200 labels on paper are too many at once; ask for 20000 or fewer"), "{said}");
    assert_eq!(registry.labels(17).unwrap(), []);
}

#[test]
fn the_newest_key_that_is_not_cut_off_signs() {
    let (folder, mut registry) = authority();
    super::write_key(folder.path(), DemoKey::CutOff);
    let output = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let issue = |name: &str| hub(folder.path(), &["issue", "17", "--host", "Q.HZQC.CN", "-o", &output(name)]);
    let slots = || {
        let labels = Registry::open(folder.path()).unwrap().labels(17).unwrap();
        labels.iter().map(|label| label.slot).collect::<Vec<_>>()
    };
    success(&issue("unknown-to-kiosks.csv"));
    let mut second = Key { slot: 2, public: DemoKey::CutOff.public(), cut_off: None };
    registry.change(&author(), |changes| changes.put(&Record::Key(second))).unwrap();
    success(&issue("known.csv"));
    second.cut_off = Some(0);
    registry.change(&author(), |changes| changes.put(&Record::Key(second))).unwrap();
    success(&issue("cut-off.csv"));
    assert_eq!(slots(), [1, 2, 1]);
    fs::remove_file(folder.path().join("keys/label-1.pem")).unwrap();
    assert!(failure(&issue("none.csv"), 65).contains("there is no label key"));
}
