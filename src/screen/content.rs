//! What a scene says, in the order and importance in which it is said: texts and shapes without places.

use crate::rules::delivery::{Delivery, Tally};
use crate::rules::ruling::Outcome;
use crate::rules::scene::{Body, DETAILS_LIMIT, FaultBody, Notice, VerdictBody};
use crate::rules::text::{Language, Text};

use super::flow::{Paragraph, SMALLEST_PX};
use super::font::Face;
use super::geometry::part;
use super::hero::Signal;
use super::palette::Theme;
use super::plan::Role;
use super::shape::Shape;
use super::words::{self, Said};

/// What a screen says under its bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The colours.
    pub theme: Theme,
    /// How it is arranged.
    pub stance: Stance,
    /// The texts beside or under the sign.
    pub texts: Vec<Paragraph>,
    /// The facts about the goods, on a card of their own.
    pub facts: Vec<Paragraph>,
}

/// How a screen is arranged.
#[derive(Clone, Debug, PartialEq)]
pub enum Stance {
    /// Sign and signal word as large as can be, the texts below.
    Signal(Signal),
    /// A sign and what to do.
    Prompt(Shape),
    /// The counts of a delivery.
    Counts(Tally),
}

/// Sizes in thousandths of the screen's unit, for the first and the second language.
struct Style {
    role: Role,
    face: Face,
    ideal: (i32, i32),
    smallest: (i32, i32),
    lines_limit: usize,
    importance: (u8, u8),
    gap: i32,
}

const HEADLINE: Style = Style {
    role: Role::Signal,
    face: Face::Bold,
    ideal: (155, 82),
    smallest: (80, 46),
    lines_limit: 3,
    importance: (100, 80),
    gap: 0,
};
const REASON: Style = Style {
    role: Role::Reason,
    face: Face::Medium,
    ideal: (96, 58),
    smallest: (68, 40),
    lines_limit: 4,
    importance: (95, 85),
    gap: 0,
};
const NEXT: Style = Style {
    role: Role::Next,
    face: Face::Medium,
    ideal: (84, 52),
    smallest: (60, 38),
    lines_limit: 3,
    importance: (90, 75),
    gap: 30,
};
const DETAIL: Style = Style {
    role: Role::Detail,
    face: Face::Medium,
    ideal: (56, 42),
    smallest: (38, 32),
    lines_limit: 2,
    importance: (70, 50),
    gap: 14,
};
const PRODUCT: Style = Style {
    role: Role::Product,
    face: Face::Medium,
    ideal: (68, 46),
    smallest: (40, 32),
    lines_limit: 3,
    importance: (65, 35),
    gap: 24,
};
const SUPPLIER: Style = Style {
    role: Role::Supplier,
    face: Face::Medium,
    ideal: (48, 38),
    smallest: (36, 32),
    lines_limit: 2,
    importance: (40, 20),
    gap: 16,
};
const ELEMENTS: Style = Style {
    role: Role::Elements,
    face: Face::Medium,
    ideal: (42, 42),
    smallest: (32, 32),
    lines_limit: 3,
    importance: (45, 45),
    gap: 16,
};

/// Puts paragraphs together for one scene.
struct Writer<'a> {
    languages: &'a [Language],
    theme: Theme,
    unit: i32,
}

impl Writer<'_> {
    fn say(&self, text: &Text) -> Said {
        Said::new(text, self.languages)
    }

    fn pair(&self, style: &Style, said: Said) -> Vec<Paragraph> {
        let first = self.paragraph(style, said.first, style.ideal.0, style.smallest.0, style.importance.0);
        let second = said.second.map(|second| {
            let quiet = self.paragraph(style, second, style.ideal.1, style.smallest.1, style.importance.1);
            Paragraph { ink: self.theme.quiet, gap: 0, ..quiet }
        });
        [first].into_iter().chain(second).filter(|paragraph| !paragraph.text.is_empty()).collect()
    }

    fn paragraph(&self, style: &Style, text: String, ideal: i32, smallest: i32, importance: u8) -> Paragraph {
        let smallest = part(self.unit, smallest).max(SMALLEST_PX);
        Paragraph {
            role: style.role,
            text,
            face: style.face,
            ideal: part(self.unit, ideal).max(smallest),
            smallest,
            lines_limit: style.lines_limit,
            importance,
            gap: part(self.unit, style.gap),
            ink: self.theme.ink,
            short: None,
            plate: false,
        }
    }

    fn verdict(&self, body: &VerdictBody) -> (Vec<Paragraph>, Vec<Paragraph>) {
        let texts = [self.pair(&REASON, self.say(&body.reason)), self.next(&body.next)].concat();
        let details = body.details.iter().take(DETAILS_LIMIT).flat_map(|detail| self.pair(&DETAIL, self.say(detail)));
        let mark = body.new.then(|| self.mark());
        let product = body.product.iter().flat_map(|product| self.pair(&PRODUCT, self.say(product)));
        let supplier = body.supplier.iter().flat_map(|supplier| self.pair(&SUPPLIER, self.say(supplier)));
        let elements = self.pair(&ELEMENTS, Said::plain(&body.elements));
        let facts = details.chain(mark).chain(product).chain(supplier).chain(elements).collect();
        (texts, facts)
    }

    /// The next step, with an arrow before it.
    fn next(&self, text: &Text) -> Vec<Paragraph> {
        let mut said = self.say(text);
        if !said.first.is_empty() {
            said.first.insert_str(0, "→ ");
        }
        let short = |paragraph: Paragraph| Paragraph { short: first_clause(&paragraph.text), ..paragraph };
        self.pair(&NEXT, said).into_iter().map(short).collect()
    }

    fn mark(&self) -> Paragraph {
        let said = self.say(&words::new_label());
        let text = said.second.map_or_else(|| said.first.clone(), |second| format!("{} {second}", said.first));
        let style =
            Style { role: Role::New, face: Face::Bold, importance: (80, 80), lines_limit: 1, gap: 28, ..DETAIL };
        let mark = self.paragraph(&style, text, 46, 38, style.importance.0);
        Paragraph { plate: true, ..mark }
    }

    fn fault(&self, body: &FaultBody) -> (Vec<Paragraph>, Vec<Paragraph>) {
        let texts = [self.pair(&REASON, self.say(&body.what)), self.next(&body.next)].concat();
        let style = Style { lines_limit: 6, importance: (60, 60), ..ELEMENTS };
        (texts, self.pair(&style, Said::plain(&body.detail)))
    }

    fn notice(&self, notice: Notice) -> Vec<Paragraph> {
        let style = Style { importance: (60, 50), gap: 40, ideal: (70, 50), smallest: (48, 36), ..REASON };
        let reason = self.pair(&style, self.say(&words::notice_reason(notice)));
        [self.pair(&HEADLINE, self.say(&words::notice(notice))), reason].concat()
    }

    fn self_test(&self, lamp: Option<crate::rules::orders::Lamp>) -> Vec<Paragraph> {
        let title = self.say(&words::self_test());
        let Some(lamp) = lamp else { return self.pair(&HEADLINE, title) };
        let style = Style { importance: (60, 50), gap: 40, ideal: (70, 50), smallest: (48, 36), ..REASON };
        [self.pair(&HEADLINE, self.say(&words::lamp(lamp))), self.pair(&style, title)].concat()
    }

    fn delivery(&self, title: &Text, delivery: &Delivery, headline: &Style) -> Vec<Paragraph> {
        let style = Style { importance: (60, 60), gap: 24, ideal: (70, 70), smallest: (48, 48), ..PRODUCT };
        [self.pair(headline, self.say(title)), self.pair(&style, Said::plain(&delivery.id))].concat()
    }
}

/// What stands before the first comma: of "set aside, ask the officer" the part that must not wait.
fn first_clause(text: &str) -> Option<String> {
    let end = text.find(['，', ',', '；', ';', '。'])?;
    Some(text[..end].to_owned())
}

/// What `body` says in `languages`, with sizes for a screen of this `unit`.
#[must_use]
pub fn content(body: &Body, languages: &[Language], unit: i32) -> Content {
    let writer = |theme| Writer { languages, theme, unit };
    let calm = writer(Theme::CALM);
    let prompt = |theme, shape, texts| Content { theme, stance: Stance::Prompt(shape), texts, facts: Vec::new() };
    match body {
        Body::Starting => prompt(Theme::CALM, Shape::Power, calm.pair(&HEADLINE, calm.say(&words::starting()))),
        Body::SelfTest(lamp) => prompt(Theme::CALM, Shape::Beacon, calm.self_test(*lamp)),
        Body::Ready => prompt(Theme::CALM, Shape::ScanFrame, calm.pair(&HEADLINE, calm.say(&words::ready()))),
        Body::Verdict(body) => verdict(body, &writer(Theme::of(body.outcome))),
        Body::Notice(notice) => prompt(Theme::NOTICE, sign(*notice), writer(Theme::NOTICE).notice(*notice)),
        Body::DeliveryStarted(delivery) => {
            prompt(Theme::CALM, Shape::Parcel, calm.delivery(&words::delivery_started(), delivery, &HEADLINE))
        }
        Body::Summary(delivery) => summary(delivery, &calm),
        Body::Fault(body) => fault(body, &writer(Theme::FAULT)),
    }
}

fn verdict(body: &VerdictBody, writer: &Writer) -> Content {
    let (texts, facts) = writer.verdict(body);
    let say = |outcome| writer.say(&words::signal(outcome));
    let peers = [Outcome::Accept, Outcome::Hold, Outcome::Reject].map(say).to_vec();
    let signal = Signal { shape: Shape::of(body.outcome), said: say(body.outcome), peers };
    Content { theme: writer.theme, stance: Stance::Signal(signal), texts, facts }
}

fn fault(body: &FaultBody, writer: &Writer) -> Content {
    let (texts, facts) = writer.fault(body);
    let said = writer.say(&words::call_staff());
    let stance = Stance::Signal(Signal { shape: Shape::Person, said, peers: Vec::new() });
    Content { theme: writer.theme, stance, texts, facts }
}

fn summary(delivery: &Delivery, writer: &Writer) -> Content {
    let headline = Style { ideal: (96, 58), smallest: (54, 38), ..HEADLINE };
    let title = words::delivery_finished(delivery.tally.total());
    let texts = writer.delivery(&title, delivery, &headline);
    let stance = Stance::Counts(delivery.tally);
    Content { theme: writer.theme, stance, texts, facts: Vec::new() }
}

const fn sign(notice: Notice) -> Shape {
    match notice {
        Notice::ShowOne => Shape::OneLabel,
        Notice::NotAProduct => Shape::Question,
        Notice::MoveCloser => Shape::Magnifier,
        Notice::TooDark => Shape::Moon,
        Notice::HoldStill => Shape::Target,
        Notice::Glare => Shape::Sun,
        Notice::OutOfView => Shape::IntoFrame,
        Notice::TakeAway => Shape::TakeAway,
    }
}
