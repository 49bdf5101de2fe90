//! What stands in front of the camera: a label on a cardboard box, things printed around it, and the room behind.
//!
//! Everything is a share of the light it sends back, from 0 to 1; light, lens and sensor are the camera's.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::camera::Dice;

/// Half the side of the box's face that the label is on, in millimetres.
const BOX_HALF_MM: f32 = 190.0;
/// Texels of the box's face per millimetre.
const TEXELS: f32 = 4.0;
/// Modules of white around the code.
const QUIET: f32 = 4.0;

/// A grey picture of reflectances.
struct Texture {
    width: usize,
    height: usize,
    shades: Vec<f32>,
}

/// A label on a box.
pub struct Scene {
    /// What the label says.
    pub text: String,
    /// Side of the code without its quiet zone, in millimetres.
    pub side_mm: f32,
    code: QrCode,
    ink: f32,
    paper: f32,
    face: Texture,
    room: Texture,
}

impl Scene {
    /// Draws a label, its box and a room.
    pub fn new(dice: &mut Dice) -> Self {
        let text = payload(dice);
        let code = QrCode::encode_text(&text, QrCodeEcc::Medium).expect("a label's text fits a symbol");
        let side_mm = dice.between(30.0, 80.0);
        let (ink, paper) = (dice.between(0.03, 0.12), dice.between(0.65, 0.9));
        let face = face(dice, side_mm, paper);
        let room = room(dice);
        Self { text, side_mm, code, ink, paper, face, room }
    }

    /// Light sent back by the place on the box `u` right of and `v` below the middle of the code, in millimetres;
    /// nothing where the box ends.
    pub fn shade(&self, u: f32, v: f32) -> Option<f32> {
        let modules = self.code.size() as f32;
        let (x, y) = (self.module(u), self.module(v));
        let inside = |place: f32| (-QUIET..modules + QUIET).contains(&place);
        if inside(x) && inside(y) {
            let dark = self.code.get_module(x.floor() as i32, y.floor() as i32);
            return Some(if dark { self.ink } else { self.paper });
        }
        let inside = u.abs().max(v.abs()) < BOX_HALF_MM;
        inside.then(|| self.face.at((u + BOX_HALF_MM) * TEXELS, (v + BOX_HALF_MM) * TEXELS))
    }

    /// Light sent back by the room behind at a pixel.
    pub fn room(&self, x: f32, y: f32) -> f32 {
        self.room.at(x, y)
    }

    /// Half the side of the label with its quiet zone, in millimetres.
    pub fn reach_mm(&self) -> f32 {
        self.side_mm * (0.5 + QUIET / self.code.size() as f32)
    }

    fn module(&self, place_mm: f32) -> f32 {
        (place_mm / self.side_mm + 0.5) * self.code.size() as f32
    }
}

/// Three in four are whole signed labels, the others short ones as suppliers print them.
fn payload(dice: &mut Dice) -> String {
    let digits = |dice: &mut Dice, count: usize| (0..count).map(|_| dice.digit()).collect::<String>();
    let gtin = format!("0{}", digits(dice, 13));
    if dice.happens(0.75) {
        let seal = digits(dice, 176);
        format!("https://labels.greengate.example/{seal}/01/{gtin}")
    } else {
        let lot = digits(dice, 6);
        format!("https://id.example.com/01/{gtin}/10/{lot}")
    }
}

impl Texture {
    fn filled(width: usize, height: usize, shade: f32) -> Self {
        Self { width, height, shades: vec![shade; width * height] }
    }

    /// The texel at a place; outside, the nearest one.
    fn at(&self, x: f32, y: f32) -> f32 {
        let (column, row) = ((x.max(0.0) as usize).min(self.width - 1), (y.max(0.0) as usize).min(self.height - 1));
        self.shades[row * self.width + column]
    }

    fn rectangle(&mut self, [left, top, width, height]: [f32; 4], shade: f32) {
        let limit = |place: f32, end: usize| (place.max(0.0) as usize).min(end);
        for row in limit(top, self.height)..limit(top + height, self.height) {
            let begin = row * self.width;
            self.shades[begin + limit(left, self.width)..begin + limit(left + width, self.width)].fill(shade);
        }
    }

    /// Bars of different widths side by side: a bar code where they are long, a line of print where they are short.
    fn bars(&mut self, dice: &mut Dice, [left, top, width, height]: [f32; 4], bar: f32, shade: f32) {
        let mut x = left;
        while x < left + width {
            let wide = bar * (1.0 + dice.below(3) as f32);
            self.rectangle([x, top, wide, height], shade);
            x += wide + bar * (1.0 + dice.below(3) as f32);
        }
    }
}

/// Cardboard with its ribs and fibres, printed lines, bar codes and tape, and the label's paper in the middle.
fn face(dice: &mut Dice, side_mm: f32, paper: f32) -> Texture {
    let texels = (2.0 * BOX_HALF_MM * TEXELS) as usize;
    let base = dice.between(0.25, 0.45);
    let mut face = Texture::filled(texels, texels, base);
    let pitch = dice.between(12.0, 24.0);
    for (at, shade) in face.shades.iter_mut().enumerate() {
        let rib = ((at % texels) as f32 / pitch).sin() * 0.02;
        *shade += rib + dice.normal() * 0.015;
    }
    for _ in 0..dice.below(9) {
        clutter(dice, &mut face, base);
    }
    let wide = side_mm * dice.between(1.5, 2.4) * TEXELS;
    let tall = side_mm * dice.between(1.5, 2.0) * TEXELS;
    let middle = texels as f32 / 2.0;
    face.rectangle([middle - wide / 2.0, middle - tall / 2.0, wide, tall], paper);
    for line in 0..dice.below(5) {
        let top = middle + (side_mm * 0.58 + line as f32 * 3.5) * TEXELS;
        face.bars(dice, [middle - wide * 0.4, top, wide * 0.7, 2.2 * TEXELS], 0.5 * TEXELS, 0.1);
    }
    face
}

fn clutter(dice: &mut Dice, face: &mut Texture, base: f32) {
    let end = face.width as f32;
    let place = [dice.between(0.0, end), dice.between(0.0, end), dice.between(60.0, 400.0), dice.between(20.0, 160.0)];
    match dice.below(3) {
        0 => face.rectangle(place, base * dice.between(0.3, 1.8)),
        1 => face.bars(dice, place, 2.0, 0.06),
        _ => {
            let [left, top, width, _] = place;
            (0..4).for_each(|line| face.bars(dice, [left, top + line as f32 * 24.0, width, 14.0], 3.0, 0.08));
        }
    }
}

/// A warehouse out of focus: walls and things in them.
fn room(dice: &mut Dice) -> Texture {
    let mut room = Texture::filled(1280, 720, dice.between(0.1, 0.5));
    for _ in 0..dice.below(25) {
        let place = [
            dice.between(-80.0, 1280.0),
            dice.between(-80.0, 720.0),
            dice.between(10.0, 400.0),
            dice.between(10.0, 300.0),
        ];
        let shade = dice.between(0.04, 0.8);
        room.rectangle(place, shade);
    }
    room
}
