//! How soon a label held in front of a camera is read: `cargo bench --bench video --features peers`.
//!
//! Seeded sequences of a label that comes nearer, shakes, tilts and turns while the lens hunts and the exposure settles
//! are shown to all readers at the pace of a camera of 30 frames a second. Times are CPU time of this machine times
//! `--factor`: 4, unless told, is about one core of a Raspberry Pi 4. `--save DIR` writes a sequence as pictures.
//! Without the feature `peers` (needs cmake) only rqrr is there to compare with.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes and times are small")]

mod camera;
mod judge;
mod scene;

use std::{
    fs,
    path::{Path, PathBuf},
};

use camera::{FRAMES, HEIGHT, Sequence, WIDTH};
use clap::Parser;
use judge::{Racer, Tally, quantile, racers};

/// What to race over.
#[derive(Parser)]
struct Settings {
    /// How many sequences.
    #[arg(long, default_value_t = 60)]
    sequences: u64,
    /// The seed of the first one; the others follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times slower the machine in question is.
    #[arg(long, default_value_t = 4.0)]
    factor: f64,
    /// Writes the sequence of the seed into this folder instead.
    #[arg(long)]
    save: Option<PathBuf>,
    /// Prints a line for each sequence.
    #[arg(long)]
    list: bool,
    /// Cargo says this to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let settings = Settings::parse();
    if let Some(folder) = &settings.save {
        return save(&Sequence::new(settings.seed), folder);
    }
    let racers = racers();
    let mut tallies: Vec<Tally> = racers.iter().map(Tally::new).collect();
    // A reader that panics would tell so for each of its frames.
    std::panic::set_hook(Box::new(|_| ()));
    for seed in settings.seed..settings.seed + settings.sequences {
        race(&settings, seed, &racers, &mut tallies);
    }
    print(&settings, &tallies);
}

fn race(settings: &Settings, seed: u64, racers: &[Racer], tallies: &mut [Tally]) {
    let sequence = Sequence::new(seed);
    let frames = sequence.frames();
    let text = &sequence.scene.text;
    let times = racers.iter().zip(tallies).map(|(racer, tally)| tally.race(racer, &frames, text, settings.factor));
    let times: Vec<String> = times.map(|time| time.map_or("never".into(), |time| format!("{time:.2}"))).collect();
    if settings.list {
        println!("{seed:>4} {:>4.0} mm {:>4} bytes  {}", sequence.scene.side_mm, text.len(), times.join("  "));
    }
}

fn print(settings: &Settings, tallies: &[Tally]) {
    println!(
        "{} sequences of {FRAMES} frames from seed {}, CPU time × {}",
        settings.sequences, settings.seed, settings.factor
    );
    println!("{:<18} {:>5} {:>9} {:>7} {:>6} {:>12}", "reader", "read", "median s", "p95 s", "false", "CPU ms/frame");
    for tally in tallies {
        let (median, p95) = (tally.within_s(0.5), tally.within_s(0.95));
        println!(
            "{:<18} {:>5} {median:>9.3} {p95:>7.3} {:>6} {:>12.2}",
            tally.name,
            tally.read,
            tally.wrong,
            tally.cpu_ms()
        );
    }
    let [ours, peers @ ..] = tallies else { return };
    for share in [0.5, 0.95] {
        let best = peers.iter().map(|peer| peer.within_s(share)).fold(f64::INFINITY, f64::min);
        println!("ours to the best peer at {:.0} %: {:.2}", share * 100.0, ours.within_s(share) / best);
    }
    for peer in peers {
        let apart: Vec<f64> = ours.first_s.iter().zip(&peer.first_s).map(|(ours, theirs)| ours - theirs).collect();
        println!("ours less {}: median {:+.3} s", peer.name, quantile(&apart, 0.5));
    }
    let never =
        (0..ours.first_s.len()).filter(|&at| tallies.iter().all(|tally| tally.first_s[at] >= length_s())).count();
    println!("read by nobody: {never}");
}

fn length_s() -> f64 {
    FRAMES as f64 * f64::from(camera::INTERVAL_S)
}

fn save(sequence: &Sequence, folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    for (index, frame) in sequence.frames().into_iter().enumerate() {
        let picture = image::GrayImage::from_raw(WIDTH as u32, HEIGHT as u32, frame).expect("a frame has its size");
        picture.save(folder.join(format!("{index:02}.png"))).expect("the folder can be written");
    }
    println!("{}", sequence.scene.text);
}
