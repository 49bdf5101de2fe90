//! Sign and signal word, as large as their area allows.

use super::flow::f32_of;
use super::font::{Face, Fonts, InkBox};
use super::geometry::{Rect, ceil, floor, part};
use super::palette::Theme;
use super::plan::{Line, Piece, Role, Sign};
use super::shape::Shape;
use super::words::Said;

/// The second language's word beside the first, as a share of its size.
const SECOND: f32 = 0.52;
/// The space between two words, as a share of the first one's em.
const GAP: f32 = 0.20;

/// Sign and words side by side, or the sign above the words.
#[derive(Clone, Debug)]
pub struct Hero {
    /// What is drawn.
    pub pieces: Vec<Piece>,
    /// Height of the first word's ink in pixels.
    pub word_px: i32,
}

/// What a hero says, with the words that stand in its place on other screens: all of them get the same size.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The sign.
    pub shape: Shape,
    /// The words.
    pub said: Said,
    /// The words of all outcomes.
    pub peers: Vec<Said>,
}

/// Sign and words side by side in `area`.
#[must_use]
pub fn beside(fonts: &Fonts, theme: &Theme, signal: &Signal, area: Rect) -> Hero {
    Words { fonts, theme, said: &signal.said, peers: &signal.peers }.beside(signal.shape, area)
}

/// The words below the sign in `area`: on a square display `REJECT` needs the whole width.
#[must_use]
pub fn below(fonts: &Fonts, theme: &Theme, signal: &Signal, area: Rect) -> Hero {
    Words { fonts, theme, said: &signal.said, peers: &signal.peers }.below(signal.shape, area)
}

struct Words<'a> {
    fonts: &'a Fonts,
    theme: &'a Theme,
    said: &'a Said,
    peers: &'a [Said],
}

/// A way to arrange the words of both languages.
type Arrange = for<'b> fn(&Fonts, &'b Said) -> Vec<Word<'b>>;

/// One word in an arrangement: where its ink starts, in ems of the first word.
#[derive(Clone)]
struct Word<'a> {
    text: &'a str,
    face: Face,
    ink: InkBox,
    size: f32,
    x: f32,
    top: f32,
}

impl Words<'_> {
    fn beside(&self, shape: Shape, area: Rect) -> Hero {
        let side = area.h.min(part(area.w, 340));
        let (left, rest) = area.split_left(side);
        let (_, words) = rest.split_left(part(side, 160));
        let square = Rect::new(left.x, area.y + (area.h - side) / 2, side, side);
        self.arranged(shape, square, words.shrunk(0, part(words.h, 30)), false)
    }

    fn below(&self, shape: Shape, area: Rect) -> Hero {
        let side = part(area.h, 520).min(area.w);
        let (top, rest) = area.split_top(side);
        let (_, words) = rest.split_top(part(area.h, 60));
        let square = Rect::new(top.x + (top.w - side) / 2, top.y, side, side);
        self.arranged(shape, square, words, true)
    }

    /// The words one below the other, unless another arrangement makes them a fifth larger: outcomes should look alike.
    fn arranged(&self, shape: Shape, square: Rect, area: Rect, centred: bool) -> Hero {
        let sign = Sign { area: square, shape, ink: self.theme.ink, ground: self.theme.ground };
        let (mut em, mut arrange): (i32, Arrange) = (self.em(stack, area), stack);
        for other in [row as Arrange, broken] {
            let other_em = self.em(other, area);
            if other_em * 5 > em * 6 {
                (em, arrange) = (other_em, other);
            }
        }
        let words = arrange(self.fonts, self.said);
        let word_px = words.first().map_or(0, |first| floor(first.ink.height() * f32_of(em)));
        let lines = self.lines(&words, em, area, centred).into_iter().map(Piece::Line);
        Hero { pieces: [Piece::Sign(sign)].into_iter().chain(lines).collect(), word_px }
    }

    /// The largest size at which every one of the peers fits.
    fn em(&self, arrange: Arrange, area: Rect) -> i32 {
        let own = largest_em(&arrange(self.fonts, self.said), area);
        self.peers.iter().map(|said| largest_em(&arrange(self.fonts, said), area)).fold(own, i32::min)
    }

    fn lines(&self, words: &[Word], em: i32, area: Rect, centred: bool) -> Vec<Line> {
        let (width, height) = extent(words);
        let spare = |length: i32, ems: f32| (length - floor(ems * f32_of(em))) / 2;
        let left = area.x + if centred { spare(area.w, width).max(0) } else { 0 };
        let top = area.y + spare(area.h, height).max(0);
        let is_row = words.iter().any(|word| word.x > 0.0);
        let centred_in = (centred && !is_row).then_some(width);
        words.iter().map(|word| self.line(word, em, left, top, centred_in)).collect()
    }

    fn line(&self, word: &Word, em: i32, left: i32, top: i32, centred_in: Option<f32>) -> Line {
        let size = floor(f32_of(em) * word.size).max(1);
        let in_pixels = |ems: f32| ceil(ems * f32_of(size));
        let indent = centred_in.map_or(0.0, |width| (width - word.ink.width() * word.size) / 2.0);
        let x = left + floor((word.x + indent.max(0.0)) * f32_of(em)) - floor(word.ink.left * f32_of(size));
        let baseline = top + floor(word.top * f32_of(em)) + in_pixels(word.ink.above);
        let (ink_left, ink_right) = (floor(word.ink.left * f32_of(size)), in_pixels(word.ink.right));
        let area = Rect::new(
            x + ink_left - 1,
            baseline - in_pixels(word.ink.above) - 1,
            ink_right - ink_left + 2,
            in_pixels(word.ink.above) + in_pixels(word.ink.below) + 2,
        );
        let is_first = word.size >= 1.0;
        let ink = if is_first { self.theme.ink } else { self.theme.quiet };
        let (text, face) = (word.text.to_owned(), word.face);
        Line { role: Role::Signal, area, x, baseline, text, face, em: size, ink, ground: self.theme.ground }
    }
}

fn word<'b>(fonts: &Fonts, text: &'b str, size: f32) -> Word<'b> {
    let face = fonts.face_for(Face::Bold, text);
    Word { text, face, ink: fonts.ink(face, text), size, x: 0.0, top: 0.0 }
}

/// Both languages side by side, the second one in the middle of the first one's height.
fn row<'b>(fonts: &Fonts, said: &'b Said) -> Vec<Word<'b>> {
    let first = word(fonts, &said.first, 1.0);
    let Some(second) = &said.second else { return vec![first] };
    let second = word(fonts, second, SECOND);
    let x = first.ink.width() + 1.4 * GAP;
    let top = first.ink.height() / 2.0 - second.ink.height() * SECOND / 2.0;
    vec![first, Word { x, top, ..second }]
}

/// The second language below the first.
fn stack<'b>(fonts: &Fonts, said: &'b Said) -> Vec<Word<'b>> {
    let first = word(fonts, &said.first, 1.0);
    let Some(second) = &said.second else { return vec![first] };
    let top = first.ink.height() + GAP;
    vec![first, Word { top, ..word(fonts, second, SECOND) }]
}

/// The first language on two lines, if it has two words.
fn broken<'b>(fonts: &Fonts, said: &'b Said) -> Vec<Word<'b>> {
    let Some((one, two)) = said.first.split_once(' ') else { return stack(fonts, said) };
    let one = word(fonts, one, 1.0);
    let top = one.ink.height() + GAP;
    let two = Word { top, ..word(fonts, two, 1.0) };
    let below = top + two.ink.height() + GAP;
    let second = said.second.as_ref().map(|second| Word { top: below, ..word(fonts, second, SECOND) });
    [one, two].into_iter().chain(second).collect()
}

fn extent(words: &[Word]) -> (f32, f32) {
    let right = words.iter().map(|word| word.x + word.ink.width() * word.size).fold(0.0, f32::max);
    let bottom = words.iter().map(|word| word.top + word.ink.height() * word.size).fold(0.0, f32::max);
    (right, bottom)
}

/// Two pixels are kept for rounding.
fn largest_em(words: &[Word], area: Rect) -> i32 {
    let (width, height) = extent(words);
    let fits = |length: i32, ems: f32| f32_of(length - 2) / ems.max(0.01);
    floor(fits(area.w, width).min(fits(area.h, height))).max(1)
}
