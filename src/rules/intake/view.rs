//! What is in view: which labels, since when, and which of them have had their verdict.

use super::super::code::{Code, Gtin};
use super::super::ruling::Ruling;
use super::super::scene::VerdictBody;
use super::super::time::Moment;
use super::event::Presented;
use std::time::Duration;

/// More codes in one frame than this are not told apart: it is "several" anyway.
const CODES_LIMIT: usize = 16;

/// What one frame holds, as the intake looks at it.
#[derive(Debug)]
pub(super) enum View<'a> {
    /// No code at all.
    Nothing,
    /// Codes, but no product and no delivery.
    OtherCodes,
    /// One delivery code and no product.
    Delivery(&'a Presented, &'a str),
    /// One product, however often it is printed.
    Product(&'a Presented),
    /// Different labels.
    Several,
}

impl<'a> View<'a> {
    /// Sorts the codes of a frame. An unsigned code of a product whose signed label is there too is the maker's own
    /// print on the same carton, and a courier's code beside a label is no label.
    pub(super) fn of(codes: &'a [Presented]) -> Self {
        let codes = &codes[..codes.len().min(CODES_LIMIT)];
        let signed: Vec<Gtin> = codes.iter().filter_map(signed_gtin).collect();
        let mut products: Vec<&Presented> = Vec::new();
        for code in codes.iter().filter(|code| counts(&code.evidence.code, &signed)) {
            if !products.iter().any(|known| identity(known) == identity(code)) {
                products.push(code);
            }
        }
        let delivery = codes.iter().find_map(|code| match &code.evidence.code {
            Code::Delivery(id) => Some((code, id.as_str())),
            Code::Signed(_) | Code::Broken(_) | Code::Unsigned(_) | Code::Other => None,
        });
        match (products.as_slice(), delivery) {
            ([one], _) => Self::Product(one),
            ([], Some((code, id))) => Self::Delivery(code, id),
            ([], None) if codes.is_empty() => Self::Nothing,
            ([], None) => Self::OtherCodes,
            (_, _) => Self::Several,
        }
    }
}

fn signed_gtin(code: &Presented) -> Option<Gtin> {
    match &code.evidence.code {
        Code::Signed(label) => Some(label.product.gtin),
        Code::Broken(_) | Code::Unsigned(_) | Code::Delivery(_) | Code::Other => None,
    }
}

fn counts(code: &Code, signed: &[Gtin]) -> bool {
    match code {
        Code::Signed(_) | Code::Broken(_) => true,
        Code::Unsigned(product) => !signed.contains(&product.gtin),
        Code::Delivery(_) | Code::Other => false,
    }
}

/// What makes two payloads the same label.
pub(super) fn identity(code: &Presented) -> Vec<u8> {
    code.evidence.code.identity(&code.payload.bytes)
}

/// The labels that are in view, or left it a moment ago.
#[derive(Clone, Debug, Default)]
pub(super) struct Visits {
    visits: Vec<Visit>,
}

/// One showing of one label.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) identity: Vec<u8>,
    last_seen: Moment,
    product: bool,
    /// It has had its verdict from the present cache.
    pub(super) decided: bool,
    /// The last row of this showing.
    pub(super) row: Option<Row>,
}

/// The row that a showing has had.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) ruling: Ruling,
    /// The listing that it was decided from.
    pub(super) listing: Option<u32>,
    pub(super) code: Code,
    pub(super) body: Box<VerdictBody>,
}

impl Visits {
    /// Takes in a frame: what it shows is in view, what was out of view for `rearm` has left.
    pub(super) fn saw(&mut self, codes: &[Presented], now: Moment, rearm: Duration) {
        self.visits.retain(|visit| now.since(visit.last_seen) < rearm);
        for code in codes.iter().take(CODES_LIMIT) {
            let identity = identity(code);
            let product = counts(&code.evidence.code, &[]);
            match self.visits.iter_mut().find(|visit| visit.identity == identity) {
                Some(visit) => visit.last_seen = now,
                None => self.visits.push(Visit { identity, last_seen: now, product, decided: false, row: None }),
            }
        }
    }

    pub(super) fn get(&mut self, identity: &[u8]) -> Option<&mut Visit> {
        self.visits.iter_mut().find(|visit| visit.identity == identity)
    }

    /// Whether another product than `identity` is in view, or left it a moment ago.
    pub(super) fn another_product(&self, identity: &[u8]) -> bool {
        self.visits.iter().any(|visit| visit.product && visit.identity != identity)
    }

    pub(super) fn row(&mut self, identity: &[u8], row: Row) {
        if let Some(visit) = self.get(identity) {
            visit.row = Some(row);
        }
    }

    /// A label is to be decided again.
    pub(super) fn undecide(&mut self, identity: &[u8]) {
        if let Some(visit) = self.get(identity) {
            visit.decided = false;
        }
    }

    /// What is in view is to be decided again.
    pub(super) fn decide_again(&mut self) {
        for visit in &mut self.visits {
            visit.decided &= !visit.product;
        }
    }

    pub(super) fn clear(&mut self) {
        self.visits.clear();
    }
}
