//! Who has the lines of a board, without touching one.

use super::{Chips, USER, place};
use crate::device::DeviceFault;
use crate::rules::board::Board;

/// What came of looking at the lines of a board.
#[derive(Debug, Default)]
pub struct LinesLook {
    /// How many nobody has.
    pub free: usize,
    /// How many a kiosk has.
    pub ours: usize,
    /// Those that somebody else has, and who.
    pub taken: Vec<(String, String)>,
    /// Why others cannot be had.
    pub faults: Vec<DeviceFault>,
}

impl LinesLook {
    /// Looks at the lines of a board.
    pub fn at(board: &Board, chips: &mut Chips) -> Self {
        let mut look = Self::default();
        for line in board.lines() {
            match chips.user(&line) {
                Ok(None) => look.free += 1,
                Ok(Some(user)) if user == USER => look.ours += 1,
                Ok(Some(user)) => look.taken.push((place(&line), user)),
                Err(fault) => look.faults.push(fault),
            }
        }
        look
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;
    use crate::rules::board::{
        Active, Buzzer, Camera, Colours, Display, Driver, Lamps, LightsBoard, Output, Size, SoundBoard, Via,
    };

    fn board() -> Board {
        let (size, driver, active) = (Size { width: 640, height: 480 }, Driver::Rppal, Active::High);
        let via = Via::Resistor;
        let lamps = Lamps { driver: driver.clone(), active, via, red: 17, yellow: 27, green: 22, torch: None };
        Board {
            name: "test".to_owned(),
            title: "Test".to_owned(),
            based_on: None,
            verified: None,
            camera: Camera::Panel { size, rate: 15, budget_ms: 25 },
            display: Display { output: Output::Panel, size, colours: Colours::Full, size_mm: None },
            lights: LightsBoard::Lamps(lamps),
            sound: SoundBoard::Buzzer(Buzzer { driver, active, buzzer: 24 }),
            buttons: None,
        }
    }

    #[test]
    fn lines_are_looked_at_and_none_is_touched() {
        let recorder = Recorder::default();
        let look = || LinesLook::at(&board(), &mut Chips::recorded(&recorder));
        assert_eq!((look().free, look().ours), (4, 0));
        recorder.give(27, USER);
        assert_eq!((look().free, look().ours), (3, 1));
        recorder.give(24, "w1");
        assert_eq!(look().taken, [("`buzzer` on GPIO 24".to_owned(), "w1".to_owned())]);
        assert_eq!(recorder.take(), []);
    }
}
