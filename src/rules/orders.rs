//! What the core wants the box to do: the whole desired state, so carrying it out twice does no harm.

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::ruling::Outcome;
use super::scene::Scene;
use super::time::Moment;

/// The whole desired state after an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Orders {
    /// What the display shows.
    pub scene: Scene,
    /// What the lights do.
    pub lights: Lights,
    /// The tone to play; a tone is played when its serial differs from the last one played.
    pub sound: Option<Sound>,
    /// The row to commit before any of the above may be carried out; present only in the answer to one event.
    pub entry: Option<Entry>,
    /// Step again at this moment with [`super::intake::Event::Woken`], if nothing happens before.
    pub wake_at: Option<Moment>,
}

/// What the lights do. One lamp at a time, and never without an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lights {
    /// All dark: the safe state.
    #[default]
    Off,
    /// One lamp is lit until a moment; the lights' owner turns it off by itself then.
    On {
        /// Which lamp.
        lamp: Lamp,
        /// Steady or flashing.
        flash: Flash,
        /// When it goes dark unless a newer order extends it.
        until: Moment,
    },
}

impl Lights {
    /// The lamp that is lit.
    #[must_use]
    pub const fn lamp(&self) -> Option<Lamp> {
        match self {
            Self::Off => None,
            Self::On { lamp, .. } => Some(*lamp),
        }
    }
}

/// A lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lamp {
    /// Accept.
    Green,
    /// Hold.
    Yellow,
    /// Reject.
    Red,
}

impl Lamp {
    /// All lamps, in the order in which a self-test lights them.
    pub const ALL: [Self; 3] = [Self::Red, Self::Yellow, Self::Green];

    /// The lamp of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::Green,
            Outcome::Hold => Self::Yellow,
            Outcome::Reject => Self::Red,
        }
    }
}

/// Steady or flashing (IEC 60073: flashing draws attention).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flash {
    /// Lit without a break.
    Steady,
    /// 0.5 s lit, 0.5 s dark: 1 Hz.
    Slow,
    /// 125 ms lit, 125 ms dark: 4 Hz.
    Fast,
}

impl Flash {
    /// The outcome's pattern.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::Steady,
            Outcome::Hold => Self::Slow,
            Outcome::Reject => Self::Fast,
        }
    }

    /// How long the lamp is lit and dark in turn, in milliseconds; `None` is always lit.
    #[must_use]
    pub const fn half_period_ms(self) -> Option<u64> {
        match self {
            Self::Steady => None,
            Self::Slow => Some(500),
            Self::Fast => Some(125),
        }
    }
}

/// A tone to play once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// Which.
    pub tone: Tone,
    /// Counts up with every tone that is to be heard, so that repeating an order does not repeat the tone.
    pub serial: u64,
}

/// What a verdict or a notice sounds like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Accept: one short tone.
    Accept,
    /// Hold: two tones.
    Hold,
    /// Reject: one long low tone.
    Reject,
    /// A notice: a short click.
    Notice,
    /// The kiosk needs a person: three tones.
    Fault,
}

/// One part of a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beep {
    /// Hertz; 0 is silence.
    pub hz: u32,
    /// Milliseconds.
    pub ms: u32,
}

impl Tone {
    /// The tone of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::Accept,
            Outcome::Hold => Self::Hold,
            Outcome::Reject => Self::Reject,
        }
    }

    /// What is played, in order. Told apart by number and length, not by pitch alone: a buzzer may know one pitch only.
    #[must_use]
    pub const fn beeps(self) -> &'static [Beep] {
        const ACCEPT: &[Beep] = &[beep(1760, 120)];
        const HOLD: &[Beep] = &[beep(1175, 180), beep(0, 120), beep(1175, 180)];
        const REJECT: &[Beep] = &[beep(330, 900)];
        const NOTICE: &[Beep] = &[beep(2093, 30)];
        const FAULT: &[Beep] = &[beep(660, 150), beep(0, 100), beep(660, 150), beep(0, 100), beep(660, 150)];
        match self {
            Self::Accept => ACCEPT,
            Self::Hold => HOLD,
            Self::Reject => REJECT,
            Self::Notice => NOTICE,
            Self::Fault => FAULT,
        }
    }
}

const fn beep(hz: u32, ms: u32) -> Beep {
    Beep { hz, ms }
}
