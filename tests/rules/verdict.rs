//! The verdict table row by row, in its order.

use greengate::rules::clock::ClockTrust;
use greengate::rules::code::{Code, Grade, Refusal};
use greengate::rules::demo::DemoKey;
use greengate::rules::evidence::{CacheFacts, Evidence, ExceptionFacts, Reviewing, TakenIn};
use greengate::rules::policy::Policy;
use greengate::rules::record::ReviewLevel;
use greengate::rules::ruling::{Outcome, Ruling};
use greengate::rules::text::Text;
use greengate::rules::verdict::{Circumstances, judge};
use greengate::rules::words;
use jiff::{SignedDuration, Timestamp};

use super::{Spec, cache, evidence, gtin, listing, morning, policy_without_review, zone};

struct Case {
    evidence: Evidence,
    cache: CacheFacts,
    policy: Policy,
    time: Timestamp,
    trust: ClockTrust,
    demo: bool,
}

fn case(code: Code) -> Case {
    Case {
        evidence: evidence(code),
        cache: cache(),
        policy: policy_without_review(),
        time: morning(),
        trust: ClockTrust::Trusted,
        demo: true,
    }
}

impl Case {
    fn graded(mut self, grade: Grade) -> Self {
        self.evidence.found.listings = vec![listing(grade)];
        self
    }

    fn exception(mut self, grade: Grade) -> Self {
        self.evidence.found.exception = Some(ExceptionFacts { grade, reason: Some(recalled()) });
        self
    }

    fn after(mut self, hours: i64) -> Self {
        self.time += SignedDuration::from_hours(hours);
        self
    }

    fn clock_behind(mut self) -> Self {
        self.trust = ClockTrust::Behind(999_999);
        self
    }

    fn taken_in(mut self) -> Self {
        self.evidence.taken_in = Some(earlier());
        self
    }

    fn ruling(&self) -> Ruling {
        let zone = zone();
        let when =
            Circumstances { time: self.time, trust: self.trust, zone: &zone, policy: self.policy, demo: self.demo };
        judge(&self.evidence, b"label", &self.cache, &when)
    }
}

fn recalled() -> Text {
    Text::new("召回", "Recalled")
}

fn earlier() -> TakenIn {
    TakenIn { at: morning(), kiosk: "dock-1".to_owned(), seq: 12 }
}

#[test]
fn a_genuine_label_of_a_green_listing_is_accepted() {
    assert_eq!(case(Spec::product().signed()).ruling(), Ruling::Accept);
}

#[test]
fn a_text_that_is_no_product_code_has_no_verdict() {
    let ruling = case(Code::Other).ruling();
    assert_eq!((ruling.outcome(), ruling), (None, Ruling::NotAProduct));
}

#[test]
fn a_forged_signature_is_rejected_whatever_the_cache_says() {
    let forged = case(Spec::product().by(DemoKey::Forger).signed());
    assert_eq!(forged.ruling(), Ruling::Forged(Refusal::Signature));
    assert_eq!(case(Code::Broken(Refusal::StemRange)).ruling(), Ruling::Forged(Refusal::StemRange));
}

#[test]
fn a_label_of_an_unknown_or_cut_off_key_is_rejected() {
    let mut unknown = case(Spec::product().signed());
    unknown.evidence.found.key = None;
    assert_eq!(unknown.ruling(), Ruling::Forged(Refusal::KeyUnknown));
    let mut cut_off = case(Spec::product().index(5).signed());
    cut_off.evidence.found.key =
        cut_off.evidence.found.key.map(|key| greengate::rules::record::Key { cut_off: Some(5), ..key });
    assert_eq!(cut_off.ruling(), Ruling::Forged(Refusal::KeyCutOff));
    cut_off.evidence.found.key =
        cut_off.evidence.found.key.map(|key| greengate::rules::record::Key { cut_off: Some(6), ..key });
    assert_eq!(cut_off.ruling(), Ruling::Accept);
}

#[test]
fn red_comes_before_every_softer_row() {
    let worst = |case: Case| case.taken_in().clock_behind().after(24 * 30);
    assert_eq!(worst(case(Spec::product().signed()).graded(Grade::Red)).ruling(), Ruling::Red(None));
    let recalled_item = worst(case(Spec::item("S1").signed()).exception(Grade::Red));
    assert_eq!(recalled_item.ruling(), Ruling::Red(Some(recalled())));
    let new = worst(case(Spec::product().index(10_000).grade(Grade::Red).signed()));
    assert_eq!(new.ruling(), Ruling::New(Grade::Red));
}

#[test]
fn an_exception_decides_over_its_listing() {
    let green_item = case(Spec::item("S1").signed()).graded(Grade::Red).exception(Grade::Green);
    assert_eq!(green_item.ruling(), Ruling::Accept);
    let yellow_item = case(Spec::item("S1").signed()).exception(Grade::Yellow);
    assert_eq!(yellow_item.ruling(), Ruling::MissingDocuments(vec![recalled()]));
}

#[test]
fn goods_are_good_through_their_last_day_in_the_sites_zone() {
    let label = || case(Spec::product().expiry("261123").signed());
    assert_eq!(label().ruling(), Ruling::Accept);
    // 15:59 UTC is 23:59 in Hangzhou.
    assert_eq!(label().after(14).ruling(), Ruling::Accept);
    let day = "2026-11-23".parse().expect("a day");
    assert_eq!(label().after(15).ruling(), Ruling::ExpiredGoods(day));
}

#[test]
fn the_same_item_is_held_the_second_time() {
    assert_eq!(case(Spec::item("S1").signed()).taken_in().ruling(), Ruling::AlreadyTakenIn(earlier()));
}

#[test]
fn expired_goods_come_before_taken_in_before() {
    let both = case(Spec::item("S1").expiry("260101").signed()).taken_in();
    assert_eq!(both.ruling().slug(), "expired-goods");
}

#[test]
fn a_date_that_decides_holds_while_the_clock_is_not_trusted() {
    assert_eq!(case(Spec::product().signed()).clock_behind().ruling(), Ruling::Clock);
    assert_eq!(case(Spec::product().expiry("260101").signed()).clock_behind().ruling(), Ruling::Clock);
    let dated = case(Spec::product().valid_until("2026-01-01").signed()).graded(Grade::Yellow).clock_behind();
    assert_eq!(dated.ruling(), Ruling::Clock);
}

#[test]
fn where_no_date_decides_the_clock_does_not_matter() {
    let yellow = case(Spec::product().signed()).graded(Grade::Yellow).clock_behind();
    assert_eq!(yellow.ruling(), Ruling::MissingDocuments(Vec::new()));
}

#[test]
fn a_label_past_its_own_validity_is_held() {
    let day = "2026-11-22".parse().expect("a day");
    assert_eq!(case(Spec::product().valid_until("2026-11-22").signed()).ruling(), Ruling::LabelExpired(day));
    assert_eq!(case(Spec::product().valid_until("2026-11-23").signed()).ruling(), Ruling::Accept);
}

#[test]
fn green_ends_when_the_cache_is_older_than_the_policy_says() {
    let label = || case(Spec::product().signed());
    assert_eq!(label().after(70).ruling(), Ruling::Accept);
    assert_eq!(label().after(71).ruling(), Ruling::CacheOld(3));
}

#[test]
fn yellow_lists_the_missing_documents() {
    let mut yellow = case(Spec::product().signed()).graded(Grade::Yellow);
    let missing = vec![Text::new("许可证", "Licence"), Text::new("检验报告", "Report")];
    yellow.evidence.found.listings[0].missing.clone_from(&missing);
    assert_eq!(yellow.ruling(), Ruling::MissingDocuments(missing));
}

#[test]
fn a_label_newer_than_the_cache_has_the_grade_it_was_signed_with() {
    let new = |grade| {
        let mut case = case(Spec::product().index(10_000).grade(grade).signed());
        case.evidence.found.listings.clear();
        case.ruling()
    };
    assert_eq!(new(Grade::Green), Ruling::New(Grade::Green));
    assert_eq!(new(Grade::Yellow), Ruling::New(Grade::Yellow));
    assert_eq!(case(Spec::product().index(9_999).signed()).ruling(), Ruling::Accept);
}

#[test]
fn an_unsigned_code_is_held_unless_the_policy_accepts_it() {
    let mut unsigned = case(Spec::product().unsigned());
    assert_eq!(unsigned.ruling(), Ruling::Unsigned);
    unsigned.policy.accept_unsigned = true;
    assert_eq!(unsigned.ruling(), Ruling::Accept);
    assert_eq!(unsigned.after(72).ruling(), Ruling::CacheOld(3));
}

#[test]
fn an_unsigned_code_is_red_only_if_every_supplier_of_it_is() {
    let mut unsigned = case(Spec::product().unsigned());
    unsigned.policy.accept_unsigned = true;
    unsigned.evidence.found.listings = vec![listing(Grade::Red), listing(Grade::Red)];
    assert_eq!(unsigned.ruling(), Ruling::Red(None));
    unsigned.evidence.found.listings = vec![listing(Grade::Green), listing(Grade::Red)];
    assert_eq!(unsigned.ruling(), Ruling::MissingDocuments(Vec::new()));
}

#[test]
fn what_the_cache_does_not_list_is_held() {
    let mut unlisted = case(Spec::product().unsigned());
    unlisted.evidence.found.listings.clear();
    assert_eq!(unlisted.ruling(), Ruling::NotListed);
    let mut no_block = case(Spec::product().signed());
    no_block.evidence.found.listings.clear();
    assert_eq!(no_block.ruling(), Ruling::NotListed);
}

#[test]
fn a_block_of_another_product_does_not_vouch_for_this_one() {
    let mut other = case(Spec::product().signed());
    other.evidence.found.listings[0].gtin = greengate::rules::code::Gtin::parse("95012346").expect("a GTIN");
    assert_ne!(other.evidence.found.listings[0].gtin, gtin());
    assert_eq!(other.ruling(), Ruling::NotListed);
    assert_eq!(other.exception(Grade::Green).ruling(), Ruling::NotListed);
}

#[test]
fn a_review_names_the_item_to_check_and_stays_until_it_is_done() {
    let mut drawn = case(Spec::product().signed());
    drawn.evidence.found.listings[0].review = ReviewLevel::Stopped;
    let Ruling::Review(Some(item)) = drawn.ruling() else { panic!("drawn: {:?}", drawn.ruling()) };
    assert!(drawn.evidence.found.listings[0].inspect.contains(&item));
    let told = words::of(&drawn.ruling(), &zone()).details;
    let check = Text::new(format!("检查：{}", item.zh), format!("Check: {}", item.en));
    assert_eq!(told, [check], "bare, it reads as if it were missing");
    drawn.evidence.found.listings[0].review = ReviewLevel::Skip;
    assert_eq!(drawn.ruling(), Ruling::Accept);
    drawn.evidence.review.drawn = Some(3);
    assert_eq!(drawn.ruling().slug(), "review");
    drawn.evidence.review = Reviewing { failed: Some(4), ..Reviewing::default() };
    assert_eq!((drawn.ruling().slug(), drawn.ruling().outcome()), ("review-failed", Some(Outcome::Hold)));
    // What passed is not drawn once more, however strictly its listing is reviewed.
    drawn.evidence.review = Reviewing { passed: Some(4), ..Reviewing::default() };
    drawn.evidence.found.listings[0].review = ReviewLevel::Stopped;
    assert_eq!(drawn.ruling(), Ruling::Accept);
    drawn.evidence.found.listings[0].grade = Grade::Red;
    assert_eq!(drawn.ruling().slug(), "red");
}

#[test]
fn a_review_is_never_drawn_for_what_would_not_be_accepted() {
    let mut yellow = case(Spec::product().signed()).graded(Grade::Yellow);
    yellow.evidence.found.listings[0].review = ReviewLevel::Stopped;
    assert_eq!(yellow.ruling().slug(), "missing-documents");
}

#[test]
fn every_outcome_follows_from_its_row() {
    let outcomes = [
        (Ruling::Accept, Some(Outcome::Accept)),
        (Ruling::New(Grade::Green), Some(Outcome::Accept)),
        (Ruling::Unsigned, Some(Outcome::Hold)),
        (Ruling::New(Grade::Red), Some(Outcome::Reject)),
        (Ruling::ShowOne, None),
    ];
    for (ruling, outcome) in outcomes {
        assert_eq!(ruling.outcome(), outcome, "{}", ruling.slug());
    }
}

#[test]
fn a_site_tightens_the_policy_and_never_loosens_it() {
    use greengate::rules::policy::Tightening;
    let policy = Policy { accept_unsigned: true, ..Policy::default() };
    let tighter = policy.tightened_by(&Tightening {
        normal_h: Some(100),
        green_h: Some(10),
        service_h: Some(100),
        hold_unsigned: Some(true),
        review_one_in: Some(20),
    });
    assert_eq!((tighter.normal_h, tighter.green_h, tighter.service_h), (10, 10, 100));
    assert!(!tighter.accept_unsigned);
    let rates = tighter.review_one_in;
    assert_eq!((rates.reduced, rates.normal, rates.tightened), (20, 20, 10));
    let looser = policy.tightened_by(&Tightening { green_h: Some(1000), ..Tightening::default() });
    assert_eq!(looser, policy);
}

#[test]
fn a_real_site_refuses_the_demo_worlds_keys() {
    let mut case = case(Spec::product().signed());
    assert_eq!(case.ruling(), Ruling::Accept);
    case.demo = false;
    assert_eq!(case.ruling(), Ruling::Forged(Refusal::KeyUnknown));
}
