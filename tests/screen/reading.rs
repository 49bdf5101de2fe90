//! That a person can read what is on the screen, on every display and with any name.

use embedded_graphics::pixelcolor::{Rgb565, Rgb888, RgbColor};
use greengate::rules::board::{Colours, Display, Output};
use greengate::rules::image::ScreenImage;
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::{Body, Scene};
use greengate::rules::text::{Language, Text};
use greengate::screen::font::{Face, Fonts};
use greengate::screen::geometry::Rect;
use greengate::screen::plan::{Line, Piece, Plan, Role};
use greengate::screen::{Canvas, Painter, contrast, legibility, render, words};

use super::scenes::{self, BOTH, DISPLAYS, size};
use super::trace::Trace;

const SITES: [&[Language]; 4] = [BOTH, &[Language::En, Language::Zh], &[Language::Zh], &[Language::En]];

/// Every scene, also with endless names, on every display for every site: what failed where.
fn everywhere(mut test: impl FnMut(&mut Painter, &Scene, &Plan) -> Result<(), String>) {
    let mut painter = Painter::new();
    let mut failures = Vec::new();
    for (width, height, _) in DISPLAYS {
        for languages in SITES {
            for (name, scene) in [scenes::all(), scenes::extremes()].concat() {
                let plan = painter.plan(&scene, languages, size(width, height));
                if let Err(failure) = test(&mut painter, &scene, &plan) {
                    failures.push(format!("{name} on {width}x{height} in {languages:?}: {failure}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn ink(painter: &mut Painter, line: &Line) -> Rect {
    let mut trace = Trace::<Rgb888>::new();
    let Ok(()) = painter.piece(&Piece::Line(line.clone()), &mut trace);
    trace.touched.unwrap_or_default()
}

#[test]
fn no_pixel_of_a_text_lies_outside_its_box_or_touches_the_border() {
    everywhere(|painter, _, plan| {
        for line in plan.lines() {
            let ink = ink(painter, line);
            if !line.area.contains(ink) {
                return Err(format!("`{}` draws {ink:?} outside {:?}", line.text, line.area));
            }
            if !plan.screen.shrunk(1, 0).contains(ink) || !plan.screen.contains(line.area) {
                return Err(format!("`{}` leaves the screen with {ink:?} in {:?}", line.text, line.area));
            }
        }
        Ok(())
    });
}

#[test]
fn no_text_is_drawn_over_another_text_or_a_sign() {
    everywhere(|painter, _, plan| {
        let texts = plan.lines().map(|line| (line.text.clone(), ink(painter, line)));
        let signs = plan.signs().map(|sign| (format!("{:?}", sign.shape), sign.area));
        let marks: Vec<(String, Rect)> = texts.chain(signs).collect();
        for (index, (one, a)) in marks.iter().enumerate() {
            for (two, b) in &marks[index + 1..] {
                let apart = a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
                if !apart {
                    return Err(format!("`{one}` at {a:?} and `{two}` at {b:?}"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn signs_lie_inside_the_screen_and_are_not_tiny() {
    everywhere(|_, _, plan| {
        let wrong = plan.signs().find(|sign| !plan.screen.contains(sign.area) || sign.area.w < 9);
        wrong.map_or(Ok(()), |sign| Err(format!("{sign:?}")))
    });
}

#[test]
fn every_text_has_a_contrast_of_4_5_and_every_sign_of_3() {
    everywhere(|_, _, plan| {
        let texts = plan.lines().map(|line| (contrast(line.ink, line.ground), 4.5));
        let signs = plan.signs().map(|sign| (contrast(sign.ink, sign.ground), 3.0));
        let low = texts.chain(signs).find(|(contrast, least)| contrast < least);
        low.map_or(Ok(()), |(contrast, least)| Err(format!("{contrast} is less than {least}")))
    });
}

#[test]
fn the_signal_word_is_at_least_an_eighth_of_the_screen() {
    everywhere(|painter, scene, plan| {
        let Body::Verdict(_) = scene.body else { return Ok(()) };
        let word = plan.lines().find(|line| line.role == Role::Signal).ok_or("there is no signal word")?;
        let height = ink(painter, word).h;
        if height * 8 >= plan.screen.h { Ok(()) } else { Err(format!("`{}` is {height} pixels high", word.text)) }
    });
}

#[test]
fn every_verdict_keeps_its_sign_its_word_and_a_reason() {
    everywhere(|_, scene, plan| {
        let Body::Verdict(_) = scene.body else { return Ok(()) };
        let has = |role| plan.lines().any(|line| line.role == role);
        let is_whole =
            has(Role::Signal) && has(Role::Reason) && plan.signs().any(|sign| sign.area.w * 5 > plan.screen.h);
        if is_whole { Ok(()) } else { Err("something is missing".to_owned()) }
    });
}

#[test]
fn only_secondary_texts_of_ordinary_scenes_are_ever_cut() {
    let painter = Painter::new();
    for (width, height, _) in DISPLAYS {
        for languages in SITES {
            for (name, scene) in scenes::all() {
                let plan = painter.plan(&scene, languages, size(width, height));
                let primary = [Role::Signal, Role::Reason, Role::Next, Role::New, Role::Count];
                let cut = plan.lines().find(|line| primary.contains(&line.role) && line.text.ends_with('…'));
                assert_eq!(cut, None, "{name} on {width}x{height} in {languages:?}");
            }
        }
    }
}

#[test]
fn nothing_but_a_verdict_or_its_count_is_green_yellow_or_red() {
    let mut painter = Painter::new();
    for (name, scene) in scenes::all() {
        let is_coloured = matches!(scene.body, Body::Verdict(_) | Body::Summary(_));
        let image = render(&mut painter, &scene, BOTH, size(800, 480), Colours::Full);
        let signals = image.rgb.chunks(3).filter(|pixel| is_signal_colour(pixel)).count();
        assert_eq!(signals > 0, is_coloured, "{name}: {signals} pixels");
    }
}

fn is_signal_colour(pixel: &[u8]) -> bool {
    let (red, green, blue) = (pixel[0], pixel[1], pixel[2]);
    red.max(green) > blue.saturating_add(40)
}

#[test]
fn verdicts_differ_without_colour() {
    let mut painter = Painter::new();
    let mut picture = |outcome| {
        let body = scenes::verdict(outcome, Text::new("原因", "why"), Text::new("下一步", "next"));
        let scene = Scene { body: Body::Verdict(Box::new(body)), bar: scenes::bar() };
        let plan = painter.plan(&scene, BOTH, size(128, 64));
        let image = render(&mut painter, &scene, BOTH, size(128, 64), Colours::Mono);
        (plan.signs().map(|sign| sign.shape).collect::<Vec<_>>(), image)
    };
    let all = [Outcome::Accept, Outcome::Hold, Outcome::Reject].map(&mut picture);
    for (one, two) in [(0, 1), (0, 2), (1, 2)] {
        assert_ne!(all[one].0, all[two].0);
        let differing = all[one].1.rgb.iter().zip(&all[two].1.rgb).filter(|(a, b)| a != b).count() / 3;
        assert!(differing > 128 * 64 / 40, "{differing} pixels differ");
    }
}

#[test]
fn a_black_and_white_display_gets_black_and_white_only() {
    let mut painter = Painter::new();
    for (name, scene) in scenes::all() {
        let image = render(&mut painter, &scene, BOTH, size(128, 64), Colours::Mono);
        assert!(image.rgb.iter().all(|byte| *byte == 0 || *byte == 255), "{name}");
    }
}

#[test]
fn every_gb_2312_hanzi_and_symbol_has_a_glyph() {
    let fonts = Fonts::new();
    let hanzi = characters(0xB0..=0xF7).filter(|(lead, trail, _)| !(*lead == 0xD7 && *trail > 0xF9));
    let all: Vec<char> = hanzi.map(|(_, _, c)| c).collect();
    assert_eq!(all.len(), 6763);
    let symbols = characters(0xA1..=0xA1).chain(characters(0xA3..=0xA3)).map(|(_, _, c)| c);
    let latin = (' '..='~').chain('\u{A0}'..='ÿ').filter(|c| *c != '\u{AD}');
    let missing: String = all.iter().copied().chain(symbols).chain(latin).filter(|c| !fonts.has(*c)).collect();
    assert_eq!(missing, "");
}

fn characters(rows: std::ops::RangeInclusive<u8>) -> impl Iterator<Item = (u8, u8, char)> {
    rows.flat_map(|lead| (0xA1..=0xFE).map(move |trail| (lead, trail))).filter_map(|(lead, trail)| {
        let bytes = [lead, trail];
        let (text, is_broken) = encoding_rs::GBK.decode_without_bom_handling(&bytes);
        text.chars().next().filter(|_| !is_broken).map(|c| (lead, trail, c))
    })
}

#[test]
fn the_screens_own_words_are_set_in_bold() {
    let fonts = Fonts::new();
    let signals = [Outcome::Accept, Outcome::Hold, Outcome::Reject].map(words::signal);
    let prompts =
        [words::call_staff(), words::starting(), words::ready(), words::self_test(), words::delivery_started()];
    for text in signals.into_iter().chain(prompts) {
        for language in [Language::Zh, Language::En] {
            assert_eq!(fonts.face_for(Face::Bold, text.get(language)), Face::Bold, "{text:?}");
        }
    }
}

fn accept_named(name: &str) -> Scene {
    let text = Text::new(name, name);
    let verdict = scenes::verdict(Outcome::Accept, Text::new("好", "Good"), Text::default());
    let body = greengate::rules::scene::VerdictBody { product: Some(text), ..verdict };
    Scene { body: Body::Verdict(Box::new(body)), bar: scenes::bar() }
}

fn picture(name: &str) -> ScreenImage {
    render(&mut Painter::new(), &accept_named(name), BOTH, size(800, 480), Colours::Full)
}

#[test]
fn a_missing_glyph_is_a_box_and_the_line_goes_on() {
    let painter = Painter::new();
    let plan = painter.plan(&accept_named("口罩𠮷😀ש款"), BOTH, size(800, 480));
    let line = plan.lines().find(|line| line.role == Role::Product).expect("the product is shown");
    assert_eq!(line.text, "口罩𠮷😀ש款");
    for c in ['𠮷', '😀', 'ש', '\u{10FFFF}'] {
        let mask = painter.fonts().mask(Face::Medium, c, 20, 0.0);
        let covered = mask.coverage.iter().filter(|coverage| **coverage > 0).count();
        assert!(covered >= 40, "`{c}` covers {covered} pixels");
        assert!(mask.coverage.contains(&0), "`{c}` is hollow");
        let right =
            f32::from(u16::try_from(mask.left).expect("inside")) + f32::from(u16::try_from(mask.width).expect("small"));
        assert!(right <= painter.fonts().advance(Face::Medium, c) * 20.0, "`{c}` leaves room for its neighbour");
    }
}

#[test]
fn characters_that_reorder_or_hide_text_change_nothing() {
    assert_eq!(picture("\u{202E}口\u{200F}罩\u{0}\u{7}KN95\u{2066}\u{1B}"), picture("口罩KN95"));
    assert_eq!(picture("口罩\r\n\tKN95"), picture("口罩 KN95"));
}

#[test]
fn no_size_of_display_is_a_problem() {
    let mut painter = Painter::new();
    let sizes = [(0, 0), (0, 99), (99, 0), (1, 1), (7, 3), (3, 70), (64, 128), (480, 800), (2000, 40), (40, 2000)];
    for (width, height) in sizes {
        for (_, scene) in [scenes::all(), scenes::extremes()].concat() {
            for languages in [&[][..], BOTH] {
                let image = render(&mut painter, &scene, languages, size(width, height), Colours::Full);
                assert_eq!(image.rgb.len(), width as usize * height as usize * 3);
            }
        }
    }
    assert_eq!(Canvas::new(size(u32::MAX, 1)).image().width, 8192);
}

#[test]
fn a_16_bit_display_shows_the_same_picture_with_fewer_shades() {
    let (mut painter, scene) = (Painter::new(), accept_named("口罩"));
    let (mut full, mut fewer) = (Trace::<Rgb888>::new(), Trace::<Rgb565>::new());
    let (Ok(()), Ok(())) = (painter.draw(&scene, BOTH, &mut full), painter.draw(&scene, BOTH, &mut fewer));
    let converted: Vec<_> = full.pixels.iter().map(|(at, colour)| (*at, Rgb565::from(*colour))).collect();
    assert!(converted == fewer.pixels);
    assert!(full.pixels.iter().any(|(_, colour)| *colour == Rgb888::WHITE));
}

#[test]
fn drawing_again_gives_the_same_picture_whatever_was_drawn_between() {
    let mut painter = Painter::new();
    let (_, first) = scenes::all().remove(0);
    let before = render(&mut painter, &first, BOTH, size(800, 480), Colours::Full);
    for (width, height, colours) in DISPLAYS {
        for (_, scene) in scenes::all() {
            drop(render(&mut painter, &scene, BOTH, size(width, height), colours));
        }
    }
    assert!(before == render(&mut painter, &first, BOTH, size(800, 480), Colours::Full));
}

#[test]
fn legibility_follows_from_the_displays_size() {
    let display = |size_mm| Display { output: Output::Panel, size: size(800, 480), colours: Colours::Full, size_mm };
    let five_inch = legibility(&display(Some((108, 65))), BOTH);
    let (mm, metres) = (five_inch.signal_word_mm.expect("a size"), five_inch.distance_m.expect("a size"));
    assert!(five_inch.signal_word_share >= 0.125);
    assert!((mm - five_inch.signal_word_share * 65.0).abs() < 0.01);
    assert!((metres - mm * 0.15).abs() < 0.001, "a signal word of 20 mm is read from 3 m");
    let unknown = legibility(&display(None), BOTH);
    assert_eq!((unknown.signal_word_mm, unknown.distance_m), (None, None));
    assert_eq!(unknown.signal_word_px, five_inch.signal_word_px);
}
