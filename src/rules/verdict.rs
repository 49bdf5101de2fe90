//! The verdict table: the first row that holds decides (DESIGN, "The verdict").

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};

use super::clock::ClockTrust;
use super::code::{Code, Grade, Product};
use super::demo::is_demo_key;
use super::evidence::{CacheFacts, Evidence, ListingFacts};
use super::label::{self, VerifiedLabel};
use super::policy::Policy;
use super::record::Key;
use super::review::Draw;
use super::ruling::{Outcome, Ruling};
use super::scene::CacheAge;
use super::text::Text;
use super::time::date_of;

/// When and under which policy it is judged.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// The best known time (see [`super::clock::Clock::best`]).
    pub time: Timestamp,
    /// Whether dates can be decided by it.
    pub trust: ClockTrust,
    /// The site's time zone: a day ends there.
    pub zone: &'a TimeZone,
    /// The authority's policy as the site tightened it.
    pub policy: Policy,
    /// This is the demo world: elsewhere its keys, whose secrets everyone knows, count for nothing.
    pub demo: bool,
}

impl Circumstances<'_> {
    fn today(&self) -> Date {
        date_of(self.time, self.zone)
    }
}

/// Judges one code. `identity` is what makes two payloads the same label.
///
/// A row that speaks of a date holds only as far as the clock is trusted. Two rows are read in the stricter way: a new
/// code that was signed red is rejected where the cache's red would be, so that no softer row can come before it; and
/// an old cache holds back only what is genuine or would be green, so that nothing unsigned is called genuine.
#[must_use]
pub fn judge(evidence: &Evidence, identity: &[u8], cache: &CacheFacts, when: &Circumstances<'_>) -> Ruling {
    let (product, verified) = match &evidence.code {
        Code::Other | Code::Delivery(_) => return Ruling::NotAProduct,
        Code::Broken(refusal) => return Ruling::Forged(*refusal),
        Code::Unsigned(product) => (product, None),
        Code::Signed(signed) => match label::verify(signed, believed(evidence.found.key.as_ref(), when)) {
            Ok(verified) => (&signed.product, Some(verified)),
            Err(refusal) => return Ruling::Forged(refusal),
        },
    };
    let standing = Standing::of(evidence, product, verified.as_ref(), cache);
    if let Some(rejected) = rejected(&standing, product, when) {
        return rejected;
    }
    if let Some(taken_in) = &evidence.taken_in {
        return Ruling::AlreadyTakenIn(taken_in.clone());
    }
    let undated = undated(evidence, identity, &standing, verified.is_some(), &when.policy);
    let valid_until = verified.as_ref().and_then(|label| label.header().valid_until);
    held_by_date(&undated, product, verified.is_some(), valid_until, cache, when).unwrap_or(undated)
}

fn believed<'a>(key: Option<&'a Key>, when: &Circumstances<'_>) -> Option<&'a Key> {
    key.filter(|key| when.demo || !is_demo_key(&key.public))
}

/// How the authority sees the code now.
enum Standing {
    /// The cache has its grade.
    Graded(Grade, Option<Text>, Vec<Text>),
    /// The cache cannot know it yet: the grade that was signed.
    New(Grade),
    /// The cache does not have it.
    NotListed,
}

impl Standing {
    fn of(evidence: &Evidence, product: &Product, label: Option<&VerifiedLabel>, cache: &CacheFacts) -> Self {
        let exception = evidence.found.exception.as_ref();
        if let Some(exception) = exception.filter(|exception| exception.grade == Grade::Red) {
            return Self::Graded(Grade::Red, exception.reason.clone(), Vec::new());
        }
        let Some(label) = label else {
            return Self::of_any(&evidence.found.listings);
        };
        if u64::from(label.header().index) >= cache.index_end {
            return Self::New(label.header().grade);
        }
        // A block whose listing is another product's says nothing about this one.
        match (evidence.found.listings.first().filter(|listing| listing.gtin == product.gtin), exception) {
            (None, _) => Self::NotListed,
            (Some(listing), None) => Self::listed(listing),
            (Some(_), Some(own)) => Self::Graded(own.grade, None, own.reason.clone().into_iter().collect()),
        }
    }

    fn listed(listing: &ListingFacts) -> Self {
        Self::Graded(listing.grade, listing.reason.clone(), listing.missing.clone())
    }

    /// An unsigned code does not tell whose it is: red only if every supplier of the product is red, green only if
    /// every one is green.
    fn of_any(listings: &[ListingFacts]) -> Self {
        let best = listings.iter().min_by_key(|listing| listing.grade);
        let worst = listings.iter().max_by_key(|listing| listing.grade);
        match (best, worst) {
            (Some(best), Some(worst)) if best.grade == worst.grade => Self::listed(best),
            (Some(_), Some(worst)) => Self::Graded(Grade::Yellow, None, worst.missing.clone()),
            _ => Self::NotListed,
        }
    }
}

fn rejected(standing: &Standing, product: &Product, when: &Circumstances<'_>) -> Option<Ruling> {
    match standing {
        Standing::Graded(Grade::Red, reason, _) => return Some(Ruling::Red(reason.clone())),
        Standing::New(Grade::Red) => return Some(Ruling::New(Grade::Red)),
        Standing::Graded(..) | Standing::New(_) | Standing::NotListed => {}
    }
    let last_day = product.expiry?.last_day();
    (when.trust == ClockTrust::Trusted && when.today() > last_day).then_some(Ruling::ExpiredGoods(last_day))
}

/// The rows that no date touches.
fn undated(evidence: &Evidence, identity: &[u8], standing: &Standing, signed: bool, policy: &Policy) -> Ruling {
    match standing {
        Standing::Graded(Grade::Yellow | Grade::Red, _, missing) => Ruling::MissingDocuments(missing.clone()),
        Standing::New(grade) => Ruling::New(*grade),
        Standing::NotListed => Ruling::NotListed,
        Standing::Graded(Grade::Green, ..) if !signed && !policy.accept_unsigned => Ruling::Unsigned,
        Standing::Graded(Grade::Green, ..) => drawn(evidence, identity, policy).unwrap_or(Ruling::Accept),
    }
}

fn drawn(evidence: &Evidence, identity: &[u8], policy: &Policy) -> Option<Ruling> {
    let listing = evidence.found.listings.first()?;
    let review = evidence.review;
    if review.failed.is_some() {
        return Some(Ruling::ReviewFailed);
    }
    let draw = Draw::new(&evidence.draw_seed, identity);
    let hit = review.drawn.is_some() || review.passed.is_none() && draw.hits(policy.one_in(listing.review));
    hit.then(|| Ruling::Review(draw.pick(&listing.inspect).cloned()))
}

/// The rows that a date decides: they come before what [`undated`] found.
fn held_by_date(
    undated: &Ruling,
    product: &Product,
    signed: bool,
    valid_until: Option<Date>,
    cache: &CacheFacts,
    when: &Circumstances<'_>,
) -> Option<Ruling> {
    let would_accept = undated.outcome() == Some(Outcome::Accept);
    let date_decides = product.expiry.is_some() || valid_until.is_some() || would_accept;
    if when.trust != ClockTrust::Trusted {
        return date_decides.then_some(Ruling::Clock);
    }
    if let Some(last_day) = valid_until.filter(|last_day| when.today() > *last_day) {
        return Some(Ruling::LabelExpired(last_day));
    }
    let too_old = match cache_age(cache, when) {
        CacheAge::Old(hours) | CacheAge::Dead(hours) => Some(hours / 24),
        CacheAge::Missing | CacheAge::Normal | CacheAge::Ageing(_) => None,
    };
    too_old.filter(|_| signed || would_accept).map(Ruling::CacheOld)
}

/// The cache's age as the policy sees it. It counts from the feed's signed issue time.
#[must_use]
pub fn cache_age(cache: &CacheFacts, when: &Circumstances<'_>) -> CacheAge {
    let age_s = (when.time.as_second() - cache.issued.as_second()).max(0);
    let beyond = |hours: u32| age_s > i64::from(hours) * 3600;
    let hours = age_s / 3600;
    if beyond(when.policy.service_h) {
        CacheAge::Dead(hours)
    } else if beyond(when.policy.green_h) {
        CacheAge::Old(hours)
    } else if beyond(when.policy.normal_h) {
        CacheAge::Ageing(hours)
    } else {
        CacheAge::Normal
    }
}
