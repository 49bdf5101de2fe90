//! The brightness of a JPEG. Its colours are skipped over, which takes a third of the time of decoding all of it.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::super::picture::PIXELS_LIMIT;
use crate::rules::image::GreyImage;

/// Longest side of a picture.
const SIDE_LIMIT: usize = 16_384;

/// Puts the brightness of a JPEG into `into`, whose memory is used again, or says what is wrong with it. One that is torn
/// or has lost a piece in between is refused: half a label is no label.
pub fn grey(jpeg: &[u8], into: &mut GreyImage) -> Result<(), String> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .set_strict_mode(true)
        .set_max_width(SIDE_LIMIT)
        .set_max_height(SIDE_LIMIT);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let wrong = |error: zune_jpeg::errors::DecodeErrors| error.to_string();
    decoder.decode_headers().map_err(wrong)?;
    let Some((width, height)) = decoder.dimensions() else { return Err("it has no size".to_owned()) };
    let pixels = width.saturating_mul(height);
    if pixels == 0 || pixels as u64 > PIXELS_LIMIT {
        return Err(format!("it has {pixels} pixels, at most {PIXELS_LIMIT} are read"));
    }
    into.pixels.resize(pixels, 0);
    decoder.decode_into(&mut into.pixels).map_err(wrong)?;
    (into.width, into.height) = (width, height);
    Ok(())
}
