//! From how far a display can be read.

use std::fmt;

use crate::rules::board::Display;
use crate::rules::ruling::Outcome;
use crate::rules::scene::{Bar, Body, Scene, VerdictBody};
use crate::rules::text::{Language, Text};

use super::flow::f32_of;
use super::geometry::floor;
use super::painter::Painter;
use super::plan::{Plan, Role};

/// How large a display shows its texts, and from how far they can be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legibility {
    /// Height of the lowest signal word of the first language in pixels.
    pub signal_word_px: i32,
    /// The same as a share of the screen's height; DESIGN §5 wants at least 1/8.
    pub signal_word_share: f32,
    /// The same in millimetres, if the board file says how large the display is.
    pub signal_word_mm: Option<f32>,
    /// From how many metres the signal word can be read.
    pub distance_m: Option<f32>,
    /// Height of a capital of the reason in the first language, in millimetres.
    pub reason_mm: Option<f32>,
    /// From how many metres the reason can be read.
    pub reason_distance_m: Option<f32>,
}

/// ANSI Z535.2, 9.2.3: under favourable conditions a signal word is read in time from 150 times its letters' height,
/// and other words from 300 times.
const SIGNAL_DISTANCE: f32 = 150.0;
const TEXT_DISTANCE: f32 = 300.0;

/// A capital's height as a share of the em (`OS/2.sCapHeight` of the font).
const CAPITAL: f32 = 0.733;

/// The legibility of the three verdicts on `display`, computed from the same plan that is drawn.
#[must_use]
pub fn legibility(display: &Display, languages: &[Language]) -> Legibility {
    let painter = Painter::new();
    let outcomes = [Outcome::Accept, Outcome::Hold, Outcome::Reject];
    let plans = outcomes.map(|outcome| painter.plan(&scene(outcome), languages, display.size));
    let word_px = plans.iter().map(|plan| word_px(&painter, plan)).min().unwrap_or_default();
    let reason_px = plans.iter().filter_map(reason_px).fold(f32::MAX, f32::min);
    let height = f32::from(u16::try_from(display.size.height).unwrap_or(u16::MAX)).max(1.0);
    let in_mm = |px: f32| display.size_mm.map(|(_, mm)| px * f32::from(u16::try_from(mm).unwrap_or(u16::MAX)) / height);
    let (signal_word_mm, reason_mm) = (in_mm(f32_of(word_px)), in_mm(reason_px));
    Legibility {
        signal_word_px: word_px,
        signal_word_share: f32_of(word_px) / height,
        signal_word_mm,
        distance_m: signal_word_mm.map(|mm| mm * SIGNAL_DISTANCE / 1000.0),
        reason_mm,
        reason_distance_m: reason_mm.map(|mm| mm * TEXT_DISTANCE / 1000.0),
    }
}

/// The ink height of the signal word in the first language.
fn word_px(painter: &Painter, plan: &Plan) -> i32 {
    let word = plan.lines().find(|line| line.role == Role::Signal);
    word.map_or(0, |line| floor(painter.fonts().ink(line.face, &line.text).height() * f32_of(line.em)))
}

fn reason_px(plan: &Plan) -> Option<f32> {
    plan.lines().find(|line| line.role == Role::Reason).map(|line| f32_of(line.em) * CAPITAL)
}

/// A verdict of ordinary length.
fn scene(outcome: Outcome) -> Scene {
    let text = |zh: &str, en: &str| Text::new(zh, en);
    let body = VerdictBody {
        outcome,
        slug: String::new(),
        reason: text("文件不齐", "Documents are missing"),
        next: text("暂放一旁，通知供应商补齐", "Set aside, the supplier must file them"),
        details: Vec::new(),
        product: Some(text("医用防护口罩", "Medical respirator")),
        supplier: None,
        elements: "(01)06901234567892 (10)A-1".to_owned(),
        new: false,
    };
    Scene { body: Body::Verdict(Box::new(body)), bar: Bar::default() }
}

impl fmt::Display for Legibility {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let percent = self.signal_word_share * 100.0;
        write!(f, "signal word: {} px, {percent:.0} % of the screen's height", self.signal_word_px)?;
        if let (Some(mm), Some(metres)) = (self.signal_word_mm, self.distance_m) {
            write!(f, ", {mm:.0} mm, read from {metres:.1} m")?;
        }
        if let (Some(mm), Some(metres)) = (self.reason_mm, self.reason_distance_m) {
            write!(f, "\nreason: {mm:.1} mm, read from {metres:.1} m")?;
        }
        match self.distance_m {
            Some(_) => f.write_str(" (ANSI Z535.2, good light)"),
            None => f.write_str("; give `size_mm` to know from how far it is read"),
        }
    }
}
