//! From a frame's arrival to light and screen: labels held up before a whole kiosk, its threads, its disk and its outputs.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Ends, Stop};
use crate::cli::run::stop_on_signals;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure};
use crate::device::VirtualBoard;
use crate::kiosk::{Kiosk, Setup, Step, Steps};
use crate::rules::entry::Timings;
use crate::rules::site::IntakeTimings;
use crate::rules::virtual_board::{Pose, VirtualAct};

/// What a turn with a verdict goes through, and what the time up to there is.
const STEPS: [(Step, &str); 7] = [
    (Step::LookedUp, "list and journal tell what they know"),
    (Step::Decided, "verdict is decided"),
    (Step::Cleared, "light before it is dark"),
    (Step::Committed, "row is on disk"),
    (Step::Lit, "light is on"),
    (Step::Drawn, "screen is drawn"),
    (Step::Displayed, "display has it"),
];
/// Steps until the light is on.
const TO_LIGHT: usize = 5;
/// A verdict that takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than a frame or two take, so that a label that is held up has one row.
const OUT_OF_VIEW: Duration = Duration::from_millis(300);

/// A row of the answer: what takes how long, shortest first.
pub type Row = (&'static str, Vec<Duration>);

/// Another screen has been displayed: after a verdict how long what took, from the frame on.
type Turn = Option<(Timings, [Duration; STEPS.len()])>;

/// Holds up `rounds` labels, one after the other, each before an idle kiosk.
pub fn measure(setting: &Setting, rounds: u32, ends: &Ends) -> Result<Vec<Row>, Stop> {
    let mut site = setting.site.clone();
    site.panel = None;
    let (accept, hold, reject) = (OUT_OF_VIEW, OUT_OF_VIEW, OUT_OF_VIEW);
    site.intake = IntakeTimings { rearm: OUT_OF_VIEW, accept, hold, reject, ..site.intake };
    let texts: Vec<String> =
        setting.rack.iter().filter(|label| label.expected.is_some()).map(|label| label.text.clone()).collect();
    let mut kiosk = Kiosk::open(Setup { board: setting.board.clone(), site, rack: Vec::new(), recorder: None })?;
    let (told, turns) = channel();
    kiosk.watched_by(stamps(told));
    stop_on_signals(&kiosk)?;
    let (stopper, hand) = (kiosk.stopper(), kiosk.hand());
    let dock = thread::Builder::new().name("dock".to_owned()).spawn(move || {
        let measured = hand.and_then(|hand| hold_up(&hand, &texts, &turns, rounds));
        stopper.stop();
        measured
    })?;
    kiosk.run()?;
    let measured = dock.join().ok().flatten();
    if ends.try_recv().is_ok() {
        return Err(Stop::Interrupted);
    }
    let no_verdict = "the kiosk shows no verdict; `RUST_LOG=debug greengate bench` tells what it does";
    Ok(rows(&measured.ok_or_else(|| Failure::new(Exit::Software, no_verdict))?))
}

/// Puts a time to each step, and tells of every screen that has been displayed.
fn stamps(told: Sender<Turn>) -> Steps {
    let mut reached: Vec<(Step, Instant)> = Vec::with_capacity(2 * STEPS.len());
    Box::new(move |step| {
        if matches!(step, Step::TakenUp(_)) {
            reached.clear();
        }
        reached.push((step, Instant::now()));
        if step == Step::Displayed {
            // Nobody listens at the end.
            let _ = told.send(turn(&reached));
            reached.clear();
        }
    })
}

fn turn(reached: &[(Step, Instant)]) -> Turn {
    let ((Step::TakenUp(timings), begun), steps) = reached.split_first()? else { return None };
    let is_whole = steps.iter().map(|(step, _)| step).eq(STEPS.iter().map(|(step, _)| step));
    is_whole.then(|| (*timings, std::array::from_fn(|at| steps[at].1.duration_since(*begun))))
}

/// `None` if a verdict does not come, or nothing more does.
fn hold_up(
    hand: &VirtualBoard,
    texts: &[String],
    turns: &Receiver<Turn>,
    rounds: u32,
) -> Option<Vec<(Timings, [Duration; STEPS.len()])>> {
    let until = |verdict: bool| loop {
        let turn = turns.recv_timeout(PATIENCE).ok()?;
        if turn.is_some() == verdict {
            return Some(turn);
        }
    };
    let mut measured = Vec::new();
    for text in texts.iter().cycle().take(rounds as usize + 1) {
        hand.act(VirtualAct::HoldUp(vec![text.clone()], Pose::default()));
        measured.extend(until(true)?);
        hand.act(VirtualAct::HoldUp(Vec::new(), Pose::default()));
        until(false)?;
    }
    // The first one had to read the font.
    measured.remove(0);
    Some(measured)
}

fn rows(measured: &[(Timings, [Duration; STEPS.len()])]) -> Vec<Row> {
    let us = |us: u32| Duration::from_micros(us.into());
    let sorted = |of: &dyn Fn(&Timings, &[Duration; STEPS.len()]) -> Duration| {
        let mut times: Vec<Duration> = measured.iter().map(|(timings, steps)| of(timings, steps)).collect();
        times.sort_unstable();
        times
    };
    let before = |timings: &Timings| us(timings.scan_us) + us(timings.wait_us);
    let begin = [
        ("frame is looked at", sorted(&|timings, _| us(timings.scan_us))),
        ("loop takes it up", sorted(&|timings, _| us(timings.wait_us))),
    ];
    let steps = STEPS.iter().enumerate().map(|(at, (_, what))| {
        let took = sorted(&|_, steps| {
            steps[at].saturating_sub(at.checked_sub(1).map_or(Duration::ZERO, |before| steps[before]))
        });
        (*what, took)
    });
    let totals = [("frame to light", TO_LIGHT), ("frame to screen", STEPS.len())]
        .map(|(what, count)| (what, sorted(&|timings, steps| before(timings) + steps[count - 1])));
    begin.into_iter().chain(steps).chain(totals).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_counts_as_a_verdict_only_after_every_step_from_its_frame_on() {
        let (told, turns) = channel();
        let mut stamps = stamps(told);
        let taken_up = Step::TakenUp(Timings { scan_us: 3, wait_us: 2 });
        let mut reach = |steps: &[Step]| steps.iter().for_each(|step| stamps(*step));
        // A frame that changed nothing, and later another screen by itself.
        reach(&[taken_up, Step::LookedUp, Step::Decided, Step::Lit]);
        reach(&[Step::LookedUp, Step::Decided, Step::Lit, Step::Drawn, Step::Displayed]);
        assert_eq!(turns.try_recv(), Ok(None));
        // A verdict, behind a frame that changed nothing.
        reach(&[taken_up, Step::LookedUp, Step::Decided, Step::Lit, taken_up]);
        reach(&STEPS.map(|(step, _)| step));
        let (timings, steps) = turns.try_recv().expect("a screen").expect("a verdict");
        assert_eq!((timings.scan_us, timings.wait_us), (3, 2));
        assert!(steps.is_sorted(), "{steps:?}");
        assert!(turns.try_recv().is_err());
    }

    #[test]
    fn a_row_for_each_step_and_both_sums_of_all_that_comes_before() {
        let ms = Duration::from_millis;
        let steps = [1, 3, 6, 10, 15, 21, 28].map(ms);
        let measured = [(Timings { scan_us: 40_000, wait_us: 50_000 }, steps)];
        let took: Vec<Duration> = rows(&measured).into_iter().map(|(_, times)| times[0]).collect();
        assert_eq!(took, [40, 50, 1, 2, 3, 4, 5, 6, 7, 105, 118].map(ms));
    }
}
