//! Pictures that are drawn here.

use greengate::rules::image::GreyImage;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::{noise::Noise, pictures::Case};

/// The set of [`hostile`].
pub const HOSTILE: &str = "falsepos-drawn";

/// Upright symbols of many sizes at a kiosk's working distance, softly blurred by their scale.
pub fn symbols() -> Vec<Case> {
    let case = |index: usize| {
        let text = format!("HTTPS://GREENGATE.EXAMPLE/{}", "0123456789".repeat(index));
        let code = QrCode::encode_text(&text, QrCodeEcc::Medium).expect("it fits");
        let image = paint(&code, 2.2 + index as f32 * 0.13);
        Case { set: "drawn".into(), id: format!("drawn/{index}"), image, texts: vec![text], codes: Some(1) }
    };
    (0..30).map(case).collect()
}

/// Whether the pixel in a column and a row is dark.
type Dark<'a> = &'a dyn Fn(usize, usize) -> bool;

/// Frames that mean harm: nothing but eyes, noise and bars of an eye's proportions. Their longest time is the reader's.
pub fn hostile() -> Vec<Case> {
    let eye = |x: usize, y: usize| x.abs_diff(4).max(y.abs_diff(4)) != 2 && x < 8 && y < 8;
    let kinds: [(&str, Dark); 4] = [
        ("eyes", &|x, y| eye(x % 9, y % 9)),
        ("wide-eyes", &|x, y| eye(x / 3 % 11, y / 3 % 11)),
        ("bars", &|x, _| eye(x % 9, 4)),
        ("noise", &|x, y| (x * 7919 + y * 104_729 + x * y * 31).wrapping_mul(2_654_435_761) >> 13 & 1 == 1),
    ];
    let case = |(id, dark): (&str, Dark)| {
        let mut image = GreyImage::filled(1280, 720, 220);
        for (at, pixel) in image.pixels.iter_mut().enumerate() {
            *pixel = if dark(at % 1280, at / 1280) { 20 } else { 220 };
        }
        Case { set: HOSTILE.into(), id: format!("hostile/{id}"), image, texts: Vec::new(), codes: None }
    };
    kinds.into_iter().map(case).collect()
}

/// A bare table at 1280×720: cardboard's grain, its corrugation and a sensor's noise.
pub fn empty_table() -> GreyImage {
    let mut noise = Noise(1);
    let mut image = GreyImage::filled(1280, 720, 0);
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        let (x, y) = ((at % 1280) as f32, (at / 1280) as f32);
        let grain = 6.0 * (x * 0.31 + y * 0.05).sin() + 8.0 * (x * 0.011).sin() * (y * 0.017).cos();
        let sensor = (0..4).map(|_| noise.unit() - 0.5).sum::<f32>() * 8.0;
        *pixel = (130.0 + grain + sensor) as u8;
    }
    image
}

/// Draws a symbol in the middle of a 1280×720 frame, `module` pixels a module.
fn paint(code: &QrCode, module: f32) -> GreyImage {
    let mut image = GreyImage::filled(1280, 720, 180);
    let side = (code.size() + 8) as f32 * module;
    let (left, top) = (640.0 - side / 2.0 + 0.3, 360.0 - side / 2.0 + 0.6);
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        let shade = |dx: f32, dy: f32| {
            let (x, y) = ((at % 1280) as f32 + dx, (at / 1280) as f32 + dy);
            let cell = |place: f32, edge: f32| ((place - edge) / module).floor() as i32 - 4;
            let inside = (0.0..side).contains(&(x - left)) && (0.0..side).contains(&(y - top));
            if !inside {
                180
            } else if code.get_module(cell(x, left), cell(y, top)) {
                30
            } else {
                220
            }
        };
        let taps = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        *pixel = (taps.iter().map(|&(dx, dy)| shade(dx, dy)).sum::<u16>() / 4) as u8;
    }
    image
}
