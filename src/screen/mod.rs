//! A scene becomes pixels on any embedded-graphics target.
//!
//! Nothing here knows a display by name: every measure is a share of the screen, texts shrink and wrap until they fit,
//! and what matters least goes first when there is no room. Shape, word and colour always say the same.

mod area;
mod bar;
mod canvas;
mod font;
mod icon;
mod ink;
mod legibility;
mod page;
mod palette;
mod pen;
mod stack;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::pixelcolor::{BinaryColor, Rgb888};

pub use canvas::Canvas;
pub use ink::Ink;
pub use legibility::{Legibility, contrast, legibility};
pub use palette::{GROUNDS, Ground};

use self::area::Area;
use self::font::Font;
use self::pen::Pen;
use crate::rules::board::{Colours, Size};
use crate::rules::image::ScreenImage;
use crate::rules::scene::Scene;
use crate::rules::text::Language;

/// Draws scenes; keeps the font and the glyphs that were drawn before.
#[derive(Debug)]
pub struct Painter {
    font: Font,
}

impl Painter {
    /// A painter with the program's own font.
    #[must_use]
    pub fn new() -> Self {
        Self { font: Font::new() }
    }

    /// Draws `scene` in `languages`, the first one larger, over the whole of `target`.
    ///
    /// # Errors
    /// Those of the target.
    pub fn draw<D>(&mut self, scene: &Scene, languages: &[Language], target: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget,
        D::Color: Ink,
    {
        let size = target.bounding_box().size;
        let whole = Area::of_screen(size.width, size.height);
        page::draw(&mut Pen::new(&mut self.font, target), scene, languages, whole)
    }
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

/// Draws a scene as a display of this size and depth shows it.
#[must_use]
pub fn render(
    painter: &mut Painter,
    scene: &Scene,
    languages: &[Language],
    size: Size,
    colours: Colours,
) -> ScreenImage {
    let drawn = match colours {
        Colours::Full => {
            let mut canvas = Canvas::<Rgb888>::new(size);
            painter.draw(scene, languages, &mut canvas).map(|()| canvas.into_image())
        }
        Colours::Mono => {
            let mut canvas = Canvas::<BinaryColor>::new(size);
            painter.draw(scene, languages, &mut canvas).map(|()| canvas.into_image())
        }
    };
    match drawn {
        Ok(image) => image,
        Err(never) => match never {},
    }
}
