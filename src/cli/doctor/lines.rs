//! The lines of lamps, buzzer and buttons: who has them. None is touched, so no lamp lights up.

use super::Finding;
use super::finding::Level;
use crate::device::{self, LinesLook};
use crate::rules::board::Board;

const PART: &str = "lines";

pub fn look(board: &Board) -> Vec<Finding> {
    findings(&device::look_at_lines(board))
}

fn findings(LinesLook { free, ours, taken, faults }: &LinesLook) -> Vec<Finding> {
    let mut findings = Vec::new();
    if *ours > 0 {
        findings.push(Finding::fine(PART, format!("a kiosk that runs has {ours} of them")));
    }
    if *free > 0 {
        findings.push(Finding::fine(PART, format!("{free} are there, and nobody else has them")));
    }
    findings.extend(taken.iter().map(|(place, user)| {
        let help = "stop that first, or take another line; `gpioinfo` names them";
        Finding::bad(PART, format!("{place} is in use by `{user}`"), help)
    }));
    // Each of a chip's lines has the same.
    let mut told = Vec::new();
    for finding in faults.iter().map(|fault| Finding::fault(Level::Bad, PART, fault)) {
        if !told.contains(&finding.help) {
            told.push(finding.help.clone());
            findings.push(finding);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceFault;

    fn told(look: &LinesLook) -> Vec<String> {
        findings(look).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_are_told_free_in_the_kiosks_hands_or_in_others() {
        assert_eq!(told(&LinesLook::default()), [""; 0]);
        let free = LinesLook { free: 5, ..LinesLook::default() };
        assert_eq!(told(&free), ["ok    lines          5 are there, and nobody else has them"]);
        let ours = LinesLook { ours: 5, ..LinesLook::default() };
        assert_eq!(told(&ours), ["ok    lines          a kiosk that runs has 5 of them"]);
        let taken = vec![("`red` on GPIO 17".to_owned(), "spi0 CS0".to_owned())];
        let taken = findings(&LinesLook { taken, ..LinesLook::default() }).remove(0);
        assert_eq!((taken.level, taken.found.as_str()), (Level::Bad, "`red` on GPIO 17 is in use by `spi0 CS0`"));
        assert!(taken.help.is_some());
    }

    #[test]
    fn what_keeps_all_of_them_away_is_told_once() {
        let fault = |number: u32| DeviceFault::Line {
            place: format!("line {number}"),
            message: "`/dev/gpiochip0` may not be opened; add the user to the group `gpio`".to_owned(),
        };
        let findings = findings(&LinesLook { faults: vec![fault(1), fault(2)], ..LinesLook::default() });
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].found, "line 1 cannot be used: `/dev/gpiochip0` may not be opened");
        assert_eq!(findings[0].help.as_deref(), Some("add the user to the group `gpio`"));
    }
}
