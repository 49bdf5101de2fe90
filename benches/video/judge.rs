//! Races readers over a sequence: frames come every 33 ms whether a reader has time for them or not.
//!
//! A reader takes the newest frame that has come and is busy for its CPU time times a factor; what comes meanwhile is
//! dropped but for the last. The first read is there when the reader is done with the frame, its waiting included.

use std::time::Duration;

use greengate::vision::Reader;
use rustix::time::{ClockId, clock_gettime};

use crate::camera::{FRAMES, HEIGHT, INTERVAL_S, WIDTH};

/// Milliseconds that the kiosk's reader has for one frame, on the machine that the factor stands for.
const BUDGET_MS: f64 = 25.0;

/// Reads a frame; what it found, as bytes.
type Read<'a> = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>> + 'a>;

/// A reader in the race, made anew for each sequence.
pub struct Racer {
    pub name: &'static str,
    make: fn(budget: Duration) -> Read<'static>,
}

/// What one reader came to, over all sequences.
pub struct Tally {
    pub name: &'static str,
    /// Seconds to the first read of each sequence; the sequence's length where there was none.
    pub first_s: Vec<f64>,
    pub read: usize,
    pub wrong: usize,
    cpu_ms: f64,
    frames: usize,
}

/// Ours first, then its peers.
pub fn racers() -> Vec<Racer> {
    let own = [
        Racer { name: "greengate", make: |budget| ours(budget) },
        Racer { name: "rqrr", make: |_| Box::new(rqrr_reads) },
    ];
    own.into_iter().chain(others()).collect()
}

#[cfg(not(feature = "peers"))]
fn others() -> Vec<Racer> {
    Vec::new()
}

#[cfg(feature = "peers")]
fn others() -> Vec<Racer> {
    vec![
        Racer { name: "zxing-cpp, all on", make: |_| Box::new(|frame| zxing_reads(frame, true)) },
        Racer { name: "zxing-cpp, fast", make: |_| Box::new(|frame| zxing_reads(frame, false)) },
    ]
}

impl Tally {
    pub fn new(racer: &Racer) -> Self {
        Self { name: racer.name, first_s: Vec::new(), read: 0, wrong: 0, cpu_ms: 0.0, frames: 0 }
    }

    /// Lets a reader see a sequence; tells when it had read the label.
    pub fn race(&mut self, racer: &Racer, frames: &[Vec<u8>], text: &str, factor: f64) -> Option<f64> {
        let mut read = (racer.make)(Duration::from_secs_f64(BUDGET_MS / 1e3 / factor));
        let (mut free_s, mut next, mut first) = (0.0_f64, 0, None);
        while next < FRAMES {
            let newest = ((free_s / f64::from(INTERVAL_S)) as usize).min(FRAMES - 1);
            let at = next.max(newest);
            let begin = thread_time();
            let codes = read(&frames[at]);
            let took = thread_time().saturating_sub(begin).as_secs_f64();
            free_s = free_s.max(at as f64 * f64::from(INTERVAL_S)) + took * factor;
            next = at + 1;
            self.cpu_ms += took * 1e3;
            self.frames += 1;
            self.wrong += codes.iter().filter(|code| *code != text.as_bytes()).count();
            if codes.iter().any(|code| code == text.as_bytes()) {
                first.get_or_insert(free_s);
            }
        }
        let length_s = FRAMES as f64 * f64::from(INTERVAL_S);
        self.first_s.push(first.unwrap_or(length_s).min(length_s));
        self.read += usize::from(first.is_some());
        first
    }

    /// CPU time of a frame, in milliseconds.
    pub fn cpu_ms(&self) -> f64 {
        self.cpu_ms / self.frames.max(1) as f64
    }

    /// The time within which a share of the sequences was read, in seconds.
    pub fn within_s(&self, share: f64) -> f64 {
        quantile(&self.first_s, share)
    }
}

/// The value below which a share of others is.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().saturating_sub(1)) as f64 * share;
    sorted.get(at.round() as usize).copied().unwrap_or(0.0)
}

/// CPU time of this thread: other work on the machine does not count.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

fn ours(budget: Duration) -> Read<'static> {
    let mut reader = Reader::new();
    Box::new(move |frame| {
        let begin = thread_time();
        let in_time = || thread_time().saturating_sub(begin) < budget;
        let sighting = reader.watch(frame, WIDTH, HEIGHT, &in_time).expect("a frame has its size");
        sighting.payloads.into_iter().map(|payload| payload.bytes).collect()
    })
}

/// rqrr panics on some pictures; those are read as nothing.
fn rqrr_reads(frame: &[u8]) -> Vec<Vec<u8>> {
    let read = || {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(WIDTH, HEIGHT, |x, y| frame[y * WIDTH + x]);
        let decode = |grid: &rqrr::Grid<_>| grid.decode().ok().map(|(_, text)| text.into_bytes());
        image.detect_grids().iter().filter_map(decode).collect()
    };
    std::panic::catch_unwind(read).unwrap_or_default()
}

#[cfg(feature = "peers")]
fn zxing_reads(frame: &[u8], all: bool) -> Vec<Vec<u8>> {
    let reader = zxingcpp::read().formats(zxingcpp::BarcodeFormat::QRCode);
    let reader = reader.try_harder(all).try_rotate(all).try_invert(all).try_downscale(all);
    let view = zxingcpp::ImageView::from_slice(frame, WIDTH, HEIGHT, zxingcpp::ImageFormat::Lum);
    let codes = reader.from(view.expect("a frame has its size")).expect("a grey picture is read");
    codes.iter().map(zxingcpp::Barcode::bytes).collect()
}
