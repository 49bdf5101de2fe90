//! A block of text in a box: as large as fits, broken where a reader expects it, cut with … where nothing else helps.

use super::font::{ASCENT, DESCENT, advance};
use super::whole;
use crate::rules::wrap::{ELLIPSIS, Measured, cut, is_wide, width, wrap, wrap_evenly};

/// Hanzi are set larger than letters by this factor: they have more strokes in the same square.
const HANZI: f32 = 1.25;
/// Most lines of a name, and in the smallest size, before it is cut.
const NAME_LINES: usize = 3;
const MOST_NAME_LINES: usize = 5;
/// Words shrink to this share to stand in fewer lines.
const SHRUNK: f32 = 0.85;
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
    fn lines(&self) -> usize {
        self.names.len() + self.elements.len()
    }

    /// How high it is, in dots.
    pub fn height(&self) -> i32 {
        let lines: i32 = self.names.iter().chain(&self.elements).map(Line::height).sum();
        let em = self.elements.first().map_or(0, |line| line.em);
        lines + whole(em as f32 * GAP)
    }
}

/// The words as large as a box of `width` by `height` dots allows, `least` to `most` dots an em; a little smaller if that
/// takes fewer lines, and cut if they must be. `None` if not even the elements fit.
pub fn fit(words: &Words, (width, height): (i32, i32), (least, most): (i32, i32)) -> Option<Block> {
    let words = Measures::of(words);
    let at_most = vec![NAME_LINES; words.names.len()];
    let composed = (least..=most).rev().map(|em| (em, words.compose(width, em, &at_most)));
    let mut fitting = composed.filter(|(_, block)| block.is_whole && block.height() <= height);
    let Some((largest, block)) = fitting.next() else { return words.cut_to_fit((width, height), least) };
    let smaller = fitting.take_while(|(em, _)| *em as f32 >= largest as f32 * SHRUNK);
    let fewer_lines = |best: Block, (_, block): (i32, Block)| if block.lines() < best.lines() { block } else { best };
    Some(smaller.fold(block, fewer_lines))
}

/// The words with the width of every character in ems.
struct Measures {
    names: Vec<Vec<Measured>>,
    elements: Vec<Vec<Measured>>,
}

impl Measures {
    fn of(words: &Words) -> Self {
        let measured = |text: &String| text.chars().map(|c| Measured { c, width: advance(c) }).collect();
        Self {
            names: words.names.iter().map(measured).collect(),
            elements: words.elements.iter().map(measured).collect(),
        }
    }

    /// The words in the smallest size: a line of each name, and further ones from the first name on while there is room.
    fn cut_to_fit(&self, (width, height): (i32, i32), em: i32) -> Option<Block> {
        let fitting = |limits: &[usize]| {
            let block = self.compose(width, em, limits);
            let elements_fit = block.elements.iter().all(|line| width_of(&line.text, line.em) <= width);
            (elements_fit && block.height() <= height).then_some(block)
        };
        let mut limits = vec![1; self.names.len()];
        let mut block = fitting(&limits)?;
        for lines in 2..=MOST_NAME_LINES {
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
    fn compose(&self, width: i32, em: i32, limits: &[usize]) -> Block {
        let mut block = Block { is_whole: true, ..Block::default() };
        for (name, most) in self.names.iter().zip(limits) {
            let em = if name.iter().any(|letter| is_wide(letter.c)) { whole(em as f32 * HANZI) } else { em };
            let (lines, is_whole) = name_lines(name, width as f32 / em as f32, *most);
            block.is_whole &= is_whole;
            block.names.extend(lines.into_iter().map(|text| Line { text, em }));
        }
        for element in &self.elements {
            let lines = element_lines(element, width as f32 / em as f32);
            block.is_whole &= lines.len() == 1;
            block.elements.extend(lines.into_iter().map(|text| Line { text, em }));
        }
        block
    }
}

/// The width of a line in dots.
pub fn width_of(text: &str, em: i32) -> i32 {
    whole((text.chars().map(advance).sum::<f32>() * em as f32).ceil())
}

/// At most `most` lines no wider than `limit`, and whether that was enough: if not, the last one ends with an ellipsis.
fn name_lines(name: &[Measured], limit: f32, most: usize) -> (Vec<String>, bool) {
    let lines = wrap(name, limit);
    if lines.len() <= most {
        return (wrap_evenly(name, limit).into_iter().map(text_of).collect(), true);
    }
    let mut shown: Vec<String> = lines[..most - 1].iter().map(|line| text_of(line)).collect();
    shown.push(format!("{}{ELLIPSIS}", text_of(cut(lines[most - 1], limit, advance(ELLIPSIS)))));
    (shown, false)
}

/// An element in one line, or in two about as wide: it may break anywhere, for it is read letter by letter.
fn element_lines(element: &[Measured], limit: f32) -> Vec<String> {
    if width(element) <= limit {
        return vec![text_of(element)];
    }
    let wider = |at: &usize| width(&element[..*at]).max(width(&element[*at..]));
    let middle = (1..element.len()).min_by(|a, b| wider(a).total_cmp(&wider(b))).unwrap_or(element.len());
    let (first, second) = element.split_at(middle);
    vec![text_of(first), text_of(second)]
}

fn text_of(line: &[Measured]) -> String {
    line.iter().map(|letter| letter.c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, ems: f32, most: usize) -> Vec<String> {
        let words = Words { names: vec![text.to_owned()], ..Words::default() };
        name_lines(&Measures::of(&words).names[0], ems, most).0
    }

    #[test]
    fn lines_are_about_as_long_and_a_number_keeps_its_unit() {
        assert_eq!(lines("西湖龙井明前特级", 6.0, 3), ["西湖龙井", "明前特级"]);
        assert_eq!(lines("Canned peaches 425 g", 8.0, 3), ["Canned", "peaches 425 g"]);
    }

    #[test]
    fn what_does_not_fit_is_cut_with_an_ellipsis() {
        assert_eq!(lines("西湖龙井春茶", 4.0, 1), ["西湖龙…"]);
        assert_eq!(lines("西湖龙井春茶", 4.0, 2), ["西湖龙", "井春茶"]);
    }

    #[test]
    fn an_element_that_is_too_wide_stands_in_two_lines() {
        let words = Words { elements: vec!["(21)ABCDEFGHIJKLMNOPQRST".to_owned()], ..Words::default() };
        assert_eq!(element_lines(&Measures::of(&words).elements[0], 12.0), ["(21)ABCDEFGHI", "JKLMNOPQRST"]);
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
    fn a_name_is_a_little_smaller_where_that_spares_a_line() {
        let words = Words { names: vec!["Canned peaches 425 g".to_owned()], elements: vec!["(10)A-1".to_owned()] };
        let em = |width| {
            let block = fit(&words, (width, 200), (12, 30)).expect("fits");
            (block.names.len(), block.elements[0].em)
        };
        let one_line = width_of(&words.names[0], 27);
        assert_eq!((em(one_line), em(one_line * 24 / 27)), ((1, 27), (2, 30)));
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
