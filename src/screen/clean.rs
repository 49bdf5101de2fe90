//! What is drawn of a text: one line of visible characters, bounded.

/// More characters than this of one text are never looked at; no screen shows as many.
pub const CHARS_LIMIT: usize = 400;

/// `text` on one line: white space becomes single spaces; control characters, direction marks and other characters
/// without a shape go away, so that nothing in a name can reorder, hide or break a line.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(4 * CHARS_LIMIT));
    for c in text.chars().take(4 * CHARS_LIMIT).filter(|c| !is_shapeless(*c)).take(CHARS_LIMIT) {
        let c = if c.is_whitespace() && c != IDEOGRAPHIC_SPACE { ' ' } else { c };
        if c != ' ' || !line.ends_with(' ') {
            line.push(c);
        }
    }
    line.trim().to_owned()
}

const IDEOGRAPHIC_SPACE: char = '\u{3000}';

fn is_shapeless(c: char) -> bool {
    let is_format = matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E0FFF}');
    is_format || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_go_away() {
        assert_eq!(clean("a\u{202E}b\u{0}c\u{200B}\u{7F}d\u{1B}[31m"), "abcd[31m");
    }

    #[test]
    fn white_space_becomes_single_spaces() {
        assert_eq!(clean("  a \r\n\t b\u{A0}\u{2009}c  "), "a b c");
    }

    #[test]
    fn a_text_without_end_is_cut() {
        assert_eq!(clean(&"字".repeat(100_000)).chars().count(), CHARS_LIMIT);
        assert_eq!(clean(&"\u{202E}".repeat(100_000)), "");
    }
}
