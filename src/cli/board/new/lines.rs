//! The lines of lamps, buzzer and buttons: asked for, tried, and asked for again until a person has seen the right thing.

use std::io::Write;
use std::time::Duration;

use super::talk::{Answer, Stop, Talk};
use crate::device::{DeviceFault, Trial, Tried};
use crate::rules::board::{Active, Button, ButtonLines, Buzzer, Driver, Lamps, Line, Output, SoundBoard, Via};

/// The lines of a header that have no second duty while the box boots or on a bus: never those of a HAT's memory (0 and 1).
/// Which of them somebody has all the same is asked when they are watched. How a line is set does not tell: device trees
/// give clocks to lines with nothing on them.
const FREE: [u32; 16] = [4, 5, 6, 12, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26];
/// Largest number of a line, on a Raspberry Pi's header and on a chip of the kernel.
const LARGEST: (u32, u32) = (27, 1023);
/// What everybody near the box has to know.
const NO_VERDICT: &str = "each lamp blinks three times on the line that is tried, then it rests while you answer: dark, or lit if it is \
                          lit when low; none of that is a verdict, so let nobody take goods in by it";
/// How often a lamp blinks.
const BLINKS: usize = 3;
/// How long a press is waited for before the keyboard is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What a line is for, in the words of a question.
#[derive(Clone, Copy)]
struct Part {
    /// As a board names it.
    name: &'static str,
    /// For a person who looks for it.
    called: &'static str,
    /// What it does three times.
    does: &'static str,
    /// What it is if the level is the wrong one.
    is_on: &'static str,
}

const LAMPS: [Part; 3] = [
    Part { name: "red", called: "RED lamp", does: "blink", is_on: "lit" },
    Part { name: "yellow", called: "YELLOW lamp", does: "blink", is_on: "lit" },
    Part { name: "green", called: "GREEN lamp", does: "blink", is_on: "lit" },
];
const BUZZER: Part = Part { name: "buzzer", called: "buzzer", does: "sound", is_on: "sounding" };

/// The conversation about lines.
pub struct Lines<'t, W> {
    talk: &'t mut Talk<W>,
    /// Without one nothing is lit.
    trial: Option<Trial>,
    driver: Driver,
    /// How long a lamp that blinks is lit, and dark.
    beat: Duration,
    /// Those that are taken, and by what.
    taken: Vec<(u32, String)>,
    /// What has been seen stays off until the end, whatever the driver does with a line that was let go. What has not is as
    /// it was before, for nobody knows yet at which level it is dark.
    held: Vec<Tried>,
}

impl<'t, W: Write> Lines<'t, W> {
    pub fn new(talk: &'t mut Talk<W>, trial: Option<Trial>, beat: Duration, driver: Driver, display: &Output) -> Self {
        let of_display = match driver {
            Driver::Rppal => display.pins(),
            Driver::Gpiocdev { .. } => Vec::new(),
        };
        let taken = of_display.into_iter().map(|(what, number)| (u32::from(number), format!("the display ({what})")));
        Self { talk, trial, driver, beat, taken: taken.collect(), held: Vec::new() }
    }

    /// The lamps; the first one tells at which level all of them are lit.
    pub fn lamps(&mut self, base: &Lamps) -> Result<Lamps, Stop> {
        if self.trial.is_some() {
            self.talk.tell(NO_VERDICT)?;
        }
        let via = self.via(base.via)?;
        let mut active = base.active;
        let mut numbers = [base.red, base.yellow, base.green];
        for (at, (part, number)) in LAMPS.into_iter().zip(&mut numbers).enumerate() {
            *number = self.output(part, *number, &mut active, at == 0)?;
        }
        let [red, yellow, green] = numbers;
        Ok(Lamps { driver: self.driver.clone(), active, via, red, yellow, green, torch: None })
    }

    fn via(&mut self, base: Via) -> Result<Via, Stop> {
        loop {
            let question = "what do the lines switch? `resistor` (LEDs), or a board: `mosfet`, `relay`";
            let typed = self.talk.ask(question, base.name())?;
            match Via::ALL.into_iter().find(|via| via.name() == typed) {
                Some(via) => return Ok(via),
                None => self.talk.tell("answer `resistor`, `mosfet` or `relay`")?,
            }
        }
    }

    /// The buzzer, if there is one. `lamps` is at which level lamps are lit: boards that switch both have one level.
    pub fn sound(&mut self, base: &SoundBoard, lamps: Active) -> Result<SoundBoard, Stop> {
        let suggestion = base.line().map(|line| line.number);
        let Some(number) = self.maybe("the buzzer's line, or `none`", suggestion)? else {
            return Ok(if suggestion.is_some() { SoundBoard::None } else { base.clone() });
        };
        let mut active = lamps;
        let buzzer = self.output(BUZZER, number, &mut active, true)?;
        Ok(SoundBoard::Buzzer(Buzzer { driver: self.driver.clone(), active, buzzer }))
    }

    /// A line that switches something: tried until a person has seen it. `finds_level` asks at which level it is on.
    fn output(&mut self, part: Part, base: u32, active: &mut Active, finds_level: bool) -> Result<u32, Stop> {
        let mut number = base;
        let mut is_asked = part.name == BUZZER.name;
        loop {
            if !is_asked {
                number = self.number(&format!("line of the {}", part.called), number)?;
            }
            is_asked = false;
            if let Some(told) = self.refused(number) {
                self.talk.tell(&told)?;
                number = self.free();
                continue;
            }
            match self.seen(part, number, active, finds_level)? {
                Answer::Yes => {
                    self.taken.push((number, part.called.to_owned()));
                    return Ok(number);
                }
                Answer::No => {}
                Answer::Line(other) => (number, is_asked) = (other, true),
            }
        }
    }

    /// Whether the person has seen this line's part.
    fn seen(&mut self, part: Part, number: u32, active: &mut Active, finds_level: bool) -> Result<Answer, Stop> {
        let mut switch = match self.switch(part, number, *active) {
            None => return Ok(Answer::Yes),
            Some(Ok(switch)) => switch,
            Some(Err(fault)) => {
                self.talk.tell(&fault.to_string())?;
                return self
                    .talk
                    .is_or_line(&format!("take it for the {} without having seen it?", part.called), false);
            }
        };
        self.blink(&mut switch)?;
        let answer = self.talk.is_or_line(&format!("did the {} {}?", part.called, part.does), true)?;
        if answer != Answer::Yes {
            return Ok(answer);
        }
        if finds_level && self.talk.is(&format!("is it {} now?", part.is_on), false)? {
            *active = other(*active);
            // It has to be let go before it can be had anew, off at the other level.
            drop(switch);
            let Some(anew) = self.switch(part, number, *active).transpose()? else { return Ok(answer) };
            switch = anew;
        }
        switch.keep();
        self.held.push(switch);
        Ok(answer)
    }

    fn blink(&mut self, switch: &mut Tried) -> Result<(), Stop> {
        for on in [true, false].repeat(BLINKS) {
            if let Err(message) = switch.turn(on) {
                return self.talk.tell(&message);
            }
            self.talk.pause(self.beat)?;
        }
        Ok(())
    }

    /// The line's switch; nothing where nothing is to be lit.
    fn switch(&mut self, part: Part, number: u32, active: Active) -> Option<Result<Tried, DeviceFault>> {
        let line = Line { driver: &self.driver, number, name: part.name, active };
        self.trial.as_mut().map(|trial| trial.switch(&line))
    }

    /// Every button, found by pressing it where the lines are known.
    pub fn buttons(&mut self, base: &ButtonLines) -> Result<ButtonLines, Stop> {
        let mut buttons = Vec::new();
        for button in Button::ALL {
            let suggestion = base.buttons.iter().find(|(known, _)| *known == button).map(|(_, number)| *number);
            if let Some(number) = self.button(button, suggestion, base.active)? {
                self.taken.push((number, format!("the button `{}`", button.name())));
                buttons.push((button, number));
            }
        }
        Ok(ButtonLines { driver: self.driver.clone(), active: base.active, buttons })
    }

    fn button(&mut self, button: Button, base: Option<u32>, active: Active) -> Result<Option<u32>, Stop> {
        let name = button.name().replace('_', " ");
        let base = base.filter(|number| self.refused(*number).is_none());
        match self.pressed(&name, base, active)? {
            Some(typed) => self.accepted(&typed, base),
            None => self.maybe(&format!("line of the button {name}, or `none`"), base),
        }
    }

    /// What was typed or pressed; nothing where lines cannot be watched.
    fn pressed(&mut self, name: &str, base: Option<u32>, active: Active) -> Result<Option<String>, Stop> {
        let numbers: Vec<u32> = FREE.into_iter().filter(|number| self.refused(*number).is_none()).collect();
        // Of a chip of the kernel nobody knows which lines may be watched.
        let Some(trial) = self.trial.as_mut().filter(|_| self.driver == Driver::Rppal) else { return Ok(None) };
        let mut watched = match trial.buttons(&self.driver, &numbers, active) {
            Ok(watched) => watched,
            Err(fault) => {
                self.talk.tell(&fault.to_string())?;
                return Ok(None);
            }
        };
        let suggestion = shown(base);
        self.talk.prompt(&format!("press the button {name} now, or type its line, or `none`"), &suggestion)?;
        loop {
            match watched.next(LOOK) {
                Ok(Some(number)) => {
                    self.talk.tell(&number.to_string())?;
                    return Ok(Some(number.to_string()));
                }
                Ok(None) => {}
                Err(message) => {
                    self.talk.tell(&message)?;
                    return Ok(None);
                }
            }
            if let Some(typed) = self.talk.typed()? {
                return Ok(Some(if typed.is_empty() { suggestion } else { typed }));
            }
        }
    }

    /// A line that there may be none of.
    fn maybe(&mut self, question: &str, base: Option<u32>) -> Result<Option<u32>, Stop> {
        let base = base.filter(|number| self.refused(*number).is_none());
        let typed = self.talk.ask(question, &shown(base))?;
        self.accepted(&typed, base)
    }

    /// The line that was typed, asked for until it can be.
    fn accepted(&mut self, typed: &str, base: Option<u32>) -> Result<Option<u32>, Stop> {
        let mut typed = typed.to_owned();
        loop {
            if typed == NONE {
                return Ok(None);
            }
            let told = match typed.parse() {
                Ok(number) => match self.refused(number) {
                    None => return Ok(Some(number)),
                    Some(told) => told,
                },
                Err(_) => format!("`{typed}` is no number of a line"),
            };
            self.talk.tell(&told)?;
            typed = self.talk.ask("its line, or `none`", &shown(base))?;
        }
    }

    fn number(&mut self, question: &str, base: u32) -> Result<u32, Stop> {
        loop {
            match self.talk.ask(question, &base.to_string())?.parse() {
                Ok(number) => return Ok(number),
                Err(_) => self.talk.tell("answer with the number of a line, as `17` for GPIO 17")?,
            }
        }
    }

    /// Why a line cannot be taken.
    fn refused(&self, number: u32) -> Option<String> {
        let largest = match self.driver {
            Driver::Rppal => LARGEST.0,
            Driver::Gpiocdev { .. } => LARGEST.1,
        };
        if number > largest {
            return Some(format!("there is no line {number}; they go from 0 to {largest}"));
        }
        let by = self.taken.iter().find(|(taken, _)| *taken == number);
        by.map(|(_, by)| format!("line {number} is that of {by}; use another one"))
    }

    fn free(&self) -> u32 {
        FREE.into_iter().find(|number| self.refused(*number).is_none()).unwrap_or_default()
    }
}

const NONE: &str = "none";

fn shown(number: Option<u32>) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| number.to_string())
}

const fn other(active: Active) -> Active {
    match active {
        Active::High => Active::Low,
        Active::Low => Active::High,
    }
}
