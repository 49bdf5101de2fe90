//! What switches lamps on a board without hardware: nothing, or a line in the log.

use std::time::Duration;

use super::Lamps;
use super::plan::pattern;
use crate::rules::orders::{Flash, Lamp, Lights};

/// Lamps that only the panel shows.
pub struct Shown;

impl Lamps for Shown {
    fn set(&mut self, _: Option<Lamp>) -> Result<(), String> {
        Ok(())
    }
}

/// A line for each new pattern, never for each blink.
pub struct Logged;

impl Lamps for Logged {
    fn set(&mut self, _: Option<Lamp>) -> Result<(), String> {
        Ok(())
    }

    fn showing(&mut self, order: Lights, lasts: Duration) {
        log::info!("lights: {}", line(order, lasts));
    }
}

/// `green steady for 2.0 s`, or `dark`.
fn line(order: Lights, lasts: Duration) -> String {
    pattern(order).map_or_else(
        || "dark".to_owned(),
        |(lamp, flash)| {
            let lamp = match lamp {
                Lamp::Green => "green",
                Lamp::Yellow => "yellow",
                Lamp::Red => "red",
            };
            let flash = match flash {
                Flash::Steady => "steady",
                Flash::Slow => "slow",
                Flash::Fast => "fast",
            };
            format!("{lamp} {flash} for {:.1} s", lasts.as_secs_f64())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::time::Moment;

    #[test]
    fn a_line_tells_lamp_pattern_and_length() {
        let order = Lights::On { lamp: Lamp::Yellow, flash: Flash::Slow, until: Moment::from_ms(9000) };
        assert_eq!(line(order, Duration::from_millis(2500)), "yellow slow for 2.5 s");
        assert_eq!(line(Lights::Off, Duration::ZERO), "dark");
    }
}
