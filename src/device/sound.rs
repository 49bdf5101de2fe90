//! Tones.

use crate::rules::board::SoundBoard;
use crate::rules::orders::Tone;

use super::DeviceFault;

/// What makes tones.
#[derive(Debug)]
pub struct Speaker {
    logs: bool,
}

impl Speaker {
    pub(super) const fn open(board: &SoundBoard) -> Self {
        match board {
            SoundBoard::Log => Self { logs: true },
            // The panel plays what the status says; a mute board plays nothing.
            SoundBoard::Panel | SoundBoard::None | SoundBoard::Buzzer(_) => Self { logs: false },
        }
    }

    /// Plays a tone, without waiting for its end.
    ///
    /// # Errors
    /// The buzzer does not answer; none of today's can fail.
    pub fn play(&mut self, tone: Tone) -> Result<(), DeviceFault> {
        if self.logs {
            log::info!("sound: {}", format!("{tone:?}").to_lowercase());
        }
        Ok(())
    }
}
