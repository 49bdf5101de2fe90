//! A scene becomes pixels on any embedded-graphics target.
//!
//! [`content`] says what a scene tells and how important each part is, [`layout`] gives it places by proportions that
//! are the same for every display, [`painter`] draws the resulting [`plan`]. Outcomes differ by shape, word and colour.

use embedded_graphics::draw_target::DrawTargetExt;
use embedded_graphics::pixelcolor::{BinaryColor, Rgb888};

use crate::rules::board::{Colours, Size};
use crate::rules::image::ScreenImage;
use crate::rules::scene::Scene;
use crate::rules::text::Language;

mod bar;
mod canvas;
mod clean;
mod content;
pub mod flow;
pub mod font;
pub mod geometry;
mod hero;
mod ink;
mod layout;
mod legibility;
mod painter;
pub mod palette;
pub mod plan;
pub mod shape;
pub mod words;

pub use canvas::Canvas;
pub use ink::Ink;
pub use legibility::{Legibility, legibility};
pub use painter::Painter;
pub use palette::contrast;

type Rgb = Rgb888;

/// The picture of `scene` on a display of `size` and `colours`.
#[must_use]
pub fn render(
    painter: &mut Painter,
    scene: &Scene,
    languages: &[Language],
    size: Size,
    colours: Colours,
) -> ScreenImage {
    let mut canvas = Canvas::new(size);
    let drawn = match colours {
        Colours::Full => painter.draw(scene, languages, &mut canvas),
        Colours::Mono => painter.draw(scene, languages, &mut canvas.color_converted::<BinaryColor>()),
    };
    match drawn {
        Ok(()) => canvas.into_image(),
        Err(never) => match never {},
    }
}
