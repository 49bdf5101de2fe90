//! When which lamp is lit: the order and the time decide, nothing else.

use std::time::Duration;

use crate::rules::orders::{Flash, Lamp, Lights};
use crate::rules::time::Moment;

/// No order keeps a lamp lit longer than this without being repeated, whatever end it names. As long as the longest
/// showing that a site can set.
pub const LONGEST: Duration = Duration::from_secs(60);

/// The order that is carried out, and when its flashing began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    order: Lights,
    since: Moment,
}

impl Plan {
    /// The plan after an order. The same lamp goes on flashing in step, another one begins with its lit half.
    pub fn ordered(self, order: Lights, now: Moment) -> Self {
        let order = match order {
            Lights::Off => Lights::Off,
            Lights::On { lamp, flash, until } => Lights::On { lamp, flash, until: until.min(now + LONGEST) },
        };
        let goes_on = pattern(self.showing(now)).is_some_and(|before| Some(before) == pattern(order));
        Self { order, since: if goes_on { self.since } else { now } }
    }

    /// What of the order still holds.
    pub fn showing(&self, now: Moment) -> Lights {
        match self.order {
            Lights::On { until, .. } if until <= now => Lights::Off,
            Lights::On { .. } | Lights::Off => self.order,
        }
    }

    /// The lamp that is lit now, and when that changes without another order.
    pub fn lit(&self, now: Moment) -> (Option<Lamp>, Option<Moment>) {
        let Lights::On { lamp, flash, until } = self.showing(now) else { return (None, None) };
        let Some(half_ms) = flash.half_period_ms() else { return (Some(lamp), Some(until)) };
        let halves = now.ms.saturating_sub(self.since.ms) / half_ms;
        let next = self.since + Duration::from_millis((halves + 1) * half_ms);
        (halves.is_multiple_of(2).then_some(lamp), Some(next.min(until)))
    }
}

/// What a person sees of an order.
pub const fn pattern(order: Lights) -> Option<(Lamp, Flash)> {
    match order {
        Lights::Off => None,
        Lights::On { lamp, flash, .. } => Some((lamp, flash)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(lamp: Lamp, flash: Flash, until_ms: u64) -> Lights {
        Lights::On { lamp, flash, until: Moment::from_ms(until_ms) }
    }

    fn at(ms: u64) -> Moment {
        Moment::from_ms(ms)
    }

    #[test]
    fn a_steady_lamp_changes_at_its_end_only() {
        let plan = Plan::default().ordered(on(Lamp::Green, Flash::Steady, 2000), at(0));
        assert_eq!(plan.lit(at(0)), (Some(Lamp::Green), Some(at(2000))));
        assert_eq!(plan.lit(at(1999)), (Some(Lamp::Green), Some(at(2000))));
        assert_eq!(plan.lit(at(2000)), (None, None));
    }

    #[test]
    fn a_flashing_lamp_is_lit_and_dark_in_turn_from_its_order_on() {
        let plan = Plan::default().ordered(on(Lamp::Red, Flash::Fast, 1300), at(1000));
        assert_eq!(plan.lit(at(1000)), (Some(Lamp::Red), Some(at(1125))));
        assert_eq!(plan.lit(at(1125)), (None, Some(at(1250))));
        assert_eq!(plan.lit(at(1250)), (Some(Lamp::Red), Some(at(1300))));
        assert_eq!(plan.lit(at(1300)), (None, None));
    }

    #[test]
    fn a_repeated_order_neither_restarts_the_flashing_nor_begins_in_the_dark() {
        let plan = Plan::default().ordered(on(Lamp::Yellow, Flash::Slow, 2000), at(0));
        let longer = plan.ordered(on(Lamp::Yellow, Flash::Slow, 4000), at(600));
        assert_eq!(longer.lit(at(600)), (None, Some(at(1000))));
        let anew = longer.ordered(on(Lamp::Yellow, Flash::Slow, 9000), at(4600));
        assert_eq!(anew.lit(at(4600)), (Some(Lamp::Yellow), Some(at(5100))));
    }

    #[test]
    fn an_order_without_a_sensible_end_gets_one() {
        let plan = Plan::default().ordered(on(Lamp::Green, Flash::Steady, u64::MAX), at(500));
        assert_eq!(plan.lit(at(500)), (Some(Lamp::Green), Some(at(60_500))));
        assert_eq!(plan.lit(at(60_500)), (None, None));
    }
}
