//! A block of text in a box: as large as fits, broken where a reader expects it, cut with … where nothing else helps.

use super::font::{ASCENT, DESCENT, advance};
use super::whole;

/// Stands for what was cut off.
const ELLIPSIS: char = '…';
/// Hanzi are set larger than letters by this factor: they have more strokes in the same square.
const HANZI: f32 = 1.25;
/// Most lines of a name.
const NAME_LINES: usize = 3;
/// Most lines of an element.
const ELEMENT_LINES: usize = 2;
/// The gap between names and elements, in ems.
const GAP: f32 = 0.4;

/// What is written on a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Names, which may be cut.
    pub names: Vec<String>,
    /// GS1 elements, which may not.
    pub elements: Vec<String>,
}

/// Lines that fit a box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The names' lines.
    pub names: Vec<Line>,
    /// The elements' lines.
    pub elements: Vec<Line>,
    /// Whether everything stands as it should: nothing cut, no element broken.
    pub is_whole: bool,
}

/// A line and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is written.
    pub text: String,
    /// The font's size in dots.
    pub em: i32,
}

impl Line {
    /// From the top of its ink to the top of the next line's, in dots.
    pub fn height(&self) -> i32 {
        whole(self.em as f32 * (ASCENT + DESCENT))
    }

    /// From its top to its baseline, in dots.
    pub fn baseline(&self) -> i32 {
        whole(self.em as f32 * ASCENT)
    }
}

impl Block {
    /// How high it is, in dots.
    pub fn height(&self) -> i32 {
        let lines: i32 = self.names.iter().chain(&self.elements).map(Line::height).sum();
        let em = self.elements.first().map_or(0, |line| line.em);
        lines + whole(em as f32 * GAP)
    }
}

/// The words as large as a box of `width` by `height` dots allows, `least` to `most` dots an em; cut if they must be.
/// `None` if not even the elements fit.
pub fn fit(words: &Words, (width, height): (i32, i32), (least, most): (i32, i32)) -> Option<Block> {
    let fits = |block: &Block| block.height() <= height;
    let at_most = vec![NAME_LINES; words.names.len()];
    let whole = (least..=most).rev().map(|em| compose(words, width, em, &at_most));
    whole.filter(|block| block.is_whole).find(fits).or_else(|| cut_to_fit(words, (width, height), least))
}

/// The words in the smallest size: a line of each name, and further ones from the first name on while there is room.
fn cut_to_fit(words: &Words, (width, height): (i32, i32), em: i32) -> Option<Block> {
    let fitting = |limits: &[usize]| {
        let block = compose(words, width, em, limits);
        let elements_fit = block.elements.iter().all(|line| width_of(&line.text, line.em) <= width);
        (elements_fit && block.height() <= height).then_some(block)
    };
    let mut limits = vec![1; words.names.len()];
    let mut block = fitting(&limits)?;
    for lines in 2..=NAME_LINES {
        for name in 0..limits.len() {
            let before = std::mem::replace(&mut limits[name], lines);
            match fitting(&limits) {
                Some(larger) => block = larger,
                None => limits[name] = before,
            }
        }
    }
    Some(block)
}

/// The words in one size, each name in no more lines than its limit.
fn compose(words: &Words, width: i32, em: i32, limits: &[usize]) -> Block {
    let mut block = Block { is_whole: true, ..Block::default() };
    for (name, most) in words.names.iter().zip(limits) {
        let em = if name.chars().any(is_wide) { whole(em as f32 * HANZI) } else { em };
        let (lines, is_whole) = wrap(name, width, em, *most);
        block.is_whole &= is_whole;
        block.names.extend(lines.into_iter().map(|text| Line { text, em }));
    }
    for element in &words.elements {
        let (lines, is_whole) = wrap(element, width, em, ELEMENT_LINES);
        block.is_whole &= is_whole && lines.len() == 1;
        let lines = if is_whole { lines } else { vec![element.clone()] };
        block.elements.extend(lines.into_iter().map(|text| Line { text, em }));
    }
    block
}

/// The width of a line in dots.
pub fn width_of(text: &str, em: i32) -> i32 {
    whole(text.chars().map(advance).sum::<f32>() * em as f32)
}

/// At most `most` lines no wider than `width`, and whether that was enough: if not, the last one ends with an ellipsis.
fn wrap(text: &str, width: i32, em: i32, most: usize) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if lines.len() + 1 == most && width_of(rest, em) > width {
            lines.push(cut(rest, width, em));
            return (lines, false);
        }
        let (line, after) = rest.split_at(line_end(rest, width, em));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    (lines, true)
}

/// The longest beginning that leaves room for the ellipsis.
fn cut(text: &str, width: i32, em: i32) -> String {
    let mut used = advance(ELLIPSIS);
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += advance(*c);
            whole(used * em as f32) <= width
        })
        .collect();
    format!("{}{ELLIPSIS}", kept.trim_end())
}

/// Where the first line ends, in bytes: at the last place to break, or anywhere in a word that is wider than the line.
fn line_end(text: &str, width: i32, em: i32) -> usize {
    let mut used = 0.0;
    let mut good = None;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            good = Some(at);
        }
        used += advance(c);
        if whole(used * em as f32) > width && c != ' ' {
            return good.unwrap_or_else(|| if at == 0 { c.len_utf8() } else { at });
        }
        before = Some(c);
    }
    text.len()
}

fn may_break(before: char, after: char) -> bool {
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after)
}

/// The most common of the characters that must not begin or end a line (GB/T 15834, 5.1.10).
const NOT_FIRST: &str = "，。、；：？！）》〉」』】〕”’…·%,.;:?!)]}/";
const NOT_LAST: &str = "（《〈「『【〔“‘([{";

/// Whether a character is a hanzi or one of its companions, between which a line may break.
const fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FFEF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, ems: i32, most: usize) -> Vec<String> {
        wrap(text, ems * 10, 10, most).0
    }

    #[test]
    fn lines_break_between_words_and_hanzi_and_not_before_a_comma() {
        assert_eq!(lines("西湖龙井，春茶", 4, 3), ["西湖龙", "井，春茶"]);
        assert_eq!(lines("spring tea of Longjing", 5, 9), ["spring tea", "of", "Longjing"]);
    }

    #[test]
    fn what_does_not_fit_is_cut_with_an_ellipsis() {
        assert_eq!(lines("西湖龙井春茶", 4, 1), ["西湖龙…"]);
        assert_eq!(lines("西湖龙井春茶", 4, 2), ["西湖龙井", "春茶"]);
    }

    #[test]
    fn elements_are_never_cut() {
        let words = Words { names: vec!["茶".repeat(300)], elements: vec!["(21)ABCDEFGHIJKLMNOPQRST".to_owned()] };
        let block = fit(&words, (100, 200), (12, 30)).expect("two lines fit");
        let texts: Vec<_> = block.elements.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts.concat(), words.elements[0]);
        assert!(block.names.last().is_some_and(|line| line.text.ends_with('…')));
        assert_eq!(fit(&words, (40, 200), (12, 30)), None);
    }

    #[test]
    fn words_are_as_large_as_fits() {
        let words = Words { names: vec!["Tea".to_owned()], elements: vec!["(01)06901234567892".to_owned()] };
        let block = fit(&words, (300, 200), (12, 99)).expect("fits");
        let em = block.elements[0].em;
        assert!(
            block.is_whole && width_of(&words.elements[0], em) <= 300 && width_of(&words.elements[0], em + 1) > 300
        );
    }
}
