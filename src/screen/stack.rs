//! Texts under each other that share the room they have.
//!
//! Each has a size it would like; all shrink together until they fit, down to the smallest that can be read, and then
//! the least important goes.

use super::area::Area;
use super::font::{Font, LINE};

/// Steps in which texts shrink.
const SHRINK: f32 = 0.94;
/// A line that is shortened ends with this.
const ELLIPSIS: char = '…';

/// A text and what it would like.
#[derive(Clone, Debug)]
pub struct Block {
    pub text: String,
    /// Pixels an em.
    pub size: f32,
    /// The smallest size at which it may shrink.
    pub least: f32,
    /// Most lines.
    pub lines: usize,
    /// The highest number goes first when there is no room; 0 never goes.
    pub rank: u8,
    /// Room above it, in its own ems.
    pub above: f32,
}

/// A text with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub text: String,
    pub left: f32,
    pub top: f32,
    pub size: f32,
}

/// Where the lines of a stack stand in their area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
}

/// Places `blocks` in `area`, in the middle of its height.
pub fn place(font: &Font, blocks: &[Block], area: Area, align: Align) -> Vec<Line> {
    let mut blocks: Vec<Block> = blocks.iter().filter(|block| !block.text.is_empty()).cloned().collect();
    loop {
        if let Some(lines) = shrunk(font, &blocks, area, align) {
            return lines;
        }
        let least_important = blocks.iter().map(|block| block.rank).max().filter(|rank| *rank > 0);
        match least_important {
            Some(rank) => {
                // Of equals the last goes first.
                let at = blocks.iter().rposition(|block| block.rank == rank);
                at.map(|at| blocks.remove(at));
            }
            None => return squeezed(font, &blocks, area, align),
        }
    }
}

/// The largest common scale at which everything fits.
fn shrunk(font: &Font, blocks: &[Block], area: Area, align: Align) -> Option<Vec<Line>> {
    let mut scale = 1.0_f32;
    loop {
        let sizes: Vec<f32> = blocks.iter().map(|block| (block.size * scale).max(block.least)).collect();
        if let Some(lines) = laid_out(font, blocks, &sizes, area, align) {
            return Some(lines);
        }
        if blocks.iter().zip(&sizes).all(|(block, size)| *size <= block.least) {
            return None;
        }
        scale *= SHRINK;
    }
}

fn laid_out(font: &Font, blocks: &[Block], sizes: &[f32], area: Area, align: Align) -> Option<Vec<Line>> {
    let mut lines = Vec::new();
    let mut top = 0.0;
    for (at, (block, size)) in blocks.iter().zip(sizes).enumerate() {
        let wrapped = wrap(font, &block.text, *size, area.width);
        if wrapped.len() > block.lines {
            return None;
        }
        if at > 0 {
            top += block.above * size;
        }
        for text in wrapped {
            lines.push(Line { text, left: 0.0, top, size: *size });
            top += size * LINE;
        }
    }
    (top <= area.height + 0.5).then(|| moved(font, lines, top, area, align))
}

/// Nothing may go and nothing fits: every text on fewer lines, the last one ending in dots.
fn squeezed(font: &Font, blocks: &[Block], area: Area, align: Align) -> Vec<Line> {
    let (mut lines, mut top) = (Vec::new(), 0.0);
    for block in blocks {
        let size = block.least.min(area.height / LINE);
        let left = ((area.height - top) / (size * LINE)).floor();
        let room = (1..=block.lines).take_while(|lines| lines_fit(*lines, left)).count();
        let wrapped = wrap(font, &block.text, size, area.width);
        let cut = wrapped.len() > room;
        for (number, text) in wrapped.into_iter().take(room).enumerate() {
            let text = if cut && number + 1 == room { dotted(font, text, size, area.width) } else { text };
            lines.push(Line { text, left: 0.0, top, size });
            top += size * LINE;
        }
    }
    moved(font, lines, top, area, align)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
fn lines_fit(lines: usize, room: f32) -> bool {
    lines as f32 <= room
}

fn moved(font: &Font, mut lines: Vec<Line>, height: f32, area: Area, align: Align) -> Vec<Line> {
    let top = area.top + ((area.height - height) / 2.0).max(0.0);
    for line in &mut lines {
        let free = (area.width - font.width(&line.text, line.size)).max(0.0);
        line.left = area.left + if align == Align::Centre { free / 2.0 } else { 0.0 };
        line.top += top;
    }
    lines
}

fn dotted(font: &Font, mut text: String, size: f32, width: f32) -> String {
    while !text.is_empty() && font.width(&text, size) + font.advance(ELLIPSIS, size) > width {
        text.pop();
    }
    text.push(ELLIPSIS);
    text
}

/// Breaks a text into lines: at spaces and beside Chinese characters, and inside a word only if it is wider than a line.
pub fn wrap(font: &Font, text: &str, size: f32, width: f32) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
    for word in words(text) {
        let wide = font.width(word.trim_end(), size);
        if used + wide > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0.0;
        }
        if wide <= width {
            line.push_str(word);
            used += font.width(word, size);
            continue;
        }
        for c in word.chars() {
            let advance = font.advance(c, size);
            if used + advance > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(c);
            used += advance;
        }
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Pieces between which a line may be broken; a closing sign stays with what it closes.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let breaks = before.is_some_and(|before| before == ' ' || is_chinese(before) || is_chinese(c));
        if breaks && at > start && !closes(c) && !before.is_some_and(opens) && c != ' ' {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    words.push(&text[start..]);
    words
}

const fn is_chinese(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}')
}

const fn closes(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '：' | '；' | '！' | '？' | '）' | '”' | '’' | '》' | '】' | ',' | '.' | ')' | '…')
}

const fn opens(c: char) -> bool {
    matches!(c, '（' | '“' | '‘' | '《' | '【' | '(')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str, size: f32, lines: usize, rank: u8) -> Block {
        Block { text: text.to_owned(), size, least: 8.0, lines, rank, above: 0.2 }
    }

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_line_breaks_at_spaces_and_between_chinese_characters() {
        let font = Font::new();
        assert_eq!(wrap(&font, "Set aside, ask the admin", 10.0, 62.0), ["Set aside,", "ask the", "admin"]);
        assert_eq!(wrap(&font, "暂放一旁，请管理员", 10.0, 51.0), ["暂放一旁，", "请管理员"]);
        assert_eq!(wrap(&font, "暂放一旁，请", 10.0, 41.0), ["暂放一", "旁，请"]);
    }

    #[test]
    fn no_line_is_wider_than_its_area_whatever_the_text() {
        let font = Font::new();
        for text in ["W".repeat(80), "龙井".repeat(20), "a b ".repeat(30), "\u{1f600}".repeat(10), "iW龙 ".repeat(17)]
        {
            for width in [20.0, 55.0, 140.0] {
                let lines = wrap(&font, &text, 11.0, width);
                assert!(lines.iter().all(|line| font.width(line, 11.0) <= width), "{lines:?} in {width}");
            }
        }
    }

    #[test]
    fn what_matters_least_goes_first() {
        let font = Font::new();
        let blocks = [block("reason", 20.0, 1, 0), block("supplier", 20.0, 1, 5), block("next", 20.0, 1, 1)];
        let area = |height| Area::new(0.0, 0.0, 200.0, height);
        assert_eq!(texts(&place(&font, &blocks, area(100.0), Align::Left)), ["reason", "supplier", "next"]);
        assert_eq!(texts(&place(&font, &blocks, area(24.0), Align::Left)), ["reason", "next"]);
        assert_eq!(texts(&place(&font, &blocks, area(12.0), Align::Left)), ["reason"]);
    }

    #[test]
    fn a_text_that_must_stay_and_does_not_fit_ends_in_dots() {
        let font = Font::new();
        let lines =
            place(&font, &[block(&"龙井".repeat(30), 20.0, 2, 0)], Area::new(0.0, 0.0, 60.0, 24.0), Align::Left);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].text.ends_with('…'), "{lines:?}");
        assert!(font.width(&lines[1].text, lines[1].size) <= 60.0);
    }
}
