//! Which boards fit a machine.

use super::BUILTIN_BOARDS;

/// The boards that fit a machine of this model, as its device tree tells it, the one to suggest first. What is no Raspberry
/// Pi that we know but has lines by way of the kernel gets the one for all of those.
#[must_use]
pub fn boards_for(model: Option<&str>, has_lines: bool) -> Vec<&'static str> {
    let own = model.and_then(family).or_else(|| has_lines.then_some("generic-"));
    BUILTIN_BOARDS.into_iter().filter(|name| own.is_some_and(|own| name.starts_with(own))).collect()
}

/// How the names of a model's boards begin. A compute module has the lines of the model that it is made of.
fn family(model: &str) -> Option<&'static str> {
    let model = model.strip_prefix("Raspberry Pi ")?;
    let model = model.strip_prefix("Compute Module ").unwrap_or(model);
    let families = [("3", "pi3-"), ("4", "pi4-"), ("5", "pi5-"), ("Zero 2", "zero2w-")];
    families.into_iter().find(|(begin, _)| model.starts_with(begin)).map(|(_, family)| family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_model_has_its_boards() {
        let pi4 = ["pi4-hdmi-tower", "pi4-ili9341-relay"];
        let generic = ["generic-gpiocdev-hdmi"];
        for (model, boards) in [
            ("Raspberry Pi 3 Model B Plus Rev 1.3", ["pi3-hdmi-tower", "pi3-ssd1306-leds"].as_slice()),
            ("Raspberry Pi 4 Model B Rev 1.4", &pi4),
            ("Raspberry Pi 400 Rev 1.0", &pi4),
            ("Raspberry Pi Compute Module 4 Rev 1.1", &pi4),
            ("Raspberry Pi 5 Model B Rev 1.0", &["pi5-hdmi-tower"]),
            ("Raspberry Pi Zero 2 W Rev 1.0", &["zero2w-st7789-leds"]),
            ("Raspberry Pi Zero W Rev 1.1", &generic),
            ("Radxa ROCK 4C+", &generic),
        ] {
            assert_eq!(boards_for(Some(model), true), boards, "{model}");
        }
    }

    #[test]
    fn a_machine_without_lines_has_none() {
        assert_eq!(boards_for(None, false), [""; 0]);
        assert_eq!(boards_for(Some("Radxa ROCK 4C+"), false), [""; 0]);
        assert_eq!(boards_for(None, true), ["generic-gpiocdev-hdmi"]);
    }
}
