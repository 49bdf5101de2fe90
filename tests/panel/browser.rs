//! The page in a real browser, before a kiosk that the test plays.

use std::path::PathBuf;

use greengate::rules::image::ScreenImage;
use greengate::rules::ruling::Outcome;
use greengate::rules::status::SyncStatus;
use greengate::rules::virtual_board::{Pose, VirtualAct};
use serde_json::json;

use super::fake::{Fake, picture, snapshot, verdict};
use crate::support::browser::{Browser, Page};

const LOADED: &str = "document.querySelectorAll('.label').length === 8 && !document.body.classList.contains('stale')";

fn open<'a>(browser: &'a mut Browser, fake: &Fake) -> Page<'a> {
    let mut page = browser.page(1440, 900);
    page.open(&fake.url("/"));
    page.wait_for(LOADED);
    page
}

fn held(fake: &Fake) -> (Vec<String>, Pose) {
    let act = fake.acts.recv().expect("an act");
    let VirtualAct::HoldUp(texts, pose) = act else { panic!("{act:?} is not a label") };
    (texts, pose)
}

#[test]
fn the_page_loads_without_a_complaint_and_shows_the_screen_pixel_for_pixel() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    page.wait_for("document.getElementById('screen').width === 24");
    let seen = page.eval(
        "(() => { const c = document.getElementById('screen'); \
         const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; \
         return [...d].filter((_, i) => i % 4 !== 3); })()",
    );
    assert_eq!(seen, json!(picture(0).rgb));
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn the_lamp_turns_green_and_goes_dark_by_itself() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    // Every change of the lamp is kept, so a slow machine cannot miss one. No news after the first: nobody but the
    // page itself can darken the lamp.
    page.eval(
        "window.lit = []; const tower = document.getElementById('tower'); new MutationObserver(() => { stream.close(); \
         window.lit.push([tower.dataset.lit, document.body.classList.contains('stale')]); }) \
         .observe(tower, {attributeFilter: ['data-lit']}); 0",
    );
    fake.publisher.publish(verdict(Outcome::Accept, 1200));
    page.wait_for("window.lit.length === 2");
    assert_eq!(page.eval("window.lit"), json!([["green", false], ["", false]]));
    assert_eq!(page.eval("document.getElementById('speak').textContent.startsWith('Accept')"), json!(true));
    assert_eq!(page.eval("document.getElementById('sound').dataset.tone"), json!("accept"));
}

#[test]
fn a_clicked_label_is_held_up_and_a_second_click_takes_it_away() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    page.click("[data-id=gel-forged]", 0);
    assert_eq!(held(&fake), (vec!["https://QR.EXAMPLE/gel-forged".to_owned()], Pose::default()));
    page.click("[data-id=tea-green]", 8);
    assert_eq!(held(&fake).0.len(), 2, "shift adds to what is held");
    page.click("#away", 0);
    assert_eq!(held(&fake).0, Vec::<String>::new());
    page.eval("document.querySelector('[data-id=poster]').focus()");
    page.press("Enter");
    assert_eq!(held(&fake).0, ["https://QR.EXAMPLE/poster"]);
    page.press("Escape");
    assert_eq!(held(&fake).0, Vec::<String>::new());
}

#[test]
fn a_moved_slider_moves_the_label_that_is_held() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    page.click("[data-id=tea-green]", 0);
    held(&fake);
    let slide = "document.getElementById('tilt_deg').value = 35; \
                 document.getElementById('tilt_deg').dispatchEvent(new Event('input'))";
    page.eval(slide);
    assert_eq!(held(&fake).1, Pose { tilt_deg: 35.0, ..Pose::default() });
    page.click("#reset", 0);
    assert_eq!(held(&fake).1, Pose::default());
}

#[test]
fn a_dropped_photo_and_the_webcam_reach_the_camera() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    page.eval(
        "(async () => { const c = new OffscreenCanvas(30, 20); const g = c.getContext('2d'); \
         g.fillStyle = '#808080'; g.fillRect(0, 0, 30, 20); \
         const file = new File([await c.convertToBlob()], 'photo.png', {type: 'image/png'}); \
         const dataTransfer = new DataTransfer(); dataTransfer.items.add(file); \
         document.body.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true})); })()",
    );
    let VirtualAct::Picture(photo, 0) = fake.acts.recv().expect("an act") else { panic!("no photo") };
    assert_eq!((photo.width, photo.height, photo.pixels[0]), (30, 20, 128));
    page.click("#webcam", 0);
    let VirtualAct::Picture(frame, 1500) = fake.acts.recv().expect("an act") else { panic!("no frame") };
    assert_eq!(frame.pixels.len(), frame.width * frame.height);
    page.click("#webcam", 0);
    assert_eq!(page.eval("document.getElementById('webcam').getAttribute('aria-pressed')"), json!("false"));
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn a_verdict_has_the_time_of_the_site_and_not_of_the_browser() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    assert_eq!(page.eval("document.querySelector('#rows .time').textContent"), json!("17:44:11"));
}

#[test]
fn the_last_verdicts_are_told_in_the_language_of_the_page_and_with_the_authoritys_reason() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    let rows = "[...document.querySelectorAll('#rows tr')].map((row) => row.children[1].firstChild.textContent + ': ' + row.children[2].textContent)";
    let told = |page: &mut Page<'_>, language: &str| {
        page.eval(&format!("localStorage.setItem('language', '{language}')"));
        page.open(&fake.url("/"));
        page.wait_for(LOADED);
        page.wait_for("document.querySelectorAll('#rows tr').length === 5");
        page.eval(rows)
    };
    let english = told(&mut page, "en");
    assert_eq!(english[2], "Hand gel 500 ml: Licence was revoked");
    assert_eq!(english[3], "藕粉 礼盒装: Everything is in order", "the only name that there is");
    assert_eq!(told(&mut page, "zh")[2], "免洗洗手液 500 毫升: 许可证已被吊销");
}

#[test]
fn what_a_label_of_the_rack_leads_to_is_said_in_the_language_of_the_page() {
    let page = include_str!("../../src/panel/page/panel.js");
    for line in include_str!("../../assets/demo/rack.jsonl").lines() {
        let label: serde_json::Value = serde_json::from_str(line).expect("a label");
        let slug = label["slug"].as_str().expect("a slug");
        let known = [format!("\"{slug}\": ["), format!(" {slug}: [")];
        let (_, slugs) = page.split_once("const SLUGS").expect("words for slugs");
        assert!(known.iter().any(|known| slugs.contains(known)), "the page has no words for `{slug}`");
    }
}

#[test]
fn a_kiosk_without_demo_labels_says_how_to_hold_one_up() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::bare();
    let mut page = browser.page(1440, 900);
    page.open(&fake.url("/"));
    page.wait_for("!document.getElementById('no-rack').hidden");
    assert_eq!(
        page.eval("document.getElementById('filters').hidden && document.getElementById('several').hidden"),
        json!(true)
    );
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn the_page_greys_out_and_its_lamps_go_dark_when_the_kiosk_is_gone() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    fake.publisher.publish(verdict(Outcome::Accept, 600_000));
    page.wait_for("document.getElementById('tower').dataset.lit === 'green'");
    drop(fake);
    page.wait_for("document.body.classList.contains('stale')");
    assert_eq!(page.eval("document.getElementById('tower').dataset.lit"), json!(""));
    assert_eq!(page.eval("document.getElementById('lost').hidden"), json!(false));
}

#[test]
fn how_the_last_sync_went_is_told_beside_the_list_and_the_journal() {
    let Some(mut browser) = Browser::start() else { return };
    let fake = Fake::start();
    let mut page = open(&mut browser, &fake);
    let note = |fact: &str| format!("document.querySelector('#fact-{fact} .note').textContent");
    assert_eq!(page.eval(&note("cache")), json!("34 listings, issued 9 h ago · synced 20 min ago, 3 kB"));
    assert_eq!(page.eval(&note("journal")), json!("last verdict 48 ms · 98 kB · handed up to #38"));
    // Nothing else changes with it.
    let mut news = snapshot();
    let fault = Some("no route to host".to_owned());
    let failed = SyncStatus { fault: fault.clone(), journal_fault: fault, ..SyncStatus::default() };
    news.status.sync = Some(failed);
    fake.publisher.publish(news.clone());
    page.wait_for(&format!("{}.endsWith('· not synced yet · sync failed: no route to host')", note("cache")));
    page.wait_for(&format!("{}.endsWith('98 kB · not handed up: no route to host')", note("journal")));
    news.status.sync = None;
    news.status.demo = false;
    fake.publisher.publish(news);
    page.wait_for(&format!("{}.endsWith('98 kB · not enrolled at a hub: every row is kept')", note("journal")));
}

/// Pictures for people: `GREENGATE_SHOTS=folder cargo test --test main shots -- --ignored`.
#[test]
#[ignore = "writes pictures for people to look at"]
fn shots_of_the_page_at_several_sizes() {
    let (Some(mut browser), Some(folder)) = (Browser::start(), std::env::var_os("GREENGATE_SHOTS")) else { return };
    let folder = PathBuf::from(folder);
    let fake = Fake::start();
    let mut shown = verdict(Outcome::Accept, 600_000);
    shown.screen = std::sync::Arc::new(large());
    fake.publisher.publish(shown);
    let mut page = open(&mut browser, &fake);
    page.click("[data-id=tea-green]", 0);
    for (name, width, height, scheme) in [
        ("desktop", 1440, 900, "light"),
        ("desktop-dark", 1440, 900, "dark"),
        ("phone", 390, 844, "light"),
        ("tablet", 820, 1180, "dark"),
    ] {
        page.resize(width, height);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        page.call("Emulation.setEmulatedMedia", &media);
        page.eval("window.scrollTo(0, 0); new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))");
        page.screenshot(&folder.join(format!("{name}.png")));
        page.eval("document.querySelector('.rack').scrollIntoView()");
        page.screenshot(&folder.join(format!("{name}-rack.png")));
    }
    page.resize(1440, 900);
    page.click("#language", 0);
    page.screenshot(&folder.join("chinese.png"));
    let locked = Fake::with(verdict(Outcome::Hold, 0), "0.0.0.0:0", Some("sixteen-signs-at-least"));
    page.open(&locked.url("/"));
    page.screenshot(&folder.join("enter.png"));
    page.open(&fake.url("/"));
    page.wait_for(LOADED);
    page.wait_for("document.getElementById('screen').width === 800");
    drop(fake);
    page.wait_for("document.body.classList.contains('stale')");
    page.screenshot(&folder.join("lost.png"));
}

/// A green screen of the sim board's size.
fn large() -> ScreenImage {
    let (width, height) = (800, 480);
    ScreenImage { width, height, rgb: [10, 122, 69].repeat(width * height) }
}
