//! A laid-out screen: what is drawn where, before a pixel is touched.

use embedded_graphics::pixelcolor::Rgb888;

use super::font::Face;
use super::geometry::Rect;
use super::shape::Shape;

/// Everything on a screen, from back to front. Nothing in it overlaps but fills.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The whole screen.
    pub screen: Rect,
    /// What is drawn, in this order.
    pub pieces: Vec<Piece>,
}

impl Plan {
    /// The lines of text.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Line(line) => Some(line),
            Piece::Fill(_) | Piece::Sign(_) => None,
        })
    }

    /// The shapes.
    pub fn signs(&self) -> impl Iterator<Item = &Sign> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Sign(sign) => Some(sign),
            Piece::Fill(_) | Piece::Line(_) => None,
        })
    }
}

/// Something to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// An area of one colour.
    Fill(Fill),
    /// A shape.
    Sign(Sign),
    /// A line of text.
    Line(Line),
}

/// An area of one colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// Where.
    pub area: Rect,
    /// Its colour.
    pub colour: Rgb888,
    /// What shows outside its round corners.
    pub ground: Rgb888,
    /// The radius of its corners in pixels.
    pub radius: i32,
}

/// A shape on a ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// The square that it fills.
    pub area: Rect,
    /// Which.
    pub shape: Shape,
    /// Its colour.
    pub ink: Rgb888,
    /// The colour behind it.
    pub ground: Rgb888,
}

/// A line of text on a ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it tells.
    pub role: Role,
    /// No pixel of it lies outside.
    pub area: Rect,
    /// Where the first character's pen starts.
    pub x: i32,
    /// Where the characters stand.
    pub baseline: i32,
    /// The characters, all visible.
    pub text: String,
    /// The weight.
    pub face: Face,
    /// The size in pixels per em.
    pub em: i32,
    /// Its colour.
    pub ink: Rgb888,
    /// The colour behind it.
    pub ground: Rgb888,
}

/// What a line of text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The signal word, or what a person does before there can be a verdict.
    Signal,
    /// Why.
    Reason,
    /// What the person does now.
    Next,
    /// The code is newer than the cache.
    New,
    /// A line that belongs to the reason.
    Detail,
    /// The product's name.
    Product,
    /// The supplier's name.
    Supplier,
    /// GTIN, lot and serial.
    Elements,
    /// A count of a delivery, or its word.
    Count,
    /// The bar on top.
    Bar,
}
