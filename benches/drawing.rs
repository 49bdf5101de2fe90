//! How long a screen takes to draw: `cargo bench --bench drawing`.
//!
//! The first frame draws every glyph; the following ones find them in the painter's masks.

use std::hint::black_box;
use std::time::{Duration, Instant};

use greengate::rules::board::{Colours, Size};
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::{Bar, Body, Scene, VerdictBody};
use greengate::rules::text::{Language, Text};
use greengate::screen::{Painter, render};

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];
const FRAMES: usize = 200;

fn main() {
    let displays =
        [(128, 64, Colours::Mono), (240, 240, Colours::Full), (800, 480, Colours::Full), (1920, 1080, Colours::Full)];
    println!("{:>10}  {:>12}  {:>12}  {:>12}", "display", "first", "median", "slowest");
    for (width, height, colours) in displays {
        let scene = scene();
        let mut painter = Painter::new();
        let mut draw = || {
            let begun = Instant::now();
            black_box(render(&mut painter, &scene, &LANGUAGES, Size { width, height }, colours));
            begun.elapsed()
        };
        let first = draw();
        let mut times: Vec<Duration> = (0..FRAMES).map(|_| draw()).collect();
        times.sort_unstable();
        let (median, slowest) = (times[FRAMES / 2], times[FRAMES - 1]);
        println!("{:>10}  {first:>12.2?}  {median:>12.2?}  {slowest:>12.2?}", format!("{width}x{height}"));
    }
}

/// The verdict with the most text: yellow, with missing documents.
fn scene() -> Scene {
    let text = |zh: &str, en: &str| Text::new(zh, en);
    let body = VerdictBody {
        outcome: Outcome::Hold,
        slug: "missing-documents".into(),
        reason: text("文件不齐", "Documents are missing"),
        next: text("暂放一旁，通知供应商补齐", "Set aside, the supplier must file them"),
        details: vec![
            text("生产许可证已过期", "Production licence expired"),
            text("出厂检验报告（批次 A-1）", "Factory test report (lot A-1)"),
            text("进口消毒证明", "Disinfection certificate"),
        ],
        product: Some(text("医用防护口罩 KN95 成人型", "KN95 medical respirator, adult")),
        supplier: Some(text("杭州清源医疗器械有限公司", "Hangzhou Qingyuan Medical Devices Co., Ltd.")),
        elements: "(01)06901234567892 (10)A-1 (21)S.9".into(),
        new: true,
    };
    let bar = Bar { site: "杭州三号仓".into(), clock: Some("14:05".into()), ..Bar::default() };
    Scene { body: Body::Verdict(Box::new(body)), bar }
}
