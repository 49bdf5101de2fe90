//! The list that several benches have: many listings, a tenth of them yellow, and as many exceptions.

use greengate::rules::code::{Grade, Gtin};
use greengate::rules::record::{Block, Exception, Listing, Reason, Record, ReviewLevel, Supplier};
use greengate::rules::text::Text;

/// Label indexes of one block; every tenth index beyond has an exception.
pub const BLOCK: u32 = 1000;
const SUPPLIERS: u32 = 10_000;
const REASONS: u32 = 200;

fn text(what: &str, id: u32) -> Text {
    Text::new(format!("杭州{what}第{id}号有限公司"), format!("Hangzhou {what} number {id}"))
}

/// A GTIN for every listing; every fourth product has four suppliers.
pub fn gtin(id: u32) -> Gtin {
    let product = if id.is_multiple_of(4) { u64::from(id - id % 16) } else { u64::from(id) };
    Gtin::with_check_digit(690_000_000_000 + product).expect("twelve digits")
}

pub fn listing(id: u32) -> Listing {
    let yellow = id.is_multiple_of(10);
    Listing {
        id,
        supplier: id % SUPPLIERS,
        gtin: gtin(id),
        name: text("product", id),
        grade: if yellow { Grade::Yellow } else { Grade::Green },
        reason: yellow.then_some(id % REASONS),
        missing: if yellow { vec![id % REASONS, (id + 7) % REASONS] } else { Vec::new() },
        review: ReviewLevel::Normal,
        inspect: vec![id % REASONS, (id + 1) % REASONS, (id + 2) % REASONS],
    }
}

pub fn exception(index: u32) -> Record {
    Record::Exception(Exception { index, grade: Grade::Red, reason: Some(index % REASONS) })
}

pub fn records(count: u32) -> impl Iterator<Item = Record> {
    let suppliers = (0..SUPPLIERS).map(|id| Record::Supplier(Supplier { id, name: text("supplier", id) }));
    let reasons = (0..REASONS).map(|id| Record::Reason(Reason { id, text: text("reason", id) }));
    let listings = (0..count).map(|id| Record::Listing(listing(id)));
    // Ten indexes for each listing, so that every tenth index has an exception.
    let blocks = (0..count / 100).map(move |nth| {
        let first = nth * BLOCK;
        Record::Block(Block { first, last: first + BLOCK - 1, listing: nth * 97 % count })
    });
    let exceptions = (0..count).map(|nth| exception(nth * 10));
    suppliers.chain(reasons).chain(listings).chain(blocks).chain(exceptions)
}
