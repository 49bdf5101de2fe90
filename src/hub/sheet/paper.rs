//! Sheets of labels for an office printer, with marks to cut along.

use super::{Bar, Drawing, Size, dots};
use crate::hub::Resolution;

/// What labels keep from a cut, in millimetres: a cut goes astray by about so much.
const CROP_MM: f32 = 1.5;
/// Where the marks begin and end in the margin, in millimetres from the paper's edge; printers leave less white.
const MARKS_MM: (f32, f32) = (4.5, 9.0);
/// The narrowest margin that has room for marks.
const MARGIN_WITH_MARKS_MM: f32 = 9.5;
/// How thick the marks are, in millimetres.
const MARK_MM: f32 = 0.1;

/// A size of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// ISO 216: 210 by 297 millimetres.
    A4,
    /// 8½ by 11 inches.
    Letter,
}

/// How labels stand on a sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// The paper.
    pub paper: Paper,
    /// Labels beside each other.
    pub columns: u16,
    /// Labels below each other.
    pub rows: u16,
    /// White on every side, in millimetres; below 9.5 there is no room for marks.
    pub margin_mm: f32,
}

impl Sheet {
    fn paper_mm(&self) -> (f32, f32) {
        match self.paper {
            Paper::A4 => (210.0, 297.0),
            Paper::Letter => (215.9, 279.4),
        }
    }

    /// What of a label is printed on: its cell without what a cut may take.
    #[must_use]
    pub fn label_size(&self) -> Size {
        let (width, height) = self.paper_mm();
        let side = |mm: f32, count: u16| (mm - 2.0 * self.margin_mm) / f32::from(count.max(1)) - 2.0 * CROP_MM;
        // A tenth of a millimetre less is never wider than a cell in dots.
        let size = |mm: f32| (mm * 10.0).floor() / 10.0 - 0.1;
        Size { width_mm: size(side(width, self.columns)), height_mm: size(side(height, self.rows)) }
    }

    /// The sheets that these labels fill, row by row.
    #[must_use]
    pub fn sheets(&self, labels: &[Drawing]) -> Vec<Drawing> {
        let cells = usize::from(self.columns) * usize::from(self.rows);
        labels.chunks(cells.max(1)).map(|labels| self.sheet(labels)).collect()
    }

    fn sheet(&self, labels: &[Drawing]) -> Drawing {
        let resolution = labels.first().map_or(Resolution::Dpi300, |label| label.resolution);
        let (width, height) = self.paper_mm();
        let mut sheet = Drawing::new(dots(width, resolution), dots(height, resolution), resolution);
        let lefts = self.cuts(width, self.columns, resolution);
        let tops = self.cuts(height, self.rows, resolution);
        let cells = tops.windows(2).flat_map(|y| lefts.windows(2).map(move |x| (x, y)));
        for (label, (x, y)) in labels.iter().zip(cells) {
            sheet.place(label, middle(x, label.width), middle(y, label.height));
        }
        self.mark(&mut sheet, &lefts, &tops);
        sheet
    }

    /// Where cells begin, and where the last one ends, in dots.
    fn cuts(&self, mm: f32, count: u16, resolution: Resolution) -> Vec<i32> {
        let step = (mm - 2.0 * self.margin_mm) / f32::from(count.max(1));
        (0..=count).map(|index| dots(self.margin_mm + step * f32::from(index), resolution)).collect()
    }

    /// Marks in the margin at both ends of every cut.
    fn mark(&self, sheet: &mut Drawing, lefts: &[i32], tops: &[i32]) {
        if self.margin_mm < MARGIN_WITH_MARKS_MM {
            return;
        }
        let thick = dots(MARK_MM, sheet.resolution).max(1);
        let (from, to) = (dots(MARKS_MM.0, sheet.resolution), dots(MARKS_MM.1, sheet.resolution));
        let (width, height, length) = (sheet.width, sheet.height, to - from);
        let upright = |x: &i32| [from, height - to].map(|y| Bar { x: x - thick / 2, y, width: thick, height: length });
        let level = |y: &i32| [from, width - to].map(|x| Bar { x, y: y - thick / 2, width: length, height: thick });
        sheet.bars.extend(lefts.iter().flat_map(upright).chain(tops.iter().flat_map(level)));
    }
}

/// Where something of `length` begins in the middle of a cell.
fn middle(cell: &[i32], length: i32) -> i32 {
    i32::midpoint(cell[0], cell[1] - length)
}
