//! Small PNG files: pictures of few colours with a palette, four or eight bits a pixel.

use std::collections::BTreeMap;

use greengate::rules::image::ScreenImage;

/// A picture as a PNG file whose colours keep their five upper bits, except that frequent ones stay exact.
pub fn small(image: &ScreenImage) -> Vec<u8> {
    let exact = frequent(image);
    let quantised: Vec<[u8; 3]> = image
        .rgb
        .chunks(3)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .map(|pixel| if exact.contains_key(&pixel) { pixel } else { pixel.map(rounded) })
        .collect();
    let mut palette: Vec<[u8; 3]> = quantised.clone();
    palette.sort_unstable();
    palette.dedup();
    assert!(palette.len() <= 256, "{} colours in a golden", palette.len());
    let index = |pixel: &[u8; 3]| u8::try_from(palette.binary_search(pixel).expect("in the palette")).expect("a byte");
    let indices: Vec<u8> = quantised.iter().map(index).collect();
    encode(image, &palette, &indices)
}

fn frequent(image: &ScreenImage) -> BTreeMap<[u8; 3], usize> {
    let mut counts = BTreeMap::new();
    for pixel in image.rgb.chunks(3) {
        *counts.entry([pixel[0], pixel[1], pixel[2]]).or_insert(0) += 1;
    }
    let limit = image.width * image.height / 200;
    counts.into_iter().filter(|(_, count)| *count > limit).collect()
}

fn rounded(channel: u8) -> u8 {
    (channel & 0xF0) + 8
}

fn encode(image: &ScreenImage, palette: &[[u8; 3]], indices: &[u8]) -> Vec<u8> {
    let (width, height) = (u32::try_from(image.width).expect("small"), u32::try_from(image.height).expect("small"));
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(::png::Compression::High);
    encoder.set_filter(::png::Filter::NoFilter);
    let mut writer = encoder.write_header().expect("a header can be written");
    writer.write_image_data(indices).expect("a picture can be written");
    writer.finish().expect("a picture can be finished");
    file
}

/// The picture in a PNG file.
pub fn read(bytes: &[u8]) -> ScreenImage {
    let image = image::load_from_memory(bytes).expect("a golden is a PNG file").to_rgb8();
    ScreenImage { width: image.width() as usize, height: image.height() as usize, rgb: image.into_raw() }
}
