//! When an assessment may turn out otherwise although nothing is filed: a document, an answer or a report's age runs out.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Asks, Case, Rulebook};

/// The first day after `today` on which an assessment may be another one than today; before it, it is the same every day.
#[must_use]
pub fn next_turn(rulebook: &Rulebook, case: &Case, today: Date) -> Option<Date> {
    let lasts = case.documents.iter().flat_map(|evidence| {
        let document = &evidence.document;
        let ages = rulebook.rules.iter().filter_map(|rule| match &rule.asks {
            Asks::Document(asked) => asked.age_days.filter(|_| asked.kinds.contains(&document.kind)),
            Asks::Item(asked) => asked.age_days.filter(|_| asked.report == document.kind),
            Asks::Capacity(_) => None,
        });
        let ages = ages.filter_map(|days| document.issued.checked_add(i64::from(days).days()).ok());
        ages.chain(document.expires).chain(evidence.answers.iter().map(|answer| answer.until))
    });
    lasts.filter(|last| *last >= today).min().and_then(|last| last.tomorrow().ok())
}
