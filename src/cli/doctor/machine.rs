//! The computer: model, supply, heat, clock.

use super::Finding;
use crate::device::{Machine, Supply, Watchdog};

/// From here on a Raspberry Pi slows itself down.
const HOT: i32 = 80;

pub fn look(machine: &Machine) -> Vec<Finding> {
    let mut findings = vec![match machine.model() {
        Some(model) => Finding::fine("machine", model),
        None => Finding::fine("machine", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
    }];
    findings.extend(machine.supply().map(supply));
    findings.extend(machine.temperature().map(|degrees| {
        let told = format!("{degrees} °C");
        if degrees < HOT {
            Finding::fine("heat", told)
        } else {
            Finding::warn("heat", told, "give the box air, or the processor a heat sink")
        }
    }));
    findings.push(if machine.clock_is_set() {
        Finding::fine("time server", "it has set the clock since the start")
    } else {
        let help = "without one a box that was off starts in the past; `timedatectl` tells more, and the kiosk holds labels whose dates it cannot judge";
        Finding::warn("time server", "none has set the clock since the start", help)
    });
    findings
}

fn supply(supply: Supply) -> Finding {
    let (cable, air) = (
        "use the supply that belongs to the box, and a short thick cable",
        "give the box air, or the processor a heat sink",
    );
    match supply {
        Supply::Holds => Finding::fine("supply", "its voltage has held since the start"),
        Supply::WasSlowed => Finding::warn("supply", "the processor was slowed down since the start", air),
        Supply::WasLow => Finding::warn("supply", "its voltage was too low since the start", cable),
        Supply::IsLow => Finding::bad("supply", "its voltage is too low at this moment", cable),
    }
}

/// What starts the box anew when its system hangs.
pub fn watchdog(machine: &Machine) -> Finding {
    let part = "watchdog";
    let Some(Watchdog { name, is_active }) = machine.watchdog() else {
        let help =
            "add `dtparam=watchdog=on` to `config.txt`, and restart; without one, a box that hangs waits for a person";
        return Finding::warn(part, "there is none", help);
    };
    let name = name.map_or_else(|| "it is there".to_owned(), |name| format!("`{name}`"));
    if is_active == Some(false) {
        let help = "install the package, or set `RuntimeWatchdogSec=15s` in `/etc/systemd/system.conf`, and restart";
        return Finding::warn(part, format!("{name}, and nobody feeds it, so it does not watch"), help);
    }
    Finding::fine(part, if is_active.is_some() { format!("{name}, and it watches") } else { name })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::finding::Level;
    use super::*;

    #[test]
    fn each_supply_that_does_not_hold_has_its_help() {
        let levels = [Supply::Holds, Supply::WasSlowed, Supply::WasLow, Supply::IsLow].map(|told| supply(told).level);
        assert_eq!(levels, [Level::Fine, Level::Warn, Level::Warn, Level::Bad]);
    }

    #[test]
    fn a_watchdog_that_nobody_feeds_is_told_and_none_is_opened() {
        let root = tempfile::tempdir().expect("a folder");
        let machine = Machine::at(root.path());
        let add = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        };
        assert_eq!((watchdog(&machine).level, watchdog(&machine).found.as_str()), (Level::Warn, "there is none"));
        add("dev/watchdog0", "");
        assert_eq!(watchdog(&machine), Finding::fine("watchdog", "it is there"));
        add("sys/class/watchdog/watchdog0/identity", "Broadcom\n");
        add("sys/class/watchdog/watchdog0/state", "inactive\n");
        assert_eq!(watchdog(&machine).found, "`Broadcom`, and nobody feeds it, so it does not watch");
        add("sys/class/watchdog/watchdog0/state", "active\n");
        assert_eq!(watchdog(&machine), Finding::fine("watchdog", "`Broadcom`, and it watches"));
    }
}
