//! Whether what somebody hands in makes sense by itself, the same for a file of rows and a form on a page.

use super::document::check_line;
use crate::rules::dossier::{Capacity, Firm, ITEMS_LIMIT, Product, is_name};
use crate::rules::text::Text;

/// Longest piece of what was handed in that a message repeats, in characters.
const SHOWN_LIMIT: usize = 60;
/// Bricks of GS1's product classification have eight digits.
const BRICKS: std::ops::RangeInclusive<u32> = 10_000_000..=99_999_999;

/// The part that is wrong, as a column is headed, and what to write.
pub(super) type Part = (&'static str, String);

/// A name in one or both languages, in the parts `parts`.
pub(super) fn check_text(text: &Text, parts: [&'static str; 2]) -> Result<(), Part> {
    for (part, text) in parts.iter().zip([&text.zh, &text.en]) {
        if text.contains(char::is_control) {
            return Err((part, format!("`{}` has a line break or the like; write one line", shown(text))));
        }
        if let Some(unseen) = text.chars().find(|letter| is_unseen(*letter)) {
            let code = u32::from(unseen);
            let message = format!("`{}` has the invisible character U+{code:04X}; type it anew", shown(text));
            return Err((part, message));
        }
    }
    if text.zh.trim().is_empty() && text.en.trim().is_empty() {
        return Err((parts[0], "it is empty in both languages; write at least one".to_owned()));
    }
    Ok(())
}

/// Contacts and partnerships of a firm.
pub(super) fn check_firm(firm: &Firm) -> Result<(), Part> {
    let lines = firm.contacts.iter().map(|line| ("contacts", line));
    let platforms =
        firm.partnerships.iter().flat_map(|(name, terms)| [("partnerships", name), ("partnerships", terms)]);
    for (part, text) in lines.chain(platforms) {
        check_line(text).map_err(|message| (part, message))?;
    }
    let most = firm.contacts.len().max(firm.partnerships.len());
    if most > ITEMS_LIMIT {
        return Err(("contacts", format!("there are more than {ITEMS_LIMIT}; keep those that answer")));
    }
    Ok(())
}

/// Category, tags, brick and capacities of a product.
pub(super) fn check_product(product: &Product) -> Result<(), Part> {
    let named = |part, name: &str| {
        let message = format!("`{name}` is no name; write it as the rulebook does, in small letters and hyphens");
        Err((part, message))
    };
    if !is_name(&product.category) {
        return named("category", &product.category);
    }
    if let Some(tag) = product.tags.iter().find(|tag| !is_name(tag)) {
        return named("tags", tag);
    }
    if product.tags.len() > ITEMS_LIMIT {
        return Err(("tags", format!("there are more than {ITEMS_LIMIT}; the rulebook asks about few")));
    }
    if product.brick.is_some_and(|brick| !BRICKS.contains(&brick)) {
        return Err(("brick", "a brick of GS1's product classification has eight digits".to_owned()));
    }
    product.capacities.values().try_for_each(check_capacity)
}

/// What is declared of a capacity, and what an assessor found.
pub(super) fn check_capacity(capacity: &Capacity) -> Result<(), Part> {
    let Capacity { declared, evidence, assessed, note } = capacity;
    for (part, text) in [("declared", declared), ("evidence", evidence), ("note", note)] {
        check_line(text).map_err(|message| (part, message))?;
    }
    match assessed {
        Some(score) if *score > 100 => Err(("assessed", format!("{score} is above 100; write 0 to 100"))),
        Some(_) if note.is_empty() => Err(("note", "it is empty; write what the assessor saw".to_owned())),
        Some(_) | None => Ok(()),
    }
}

/// Whether a character has no picture, but parts words, joins letters or turns the direction: it comes along from web
/// pages, is a box on labels and screens, and can make a name look like another one.
const fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A piece of what was handed in for a message: short, and without characters that move a terminal's cursor.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars().take(SHOWN_LIMIT) {
        if letter.is_control() || is_unseen(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    if text.chars().nth(SHOWN_LIMIT).is_some() {
        shown.push('…');
    }
    shown
}
