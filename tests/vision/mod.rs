//! The reader on pictures that the tests draw themselves.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "pictures are small"
)]

mod corpus;
mod damage;
mod draw;
mod faint;
mod hints;
mod payloads;
mod poses;
mod storms;
mod watch;

use greengate::{
    rules::{code::Sighting, image::GreyImage},
    vision::Reader,
};

/// One picture, one new reader.
fn scan(image: &GreyImage) -> Sighting {
    Reader::new().scan(&image.pixels, image.width, image.height).expect("the buffer fits its size")
}

/// The payloads of a picture, sorted.
fn payloads(image: &GreyImage) -> Vec<Vec<u8>> {
    let mut found: Vec<_> = scan(image).payloads.into_iter().map(|payload| payload.bytes).collect();
    found.sort();
    found
}
