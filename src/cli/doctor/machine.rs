//! The computer: model, supply, heat, clock.

use super::Finding;
use crate::device::{Machine, Supply};

/// From here on a Raspberry Pi slows itself down.
const HOT: i32 = 80;

pub fn look() -> Vec<Finding> {
    let machine = Machine::here();
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
