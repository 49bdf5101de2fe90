//! Whatever stands in a file, the answer is a configuration or a message.

use greengate::config::{self, ConfigFault};

use super::shipped::example;

/// Pieces that TOML gives a meaning, and some that break things elsewhere.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    "#",
    "\n",
    "\r",
    ".",
    ",",
    "\"\"\"",
    "\\u0000",
    "\u{feff}",
    "杭",
    "\u{202e}",
    "\t",
    "-9223372036854775809",
    "0x",
    "1e999",
    "1979-05-27",
    "[camera.panel]\n",
];

/// Numbers that look random and are the same on every machine (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).expect("a small number")).expect("a small number")
    }
}

fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(4) {
        let at = dice.below(text.len());
        let to = (at + dice.below(30)).min(text.len());
        match dice.below(3) {
            0 => drop(text.drain(at..to)),
            1 => drop(text.splice(at..at, PIECES[dice.below(PIECES.len())].chars())),
            _ => {
                let copy = text[at..to].to_vec();
                let target = dice.below(text.len());
                text.splice(target..target, copy);
            }
        }
        if text.is_empty() {
            text.push('x');
        }
    }
    text.into_iter().collect()
}

/// A message has something wrong in it, a place, and help for each.
fn judge(text: &str, fault: Option<ConfigFault>) -> bool {
    let Some(fault) = fault else { return true };
    let told = fault.to_string();
    assert!(told.contains("error: ") && told.contains("--> storm.toml"), "no place:\n{told}\nfor\n{text}");
    assert_eq!(told.matches("error: ").count(), told.matches("help: ").count(), "no help:\n{told}\nfor\n{text}");
    false
}

#[test]
fn mutated_files_are_taken_or_refused_with_a_message() {
    let mut dice = Dice(0x6772_6565_6e67_6174);
    let headless = config::builtin_board("sim-headless").expect("a board");
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..1500 {
        let board = mutated(headless, &mut dice);
        let site = mutated(&example(), &mut dice);
        for is_taken in [
            judge(&board, config::board_text("storm.toml", &board).err()),
            judge(&site, config::site_text("storm.toml", &site).err()),
        ] {
            if is_taken { taken += 1 } else { refused += 1 }
        }
    }
    assert!(taken > 100 && refused > 1000, "the storm is one-sided: {taken} taken, {refused} refused");
}

#[test]
fn files_without_any_meaning_are_refused_with_a_message() {
    let mut dice = Dice(7);
    for _ in 0..500 {
        let text: String = (0..dice.below(60)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        let is_taken = judge(&text, config::board_text("storm.toml", &text).err());
        assert!(!is_taken, "a board without a meaning: {text}");
    }
}

#[test]
fn every_table_refuses_a_field_that_it_does_not_have() {
    for (name, text) in [("board", config::builtin_board("sim").expect("a board").to_owned()), ("site", example())] {
        for header in text.lines().filter(|line| line.starts_with('[')) {
            let text = text.replace(header, &format!("{header}\nzzz = 1"));
            let fault = match name {
                "board" => config::board_text("x.toml", &text).err(),
                _ => config::site_text("x.toml", &text).err(),
            };
            let told = fault.map(|fault| fault.to_string()).unwrap_or_default();
            assert!(told.starts_with(&format!("error: unknown name `zzz` in `{header}`\n")), "{header}: {told}");
        }
    }
}

#[test]
fn tables_within_tables_end_somewhere() {
    let deep = format!("x = {}1{}\n", "[".repeat(20_000), "]".repeat(20_000));
    assert!(!judge(&deep, config::board_text("storm.toml", &deep).err()));
    let deep = format!("[{}a]\n", "a.".repeat(20_000));
    assert!(!judge(&deep, config::board_text("storm.toml", &deep).err()));
}
