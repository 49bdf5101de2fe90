//! Row by row: what is asked against what was filed.

use jiff::civil::Date;

use super::{Asks, CapacityRule, Case, DocumentRule, Evidence, Finding, ItemRule, Lack, Rule, Rulebook, Says, State};
use crate::rules::amount::Fit;
use crate::rules::dossier::{CapacityKind, DocumentState, Item};
use crate::rules::record::ReviewLevel;
use crate::rules::text::Text;

/// The row that asks how reviews went, and whether the category is known; it stands in no table.
const STANDING: &str = "standing";

/// What a row found before anything is decided.
struct Found {
    what: Text,
    limit: String,
    state: Option<State>,
    detail: Text,
    /// What is said of it in place of the rulebook's words.
    says: Option<Text>,
}

impl Found {
    /// What the rulebook has words for.
    const fn new(what: Text, limit: String, state: Option<State>, detail: Text) -> Self {
        Self { what, limit, state, detail, says: None }
    }
}

/// A finding for each row that is asked of the case.
pub fn all(rulebook: &Rulebook, case: &Case, today: Date) -> Vec<Finding> {
    let product = &case.product;
    let asked = |rule: &&Rule| rule.category == product.category && rule.when.holds(&product.tags);
    let rows = rulebook.rules.iter().filter(asked).map(|rule| {
        let found = match &rule.asks {
            Asks::Document(asked) => document(rulebook, asked, case, today),
            Asks::Item(asked) => item(asked, case, today),
            Asks::Capacity(asked) => capacity(*asked, case),
        };
        (rule.row.as_str(), found)
    });
    let rows = rows.chain([(STANDING, standing(rulebook, case))]);
    rows.map(|(row, found)| finding(rulebook, &product.category, row, found)).collect()
}

fn finding(rulebook: &Rulebook, category: &str, row: &str, found: Found) -> Finding {
    let Found { what, limit, state, detail, says } = found;
    let lacks = state.map(|state| lack(rulebook, category, state, &what, &limit));
    let lacks = lacks.map(|lack| Lack { says: says.unwrap_or(lack.says), ..lack });
    Finding { row: row.to_owned(), what, lacks, detail }
}

/// What a rulebook says of a row whose state has this name; nothing if it has no such row or there is no such state.
#[must_use]
pub fn says(rulebook: &Rulebook, row: &str, state: &str) -> Option<Text> {
    let state = State::ALL.into_iter().find(|known| known.name() == state)?;
    let rule = rulebook.rules.iter().find(|rule| rule.row == row);
    let (what, limit) = match rule.map(|rule| &rule.asks) {
        Some(Asks::Document(asked)) => (document_name(rulebook, asked), String::new()),
        Some(Asks::Item(asked)) => (asked.name.clone(), asked.limit()),
        Some(Asks::Capacity(asked)) => (capacity_name(asked.capacity), asked.limit()),
        None if row == STANDING && state != State::CategoryUnknown => Default::default(),
        None => return None,
    };
    let category = rule.map(|rule| rule.category.as_str()).unwrap_or_default();
    Some(lack(rulebook, category, state, &what, &limit).says)
}

fn document_name(rulebook: &Rulebook, rule: &DocumentRule) -> Text {
    rule.kinds.first().map(|kind| rulebook.kind_name(kind)).unwrap_or_default()
}

/// A state that no row decides has the least severe grade that is allowed; `rulebook check` lets no such rulebook pass.
fn lack(rulebook: &Rulebook, category: &str, state: State, what: &Text, limit: &str) -> Lack {
    let Some(decision) = rulebook.decide(category, state) else {
        let says = Text::new(state.name(), state.name());
        return Lack { state, decision: String::new(), grade: state.at_least(), says, cure: None };
    };
    let filled = |text: &Text| {
        let fill = |text: &str, what: &str| text.replace("{what}", what).replace("{limit}", limit);
        Text::new(fill(&text.zh, &what.zh), fill(&text.en, &what.en))
    };
    let cure = filled(&decision.cure);
    let cure = (!cure.zh.is_empty() || !cure.en.is_empty()).then_some(cure);
    let grade = decision.grade.max(state.at_least());
    Lack { state, decision: decision.row.clone(), grade, says: filled(&decision.says), cure }
}

/// The best document decides, for one that is right is enough; but one that is forged or was taken back spoils them all.
fn document(rulebook: &Rulebook, rule: &DocumentRule, case: &Case, today: Date) -> Found {
    let what = document_name(rulebook, rule);
    let ours =
        case.documents.iter().filter(|evidence| rule.kinds.contains(&evidence.document.kind) && stands(evidence));
    let judged = ours.map(|evidence| (judge(evidence, rule, today), evidence));
    let mut best: Option<(Option<State>, &Evidence)> = None;
    for (state, evidence) in judged {
        let spoils = |state| matches!(state, Some(State::DocumentDenied | State::DocumentRevoked));
        let is_better =
            best.is_none_or(|(held, _)| spoils(state) && !spoils(held) || !spoils(held) && rank(state) > rank(held));
        if is_better {
            best = Some((state, evidence));
        }
    }
    match best {
        Some((state, evidence)) => Found::new(what, String::new(), state, told(evidence, rule, state)),
        None => Found::new(what, String::new(), Some(State::DocumentMissing), Text::default()),
    }
}

/// The nearer to what is asked, the higher.
const fn rank(state: Option<State>) -> u8 {
    match state {
        None => 5,
        Some(State::DocumentUnconfirmed) => 4,
        Some(State::DocumentFiled) => 3,
        Some(State::DocumentOld | State::DocumentExpired) => 2,
        Some(State::DocumentRefused) => 1,
        Some(
            State::DocumentMissing
            | State::DocumentDenied
            | State::DocumentRevoked
            | State::ItemMissing
            | State::ItemUnclear
            | State::ItemFailed
            | State::CapacityUnassessed
            | State::CapacityLow
            | State::CapacityFailed
            | State::ReviewTightened
            | State::ReviewStopped
            | State::CategoryUnknown,
        ) => 0,
    }
}

/// Whether no other document was filed in its place.
const fn stands(evidence: &Evidence) -> bool {
    !matches!(evidence.document.state, DocumentState::Replaced(_))
}

fn judge(evidence: &Evidence, rule: &DocumentRule, today: Date) -> Option<State> {
    let document = &evidence.document;
    match document.state {
        DocumentState::Revoked(_) => return Some(State::DocumentRevoked),
        DocumentState::Refused(_) | DocumentState::Settled(_) => return Some(State::DocumentRefused),
        DocumentState::Replaced(_) => return Some(State::DocumentMissing),
        DocumentState::Filed | DocumentState::Accepted => {}
    }
    // A registry forgets what has run out, so its silence says nothing then.
    if document.expires.is_some_and(|last| last < today) {
        return Some(State::DocumentExpired);
    }
    for answer in &evidence.answers {
        match answer.says {
            Says::Confirmed => {}
            Says::Revoked => return Some(State::DocumentRevoked),
            Says::Unknown | Says::AnotherHolder => return Some(State::DocumentDenied),
        }
    }
    if is_old(document.issued, rule.age_days, today) {
        return Some(State::DocumentOld);
    }
    if document.state == DocumentState::Filed {
        return Some(State::DocumentFiled);
    }
    let is_confirmed = evidence.answers.iter().any(|answer| answer.until >= today);
    (rule.confirmed && !is_confirmed).then_some(State::DocumentUnconfirmed)
}

fn is_old(issued: Date, age_days: Option<u32>, today: Date) -> bool {
    let age = today.since(issued).map_or(0, |age| age.get_days());
    age_days.is_some_and(|most| i64::from(age) > i64::from(most))
}

fn told(evidence: &Evidence, rule: &DocumentRule, state: Option<State>) -> Text {
    let document = &evidence.document;
    let mut zh = format!("{}，{} 签发", document.number, document.issued);
    let mut en = format!("{}, issued {}", document.number, document.issued);
    if let Some(last) = document.expires {
        zh.extend([format!("，有效期至 {last}")]);
        en.extend([format!(", good until {last}")]);
    }
    if let (Some(State::DocumentOld), Some(most)) = (state, rule.age_days) {
        zh.extend([format!("，已超过 {most} 天")]);
        en.extend([format!(", more than {most} days ago")]);
    }
    match &document.state {
        DocumentState::Refused(why) | DocumentState::Revoked(why) | DocumentState::Settled(why) => {
            zh.extend([format!("：{why}")]);
            en.extend([format!(": {why}")]);
        }
        DocumentState::Filed | DocumentState::Accepted | DocumentState::Replaced(_) => {}
    }
    for answer in &evidence.answers {
        let (said_zh, said_en) = match answer.says {
            Says::Confirmed => ("已确认", "confirmed"),
            Says::Unknown => ("查无此证", "unknown"),
            Says::AnotherHolder => ("属于其他企业", "of another firm"),
            Says::Revoked => ("已吊销", "revoked"),
        };
        zh.extend([format!("；{} {}：{said_zh}", answer.source, answer.at)]);
        en.extend([format!("; {} on {}: {said_en}", answer.source, answer.at)]);
    }
    Text::new(zh, en)
}

/// The newest report that has the item decides, of those of one day the worst: whoever failed has to be tested again.
fn item(rule: &ItemRule, case: &Case, today: Date) -> Found {
    let counts = DocumentRule { kinds: vec![rule.report.clone()], age_days: rule.age_days, confirmed: false };
    let reports = case.documents.iter().filter(|evidence| evidence.document.kind == rule.report);
    let (accepted, others): (Vec<_>, Vec<_>) = reports.partition(|evidence| judge(evidence, &counts, today).is_none());
    let values = accepted.into_iter().flat_map(|evidence| {
        let items = evidence.document.items.iter().filter(|item| item.item == rule.item);
        items.map(move |item| (evidence.document.issued, item_state(rule, item), evidence, item))
    });
    let newest = values.reduce(|best, next| if (next.0, next.1) > (best.0, best.1) { next } else { best });
    let (what, limit) = (rule.name.clone(), rule.limit());
    let Some((issued, state, evidence, item)) = newest else {
        let detail = Text::new(format!("要求 {limit}"), format!("asked for: {limit}"));
        let waits = others.into_iter().any(|evidence| {
            judge(evidence, &counts, today) == Some(State::DocumentFiled)
                && evidence.document.items.iter().any(|item| item.item == rule.item)
        });
        // It was tested, and nobody has looked at the report.
        let says = waits.then(|| {
            Text::new(format!("{}：已提交，尚未通过审核", what.zh), format!("{}: filed, not accepted yet", what.en))
        });
        return Found { says, ..Found::new(what, limit, Some(State::ItemMissing), detail) };
    };
    let (value, unit, number) = (item.value, &item.unit, &evidence.document.number);
    let detail = Text::new(
        format!("{value} {unit}，要求 {limit}（{number}，{issued}）"),
        format!("{value} {unit}, asked for: {limit} ({number} of {issued})"),
    );
    Found::new(what, limit, state, detail)
}

/// The states are in an order in which the worse is greater, and nothing is less than any.
fn item_state(rule: &ItemRule, item: &Item) -> Option<State> {
    if item.unit != rule.unit {
        return Some(State::ItemUnclear);
    }
    match item.value.fit(rule.min, rule.max) {
        Fit::Within => None,
        Fit::Unclear => Some(State::ItemUnclear),
        Fit::Outside => Some(State::ItemFailed),
    }
}

fn capacity_name(kind: CapacityKind) -> Text {
    match kind {
        CapacityKind::Production => Text::new("生产能力", "production capacity"),
        CapacityKind::QualityControl => Text::new("质量控制能力", "quality control capacity"),
        CapacityKind::Shipment => Text::new("发货能力", "shipment capacity"),
        CapacityKind::Operation => Text::new("运营能力", "operation capacity"),
    }
}

fn capacity(rule: CapacityRule, case: &Case) -> Found {
    let what = capacity_name(rule.capacity);
    let assessed = case.product.capacities.get(&rule.capacity).and_then(|capacity| capacity.assessed);
    let state = match assessed {
        None => Some(State::CapacityUnassessed),
        Some(score) if score < rule.fails_below => Some(State::CapacityFailed),
        Some(score) if score < rule.min => Some(State::CapacityLow),
        Some(_) => None,
    };
    let limit = rule.limit();
    let score = assessed.map_or_else(|| "–".to_owned(), |score| score.to_string());
    let detail = Text::new(format!("{score}，要求 {limit}"), format!("{score} of 100, asked for: {limit}"));
    Found::new(what, limit, state, detail)
}

fn standing(rulebook: &Rulebook, case: &Case) -> Found {
    let category = &case.product.category;
    let what = rulebook.category_name(category);
    let state = match case.review {
        ReviewLevel::Stopped => Some(State::ReviewStopped),
        _ if !rulebook.categories.contains_key(category) => Some(State::CategoryUnknown),
        ReviewLevel::Tightened => Some(State::ReviewTightened),
        ReviewLevel::Skip | ReviewLevel::Reduced | ReviewLevel::Normal => None,
    };
    Found::new(what, String::new(), state, Text::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::code::Grade;

    #[test]
    fn states_of_an_item_are_in_an_order() {
        assert!(None < Some(State::ItemUnclear) && State::ItemUnclear < State::ItemFailed);
        assert!(Grade::Green < Grade::Yellow && Grade::Yellow < Grade::Red);
    }
}
