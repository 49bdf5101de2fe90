//! What the project ships is right: every board, and the site that people copy.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use greengate::config;
use greengate::rules::board::{
    Area, Board, Camera, Colours, Display, Frames, LightsBoard, Output, PixelFormat, Rpicam, Setting, Size, SoundBoard,
    V4l2, VideoDevice,
};
use greengate::rules::policy::Tightening;
use greengate::rules::site::{FeedSettings, IntakeTimings, JournalSettings, PanelSettings, Site};
use greengate::rules::text::Language;
use jiff::tz::TimeZone;

fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The site that people copy.
pub fn example() -> String {
    fs::read_to_string(shipped("assets/site.example.toml")).expect("the example")
}

fn site(changed: &str) -> Site {
    config::site_text("site.toml", changed).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn every_board_file_is_taken_and_part_of_the_program() {
    let mut names = BTreeSet::new();
    for file in fs::read_dir(shipped("boards")).expect("the folder") {
        let path = file.expect("a file").path();
        let board = config::board(&path).unwrap_or_else(|fault| panic!("{fault}"));
        let text = fs::read_to_string(&path).expect("a board");
        assert_eq!(config::builtin_board(&board.name), Some(text.as_str()));
        assert!(text.starts_with("# "), "`{}` does not say what it is for", board.name);
        names.insert(board.name);
    }
    assert_eq!(names, config::BUILTIN_BOARDS.map(str::to_owned).into());
}

#[test]
fn no_board_has_another_name() {
    assert_eq!(config::builtin_board("sim.toml"), None);
}

#[test]
fn the_virtual_board_is_read_as_written() {
    let board = config::board(&shipped("boards/sim.toml")).expect("the virtual board");
    let expected = Board {
        name: "sim".into(),
        title: "Virtual board: camera, screen, lights and sound in the panel".into(),
        based_on: None,
        verified: None,
        camera: Camera::Panel { size: Size { width: 1280, height: 720 }, rate: 15, budget_ms: 25 },
        display: Display {
            output: Output::Panel,
            size: Size { width: 800, height: 480 },
            colours: Colours::Full,
            size_mm: Some((154, 86)),
        },
        lights: LightsBoard::Panel,
        sound: SoundBoard::Panel,
        buttons: None,
    };
    assert_eq!(board, expected);
}

#[test]
fn paths_of_a_board_are_beside_its_file_and_standard_input_is_not() {
    let headless = config::builtin_board("sim-headless").expect("the headless board");
    let board = config::board_text("/etc/greengate/board.toml", headless).expect("the headless board");
    assert_eq!(board.camera, Camera::Stream { path: "-".into(), budget_ms: 25 });
    assert_eq!(board.display.output, Output::Png { folder: "/etc/greengate/screens".into() });
    let photographs = headless
        .replace("[camera.stream]", "[camera.folder]\nrate = 2\nrepeat = true")
        .replace("path = \"-\"", "path = \"photos\"");
    let board = config::board_text("/etc/greengate/board.toml", &photographs).expect("a board with photographs");
    assert_eq!(board.camera, Camera::Folder { path: "/etc/greengate/photos".into(), rate: 2, repeat: true });
}

#[test]
fn the_example_site_is_what_a_site_is_without_changes() {
    let expected = Site {
        name: "杭州三号门 Hangzhou dock 3".into(),
        kiosk: "hangzhou-dock-3".into(),
        languages: vec![Language::Zh, Language::En],
        time_zone: TimeZone::get("Asia/Shanghai").expect("a time zone"),
        state: "/var/lib/greengate".into(),
        policy: Tightening::default(),
        intake: IntakeTimings::default(),
        panel: Some(PanelSettings { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), token: None }),
        feed: Some(FeedSettings {
            url: Some("https://feed.example.org".into()),
            folder: None,
            root: Some("root.json".into()),
            every: Duration::from_secs(30 * 60),
            token_file: None,
            proxy: None,
            proxy_user_file: None,
            ca: None,
            client: None,
        }),
        journal: JournalSettings { keep: Duration::from_secs(400 * 24 * 3600) },
        demo: false,
    };
    assert_eq!(site(&example()), expected);
}

#[test]
fn every_line_that_the_example_leaves_out_can_be_put_in() {
    let token = "0123456789abcdef";
    let full: String = example()
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line))
        .fold(String::new(), |text, line| text + &line.replace('…', token) + "\n");
    let site = site(&full);
    let expected = Tightening {
        normal_h: Some(12),
        green_h: Some(48),
        service_h: Some(120),
        hold_unsigned: Some(true),
        review_one_in: Some(20),
    };
    assert_eq!(site.policy, expected);
    assert_eq!(site.panel.expect("a panel").token.as_deref(), Some(token));
    let feed = site.feed.expect("a feed");
    assert_eq!((feed.folder, feed.token_file), (Some("/media/feed".into()), Some("token".into())));
    assert_eq!((feed.ca, feed.client), (Some("ca.pem".into()), Some(("kiosk.pem".into(), "kiosk.key".into()))));
    assert_eq!(feed.proxy.as_deref(), Some("http://proxy.example.org:3128"));
    assert_eq!(feed.proxy_user_file, Some("proxy-user".into()));
}

#[test]
fn a_site_can_do_without_all_that_has_a_default() {
    let short = "name = \"3\"\nkiosk = \"3\"\nlanguages = [\"en\"]\ntime_zone = \"UTC\"\nstate = \"state\"\n";
    let site = config::site_text("/etc/greengate/site.toml", short).expect("a short site");
    assert_eq!(site.languages, [Language::En]);
    assert_eq!(site.state, Path::new("/etc/greengate/state"));
    assert_eq!((site.policy, site.intake, site.panel), (Tightening::default(), IntakeTimings::default(), None));
    assert_eq!(site.journal, JournalSettings::default());
}

#[test]
fn no_setting_keeps_a_light_on_for_more_than_a_minute() {
    let longest = example().replace("reject_ms = 6000", "reject_ms = 60000").replace("longest_ms = 20000", "");
    let intake = site(&longest).intake;
    assert_eq!((intake.reject, intake.longest), (Duration::from_secs(60), Duration::from_secs(60)));
    let more = example().replace("longest_ms = 20000", "longest_ms = 60001");
    assert!(config::site_text("site.toml", &more).is_err_and(|fault| fault.to_string().contains("2000 to 60000")));
}

#[test]
fn a_panel_beyond_this_machine_listens_with_a_token() {
    let open =
        example().replace("listen = \"127.0.0.1:8080\"", "listen = \"0.0.0.0:8080\"\ntoken = \"0123456789abcdef\"");
    let panel =
        PanelSettings { listen: SocketAddr::from(([0, 0, 0, 0], 8080)), token: Some("0123456789abcdef".into()) };
    assert_eq!(site(&open).panel, Some(panel));
}

#[test]
fn text_with_a_byte_order_mark_and_windows_line_ends_is_read() {
    let windows = format!("\u{feff}{}", example().replace('\n', "\r\n"));
    assert_eq!(site(&windows), site(&example()));
}

#[test]
fn the_demo_site_is_marked_and_stays_on_this_machine() {
    let demo = config::builtin_site();
    assert!(demo.demo);
    assert_eq!(demo.languages, [Language::Zh, Language::En]);
    assert_eq!(demo.time_zone.iana_name(), Some("Asia/Shanghai"));
    let panel = PanelSettings { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), token: None };
    assert_eq!(demo.panel, Some(panel));
}

#[test]
fn a_board_is_described_with_a_line_for_each_part() {
    let board =
        config::board_text("sim-headless", config::builtin_board("sim-headless").expect("a board")).expect("one");
    let expected = "board `sim-headless`: Headless: stream in, PNG screens and log lines out
  camera    Y4M or MJPEG from standard input, 25 ms for each frame
  display   PNG files in `screens`, 480×320, colour
  lights    a line in the log
  sound     a line in the log";
    assert_eq!(config::describe_board(&board), expected);
    let board = config::board_text("oled", config::builtin_board("sim-mono-128x64").expect("a board")).expect("one");
    let expected = "board `oled`: Virtual board with a 128x64 black-and-white display
  camera    the panel's, 1280×720, 15 frames a second, 25 ms for each
  display   the panel's, 128×64, black and white, 22×11 mm
  lights    the panel's
  sound     the panel's";
    assert_eq!(config::describe_board(&board), expected);
}

/// A board with this camera, as read and as told.
fn with_camera(camera: &str) -> (Camera, String) {
    let text =
        format!("title = \"Dock 3\"\n{camera}[display.panel]\nwidth = 800\nheight = 480\n[lights.log]\n[sound.none]\n");
    let board = config::board_text("/etc/greengate/dock.toml", &text).unwrap_or_else(|fault| panic!("{fault}"));
    let told = config::describe_board(&board);
    let camera = told.lines().find_map(|line| line.strip_prefix("  camera    ")).expect("a camera");
    (board.camera, camera.to_owned())
}

#[test]
fn a_usb_camera_is_read_as_written_and_needs_little() {
    let frames = Frames {
        size: Size { width: 1280, height: 720 },
        rate: 30,
        budget_ms: 25,
        roi: None,
        frozen_ms: 1200,
        power_line_hz: None,
    };
    let plain = V4l2 {
        device: VideoDevice::Index(0),
        frames,
        formats: vec![PixelFormat::Grey, PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Mjpeg],
        exposure: None,
        gain: None,
        focus: None,
    };
    let (camera, told) = with_camera("[camera.v4l2]\ndevice = 0\nwidth = 1280\nheight = 720\nrate = 30\n");
    assert_eq!(camera, Camera::V4l2(plain.clone()));
    let expected =
        "`/dev/video0`, 1280×720, 30 frames a second, 25 ms for each, frozen after 1200 ms; grey, yuyv, nv12, mjpeg";
    assert_eq!(told, expected);
    let all = "[camera.v4l2]\ndevice = \"usb:046D:0825\"\nwidth = 1280\nheight = 720\nrate = 30\nbudget_ms = 30\n\
               roi = [320, 0, 640, 720]\nfrozen_ms = 0\npower_line_hz = 50\nformats = [\"mjpeg\", \"yuyv\"]\n\
               exposure = 80\ngain = 20\nfocus = \"auto\"\n";
    let (camera, told) = with_camera(all);
    let roi = Some(Area { x: 320, y: 0, size: Size { width: 640, height: 720 } });
    let full = V4l2 {
        device: VideoDevice::Usb { vendor: 0x046d, product: 0x0825 },
        frames: Frames { budget_ms: 30, roi, frozen_ms: 0, power_line_hz: Some(50), ..frames },
        formats: vec![PixelFormat::Mjpeg, PixelFormat::Yuyv],
        exposure: Some(Setting::At(80)),
        gain: Some(20),
        focus: Some(Setting::Auto),
    };
    assert_eq!(camera, Camera::V4l2(full));
    assert_eq!(camera.budget_ms(), Some(30));
    let expected = "`usb:046d:0825`, 1280×720, 30 frames a second, 30 ms for each, of it 640×720 from 320, 0, \
                    may stand still, lamps on 50 Hz; mjpeg, yuyv, exposure 8 ms, gain 20, focus automatic";
    assert_eq!(told, expected);
    let by_id = "/dev/v4l/by-id/usb-046d_0825_F4-video-index0";
    let text = format!("[camera.v4l2]\ndevice = \"{by_id}\"\nwidth = 1280\nheight = 720\nrate = 30\n");
    assert_eq!(with_camera(&text).0, Camera::V4l2(V4l2 { device: VideoDevice::Path(by_id.into()), ..plain }));
}

#[test]
fn a_camera_on_the_ribbon_cable_is_read_as_written_and_needs_little() {
    let (camera, told) = with_camera("[camera.rpicam]\nwidth = 1280\nheight = 720\nrate = 30\n");
    let frames = Frames {
        size: Size { width: 1280, height: 720 },
        rate: 30,
        budget_ms: 25,
        roi: None,
        frozen_ms: 1200,
        power_line_hz: None,
    };
    let plain = Rpicam { program: "rpicam-vid".into(), frames, shutter_us: None, gain: None, focus_cm: None };
    assert_eq!(camera, Camera::Rpicam(plain));
    let expected = "by way of `rpicam-vid`, 1280×720, 30 frames a second, 25 ms for each, frozen after 1200 ms";
    assert_eq!(told, expected);
    let all = "[camera.rpicam]\nprogram = \"bin/vid\"\nwidth = 1280\nheight = 720\nrate = 30\nshutter_us = 8000\n\
               gain = 2\nfocus_cm = 15\npower_line_hz = 60\n";
    let (camera, told) = with_camera(all);
    let full = Rpicam {
        program: "/etc/greengate/bin/vid".into(),
        frames: Frames { power_line_hz: Some(60), ..frames },
        shutter_us: Some(8000),
        gain: Some(2),
        focus_cm: Some(15),
    };
    assert_eq!(camera, Camera::Rpicam(full));
    let expected = "by way of `/etc/greengate/bin/vid`, 1280×720, 30 frames a second, 25 ms for each, \
                    frozen after 1200 ms, lamps on 60 Hz, exposure 8 ms, gain 2, focus at 15 cm";
    assert_eq!(told, expected);
}

#[test]
fn a_site_is_described_with_a_line_for_each_part_and_without_its_token() {
    let strict = example()
        .replace("[policy]", "[policy]\ngreen_h = 48\nhold_unsigned = true")
        .replace("listen = \"127.0.0.1:8080\"", "listen = \"192.0.2.7:80\"\ntoken = \"0123456789abcdef\"");
    let expected = "site `杭州三号门 Hangzhou dock 3`, kiosk `hangzhou-dock-3`
  languages Chinese, English
  time zone Asia/Shanghai
  state     `/var/lib/greengate`
  policy    green to hour 48, unsigned codes are held
  intake    green 2 s, yellow 4 s, red 6 s, none longer than 20 s; a label counts again after 0.6 s; a delivery ends after 30 min
  panel     http://192.0.2.7:80/, asks for its token
  journal   keeps rows 400 days
  feed      https://feed.example.org, every 30 min";
    assert_eq!(config::describe_site(&site(&strict)), expected);
}
