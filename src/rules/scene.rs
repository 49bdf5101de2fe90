//! What the display shows, as content: no fonts, no sizes, no colours.

use serde::{Deserialize, Serialize};

use super::clock::ClockTrust;
use super::delivery::{Delivery, Tally};
use super::orders::Lamp;
use super::ruling::Outcome;
use super::text::Text;

/// A whole screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// What it is about.
    pub body: Body,
    /// What is always there.
    pub bar: Bar,
}

/// What the screen is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The program has started and looks for its parts.
    Starting,
    /// The lamps are lit one after the other.
    SelfTest(Option<Lamp>),
    /// Waiting for a label.
    Ready,
    /// A verdict.
    Verdict(Box<VerdictBody>),
    /// Something to do before there can be a verdict.
    Notice(Notice),
    /// A delivery was opened.
    DeliveryStarted(Delivery),
    /// A delivery was closed.
    Summary(Delivery),
    /// The kiosk needs a person (blue).
    Fault(FaultBody),
}

impl Body {
    /// The scene's stable name, for scripts, goldens and the panel.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::SelfTest(_) => "self-test",
            Self::Ready => "ready",
            Self::Verdict(_) => "verdict",
            Self::Notice(_) => "notice",
            Self::DeliveryStarted(_) => "delivery-started",
            Self::Summary(_) => "summary",
            Self::Fault(_) => "fault",
        }
    }
}

/// A verdict to show: signal word and shape follow from the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictBody {
    /// Accept, Hold or Reject.
    pub outcome: Outcome,
    /// The ruling's stable slug.
    pub slug: String,
    /// Why, in one short sentence.
    pub reason: Text,
    /// What the person does now, in one short sentence.
    pub next: Text,
    /// Further lines that belong to the reason: missing documents, the item to check. At most [`DETAILS_LIMIT`].
    pub details: Vec<Text>,
    /// The product's name, if known.
    pub product: Option<Text>,
    /// The supplier's name, if known.
    pub supplier: Option<Text>,
    /// GTIN, lot and serial as people read them, for example `(01)06901234567892 (10)A-1`.
    pub elements: String,
    /// The code is newer than the cache.
    pub new: bool,
}

/// How many detail lines a scene carries; the last one says how many more there are.
pub const DETAILS_LIMIT: usize = 5;

/// Something to do before there can be a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// More than one different label in view.
    ShowOne,
    /// A code, but not a product's.
    NotAProduct,
    /// A code is in view and too small or not clear enough to be read.
    MoveCloser,
    /// The picture is too dark.
    TooDark,
    /// A code is in view and smeared.
    HoldStill,
    /// A lamp shines off the code.
    Glare,
    /// A part of the code lies beyond the picture's edge.
    OutOfView,
    /// The verdict is over and the label still lies in view.
    TakeAway,
}

/// Why the kiosk needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultBody {
    /// What is wrong, in one short sentence.
    pub what: Text,
    /// What the person does now.
    pub next: Text,
    /// The technical message for staff, with what and where; not translated.
    pub detail: String,
}

/// What is on every screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Where the box stands.
    pub site: String,
    /// Hours and minutes of the site's clock, `None` while it is not known.
    pub clock: Option<String>,
    /// Whether dates are to be believed; `None` before the clock was judged.
    pub trust: Option<ClockTrust>,
    /// The cache's age.
    pub cache: CacheAge,
    /// The open delivery's name and counts.
    pub delivery: Option<(String, Tally)>,
    /// This is the demo world; nothing on the screen is true.
    pub demo: bool,
}

/// How old the cache is, as the policy sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheAge {
    /// There is none.
    #[default]
    Missing,
    /// Young enough that nothing is said.
    Normal,
    /// Green, with the age on the screen, in hours.
    Ageing(i64),
    /// Too old for green, in hours.
    Old(i64),
    /// Out of service, in hours.
    Dead(i64),
}
