//! What the list says of a code.

use greengate::rules::code::{Code, Grade, Refusal};
use greengate::rules::evidence::{ExceptionFacts, Found, ListingFacts};
use greengate::rules::record::{Key, ReviewLevel};
use greengate::rules::text::Text;
use tempfile::tempdir;

use super::{LIST, MASKS, TEA, load, open, product, signed, unsigned};

fn tea() -> ListingFacts {
    ListingFacts {
        id: 11,
        gtin: product(TEA).gtin,
        supplier: Text::new("龙井茶业", "Longjing Tea Works"),
        product: Text::new("茶", "Tea"),
        grade: Grade::Green,
        reason: None,
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: vec![Text::new("缺检测报告", "test report missing"), Text::new("抽检不合格", "failed a check")],
    }
}

fn other_tea() -> ListingFacts {
    ListingFacts {
        id: 12,
        supplier: Text::new("西溪日化", "Xixi Home Care"),
        grade: Grade::Yellow,
        reason: Some(Text::new("抽检不合格", "failed a check")),
        missing: vec![Text::new("缺检测报告", "test report missing")],
        review: ReviewLevel::Tightened,
        inspect: Vec::new(),
        ..tea()
    }
}

#[test]
fn an_index_belongs_to_its_block_and_no_further() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let cache = open(folder.path());
    let listing = |index| {
        let found = cache.find(&signed(1, index)).expect("an answer");
        found.listings.iter().map(|listing| listing.id).collect::<Vec<_>>()
    };
    let nobody = Vec::<u32>::new();
    for (index, wanted) in [
        (0, &nobody),
        (9, &nobody),
        (10, &vec![11]),
        (19, &vec![11]),
        (20, &nobody),
        (29, &nobody),
        (30, &vec![12]),
        (31, &nobody),
        (u32::MAX, &nobody),
    ] {
        assert_eq!(&listing(index), wanted, "index {index}");
    }
}

#[test]
fn a_quality_code_finds_key_exception_and_listing_with_their_texts() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let cache = open(folder.path());
    let key = Some(Key { slot: 1, public: [1; 32], cut_off: Some(5) });
    let red = ExceptionFacts { grade: Grade::Red, reason: Some(Text::new("抽检不合格", "failed a check")) };
    let yellow = ExceptionFacts { grade: Grade::Yellow, reason: None };
    for (index, exception) in [(14, None), (15, Some(red)), (16, Some(yellow))] {
        let wanted = Found { key, exception, listings: vec![tea()] };
        assert_eq!(cache.find(&signed(1, index)).expect("an answer"), wanted);
    }
    let unknown_key = cache.find(&signed(2, 30)).expect("an answer");
    assert_eq!(unknown_key, Found { key: None, exception: None, listings: vec![other_tea()] });
}

#[test]
fn a_plain_product_finds_every_listing_of_it() {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    let cache = open(folder.path());
    let found = cache.find(&unsigned(TEA)).expect("an answer");
    assert_eq!(found, Found { listings: vec![tea(), other_tea()], ..Found::default() });
    for code in [unsigned(MASKS), Code::Other, Code::Delivery("D1".to_owned()), Code::Broken(Refusal::Gtin)] {
        assert_eq!(cache.find(&code).expect("an answer"), Found::default());
    }
}

#[test]
fn of_many_listings_the_eight_lowest_are_found() {
    let folder = tempdir().expect("a folder");
    let more: String = (1..=20)
        .rev()
        .filter(|id| ![11, 12].contains(id))
        .map(|id| {
            format!(
                r#"{{"put":{{"listing":{{"id":{id},"supplier":1,"gtin":"06901234567892","name":{{"zh":"","en":"Tea"}},"grade":"green"}}}}}}"#
            ) + "\n"
        })
        .collect();
    load(folder.path(), 0, 7, &format!("{LIST}{more}")).expect("it loads");
    let found = open(folder.path()).find(&unsigned(TEA)).expect("an answer");
    let ids: Vec<u32> = found.listings.iter().map(|listing| listing.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
}
