//! The readers: ours, and with the feature `peers` those that a user could pick instead.

use std::time::Duration;

use greengate::{rules::image::GreyImage, vision::Reader};

/// A reader of QR codes.
pub trait Peer {
    fn name(&self) -> &'static str;
    /// The payloads of all codes that it finds.
    fn read(&mut self, image: &GreyImage) -> Vec<Vec<u8>>;
}

/// All readers, ours first, for a picture by itself and for a camera's frames.
pub fn all() -> Vec<Box<dyn Peer>> {
    let mut all: Vec<Box<dyn Peer>> = vec![Box::new(Ours::default()), Box::new(Watching::default())];
    all.extend(others());
    all
}

/// This thread's processor time; where the system does not tell, the time of day.
pub fn cpu_ms() -> f64 {
    #[cfg(unix)]
    let time = {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    #[cfg(not(unix))]
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    time.as_secs_f64() * 1e3
}

/// `vision`, for a picture by itself.
#[derive(Default)]
pub struct Ours(Reader);

impl Peer for Ours {
    fn name(&self) -> &'static str {
        "greengate"
    }

    fn read(&mut self, image: &GreyImage) -> Vec<Vec<u8>> {
        let sighting = self.0.scan(&image.pixels, image.width, image.height).expect("the buffer fits its size");
        sighting.payloads.into_iter().map(|payload| payload.bytes).collect()
    }
}

/// `vision` at its work: each picture is the next frame of a camera, with all the time there is.
#[derive(Default)]
struct Watching(Reader);

impl Peer for Watching {
    fn name(&self) -> &'static str {
        "greengate, watching"
    }

    fn read(&mut self, image: &GreyImage) -> Vec<Vec<u8>> {
        let sighting =
            self.0.watch(&image.pixels, image.width, image.height, &|| true).expect("the buffer fits its size");
        sighting.payloads.into_iter().map(|payload| payload.bytes).collect()
    }
}

#[cfg(not(feature = "peers"))]
fn others() -> Vec<Box<dyn Peer>> {
    Vec::new()
}

#[cfg(feature = "peers")]
fn others() -> Vec<Box<dyn Peer>> {
    use judges::{Rqrr, Rxing, ZxingCpp};
    vec![Box::new(ZxingCpp::new(true)), Box::new(ZxingCpp::new(false)), Box::new(Rxing), Box::new(Rqrr)]
}

#[cfg(feature = "peers")]
mod judges {
    use std::panic;

    use greengate::rules::image::GreyImage;
    use rxing::{BarcodeFormat, DecodeHints};
    use zxingcpp::{BarcodeReader, ImageFormat, ImageView};

    use super::Peer;

    /// zxing-cpp with all options on, or all off.
    pub struct ZxingCpp {
        reader: BarcodeReader,
        thorough: bool,
    }

    impl ZxingCpp {
        pub fn new(thorough: bool) -> Self {
            let reader = zxingcpp::read()
                .formats([zxingcpp::BarcodeFormat::QRCode])
                .try_harder(thorough)
                .try_rotate(thorough)
                .try_invert(thorough)
                .try_downscale(thorough)
                .max_number_of_symbols(if thorough { 255_u8 } else { 1 });
            Self { reader, thorough }
        }
    }

    impl Peer for ZxingCpp {
        fn name(&self) -> &'static str {
            if self.thorough { "zxing-cpp, all options on" } else { "zxing-cpp, all options off" }
        }

        fn read(&mut self, image: &GreyImage) -> Vec<Vec<u8>> {
            let view = ImageView::from_slice(&image.pixels, image.width, image.height, ImageFormat::Lum);
            let found = self.reader.from(view.expect("the buffer fits its size")).unwrap_or_default();
            found.iter().map(|barcode| barcode.text().into_bytes()).collect()
        }
    }

    /// rxing, trying harder and inverted codes too.
    pub struct Rxing;

    impl Peer for Rxing {
        fn name(&self) -> &'static str {
            "rxing, try harder and inverted"
        }

        fn read(&mut self, image: &GreyImage) -> Vec<Vec<u8>> {
            let mut hints = DecodeHints {
                TryHarder: Some(true),
                AlsoInverted: Some(true),
                PossibleFormats: Some([BarcodeFormat::QR_CODE].into_iter().collect()),
                ..DecodeHints::default()
            };
            let (width, height) = (image.width as u32, image.height as u32);
            let found = panic::catch_unwind(panic::AssertUnwindSafe(|| {
                rxing::helpers::detect_multiple_in_luma_with_hints(image.pixels.clone(), width, height, &mut hints)
            }));
            let found = found.ok().and_then(Result::ok).unwrap_or_default();
            found.iter().map(|result| result.getText().as_bytes().to_vec()).collect()
        }
    }

    /// rqrr as a whole, with its own finder, which panics on some pictures.
    pub struct Rqrr;

    impl Peer for Rqrr {
        fn name(&self) -> &'static str {
            "rqrr"
        }

        fn read(&mut self, image: &GreyImage) -> Vec<Vec<u8>> {
            let found = panic::catch_unwind(|| {
                let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(image.width, image.height, |x, y| {
                    image.pixels[y * image.width + x]
                });
                let grids = prepared.detect_grids();
                grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text.into_bytes()).collect()
            });
            found.unwrap_or_default()
        }
    }
}
