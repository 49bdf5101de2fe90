//! Labels as they are printed: every way to write them is read back as a kiosk reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use greengate::hub::sheet::{Drawing, LabelFace, Paper, Sheet, Size, draw, pdf, png, svg};
use greengate::hub::{Batch, LabelKey, LabelOrder, Print, Resolution, Serials, Unreadable, issue};
use greengate::rules::demo::DemoKey;
use greengate::rules::text::Text;
use greengate::rules::{label, symbol};
use greengate::vision::Reader;
use jiff::civil::date;

use super::{author, authority, failure, hub, public, success};
use crate::support::Seeded;

const SIZES: [&str; 7] = ["30x20mm", "40x25mm", "50x30mm", "100x50mm", "100x100mm", "60x90mm", "25x45mm"];

/// Labels of items with everything on them.
fn batch(count: u32) -> Batch {
    let (_folder, mut registry) = authority();
    let order = LabelOrder {
        listing: 17,
        lot: Some("LJ-2604".to_owned()),
        expiry: Some(date(2027, 12, 31)),
        valid_until: None,
        serials: Serials::Next { prefix: "S-".to_owned(), count },
        host: "qr.example.com".to_owned(),
    };
    let key = LabelKey { slot: 1, secret: DemoKey::Authority.signing_key() };
    registry.change(&author(), |changes| issue(changes, &key, &order, date(2026, 11, 24))).expect("what was written")
}

fn drawn(batch: &Batch, size: &str, resolution: Resolution) -> Result<Drawing, Unreadable> {
    draw(&LabelFace::new(batch, &batch.labels[0]), size.parse().expect("what was written"), resolution)
}

/// A grey picture.
struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    fn of_png(bytes: &[u8]) -> Self {
        let mut decoder = ::png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(::png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("what was written");
        let mut pixels = vec![0; reader.output_buffer_size().expect("what was written")];
        let info = reader.next_frame(&mut pixels).expect("what was written");
        Self { width: info.width as usize, height: info.height as usize, pixels }
    }

    /// A PGM picture as pdftoppm writes it: `P5`, width and height, 255, each in a line, and the pixels.
    fn of_pgm(bytes: &[u8]) -> Self {
        let mut lines = bytes.splitn(4, |byte| *byte == b'\n').skip(1);
        let sides = std::str::from_utf8(lines.next().expect("what was written"))
            .expect("what was written")
            .split_once(' ')
            .expect("what was written");
        let [width, height] = [sides.0, sides.1].map(|side| side.parse().expect("what was written"));
        Self { width, height, pixels: lines.nth(1).expect("what was written").to_vec() }
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.pixels[y * self.width + x] < 128
    }

    fn part(&self, (x, y): (usize, usize), (width, height): (usize, usize)) -> Self {
        let row = |y: usize| self.pixels[y * self.width + x..][..width].to_vec();
        Self { width, height, pixels: (y..y + height).flat_map(row).collect() }
    }

    /// What the kiosk's reader reads.
    fn texts(&self) -> Vec<String> {
        let sighting = Reader::new().scan(&self.pixels, self.width, self.height).expect("what was written");
        sighting
            .payloads
            .into_iter()
            .map(|payload| String::from_utf8(payload.bytes).expect("what was written"))
            .collect()
    }
}

fn texts(batch: &Batch) -> Vec<String> {
    batch.labels.iter().map(|label| label.text.clone()).collect()
}

fn has_program(name: &str) -> bool {
    Command::new(name).arg("--version").output().is_ok()
}

#[test]
fn every_picture_is_read_back_and_verifies() {
    let batch = batch(1);
    for size in SIZES {
        for resolution in Resolution::ALL {
            let picture = Grey::of_png(&png(&drawn(&batch, size, resolution).unwrap()));
            let read = picture.texts();
            assert_eq!(read, texts(&batch), "{size} {resolution:?}");
            let verified = label::verify(&label::parse(&read[0]).unwrap(), Some(&public())).unwrap();
            assert_eq!(verified.product(), &batch.labels[0].product);
        }
    }
}

#[test]
fn another_reader_reads_the_same() {
    if !has_program("zbarimg") {
        return;
    }
    let (folder, batch) = (tempfile::tempdir().unwrap(), batch(1));
    for size in SIZES {
        let file = folder.path().join("label.png");
        fs::write(&file, png(&drawn(&batch, size, Resolution::Dpi203).unwrap())).unwrap();
        let read = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&file).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), batch.labels[0].text, "{size}");
    }
}

#[test]
fn a_picture_knows_its_size_in_millimetres() {
    for (resolution, per_metre) in Resolution::ALL.into_iter().zip([8000, 11811, 23622]) {
        let bytes = png(&drawn(&batch(1), "40x25mm", resolution).unwrap());
        let reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let dims = reader.info().pixel_dims.unwrap();
        assert_eq!((dims.xppu, dims.yppu, dims.unit), (per_metre, per_metre, ::png::Unit::Meter));
        assert_eq!((reader.info().width * 1000 + per_metre / 2) / per_metre, 40);
    }
}

/// The dots of a module, and where the symbol begins.
fn symbol_of(drawing: &Drawing) -> (i32, i32, i32) {
    let first = drawing.bars[0];
    (first.height, first.x, first.y)
}

#[test]
fn modules_of_an_svg_are_those_of_the_symbol() {
    let batch = batch(1);
    let symbol = symbol::encode(&batch.labels[0].text).unwrap();
    let drawing = drawn(&batch, "40x25mm", Resolution::Dpi300).unwrap();
    let (module, left, top) = symbol_of(&drawing);
    let text = svg(&drawing);
    let path = text.split("crispEdges\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut dark = vec![false; symbol.size * symbol.size];
    for bar in path.split('M').skip(1) {
        let numbers: Vec<i32> = bar.split([' ', 'h', 'v', 'z', '-']).filter_map(|number| number.parse().ok()).collect();
        let [x, y, width, height, back] = numbers[..] else { panic!("{bar}") };
        assert!(height == module && back == width && width % module == 0, "{bar}");
        let at = |dots: i32| usize::try_from(dots / module).unwrap();
        let start = at(y - top) * symbol.size + at(x - left);
        dark[start..start + at(width)].fill(true);
    }
    assert_eq!(dark, symbol.dark);
    assert!(
        text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"39.963mm\" height=\"24.977mm\""),
        "{text}"
    );
}

/// The pages of a PDF as pictures of 300 dots an inch.
fn pages(folder: &Path, bytes: &[u8]) -> Vec<Grey> {
    let file = folder.join("labels.pdf");
    fs::write(&file, bytes).expect("what was written");
    let page = folder.join("page");
    let done =
        Command::new("pdftoppm").args(["-r", "300", "-gray"]).args([&file, &page]).status().expect("what was written");
    assert!(done.success());
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("what was written").map(|entry| entry.expect("what was written").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pgm"));
    files.sort();
    files.iter().map(|file| Grey::of_pgm(&fs::read(file).expect("what was written"))).collect()
}

#[test]
fn a_pdf_has_a_page_for_each_label_and_reads_back() {
    if !has_program("pdftoppm") {
        return;
    }
    let (folder, batch) = (tempfile::tempdir().unwrap(), batch(3));
    let size: Size = "50x30mm".parse().unwrap();
    let draw = |label| draw(&LabelFace::new(&batch, label), size, Resolution::Dpi300).unwrap();
    let drawings: Vec<_> = batch.labels.iter().map(draw).collect();
    let pages = pages(folder.path(), &pdf(&drawings));
    let read: Vec<_> = pages.iter().flat_map(Grey::texts).collect();
    assert_eq!(read, texts(&batch));
    // The text is drawn too: as much is dark as in the picture, but for what is smooth at its edges.
    let dark = |picture: &Grey| picture.pixels.iter().filter(|shade| **shade < 128).count();
    let share = dark(&pages[0]) as f64 / dark(&Grey::of_png(&png(&drawings[0]))) as f64;
    assert!((0.97..1.03).contains(&share), "{share}");
}

#[test]
fn a_sheet_has_its_labels_in_cells_between_the_marks() {
    if !has_program("pdftoppm") {
        return;
    }
    let (folder, batch) = (tempfile::tempdir().unwrap(), batch(25));
    let sheet = Sheet { paper: Paper::A4, columns: 3, rows: 8, margin_mm: 10.0 };
    let draw = |label| draw(&LabelFace::new(&batch, label), sheet.label_size(), Resolution::Dpi300).unwrap();
    let sheets = sheet.sheets(&batch.labels.iter().map(draw).collect::<Vec<_>>());
    let pages = pages(folder.path(), &pdf(&sheets));
    assert_eq!(pages.len(), 2);
    // In dots: the margin is 118, a cell 748 by 409.
    let cell =
        |page: &Grey, index: usize| page.part((118 + index % 3 * 748, 118 + index / 3 * 409), (748, 409)).texts();
    let read: Vec<_> = (0..24).flat_map(|index| cell(&pages[0], index)).chain(cell(&pages[1], 0)).collect();
    assert_eq!(read, texts(&batch));
    if has_program("zbarimg") {
        let page = ["page-1.pgm", "page-2.pgm"].map(|name| folder.path().join(name));
        let read = Command::new("zbarimg").args(["-q", "--raw", "-Sdisable", "-Sqrcode.enable"]).args(page).output();
        let read = String::from_utf8(read.unwrap().stdout).unwrap();
        let mut read: Vec<&str> = read.lines().collect();
        read.sort_unstable_by_key(|text| text.rsplit('/').next());
        assert_eq!(read, texts(&batch));
    }
    // A4 is 2480 by 3508; along the middle of the upper margin there are four marks and nothing else.
    assert_eq!((pages[0].width, pages[0].height), (2480, 3508));
    let darkened =
        (1..2480).filter(|x| pages[0].pixels[80 * 2480 + x] < 200 && pages[0].pixels[80 * 2480 + x - 1] >= 200);
    let marks: Vec<_> = darkened.map(|x| (x + 2) / 10).collect();
    assert_eq!(marks, [12, 86, 161, 236]);
}

/// The label in the middle of a larger white page, so that ink beyond its edges shows.
fn framed(drawing: &Drawing, frame: i32) -> Grey {
    let mut page = Drawing::new(drawing.width + 2 * frame, drawing.height + 2 * frame, drawing.resolution);
    page.place(drawing, frame, frame);
    Grey::of_png(&png(&page))
}

/// What is dark where it must not be: beyond the label's edges, or in the quiet zone.
fn strays(drawing: &Drawing) -> usize {
    let frame = 60;
    let picture = framed(drawing, frame);
    let (module, left, top) = symbol_of(drawing);
    let bottom = drawing.bars.iter().map(|bar| bar.y + bar.height).max().expect("what was written");
    let side = bottom - top;
    let signed = |at: usize| i32::try_from(at).expect("what was written") - frame;
    let is_within = |x: i32, y: i32, more: i32| {
        (left - more..left + side + more).contains(&x) && (top - more..top + side + more).contains(&y)
    };
    let is_stray = |&(x, y): &(usize, usize)| {
        let (px, py) = (signed(x), signed(y));
        let is_outside = !(0..drawing.width).contains(&px) || !(0..drawing.height).contains(&py);
        let is_quiet = is_within(px, py, 4 * module) && !is_within(px, py, 0);
        (is_outside || is_quiet) && picture.is_dark(x, y)
    };
    let dots = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    dots.filter(is_stray).count()
}

fn words(random: &mut Seeded, of: &[&str], most: u64) -> String {
    (0..=random.below(most)).map(|_| *random.pick(of)).collect()
}

#[test]
fn no_text_leaves_the_label_or_enters_the_quiet_zone() {
    let mut random = Seeded::new(4);
    let mut batch = batch(1);
    let (mut held, mut refused) = (0, 0);
    for _ in 0..60 {
        let zh = words(&mut random, &["龙", "，", "井", "Å", "（", "）", " ", "\u{1F600}"], 80);
        let en = words(&mut random, &["jjj ", "Ågåå|", "tea, ", "WWWWWWWWWWWWWWWW", " ", "(", "茶"], 40);
        batch.listing.name = Text::new(zh, en);
        let [lot, serial] = [(); 2].map(|()| words(&mut random, &["W", "-", "1", "."], 20));
        batch.labels[0].product.lot = Some(lot);
        batch.labels[0].product.serial = Some(serial);
        let [width, height] = [(); 2].map(|()| 12 + random.below(90));
        let resolution = *random.pick(&Resolution::ALL);
        match drawn(&batch, &format!("{width}x{height}mm"), resolution) {
            Ok(drawing) => {
                assert_eq!(strays(&drawing), 0, "{width} x {height} {resolution:?} {:?}", batch.listing.name);
                held += 1;
            }
            Err(Unreadable::Label { enough, .. }) => {
                let enough = format!("{}x{}mm", enough.0, enough.1);
                assert!(drawn(&batch, &enough, resolution).is_ok(), "{width} x {height}: {enough}");
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(held > 30 && refused > 2, "{held} {refused}");
}

#[test]
fn elements_stand_on_every_label_in_full() {
    let mut batch = batch(1);
    batch.listing.name = Text::new("一次性医用外科口罩".repeat(20), "disposable surgical masks ".repeat(20));
    batch.labels[0].product.lot = Some("ABCDEFGHIJKLMNOPQRST".to_owned());
    for size in ["40x25mm", "40x40mm", "100x50mm"] {
        let drawing = drawn(&batch, size, Resolution::Dpi203).unwrap();
        let written: String = drawing.glyphs.iter().map(|glyph| glyph.c).collect();
        assert!(written.ends_with("(01)06901234567892(10)ABCDEFGHIJKLMNOPQRST(17)271231(21)S-000001"), "{written}");
        assert!(
            written.starts_with("一次性医用") && written.contains("disposable") && written.contains('…'),
            "{written}"
        );
        assert!(written.contains("杭州西湖茶业"), "{written}");
    }
}

#[test]
fn the_usual_label_looks_like_its_golden() {
    let bytes = png(&drawn(&batch(1), "40x25mm", Resolution::Dpi203).unwrap());
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hub/label-40x25-203.png");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&golden, &bytes).unwrap();
    }
    let (seen, golden) = (Grey::of_png(&bytes), Grey::of_png(&fs::read(&golden).unwrap()));
    // Other processors round a curve's edge otherwise here and there.
    let different = seen.pixels.iter().zip(&golden.pixels).filter(|(a, b)| a != b).count();
    assert!(seen.pixels.len() == golden.pixels.len() && different < 20, "{different} dots differ");
}

#[test]
fn what_a_kiosk_could_not_read_is_refused_with_what_would_do() {
    let print = |dots, quiet, resolution| Print { side: 49, dots, quiet, resolution }.check();
    let message = |print: Result<(), Unreadable>| print.unwrap_err().to_string();
    for (dots, resolution) in [(2, Resolution::Dpi203), (3, Resolution::Dpi300), (6, Resolution::Dpi600)] {
        assert_eq!(print(dots, 4, resolution), Ok(()));
        assert_eq!(Print::smallest(49, resolution).dots, dots);
        assert!(print(dots - 1, 4, resolution).is_err());
    }
    assert_eq!(
        message(print(2, 4, Resolution::Dpi300)),
        "a module would be 0.169 mm (2 dots at 300 dpi), and a kiosk needs 0.25 mm and 2 dots; \
         the code with its quiet zone needs 14.5 mm"
    );
    assert_eq!(
        message(print(3, 3, Resolution::Dpi203)),
        "a quiet zone of 3 modules is too narrow; leave 4 on every side, which makes the code 21.4 mm wide"
    );
    assert_eq!(
        message(Print { side: 69, dots: 9, quiet: 4, resolution: Resolution::Dpi203 }.check()),
        "the code would be of version 13, and kiosks read labels up to version 12; shorten host, lot or serial"
    );
    assert_eq!(Print { side: 65, dots: 9, quiet: 4, resolution: Resolution::Dpi203 }.check(), Ok(()));
    assert_eq!(
        drawn(&batch(1), "20x10mm", Resolution::Dpi300).unwrap_err().to_string(),
        "a label of `20x10mm` has no room for the code and its text at 300 dpi; `35x18mm` would do"
    );
}

#[test]
fn the_program_says_how_large_a_code_must_be() {
    let (folder, text) = (tempfile::tempdir().unwrap(), batch(1).labels[0].text.clone());
    let said = hub(folder.path(), &["lint", &text]);
    success(&said);
    assert_eq!(
        String::from_utf8_lossy(&said.stdout),
        "203 dpi: version 8, 49 x 49 modules of 2 dots, 0.250 mm; quiet zone of 4; 14.2 mm in all\n\
         300 dpi: version 8, 49 x 49 modules of 3 dots, 0.254 mm; quiet zone of 4; 14.5 mm in all\n\
         600 dpi: version 8, 49 x 49 modules of 6 dots, 0.254 mm; quiet zone of 4; 14.5 mm in all\n"
    );
    let missing = hub(folder.path(), &["lint", "labels.csv"]);
    assert!(failure(&missing, 66).contains("`labels.csv` cannot be read"));
    let list = folder.path().join("labels.csv");
    fs::write(&list, format!("index,text\n1,{text}\n")).unwrap();
    let said = hub(folder.path(), &["lint", list.to_str().unwrap(), "--side", "20mm", "--quiet", "2", "--dpi", "203"]);
    failure(&said, 65);
    assert!(String::from_utf8_lossy(&said.stdout).starts_with("203 dpi: refused: a quiet zone of 2 modules"));
}

#[test]
fn the_program_prints_labels_that_a_kiosk_reads() {
    let (folder, _) = authority();
    let output = folder.path().join("labels");
    fs::create_dir(&output).unwrap();
    let arguments = ["issue", "17", "--host", "q.hzqc.cn", "--count", "2", "--size", "40x25mm", "--dpi", "203", "-o"];
    success(&hub(folder.path(), &[&arguments[..], &[output.to_str().unwrap()]].concat()));
    let kept = greengate::hub::Registry::open(folder.path()).unwrap().labels(17).unwrap();
    for (number, label) in (1..).zip(&kept) {
        let picture = fs::read(output.join(format!("{number:05}.png"))).unwrap();
        assert_eq!(Grey::of_png(&picture).texts().concat(), label.text);
        assert!(output.join(format!("{number:05}.svg")).exists());
    }
    assert_eq!(kept.len(), 2);
    let sheet = folder.path().join("sheet.pdf");
    let arguments = ["issue", "18", "--host", "q.hzqc.cn", "--lot", "A", "--paper", "a4", "--copies", "24", "-o"];
    success(&hub(folder.path(), &[&arguments[..], &[sheet.to_str().unwrap()]].concat()));
    assert!(fs::read(&sheet).unwrap().starts_with(b"%PDF-1."));
}

#[test]
fn sizes_are_refused_with_how_to_write_them() {
    for wrong in ["40", "40x", "4x25mm", "40x25cm", "NaNx25mm", "500x30mm"] {
        let said = hub(Path::new("."), &["issue", "17", "--host", "H", "-o", "x.pdf", "--size", wrong]);
        assert!(failure(&said, 64).contains("write it as `40x25mm`, each side from 5 to 420 mm"), "{wrong}");
    }
    let columns = ["issue", "17", "--host", "H", "-o", "x.pdf", "--columns", "2"];
    assert!(failure(&hub(Path::new("."), &columns), 64).contains("--paper"));
}
