//! The assessment: each state and the row that decides it, a person's word, and storms that look for a case without a grade.

use std::collections::{BTreeMap, BTreeSet};

use greengate::rules::amount::{Amount, Measure};
use greengate::rules::assessment::{
    Answer, Asks, Assessment, CapacityRule, Case, Decision, DocumentRule, Evidence, ItemRule, Reason, Rule, Rulebook,
    Says, State, When, assess, drops, next_turn, standing,
};
use greengate::rules::code::Grade;
use greengate::rules::dossier::{Capacity, CapacityKind, Document, DocumentState, Item, Product, Word};
use greengate::rules::record::ReviewLevel;
use greengate::rules::text::Text;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::support::Seeded;

const TODAY: Date = date(2026, 11, 24);

fn text(name: &str) -> Text {
    Text::new(format!("中{name}"), name)
}

fn rule(row: &str, when: When, asks: Asks) -> Rule {
    Rule { row: row.to_owned(), category: "tea".to_owned(), when, asks }
}

/// Category `tea`: a confirmed licence, a report of 100 days with lead up to 10 mg/kg, an organic seal for those that say
/// so, quality control of 60 that fails below 20.
fn rulebook() -> Rulebook {
    let document = |kind: &str, age_days, confirmed| {
        Asks::Document(DocumentRule { kinds: vec![kind.to_owned()], age_days, confirmed })
    };
    let lead = ItemRule {
        item: "lead".to_owned(),
        report: "report".to_owned(),
        age_days: Some(100),
        min: None,
        max: Amount::parse("10"),
        unit: "mg/kg".to_owned(),
        key: true,
        name: text("lead"),
    };
    let capacity = CapacityRule { capacity: CapacityKind::QualityControl, min: 60, fails_below: 20 };
    let decisions = State::ALL.map(|state| Decision {
        row: format!("d-{state}"),
        category: None,
        state,
        grade: state.at_least(),
        says: Text::new(format!("{{what}} {state}"), format!("{{what}} {state} {{limit}}")),
        cure: if state.at_least() == Grade::Red { Text::default() } else { text("{what}") },
    });
    Rulebook {
        categories: BTreeMap::from([("tea".to_owned(), text("tea"))]),
        kinds: ["licence", "report", "seal"].map(|kind| (kind.to_owned(), text(kind))).into(),
        rules: vec![
            rule("r-licence", When::Always, document("licence", None, true)),
            rule("r-report", When::Always, document("report", Some(100), false)),
            rule("r-seal", When::With("organic".to_owned()), document("seal", None, false)),
            rule("r-lead", When::Always, Asks::Item(lead)),
            rule("r-quality", When::Always, Asks::Capacity(capacity)),
        ],
        decisions: decisions.into(),
    }
}

fn document(id: u32, kind: &str) -> Document {
    let items = if kind == "report" { vec![lead("2", "mg/kg")] } else { Vec::new() };
    Document {
        id,
        listing: 1,
        kind: kind.to_owned(),
        number: format!("N{id}"),
        issuer: "an issuer".to_owned(),
        issued: date(2026, 11, 1),
        expires: Some(date(2027, 11, 1)),
        file: None,
        items,
        state: DocumentState::Accepted,
        capture: None,
    }
}

fn lead(value: &str, unit: &str) -> Item {
    Item {
        item: "lead".to_owned(),
        method: String::new(),
        limit: String::new(),
        value: Measure::parse(value).expect("a value"),
        unit: unit.to_owned(),
    }
}

fn answer(says: Says) -> Answer {
    Answer { says, source: "register".to_owned(), at: date(2026, 11, 2), until: date(2027, 1, 31) }
}

/// All is met.
fn case() -> Case {
    let quality = Capacity { assessed: Some(80), ..Capacity::default() };
    Case {
        product: Product {
            listing: 1,
            category: "tea".to_owned(),
            tags: BTreeSet::new(),
            brick: None,
            capacities: BTreeMap::from([(CapacityKind::QualityControl, quality)]),
        },
        documents: vec![
            Evidence { document: document(1, "licence"), answers: vec![answer(Says::Confirmed)] },
            Evidence { document: document(2, "report"), answers: Vec::new() },
        ],
        review: ReviewLevel::Normal,
    }
}

/// The case with something changed: grade, the row that asked, the row that decided.
fn decided(change: impl FnOnce(&mut Case)) -> (Grade, String, String) {
    let mut case = case();
    change(&mut case);
    let assessment = assess(&rulebook(), &case, TODAY);
    let (row, decision) =
        assessment.decided().map(|(finding, lack)| (finding.row.clone(), lack.decision.clone())).unwrap_or_default();
    (assessment.grade, row, decision)
}

#[test]
fn all_is_met_and_green() {
    assert_eq!(decided(|_| ()), (Grade::Green, String::new(), String::new()));
}

#[test]
fn every_state_is_decided_by_its_row() {
    type Change = fn(&mut Case);
    let cases: [(Change, Grade, &str, &str); 22] = [
        (|c| drop(c.documents.remove(0)), Grade::Yellow, "r-licence", "document-missing"),
        (|c| c.documents[0].document.state = DocumentState::Filed, Grade::Yellow, "r-licence", "document-filed"),
        (
            |c| c.documents[0].document.state = DocumentState::Refused("blurred".to_owned()),
            Grade::Yellow,
            "r-licence",
            "document-refused",
        ),
        (
            |c| c.documents[0].document.expires = Some(date(2026, 11, 23)),
            Grade::Yellow,
            "r-licence",
            "document-expired",
        ),
        (|c| c.documents[1].document.issued = date(2026, 8, 15), Grade::Yellow, "r-report", "document-old"),
        (|c| c.documents[0].answers.clear(), Grade::Yellow, "r-licence", "document-unconfirmed"),
        (|c| c.documents[0].answers[0].until = date(2026, 11, 23), Grade::Yellow, "r-licence", "document-unconfirmed"),
        (|c| c.documents[0].answers.push(answer(Says::Unknown)), Grade::Red, "r-licence", "document-denied"),
        (|c| c.documents[0].answers.push(answer(Says::AnotherHolder)), Grade::Red, "r-licence", "document-denied"),
        (|c| c.documents[0].answers.push(answer(Says::Revoked)), Grade::Red, "r-licence", "document-revoked"),
        (
            |c| c.documents[1].document.state = DocumentState::Revoked("withdrawn".to_owned()),
            Grade::Red,
            "r-report",
            "document-revoked",
        ),
        (|c| c.documents[1].document.items.clear(), Grade::Yellow, "r-lead", "item-missing"),
        (|c| c.documents[1].document.items = vec![lead("2", "ppm")], Grade::Yellow, "r-lead", "item-unclear"),
        (|c| c.documents[1].document.items = vec![lead("<11", "mg/kg")], Grade::Yellow, "r-lead", "item-unclear"),
        (|c| c.documents[1].document.items = vec![lead("10.1", "mg/kg")], Grade::Red, "r-lead", "item-failed"),
        (|c| c.product.capacities.clear(), Grade::Yellow, "r-quality", "capacity-unassessed"),
        (|c| score(c, 59), Grade::Yellow, "r-quality", "capacity-low"),
        (|c| score(c, 19), Grade::Yellow, "r-quality", "capacity-failed"),
        (|c| c.review = ReviewLevel::Tightened, Grade::Yellow, "standing", "review-tightened"),
        (|c| c.review = ReviewLevel::Stopped, Grade::Red, "standing", "review-stopped"),
        (|c| "coffee".clone_into(&mut c.product.category), Grade::Yellow, "standing", "category-unknown"),
        (|c| c.product.tags.extend(["organic".to_owned()]), Grade::Yellow, "r-seal", "document-missing"),
    ];
    for (change, grade, row, state) in cases {
        assert_eq!(decided(change), (grade, row.to_owned(), format!("d-{state}")));
    }
}

fn score(case: &mut Case, score: u8) {
    case.product.capacities.entry(CapacityKind::QualityControl).or_default().assessed = Some(score);
}

#[test]
fn the_last_days_still_count() {
    assert_eq!(decided(|c| c.documents[0].document.expires = Some(TODAY)).0, Grade::Green);
    assert_eq!(decided(|c| c.documents[1].document.issued = date(2026, 8, 16)).0, Grade::Green, "100 days ago");
    assert_eq!(decided(|c| c.documents[0].answers[0].until = TODAY).0, Grade::Green);
}

#[test]
fn one_right_document_is_enough_but_none_makes_up_for_a_forged_one() {
    let with = |state: DocumentState, says: Says| {
        decided(|case| {
            let document = Document { state, ..document(9, "licence") };
            case.documents.insert(0, Evidence { document, answers: vec![answer(says)] });
        })
        .0
    };
    assert_eq!(with(DocumentState::Filed, Says::Confirmed), Grade::Green);
    assert_eq!(with(DocumentState::Refused(String::new()), Says::Unknown), Grade::Green, "refused counts for nothing");
    assert_eq!(with(DocumentState::Accepted, Says::Unknown), Grade::Red);
    assert_eq!(with(DocumentState::Revoked(String::new()), Says::Confirmed), Grade::Red);
    let forgotten = decided(|case| {
        let document = Document { expires: Some(date(2026, 11, 20)), ..document(9, "licence") };
        case.documents.push(Evidence { document, answers: vec![answer(Says::Unknown)] });
    });
    assert_eq!(forgotten.0, Grade::Green, "a registry forgets what has run out");
}

#[test]
fn the_newest_report_decides_and_of_one_day_the_worst() {
    let with = |issued: Date, value: &str| {
        decided(|case| {
            let document = Document { issued, items: vec![lead(value, "mg/kg")], ..document(9, "report") };
            case.documents.push(Evidence { document, answers: Vec::new() });
        })
        .0
    };
    assert_eq!(with(date(2026, 10, 1), "11"), Grade::Green);
    assert_eq!(with(date(2026, 11, 1), "11"), Grade::Red);
    assert_eq!(with(date(2026, 11, 2), "11"), Grade::Red);
}

#[test]
fn a_value_of_a_report_that_nobody_examined_yet_is_filed_and_not_untested() {
    let told = |state: DocumentState, item: &str| {
        let mut case = case();
        case.documents[1].document.state = state;
        case.documents[1].document.items[0].item = item.to_owned();
        let assessment = assess(&rulebook(), &case, TODAY);
        let (_, lack) = assessment.lacking().find(|(finding, _)| finding.row == "r-lead").expect("it is not met");
        (lack.state, lack.says.en.clone())
    };
    assert_eq!(told(DocumentState::Filed, "lead"), (State::ItemMissing, "lead: filed, not accepted yet".to_owned()));
    for (state, item) in [(DocumentState::Filed, "zinc"), (DocumentState::Refused("blurred".to_owned()), "lead")] {
        let (found, says) = told(state, item);
        assert_eq!(found, State::ItemMissing);
        assert!(!says.contains("filed"), "{says}");
    }
}

#[test]
fn the_most_severe_decision_row_wins_and_of_equals_the_first() {
    let mut rulebook = rulebook();
    let row = |row: &str, category: Option<&str>, grade| Decision {
        row: row.to_owned(),
        category: category.map(str::to_owned),
        state: State::DocumentMissing,
        grade,
        says: text("x"),
        cure: Text::default(),
    };
    rulebook.decisions.push(row("equal", Some("tea"), Grade::Yellow));
    rulebook.decisions.push(row("other", Some("coffee"), Grade::Red));
    let row_of = |rulebook: &Rulebook| rulebook.decide("tea", State::DocumentMissing).map(|row| row.row.clone());
    assert_eq!(row_of(&rulebook).as_deref(), Some("d-document-missing"));
    rulebook.decisions.push(row("severe", Some("tea"), Grade::Red));
    assert_eq!(row_of(&rulebook).as_deref(), Some("severe"));
    rulebook.decisions.clear();
    let none = assess(&rulebook, &Case { documents: Vec::new(), ..case() }, TODAY);
    assert_eq!(none.grade, Grade::Yellow, "a rulebook that decides nothing makes nothing green");
    assert_eq!(rulebook.undecided().len(), State::ALL.len());
}

#[test]
fn what_would_make_it_green_is_told_in_both_languages_once() {
    let mut case = case();
    case.documents.clear();
    let cures = assess(&rulebook(), &case, TODAY).cures();
    assert_eq!(
        cures,
        [Text::new("中中licence", "licence"), Text::new("中中report", "report"), Text::new("中中lead", "lead")]
    );
    let failed = Case {
        documents: vec![Evidence {
            document: Document { items: vec![lead("12", "mg/kg")], ..document(2, "report") },
            answers: Vec::new(),
        }],
        ..case
    };
    let failed = assess(&rulebook(), &failed, TODAY);
    let (_, lack) = failed.decided().expect("it failed");
    assert_eq!((lack.says.en.as_str(), lack.cure.as_ref()), ("lead item-failed ≤ 10 mg/kg", None));
}

#[test]
fn a_drop_is_foretold_on_its_day() {
    let foretold = |days| drops(&rulebook(), &case(), TODAY, days).map(|(on, then)| (on, decision(&then)));
    // The report of 1 November counts 100 days, the confirmation lasts until 31 January.
    assert_eq!(foretold(68), None);
    assert_eq!(foretold(69), Some((date(2027, 2, 1), "d-document-unconfirmed".to_owned())));
    let yellow = Case { review: ReviewLevel::Tightened, ..case() };
    assert_eq!(drops(&rulebook(), &yellow, TODAY, 365), None, "it is yellow already");
    assert_eq!(drops(&rulebook(), &case(), Date::MAX, u32::MAX), None, "the calendar has an end");
}

fn decision(assessment: &Assessment) -> String {
    assessment.decided().map(|(_, lack)| lack.decision.clone()).unwrap_or_default()
}

#[test]
fn a_persons_word_stands_where_the_table_says() {
    let word = |grade, excused: &[&str]| Word {
        listing: 1,
        grade,
        reason: (grade == Grade::Red).then_some(7),
        missing: if grade == Grade::Yellow { vec![8] } else { Vec::new() },
        excused: excused.iter().map(|row| (*row).to_owned()).collect(),
    };
    let green = assess(&rulebook(), &case(), TODAY);
    let yellow = assess(&rulebook(), &Case { documents: Vec::new(), ..case() }, TODAY);
    let red = assess(&rulebook(), &Case { review: ReviewLevel::Stopped, ..case() }, TODAY);
    let all = ["r-licence", "r-report", "r-lead"];
    let grade = |assessment: &Assessment, word: &Word| {
        let standing = standing(assessment, Some(word));
        (standing.grade, standing.by_person)
    };
    for assessment in [&green, &yellow, &red] {
        assert_eq!(grade(assessment, &word(Grade::Red, &[])), (Grade::Red, true));
        let none = standing(assessment, None);
        assert_eq!((none.grade, none.by_person), (assessment.grade, false));
    }
    assert_eq!(grade(&red, &word(Grade::Green, &["standing"])), (Grade::Red, false), "a person cannot excuse red");
    assert_eq!(grade(&red, &word(Grade::Yellow, &[])), (Grade::Red, false));
    assert_eq!(grade(&green, &word(Grade::Yellow, &[])), (Grade::Yellow, true));
    assert_eq!(grade(&green, &word(Grade::Green, &[])), (Grade::Green, false));
    assert_eq!(grade(&yellow, &word(Grade::Green, &all)), (Grade::Green, true));
    let rest = standing(&yellow, Some(&word(Grade::Green, &all[1..])));
    assert_eq!((rest.grade, rest.by_person), (Grade::Yellow, false));
    assert_eq!(rest.missing, [Reason::InWords(Text::new("中中licence", "licence"))]);
    let both = standing(&yellow, Some(&word(Grade::Yellow, &[])));
    assert_eq!((both.missing.len(), both.missing.first()), (4, Some(&Reason::Numbered(8))));
    let stopped = standing(&red, None);
    let says = Text::new("中tea review-stopped", "tea review-stopped ");
    assert_eq!((stopped.reason, stopped.missing), (Some(Reason::InWords(says)), Vec::new()));
}

/// A case of anything.
fn any_case(seeded: &mut Seeded) -> Case {
    let mut case = case();
    case.review = *seeded.pick(&[
        ReviewLevel::Skip,
        ReviewLevel::Reduced,
        ReviewLevel::Normal,
        ReviewLevel::Tightened,
        ReviewLevel::Stopped,
    ]);
    if seeded.below(3) == 0 {
        case.product.tags.insert("organic".to_owned());
    }
    if seeded.below(20) == 0 {
        "coffee".clone_into(&mut case.product.category);
    }
    match seeded.below(3) {
        0 => case.product.capacities.clear(),
        1 => score(&mut case, u8::try_from(seeded.below(101)).expect("a score")),
        _ => {}
    }
    if seeded.below(2) == 0 {
        case.documents.clear();
    }
    let more = (0..seeded.below(5)).map(|id| any_document(seeded, 10 + u32::try_from(id).expect("few")));
    let more: Vec<Evidence> = more.collect();
    case.documents.extend(more);
    case
}

fn any_document(seeded: &mut Seeded, id: u32) -> Evidence {
    let mut document = document(id, seeded.pick::<&str>(&["licence", "report", "seal", "other"]));
    document.issued = TODAY - i64::try_from(seeded.below(200)).expect("few").days();
    document.expires =
        (seeded.below(2) == 0).then(|| date(2026, 11, 1) + i64::try_from(seeded.below(90)).expect("few").days());
    document.state = match seeded.below(8) {
        0 => DocumentState::Filed,
        1 => DocumentState::Refused("no".to_owned()),
        2 => DocumentState::Revoked("gone".to_owned()),
        _ => DocumentState::Accepted,
    };
    let value = seeded.pick::<&str>(&["0", "2", "10", "10.000001", "<3", "<20", "999999999999"]);
    document.items = vec![lead(value, seeded.pick::<&str>(&["mg/kg", "mg/kg", "mg/kg", "ppm"]))];
    let mut answers = Vec::new();
    for _ in 0..seeded.below(3) {
        let says = *seeded.pick(&[Says::Confirmed, Says::Confirmed, Says::Confirmed, Says::Unknown, Says::Revoked]);
        let until = TODAY + (i64::try_from(seeded.below(40)).expect("few") - 10).days();
        answers.push(Answer { until, ..answer(says) });
    }
    Evidence { document, answers }
}

/// One that every row is content with, issued on any day that counts.
fn good_document(seeded: &mut Seeded) -> Evidence {
    let mut document = document(99, seeded.pick::<&str>(&["licence", "report", "seal"]));
    document.issued = TODAY - i64::try_from(seeded.below(100)).expect("few").days();
    Evidence { document, answers: vec![answer(Says::Confirmed)] }
}

#[test]
fn a_storm_finds_no_case_without_one_grade() {
    let rulebook = rulebook();
    let mut grades = BTreeMap::<Grade, u32>::new();
    for seed in 0..20_000 {
        let case = any_case(&mut Seeded::new(seed));
        let assessment = assess(&rulebook, &case, TODAY);
        assert_eq!(assessment, assess(&rulebook.clone(), &case.clone(), TODAY), "seed {seed}");
        let worst = assessment.lacking().map(|(_, lack)| lack.grade).max();
        assert_eq!(assessment.grade, worst.unwrap_or(Grade::Green), "seed {seed}");
        assert!(assessment.lacking().all(|(_, lack)| lack.grade >= lack.state.at_least()), "seed {seed}");
        let standing = standing(&assessment, None);
        assert_eq!(
            standing.grade == Grade::Green,
            standing.reason.is_none() && standing.missing.is_empty(),
            "seed {seed}"
        );
        *grades.entry(assessment.grade).or_default() += 1;
    }
    assert!(grades.len() == 3 && grades.values().all(|count| *count > 100), "the storm is too mild: {grades:?}");
}

#[test]
fn a_storm_finds_no_right_document_that_makes_it_worse() {
    let rulebook = rulebook();
    let mut better = 0;
    for seed in 0..20_000 {
        let mut seeded = Seeded::new(seed);
        let without = any_case(&mut seeded);
        let mut with = without.clone();
        let at = usize::try_from(seeded.below(with.documents.len() as u64 + 1)).expect("few");
        with.documents.insert(at, good_document(&mut seeded));
        let [without, with] = [without, with].map(|case| assess(&rulebook, &case, TODAY).grade);
        assert!(with <= without, "seed {seed}: {without:?} becomes {with:?}");
        better += u32::from(with < without);
    }
    assert!(better > 100, "only {better} became better");
}

#[test]
fn the_order_of_documents_does_not_matter() {
    let rulebook = rulebook();
    for seed in 0..5_000 {
        let mut case = any_case(&mut Seeded::new(seed));
        let grade = assess(&rulebook, &case, TODAY).grade;
        case.documents.reverse();
        assert_eq!(assess(&rulebook, &case, TODAY).grade, grade, "seed {seed}");
    }
}

#[test]
fn a_storm_finds_no_day_on_which_an_assessment_turns_untold() {
    let rulebook = rulebook();
    let mut turned = 0;
    for seed in 0..3_000 {
        let case = any_case(&mut Seeded::new(seed));
        let (mut turns, mut before) = (next_turn(&rulebook, &case, TODAY), assess(&rulebook, &case, TODAY));
        let horizon = drops(&rulebook, &case, TODAY, 150);
        let (first, mut drop) = (before.grade, None);
        for day in 1..=150 {
            let date = TODAY + day.days();
            let now = assess(&rulebook, &case, date);
            let is_told = turns == Some(date);
            assert!(is_told || now == before, "seed {seed}: it turns on {date} and {turns:?} was told");
            turned += u32::from(now != before);
            drop = drop.or((now.grade > first).then(|| (date, now.clone())));
            turns = if is_told { next_turn(&rulebook, &case, date) } else { turns };
            before = now;
        }
        assert_eq!(horizon, drop, "seed {seed}");
    }
    assert!(turned > 1_000, "only {turned} turned");
}
