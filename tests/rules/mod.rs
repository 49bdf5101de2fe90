//! The pure core from outside: verdict table, intake, clock, documents.

mod assessment;
mod clock;
mod dossier;
mod intake;
mod storm;
mod verdict;

use std::path::PathBuf;

use greengate::rules::code::{Code, Expiry, Grade, Gtin, Header, Product, Scope};
use greengate::rules::demo::DemoKey;
use greengate::rules::evidence::{CacheFacts, Evidence, Found, ListingFacts, Reviewing};
use greengate::rules::label;
use greengate::rules::policy::{Policy, Tightening};
use greengate::rules::record::{Key, ReviewLevel};
use greengate::rules::site::{IntakeTimings, JournalSettings, Site};
use greengate::rules::text::{Language, Text};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A Monday morning in Hangzhou.
pub fn morning() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a time")
}

pub fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("the bundled time zones")
}

pub fn gtin() -> Gtin {
    Gtin::parse("06901234567892").expect("a GTIN")
}

pub fn site() -> Site {
    Site {
        name: "Dock 3".to_owned(),
        kiosk: "dock-3".to_owned(),
        languages: vec![Language::Zh, Language::En],
        time_zone: zone(),
        state: PathBuf::from("unused"),
        policy: Tightening::default(),
        intake: IntakeTimings::default(),
        panel: None,
        feed: None,
        journal: JournalSettings::default(),
        demo: true,
    }
}

pub fn policy_without_review() -> Policy {
    let mut policy = Policy::default();
    policy.review_one_in.normal = 0;
    policy
}

pub fn cache() -> CacheFacts {
    let issued = morning() - jiff::SignedDuration::from_hours(2);
    CacheFacts { version: 41, issued, index_end: 10_000, policy: policy_without_review() }
}

pub fn key() -> Key {
    Key { slot: DemoKey::Authority.slot(), public: DemoKey::Authority.public(), cut_off: None }
}

pub fn listing(grade: Grade) -> ListingFacts {
    ListingFacts {
        id: 7,
        gtin: gtin(),
        supplier: Text::new("龙井茶业", "Longjing Tea Works"),
        product: Text::new("明前龙井", "Longjing tea"),
        grade,
        reason: None,
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: vec![Text::new("铅含量", "Lead content"), Text::new("净含量", "Net content")],
    }
}

/// A label under test: its header and elements may be changed before it is signed.
pub struct Spec {
    pub header: Header,
    pub product: Product,
    pub key: DemoKey,
}

impl Spec {
    pub fn product() -> Self {
        let header = Header { key_slot: 1, valid_until: None, index: 5, grade: Grade::Green, scope: Scope::Product };
        Self {
            header,
            product: Product { gtin: gtin(), lot: None, serial: None, expiry: None },
            key: DemoKey::Authority,
        }
    }

    pub fn item(serial: &str) -> Self {
        let mut spec = Self::product();
        spec.header.scope = Scope::Item;
        spec.product.serial = Some(serial.to_owned());
        spec
    }

    pub fn index(mut self, index: u32) -> Self {
        self.header.index = index;
        self
    }

    pub fn grade(mut self, grade: Grade) -> Self {
        self.header.grade = grade;
        self
    }

    pub fn expiry(mut self, digits: &str) -> Self {
        self.product.expiry = Expiry::parse(digits);
        self
    }

    pub fn valid_until(mut self, day: &str) -> Self {
        self.header.valid_until = Some(day.parse().expect("a day"));
        self
    }

    pub fn by(mut self, key: DemoKey) -> Self {
        self.key = key;
        self
    }

    pub fn signed(&self) -> Code {
        Code::Signed(label::sign(&self.header, &self.product, &self.key.signing_key()).expect("a label"))
    }

    pub fn unsigned(&self) -> Code {
        Code::Unsigned(self.product.clone())
    }
}

/// Evidence for a code of a green listing.
pub fn evidence(code: Code) -> Evidence {
    let found = Found { key: Some(key()), exception: None, listings: vec![listing(Grade::Green)] };
    Evidence { code, cache: Some(cache()), found, taken_in: None, review: Reviewing::default(), draw_seed: [3; 32] }
}
