//! What the virtual board's routes hand to the kiosk.

use std::sync::Arc;

use greengate::rules::board::Button;
use greengate::rules::image::GreyImage;
use greengate::rules::virtual_board::{Pose, VirtualAct};
use serde_json::json;

use super::fake::Fake;

fn text(id: &str) -> String {
    format!("https://QR.EXAMPLE/{id}")
}

#[test]
fn the_rack_is_served_in_both_languages() {
    let rack = Fake::start().get("/rack.json").json();
    assert_eq!(rack.as_array().map(Vec::len), Some(8));
    assert_eq!(rack[0]["title"], json!({"zh": "龙井茶 250 克", "en": "Longjing tea 250 g"}));
    assert_eq!(rack[7]["expected"], json!(null));
}

#[test]
fn labels_are_held_up_by_name_and_by_text_in_a_pose_within_its_range() {
    let fake = Fake::start();
    let asked = json!({"ids": ["gel-forged"], "texts": ["你好"], "pose": {"tilt_deg": 999, "blur_px": 2.5}});
    assert_eq!(fake.post("/hold-up", asked.to_string().as_bytes()).status, 200);
    let pose = Pose { tilt_deg: 60.0, blur_px: 2.5, ..Pose::default() };
    assert_eq!(fake.acts.recv(), Ok(VirtualAct::HoldUp(vec![text("gel-forged"), "你好".to_owned()], pose)));
}

#[test]
fn holding_nothing_up_takes_everything_away() {
    let fake = Fake::start();
    assert_eq!(fake.post("/hold-up", b"{}").status, 200);
    assert_eq!(fake.acts.recv(), Ok(VirtualAct::HoldUp(Vec::new(), Pose::default())));
}

#[test]
fn a_label_that_is_not_in_the_rack_is_refused_by_name() {
    let fake = Fake::start();
    let error = "there is no label `gold` in the rack; `/rack.json` has their names".to_owned();
    assert_eq!(fake.post("/hold-up", br#"{"ids": ["gold"]}"#).refusal(), (400, error));
    assert!(fake.acts.try_recv().is_err());
}

#[test]
fn a_photograph_becomes_a_grey_picture() {
    let fake = Fake::start();
    let grey = image::GrayImage::from_fn(5, 3, |x, y| image::Luma([u8::try_from(x * 40 + y * 7).expect("small")]));
    let mut png = std::io::Cursor::new(Vec::new());
    grey.write_to(&mut png, image::ImageFormat::Png).expect("it packs");
    assert_eq!(fake.post_with("/picture", png.get_ref(), &[("content-type", "image/png")]).status, 200);
    let picture = GreyImage { width: 5, height: 3, pixels: grey.into_raw() };
    assert_eq!(fake.acts.recv(), Ok(VirtualAct::Picture(picture, 0)));
}

#[test]
fn a_webcams_frame_is_taken_byte_by_byte() {
    let fake = Fake::start();
    let raw = [("content-type", "application/octet-stream")];
    assert_eq!(fake.post_with("/picture?ms=1500&width=3&height=2", &[1, 2, 3, 4, 5, 6], &raw).status, 200);
    let picture = GreyImage { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
    assert_eq!(fake.acts.recv(), Ok(VirtualAct::Picture(picture, 1500)));
}

#[test]
fn buttons_plug_and_clock_reach_the_board() {
    let fake = Fake::start();
    let paths = [
        "/press/delivery",
        "/press/lamp-test",
        "/press/sync",
        "/camera/unplug",
        "/camera/plug",
        "/clock?offset_s=-3600",
    ];
    assert_eq!(paths.map(|path| fake.post(path, b"").status), [200; 6]);
    let acts: Vec<VirtualAct> = fake.acts.try_iter().collect();
    let expected = [
        VirtualAct::Press(Button::Delivery),
        VirtualAct::Press(Button::LampTest),
        VirtualAct::Press(Button::Sync),
        VirtualAct::CameraPlugged(false),
        VirtualAct::CameraPlugged(true),
        VirtualAct::ClockOffset(-3600),
    ];
    assert_eq!(acts, expected);
}

#[test]
fn the_preview_is_what_the_camera_sees_at_that_moment() {
    let fake = Fake::start();
    let seen = GreyImage { width: 2, height: 2, pixels: vec![0, 80, 160, 255] };
    *fake.sees.lock().expect("no panic") = Arc::new(seen.clone());
    let png = image::load_from_memory(&fake.get("/camera.png").bytes).expect("a PNG");
    assert_eq!(png.into_luma8().into_raw(), seen.pixels);
}
