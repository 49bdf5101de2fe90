//! An OLED of 128×64, from the data sheets of SSD1306 (rev. 1.1) and SH1106 (rev. 2.3): it hears what was said and shows what
//! would glow.

use super::said::Said;

pub const WIDTH: usize = 128;
pub const HEIGHT: usize = 64;

/// Controller and glass, on a module that is upright when columns and rows are remapped. Every misuse is a panic.
#[expect(clippy::struct_excessive_bools, reason = "a controller's switches")]
pub struct Oled {
    /// An SH1106 has 132 columns and shows those from the third on.
    columns: usize,
    first: usize,
    /// A byte for each column of a page.
    memory: Vec<Option<u8>>,
    page: usize,
    column: usize,
    by_pages: bool,
    columns_remapped: bool,
    rows_remapped: bool,
    pump: bool,
    pub on: bool,
    pub contrast: u8,
    /// Bytes that were ever written.
    pub bytes: usize,
    /// When it was first lit, it had this many written bytes.
    pub bytes_when_lit: Option<usize>,
}

impl Oled {
    fn new(columns: usize, first: usize) -> Self {
        Self {
            columns,
            first,
            memory: vec![None; columns * HEIGHT / 8],
            page: 0,
            column: 0,
            by_pages: true,
            columns_remapped: false,
            rows_remapped: false,
            // An SH1106's is on after its reset.
            pump: first != 0,
            on: false,
            contrast: 0x7F,
            bytes: 0,
            bytes_when_lit: None,
        }
    }

    pub fn ssd1306() -> Self {
        Self::new(WIDTH, 0)
    }

    pub fn sh1106() -> Self {
        Self::new(132, 2)
    }

    pub fn hear_all(&mut self, said: &[Said]) {
        for said in said {
            match said {
                Said::Command(bytes) => {
                    let mut bytes = bytes.iter().copied();
                    while let Some(command) = bytes.next() {
                        self.obey(command, || bytes.next().expect("a parameter"));
                    }
                }
                Said::Data(bytes) => bytes.iter().for_each(|byte| self.write(*byte)),
            }
        }
    }

    fn obey(&mut self, command: u8, mut parameter: impl FnMut() -> u8) {
        let is_ssd1306 = self.first == 0;
        match command {
            0x00..=0x0F => self.column = self.column & 0xF0 | usize::from(command & 0x0F),
            0x10..=0x1F => self.column = self.column & 0x0F | usize::from(command & 0x0F) << 4,
            0x20 if is_ssd1306 => self.by_pages = parameter() == 0x02,
            // First line, picture from memory, not inverted.
            0x40 | 0xA4 | 0xA6 => {}
            0x81 => self.contrast = parameter(),
            0x8D if is_ssd1306 => self.pump = parameter() == 0x14,
            0xAD if !is_ssd1306 => self.pump = parameter() == 0x8B,
            0xA0 | 0xA1 => self.columns_remapped = command == 0xA1,
            0xA8 => assert_eq!(parameter(), 63, "the panel has 64 rows"),
            0xAE | 0xAF => {
                self.on = command == 0xAF;
                let bytes = self.bytes;
                if self.on {
                    self.bytes_when_lit.get_or_insert(bytes);
                }
            }
            0xB0..=0xB7 => self.page = usize::from(command & 7),
            0xC0 | 0xC8 => self.rows_remapped = command == 0xC8,
            0xD3 => assert_eq!(parameter(), 0, "rows are not shifted"),
            0xDA => assert_eq!(parameter(), 0x12, "pins of the rows on a module of 128×64"),
            // Timing and levels.
            0xD5 | 0xD9 | 0xDB => drop(parameter()),
            unknown => panic!("command {unknown:02x}"),
        }
    }

    fn write(&mut self, byte: u8) {
        assert!(self.by_pages, "an SH1106 knows nothing else");
        assert!(self.column < self.columns, "column {} of {}", self.column, self.columns);
        self.memory[self.page * self.columns + self.column] = Some(byte);
        (self.column, self.bytes) = (self.column + 1, self.bytes + 1);
    }

    /// The pixels that glow, row by row.
    pub fn glass(&self) -> Vec<bool> {
        assert!(self.on && self.pump, "the panel is off");
        let pixel = |x: usize, y: usize| {
            let column = if self.columns_remapped { x } else { WIDTH - 1 - x };
            let row = if self.rows_remapped { y } else { HEIGHT - 1 - y };
            let byte = self.memory[row / 8 * self.columns + self.first + column];
            byte.expect("every pixel was written") >> (row % 8) & 1 == 1
        };
        (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| pixel(x, y))).collect()
    }
}
