//! What was said to a display on its bus, in the order in which it was said.
//!
//! As text it is a line for each piece, so that what a kernel saw can be read as well: `C 2a` is a command, `D 00 00 00 ef`
//! are data, anything else is a remark.

/// Commands and data, told apart by the D/C pin of SPI or the control byte of I²C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Command(Vec<u8>),
    Data(Vec<u8>),
}

/// Reads lines.
pub fn from_lines(text: &str) -> Vec<Said> {
    let line = |line: &str| {
        let (kind, bytes) = line.trim().split_once(' ')?;
        let bytes = bytes.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("two hex digits"));
        match kind {
            "C" => Some(Said::Command(bytes.collect())),
            "D" => Some(Said::Data(bytes.collect())),
            _ => None,
        }
    };
    text.lines().filter_map(line).collect()
}

/// Writes lines.
pub fn to_lines(said: &[Said]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let line = |said: &Said| match said {
        Said::Command(bytes) => format!("C {}\n", hex(bytes)),
        Said::Data(bytes) => format!("D {}\n", hex(bytes)),
    };
    said.iter().map(line).collect()
}

/// What an I²C write says: its first byte tells what follows.
pub fn on_i2c(bytes: &[u8]) -> Said {
    match bytes {
        [0x00, commands @ ..] => Said::Command(commands.to_vec()),
        [0x40, data @ ..] => Said::Data(data.to_vec()),
        other => panic!("control byte of {other:02x?}"),
    }
}

/// What SPI transfers say, where nobody has looked at the D/C pin. After a command with parameters comes a transfer of
/// them; pixels go in pairs of bytes, so a single byte among them is the next command.
pub fn on_spi(transfers: &[Vec<u8>]) -> Vec<Said> {
    /// Software reset, sleep out, normal mode, inversion off and on, display on.
    const ALONE: [u8; 6] = [0x01, 0x11, 0x13, 0x20, 0x21, 0x29];
    const WRITE: u8 = 0x2C;
    let (mut said, mut command) = (Vec::new(), None);
    for bytes in transfers.iter().filter(|bytes| !bytes.is_empty()) {
        match (command, bytes.as_slice()) {
            (Some(WRITE), [_, _, ..]) => said.push(Said::Data(bytes.clone())),
            (None | Some(WRITE), [next]) => {
                command = Some(*next).filter(|next| !ALONE.contains(next));
                said.push(Said::Command(vec![*next]));
            }
            (None, more) => panic!("{} bytes, and no command before them", more.len()),
            (Some(_), parameters) => {
                command = None;
                said.push(Said::Data(parameters.to_vec()));
            }
        }
    }
    said
}

#[test]
fn lines_are_read_as_they_are_written() {
    let said = [Said::Command(vec![0x2A]), Said::Data(vec![0, 0, 0, 0xEF]), Said::Command(vec![0x2C])];
    let text = to_lines(&said);
    assert_eq!(text, "C 2a\nD 00 00 00 ef\nC 2c\n");
    assert_eq!(from_lines(&format!("# a remark\n\n{text}")), said);
}
