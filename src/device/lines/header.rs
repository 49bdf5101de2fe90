//! A Raspberry Pi's pin header as the kernel knows it: which of its chips that is, and who has a line there.

use gpiocdev::Chip;
use gpiocdev::line::Info;

/// What the chip is called: up to the Pi 3, on the Pi 4, on the Pi 5. Its lines have their BCM numbers.
const LABELS: [&str; 3] = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"];

/// The kernel's chip, if there is one that we may open.
pub fn chip() -> Option<Chip> {
    let paths = gpiocdev::chip::chips().unwrap_or_default();
    paths.into_iter().filter_map(|path| Chip::from_path(path).ok()).find(is_header)
}

/// Whether this is it.
pub fn is_header(chip: &Chip) -> bool {
    chip.info().is_ok_and(|info| LABELS.contains(&info.label.as_str()))
}

/// Who has a line of a chip, by what the kernel says of it.
pub fn user(line: Info) -> Option<String> {
    // What it keeps for itself has no name.
    let name = if line.consumer.is_empty() { "the kernel".to_owned() } else { line.consumer };
    line.used.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_hands_of_whoever_the_kernel_names() {
        let line = |used, consumer: &str| Info { used, consumer: consumer.to_owned(), ..Info::default() };
        assert_eq!(user(line(false, "")), None);
        // What has let it go may still be named.
        assert_eq!(user(line(false, "w1")), None);
        assert_eq!(user(line(true, "spi0 CS0")).as_deref(), Some("spi0 CS0"));
        assert_eq!(user(line(true, "")).as_deref(), Some("the kernel"));
    }
}
