//! Whether the tables of a rulebook go together.

use std::path::PathBuf;

use super::table::Places;
use crate::hub::WrongRow;
use crate::rules::assessment::{Asks, Rule, Rulebook};

/// How many key inspection items a category has.
const KEY_ITEMS: std::ops::RangeInclusive<usize> = 3..=5;

/// Adds what does not go together.
pub fn check(rulebook: &Rulebook, places: &Places, wrong: &mut Vec<WrongRow>) {
    let mut add = |place: &str, column: &str, message: String| {
        let (table, line) = places.get(place).copied().unwrap_or(("decisions.csv", 1));
        wrong.push(WrongRow { path: PathBuf::from(table), line, column: column.to_owned(), message });
    };
    for rule in &rulebook.rules {
        if !rulebook.categories.contains_key(&rule.category) {
            let message = format!("`{}` is not in `categories.csv`; add it there", rule.category);
            add(&rule.row, "category", message);
        }
        check_asks(rulebook, rule, &mut add);
    }
    for decision in &rulebook.decisions {
        if let Some(unknown) = decision.category.as_ref().filter(|name| !rulebook.categories.contains_key(*name)) {
            add(&decision.row, "category", format!("`{unknown}` is not in `categories.csv`; add it there"));
        }
    }
    for state in rulebook.undecided() {
        let message = format!("no row decides `{state}` for every category; add one whose category is empty");
        add("", "state", message);
    }
    for category in rulebook.categories.keys() {
        let keys = rulebook.key_items(category).count();
        if !KEY_ITEMS.contains(&keys) {
            let message =
                format!("`{category}` has {keys} key inspection items; write `yes` at three to five in `items.csv`");
            add(&format!("categories.csv/{category}"), "category", message);
        }
    }
}

fn check_asks(rulebook: &Rulebook, rule: &Rule, add: &mut impl FnMut(&str, &str, String)) {
    match &rule.asks {
        Asks::Document(asked) => {
            for kind in asked.kinds.iter().filter(|kind| !rulebook.kinds.contains_key(*kind)) {
                add(&rule.row, "kinds", format!("`{kind}` is not in `kinds.csv`; add it there"));
            }
        }
        Asks::Item(item) => {
            // A report that nobody asks for could be forged without anybody noticing.
            let asks_for_it = |other: &&Rule| {
                other.category == rule.category
                    && matches!(&other.asks, Asks::Document(asked) if asked.kinds.contains(&item.report))
            };
            if !rulebook.rules.iter().any(|other| asks_for_it(&other)) {
                let message = format!("no row of `documents.csv` asks this category for a `{}`; add one", item.report);
                add(&rule.row, "report", message);
            }
        }
        Asks::Capacity(_) => {}
    }
}
