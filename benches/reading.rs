//! How much the reader reads, how fast, and whether it ever reads wrongly.
//!
//! `cargo bench --bench reading` goes through the photographs under `$GREENGATE_SHARED/photos` (default
//! `../shared/photos`) and prints a line per set; the set `rqrr` is listed and not counted in the total. Symbols and
//! hostile frames drawn here are always measured, so there is something to compare where the photographs are missing. Times are wall clock
//! of `Reader::scan` alone, one thread, one reader for all frames. `GREENGATE_MISSED=1` lists what was not read.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures are small and only printed")]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use greengate::{rules::image::GreyImage, vision::Reader};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;

/// A frame and what must be read in it.
struct Case {
    set: String,
    id: String,
    image: GreyImage,
    /// Empty where it is not known, or where nothing may be read.
    texts: Vec<String>,
    codes: Option<usize>,
}

/// A line of the photographs' manifest.
#[derive(Deserialize)]
struct Line {
    set: String,
    id: String,
    #[serde(alias = "path")]
    file: PathBuf,
    texts: Vec<String>,
    codes: Option<usize>,
}

/// What one set came to.
#[derive(Default)]
struct Score {
    frames: usize,
    known: usize,
    right: usize,
    wrong: usize,
    codes: usize,
    marked: usize,
    times_ms: Vec<f64>,
}

fn main() {
    let mut reader = Reader::new();
    let mut scores = BTreeMap::new();
    for case in drawn().into_iter().chain(hostile()) {
        measure(&mut reader, &case, &mut scores);
    }
    let shared = env::var_os("GREENGATE_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    for photos in
        [Some(shared.join("photos")), env::var_os("GREENGATE_FRAMES").map(PathBuf::from)].into_iter().flatten()
    {
        match fs::read_to_string(photos.join("manifest.jsonl")) {
            Ok(manifest) => {
                manifest.lines().for_each(|line| measure(&mut reader, &photograph(&photos, line), &mut scores));
            }
            Err(error) => println!("no photographs at `{}` ({error}); drawn symbols only", photos.display()),
        }
    }
    print(&scores);
}

fn photograph(photos: &Path, line: &str) -> Case {
    let line: Line = serde_json::from_str(line).expect("the manifest is JSON Lines");
    let grey = image::open(photos.join(&line.file)).expect("the manifest names pictures").into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let image = GreyImage { width, height, pixels: grey.into_raw() };
    Case { set: line.set, id: line.id, image, texts: line.texts, codes: line.codes }
}

fn measure(reader: &mut Reader, case: &Case, scores: &mut BTreeMap<String, Score>) {
    let GreyImage { width, height, pixels } = &case.image;
    let start = Instant::now();
    let sighting = reader.scan(pixels, *width, *height).expect("the buffer fits its size");
    let took_ms = start.elapsed().as_secs_f64() * 1e3;
    let read: Vec<[String; 2]> = sighting.payloads.iter().map(|payload| comparable(&payload.bytes)).collect();
    let expected: Vec<String> = case.texts.iter().map(|text| comparable(text.as_bytes())[0].clone()).collect();
    let is_expected = |texts: &[String; 2]| texts.iter().any(|text| expected.contains(text));

    let score = scores.entry(case.set.clone()).or_default();
    score.frames += 1;
    score.times_ms.push(took_ms);
    score.known += usize::from(!expected.is_empty());
    let right = read.iter().any(is_expected);
    score.right += usize::from(right);
    // Where more codes are marked than texts are known, another text is no false read.
    let all_known = !expected.is_empty() && case.codes.unwrap_or(0) <= expected.len();
    let nothing = ["falsepos", "syn-empty", "syn-clutter"].iter().any(|set| case.set.starts_with(set));
    let judged = all_known || nothing;
    let wrong = read.iter().filter(|texts| judged && !is_expected(texts)).count();
    score.wrong += wrong;
    score.codes += read.len();
    score.marked += case.codes.unwrap_or(0);
    if env::var_os("GREENGATE_MISSED").is_some() && (wrong > 0 || !right && !expected.is_empty()) {
        println!("{} {:?} read {read:?} instead of {expected:?}, {took_ms:.1} ms", case.id, sighting.hint);
    }
}

/// What can be compared: printable ASCII without white space, and without a GS1 symbol's identifier. The truth was
/// written by readers that guessed character sets and line ends each in their way, so a payload can be read as UTF-8,
/// as Shift JIS or as plain bytes.
fn comparable(bytes: &[u8]) -> [String; 2] {
    let bytes = bytes.strip_prefix(b"]Q3").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_or_else(|_| encoding_rs::SHIFT_JIS.decode(bytes).0, Into::into);
    let keep = |c: &char| c.is_ascii_graphic() && *c != '?';
    [text.chars().filter(keep).collect(), bytes.iter().map(|&byte| char::from(byte)).filter(keep).collect()]
}

fn print(scores: &BTreeMap<String, Score>) {
    println!(
        "{:<18} {:>6} {:>5} {:>5} {:>6} {:>5} {:>6} {:>6} {:>8} {:>8} {:>8}",
        "set", "frames", "known", "right", "%", "false", "codes", "marked", "median", "p95", "max ms"
    );
    let (mut total, mut frames) = (Score::default(), Score::default());
    for (set, score) in scores {
        row(set, score);
        if set.starts_with("syn-") {
            frames.add(score);
        } else if set != "rqrr" && !set.ends_with("drawn") {
            total.add(score);
        }
    }
    row("photographs", &total);
    row("frames", &frames);
}

impl Score {
    fn add(&mut self, other: &Self) {
        self.frames += other.frames;
        self.known += other.known;
        self.right += other.right;
        self.wrong += other.wrong;
        self.codes += other.codes;
        self.marked += other.marked;
        self.times_ms.extend(&other.times_ms);
    }
}

fn row(set: &str, score: &Score) {
    let mut times = score.times_ms.clone();
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get((times.len() as f64 * part) as usize).or(times.last()).copied().unwrap_or(0.0);
    let percent = 100.0 * score.right as f64 / score.known.max(1) as f64;
    println!(
        "{set:<18} {:>6} {:>5} {:>5} {percent:>6.1} {:>5} {:>6} {:>6} {:>8.2} {:>8.2} {:>8.2}",
        score.frames,
        score.known,
        score.right,
        score.wrong,
        score.codes,
        score.marked,
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

/// Upright symbols of many sizes at a kiosk's working distance, softly blurred by their scale.
fn drawn() -> Vec<Case> {
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
fn hostile() -> Vec<Case> {
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
        Case { set: "falsepos-drawn".into(), id: format!("hostile/{id}"), image, texts: Vec::new(), codes: None }
    };
    kinds.into_iter().map(case).collect()
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
