//! A surface whose picture is turned before it is put there.

use std::ops::Range;

use super::super::{Surface, changes};
use crate::device::Unshown;
use crate::rules::board::{Rotation, Size};
use crate::rules::image::ScreenImage;

/// A surface that hangs on its side, or upside down.
pub struct Turned {
    surface: Box<dyn Surface>,
    rotation: Rotation,
    /// What the surface shows, turned as it hangs.
    shown: Option<ScreenImage>,
}

impl Turned {
    /// A surface whose pictures are turned by `rotation`.
    #[must_use]
    pub const fn new(surface: Box<dyn Surface>, rotation: Rotation) -> Self {
        Self { surface, rotation, shown: None }
    }
}

impl Surface for Turned {
    fn size(&self) -> Size {
        self.rotation.picture(self.surface.size())
    }

    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown> {
        if self.rotation == Rotation::None {
            return self.surface.put(picture, rows);
        }
        let turned = turn(picture, self.rotation);
        // What has changed lies in other rows now, or in columns.
        let rows = changes::rows(self.shown.take().as_ref(), &turned);
        self.surface.put(&turned, &rows)?;
        self.shown = Some(turned);
        Ok(())
    }

    fn light(&mut self, lit: bool) -> Result<(), Unshown> {
        self.surface.light(lit)
    }

    fn check(&mut self) -> Result<(), Unshown> {
        self.surface.check()
    }
}

/// A picture, turned clockwise.
fn turn(picture: &ScreenImage, rotation: Rotation) -> ScreenImage {
    let (width, height) = (picture.width, picture.height);
    let (across, down) = match rotation {
        Rotation::None | Rotation::Half => (width, height),
        Rotation::Quarter | Rotation::ThreeQuarters => (height, width),
    };
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    for y in 0..down {
        for x in 0..across {
            let (from_x, from_y) = match rotation {
                Rotation::None => (x, y),
                Rotation::Quarter => (y, height - 1 - x),
                Rotation::Half => (width - 1 - x, height - 1 - y),
                Rotation::ThreeQuarters => (width - 1 - y, x),
            };
            let at = (from_y * width + from_x) * 3;
            rgb.extend_from_slice(&picture.rgb[at..at + 3]);
        }
    }
    ScreenImage { width: across, height: down, rgb }
}
