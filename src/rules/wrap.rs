//! Lines out of a text, on a screen or on paper: where it may break, and where it is cut when it does not fit.

/// Stands for what was cut off.
pub const ELLIPSIS: char = '…';

/// The longest unit that stays with its number, with a comma behind it: `ml,` and `pcs`.
const UNIT_LENGTH: usize = 3;

/// A character and its width in the unit of the limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The character.
    pub c: char,
    /// How far the next one stands from it.
    pub width: f32,
}

/// The width of `text`.
#[must_use]
pub fn width(text: &[Measured]) -> f32 {
    text.iter().map(|measured| measured.width).sum()
}

/// Lines no wider than `limit`, broken where a reader expects it: between words, between hanzi, not before a comma and
/// not after an opening bracket, and not between a number and its unit. A word that is wider than a line breaks anywhere.
#[must_use]
pub fn wrap(text: &[Measured], limit: f32) -> Vec<&[Measured]> {
    let mut lines = Vec::new();
    let mut rest = trim(text);
    while !rest.is_empty() {
        let (line, after) = rest.split_at(line_end(rest, limit));
        lines.push(trim(line));
        rest = trim(after);
    }
    lines
}

/// Like [`wrap`], with lines of about the same length.
#[must_use]
pub fn wrap_evenly(text: &[Measured], limit: f32) -> Vec<&[Measured]> {
    let lines = wrap(text, limit);
    let (mut narrow, mut wide) = (widest_word(text).max(limit / 2.0).min(limit), limit);
    for _ in 0..8 {
        let middle = f32::midpoint(narrow, wide);
        if wrap(text, middle).len() > lines.len() { narrow = middle } else { wide = middle }
    }
    wrap(text, wide)
}

/// The width of the longest piece that [`wrap`] breaks only if it must.
#[must_use]
pub fn widest_word(text: &[Measured]) -> f32 {
    let mut widest: f32 = 0.0;
    let (mut used, mut spaces) = (0.0, 0.0);
    for (index, measured) in text.iter().enumerate() {
        if index > 0 && may_break(text, index) {
            (used, spaces) = (0.0, 0.0);
        }
        if measured.c == ' ' {
            spaces += measured.width;
        } else {
            used += spaces + measured.width;
            spaces = 0.0;
        }
        widest = widest.max(used);
    }
    widest
}

/// The longest beginning of `line` that leaves room for an ellipsis of `ellipsis` width.
#[must_use]
pub fn cut(line: &[Measured], limit: f32, ellipsis: f32) -> &[Measured] {
    let mut used = ellipsis;
    let kept = line.iter().take_while(|measured| {
        used += measured.width;
        used <= limit
    });
    trim(&line[..kept.count()])
}

fn line_end(text: &[Measured], limit: f32) -> usize {
    let mut used = 0.0;
    let (mut good, mut space) = (None, None);
    for (index, measured) in text.iter().enumerate() {
        if index > 0 && may_break(text, index) {
            good = Some(index);
        }
        if index > 0 && text[index - 1].c == ' ' {
            space = Some(index);
        }
        used += measured.width;
        if used > limit && measured.c != ' ' {
            return good.or(space).unwrap_or(index.max(1));
        }
    }
    text.len()
}

fn trim(text: &[Measured]) -> &[Measured] {
    let is_text = |measured: &Measured| measured.c != ' ';
    let Some(start) = text.iter().position(is_text) else { return &[] };
    let end = text.iter().rposition(is_text).map_or(start, |last| last + 1);
    &text[start..end]
}

/// Whether a line may end before the character at `index`, which is not the first one.
fn may_break(text: &[Measured], index: usize) -> bool {
    let (before, after) = (text[index - 1].c, text[index].c);
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    match before {
        ' ' => !is_unit(text, index),
        '-' => !after.is_ascii_digit(),
        _ => is_wide(before) || is_wide(after),
    }
}

/// Whether a number stands before the space and its unit behind it, as in `425 g` and `250 克`.
fn is_unit(text: &[Measured], index: usize) -> bool {
    let is_number = index >= 2 && text[index - 2].c.is_ascii_digit();
    let length = text[index..].iter().take_while(|measured| measured.c != ' ').count();
    is_number && (is_wide(text[index].c) || length <= UNIT_LENGTH) && !text[index].c.is_ascii_digit()
}

/// The most common of the characters that must not begin or end a line (GB/T 15834, 5.1.10).
const NOT_FIRST: &str = "，。、；：？！）》〉」』】〕”’…—·%,.;:?!)]}℃℉/";
const NOT_LAST: &str = "（《〈「『【〔“‘([{¥￥$#";

/// Whether a character is a hanzi or one of its companions, between which a line may break.
#[must_use]
pub const fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FFEF}' | '\u{1F000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> Vec<Measured> {
        text.chars().map(|c| Measured { c, width: if is_wide(c) { 2.0 } else { 1.0 } }).collect()
    }

    fn lines(text: &str, limit: f32) -> Vec<String> {
        wrap(&measured(text), limit).iter().map(|line| line.iter().map(|m| m.c).collect()).collect()
    }

    #[test]
    fn words_stay_whole() {
        assert_eq!(lines("set aside, ask the officer", 10.0), ["set aside,", "ask the", "officer"]);
    }

    #[test]
    fn a_comma_never_begins_a_line() {
        assert_eq!(lines("暂放一旁，交质量员", 8.0), ["暂放一", "旁，交质", "量员"]);
    }

    #[test]
    fn a_number_keeps_its_unit() {
        assert_eq!(lines("Canned peaches 425 g", 18.0), ["Canned peaches", "425 g"]);
        assert_eq!(lines("茶 250 克装", 6.0), ["茶", "250 克", "装"]);
        assert_eq!(lines("Vitamin B 12 capsules", 12.0), ["Vitamin B 12", "capsules"]);
        assert_eq!(lines("06901234567892 g", 14.0), ["06901234567892", "g"]);
        assert!((widest_word(&measured("of 425 g")) - 5.0).abs() < 0.01);
    }

    #[test]
    fn a_word_wider_than_a_line_breaks_anywhere() {
        assert_eq!(lines("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn a_character_wider_than_a_line_stands_alone() {
        assert_eq!(lines("字字", 1.0), ["字", "字"]);
    }

    #[test]
    fn nothing_has_no_lines() {
        assert_eq!(lines("   ", 5.0), [""; 0]);
    }

    #[test]
    fn even_lines_are_about_as_long() {
        let text = measured("aa aa aa aa aa aa");
        let lengths: Vec<usize> = wrap_evenly(&text, 14.0).iter().map(|line| line.len()).collect();
        assert_eq!(lengths, [8, 8]);
    }

    #[test]
    fn the_widest_word_is_what_may_not_break() {
        assert!((widest_word(&measured("take the product's label")) - 9.0).abs() < 0.01);
        assert!((widest_word(&measured("收货，入库")) - 4.0).abs() < 0.01);
    }

    #[test]
    fn even_lines_do_not_break_words() {
        let text = measured("(01)06901234567892 (10)A");
        let lengths: Vec<usize> = wrap_evenly(&text, 20.0).iter().map(|line| line.len()).collect();
        assert_eq!(lengths, [18, 5]);
    }

    #[test]
    fn a_cut_line_leaves_room_for_the_ellipsis() {
        assert_eq!(cut(&measured("字字字字"), 6.0, 2.0).len(), 2);
        assert_eq!(cut(&measured("字"), 1.0, 2.0).len(), 0);
    }
}
