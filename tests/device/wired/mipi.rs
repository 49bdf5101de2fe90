//! A panel with the MIPI display command set, from the data sheets of ILI9341 (v1.11), ST7789V (v1.6) and ST7735S (v1.5): it
//! hears what was said and shows what the glass would.

use super::said::Said;

/// What no one has written yet.
const UNWRITTEN: u32 = u32::MAX;

/// Controller and glass. Every misuse is a panic: hardware would be silent about it.
#[expect(clippy::struct_excessive_bools, reason = "a controller's switches")]
pub struct Mipi {
    columns: usize,
    rows: usize,
    /// 16 bits a pixel, column after column of a row, as the glass has them.
    memory: Vec<u32>,
    command: u8,
    parameters: Vec<u8>,
    /// MADCTL: bit 7 mirrors rows, bit 6 columns, bit 5 exchanges them, bit 3 is blue first.
    pub address_mode: u8,
    pub bits_a_pixel: u8,
    pub inverted: bool,
    pub awake: bool,
    pub on: bool,
    across: (usize, usize),
    down: (usize, usize),
    at: (usize, usize),
    full: bool,
    half: Option<u8>,
    /// Pixels that were ever written.
    pub pixels: usize,
}

impl Mipi {
    /// A controller with a memory of this size, after its reset.
    pub fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            rows,
            memory: vec![UNWRITTEN; columns * rows],
            command: 0,
            parameters: Vec::new(),
            address_mode: 0,
            bits_a_pixel: 0x66,
            inverted: false,
            awake: false,
            on: false,
            across: (0, columns - 1),
            down: (0, rows - 1),
            at: (0, 0),
            full: false,
            half: None,
            pixels: 0,
        }
    }

    pub fn hear_all(&mut self, said: &[Said]) {
        for said in said {
            self.hear(said);
        }
    }

    fn hear(&mut self, said: &Said) {
        match said {
            Said::Command(bytes) => {
                assert_eq!(bytes.len(), 1, "a command is one byte: {bytes:02x?}");
                assert_eq!(self.half, None, "half a pixel before command {:02x}", bytes[0]);
                self.command = bytes[0];
                self.parameters.clear();
                self.obey();
            }
            Said::Data(bytes) if self.command == 0x2C => bytes.iter().for_each(|byte| self.write(*byte)),
            Said::Data(bytes) => {
                self.parameters.extend(bytes);
                self.take_parameters();
            }
        }
    }

    fn obey(&mut self) {
        match self.command {
            0x01 => *self = Self { memory: std::mem::take(&mut self.memory), ..Self::new(self.columns, self.rows) },
            0x11 => self.awake = true,
            0x20 | 0x21 => self.inverted = self.command == 0x21,
            0x28 | 0x29 => self.on = self.command == 0x29,
            0x2C => (self.at, self.full) = ((self.across.0, self.down.0), false),
            // Normal mode, those with parameters, and the makers' own (power, frame rate, gamma), which move no pixel.
            0x13 | 0x2A | 0x2B | 0x36 | 0x3A | 0xB1..=0xB4 | 0xC0..=0xC5 | 0xE0 | 0xE1 => {}
            unknown => panic!("command {unknown:02x}"),
        }
    }

    fn take_parameters(&mut self) {
        let pair = |high: u8, low: u8| usize::from(u16::from_be_bytes([high, low]));
        match (self.command, self.parameters.as_slice()) {
            (0x2A, [a, b, c, d]) => self.across = self.window(pair(*a, *b), pair(*c, *d), 0),
            (0x2B, [a, b, c, d]) => self.down = self.window(pair(*a, *b), pair(*c, *d), 1),
            (0x36, [mode]) => self.address_mode = *mode,
            (0x3A, [bits]) => self.bits_a_pixel = *bits,
            (0x2A | 0x2B, [_, _, _, _, ..]) | (0x36 | 0x3A, [_, _, ..]) => panic!("too many parameters"),
            _ => {}
        }
    }

    /// A window's ends along one of the two directions, which the address mode may have exchanged.
    fn window(&self, first: usize, last: usize, direction: usize) -> (usize, usize) {
        let exchanged = usize::from(self.address_mode & 0x20 != 0);
        let end = [self.columns, self.rows][direction ^ exchanged];
        assert!(first <= last && last < end, "a window from {first} to {last} in {end}");
        (first, last)
    }

    fn write(&mut self, byte: u8) {
        assert!(self.awake, "pixels for a sleeping controller");
        assert_eq!(self.bits_a_pixel & 7, 5, "not 16 bits a pixel");
        let Some(high) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        assert!(!self.full, "more pixels than the window has");
        let (x, y) = self.at;
        let (mirror_rows, mirror_columns) = (self.address_mode & 0x80 != 0, self.address_mode & 0x40 != 0);
        let (column, row) = if self.address_mode & 0x20 == 0 { (x, y) } else { (y, x) };
        let column = if mirror_columns { self.columns - 1 - column } else { column };
        let row = if mirror_rows { self.rows - 1 - row } else { row };
        self.memory[row * self.columns + column] = u32::from(u16::from_be_bytes([high, byte]));
        self.pixels += 1;
        self.at = match (x == self.across.1, y == self.down.1) {
            (false, _) => (x + 1, y),
            (true, false) => (self.across.0, y + 1),
            (true, true) => {
                self.full = true;
                self.at
            }
        };
    }

    /// What is seen through a glass of this size, whose first pixel is the memory's at `offset`. Nothing beyond the glass was
    /// ever written.
    pub fn glass(&self, (left, top): (usize, usize), (width, height): (usize, usize)) -> Vec<u16> {
        assert!(self.on && self.awake, "the panel is off");
        let mut seen = Vec::new();
        for row in 0..self.rows {
            for column in 0..self.columns {
                let word = self.memory[row * self.columns + column];
                let is_behind = (left..left + width).contains(&column) && (top..top + height).contains(&row);
                assert_eq!(word != UNWRITTEN, is_behind, "column {column} of row {row}: written or behind the glass");
                seen.extend(u16::try_from(word).ok());
            }
        }
        seen
    }
}
