//! Charts as plain SVG. Each stands beside a table with the same figures, which is what a reader of the page is told.

use maud::{Markup, html};

use crate::hub::receiver::Counted;
use crate::hub::web::frame::Frame;

/// In the drawing's own units, which the page scales.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 220;
/// Room for the figures on the left, and for names below.
const LEFT: u32 = 44;
const BELOW: u32 = 26;
/// Lines across, with their figures.
const LINES: u64 = 4;

/// Columns of accepted, held and rejected on each other; a name below every so many.
pub(super) fn columns(frame: &Frame, title: &str, rows: &[(String, Counted)]) -> Markup {
    let most = rows.iter().map(|(_, counted)| counted.all()).max().unwrap_or_default();
    let top = ceiling(most);
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX).max(1);
    let step = (WIDTH - LEFT) / count;
    let every = (count * 48).div_ceil(WIDTH - LEFT).max(1);
    let up = |value: u64| u32::try_from(value * u64::from(HEIGHT) / top).unwrap_or(HEIGHT);
    html! {
        figure class="chart" {
            figcaption { (title) (legend(frame)) }
            svg role="img" aria-label=(title) viewBox={ "0 0 " (WIDTH) " " (HEIGHT + BELOW + 10) } {
                @for line in 0..=LINES {
                    @let value = top * line / LINES;
                    @let y = HEIGHT - up(value) + 10;
                    path class="line" d={ "M" (LEFT) " " (y) "H" (WIDTH) } {}
                    text x=(LEFT - 6) y=(y + 4) text-anchor="end" { (value) }
                }
                @for (at, (name, counted)) in (0_u32..).zip(rows) {
                    @let x = LEFT + at * step;
                    (stack(x + step / 8, (step * 3 / 4).max(1), *counted, &up))
                    @if at % every == 0 {
                        text x=(x + step / 2) y=(HEIGHT + BELOW) text-anchor="middle" { (name) }
                    }
                }
            }
        }
    }
}

fn stack(x: u32, width: u32, counted: Counted, up: &dyn Fn(u64) -> u32) -> Markup {
    let Counted { accepted, held, rejected } = counted;
    let [first, second, third] = [accepted, accepted + held, accepted + held + rejected].map(up);
    let bar = |class: &str, from: u32, to: u32| {
        html! {
            @if to > from { rect class=(class) x=(x) y=(HEIGHT - to + 10) width=(width) height=(to - from) {} }
        }
    };
    html! { (bar("accepted", 0, first)) (bar("held", first, second)) (bar("rejected", second, third)) }
}

/// Bars beside each other's names, longest first.
pub(super) fn bars(title: &str, rows: &[(String, u64)]) -> Markup {
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let height = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_mul(30) + 4;
    let wide = |count: u64| u32::try_from(count * 420 / most).unwrap_or(420).max(2);
    html! {
        figure class="chart" {
            figcaption { (title) }
            svg role="img" aria-label=(title) viewBox={ "0 0 " (WIDTH) " " (height) } {
                @for (at, (name, count)) in (0_u32..).zip(rows) {
                    text x="230" y=(at * 30 + 20) text-anchor="end" { (name) }
                    rect class="plain" x="240" y=(at * 30 + 5) width=(wide(*count)) height="20" {}
                    text x=(246 + wide(*count)) y=(at * 30 + 20) { (count) }
                }
            }
        }
    }
}

fn legend(frame: &Frame) -> Markup {
    let parts = [
        ("accepted", "✓", ("放行", "accepted")),
        ("held", "▲", ("暂存", "held")),
        ("rejected", "✕", ("拒收", "rejected")),
    ];
    html! { @for (class, sign, (zh, en)) in parts {
        " " span class={ "key " (class) } { (sign) " " (frame.say(zh, en)) }
    } }
}

/// A round number that is not less, and that four lines divide.
fn ceiling(most: u64) -> u64 {
    let mut unit = LINES;
    loop {
        for times in [1, 2, 5] {
            if unit * times >= most {
                return unit * times;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_on_a_round_number_that_four_lines_divide() {
        let tops = [0, 3, 4, 5, 19, 21, 400, 401, 1_234_567].map(ceiling);
        assert_eq!(tops, [4, 4, 4, 8, 20, 40, 400, 800, 2_000_000]);
    }
}
