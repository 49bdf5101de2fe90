//! A listing with all that is known of it: facts, the assessment row by row, documents, capacities, review, history.

pub(super) mod acts;
mod assessment;
mod papers;
mod word;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::parts::gone;
use super::told;
use crate::hub::assess::{self, Assessed};
use crate::hub::registry::{Change, Of};
use crate::hub::web::Site;
use crate::hub::web::desk::tag_name;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::hub::{HubFault, Registry, find, inbox, propose};
use crate::rules::account::{May, Proposal, ProposalState};
use crate::rules::assessment::Rulebook;
use crate::rules::dossier::{Document, Firm, Product, Review, Word};
use crate::rules::record::{Listing, Record, RecordKey, Supplier};
use crate::rules::text::Text;

/// How far ahead drops are looked for, in days.
const AHEAD_DAYS: u32 = 30;
/// Most other suppliers of the product that are named.
const OTHERS_SHOWN: usize = 20;

/// All that the page shows.
struct Seen {
    listing: Listing,
    supplier: Supplier,
    firm: Option<Firm>,
    product: Option<Product>,
    documents: Vec<(Document, Text)>,
    /// What the rulebook says, with its version; why not, where it says nothing.
    assessed: Result<(u32, Box<Assessed>), String>,
    /// The texts of the listing's own reason and missing documents.
    reason: Option<Text>,
    missing: Vec<Text>,
    word: Option<Word>,
    /// A proposal that waits, with the digest of what it is about.
    proposal: Option<(Proposal, String)>,
    /// Other suppliers' listings of this product.
    others: Vec<Listing>,
    review: Option<Review>,
    labels: u64,
    history: Vec<Change>,
    today: Date,
    /// The rulebook in force with its version, for the names of things.
    rulebook: (u32, Rulebook),
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let today = assess::today(&visitor.author(""));
    let seen = site.registry(move |registry| look(registry, id, today)).await?;
    let seen = seen.ok_or_else(|| gone(&format!("商品 {id}"), &format!("listing {id}")))?;
    let frame = visitor.frame(seen.listing.name.clone());
    Ok(frame.page(html! {
        (facts(&frame, &visitor, &seen))
        (word::waiting(&frame, &visitor, &seen))
        (assessment::section(&frame, &seen))
        (papers::documents(&frame, &visitor, &seen))
        (papers::capacities(&frame, &visitor, &seen))
        (papers::review(&frame, &visitor, &seen))
        (word::section(&frame, &visitor, &seen))
        h2 id="history" { (frame.say("变更记录", "History")) }
        (told::table(&frame, &seen.rulebook, &seen.history, &<_>::default()))
    }))
}

/// What a form sends back of what its page showed.
fn shown(digest: &str) -> Markup {
    html! { input type="hidden" name="shown" value=(digest); }
}

fn look(registry: &Registry, id: u32, today: Date) -> Result<Option<Seen>, HubFault> {
    let papers = registry.papers();
    let Some(listing) = papers.listing(id)? else { return Ok(None) };
    let Some(Record::Supplier(supplier)) = registry.record(Some(RecordKey::Supplier(listing.supplier)))? else {
        return Ok(None);
    };
    let text = |id: &u32| match registry.record(Some(RecordKey::Reason(*id)))? {
        Some(Record::Reason(reason)) => Ok(reason.text),
        _ => Ok::<_, HubFault>(Text::default()),
    };
    let reason = listing.reason.as_ref().map(text).transpose()?;
    let missing = listing.missing.iter().map(text).collect::<Result<_, _>>()?;
    let assessed = match assess::look(registry, Some(id), today, AHEAD_DAYS) {
        Ok((version, mut found)) => found.pop().map(|found| (version, Box::new(found))).ok_or_else(String::new),
        Err(HubFault::Refused(why)) => Err(why),
        Err(fault) => return Err(fault),
    };
    let rulebook = assess::in_force(papers)?.unwrap_or_default();
    let named = |document: Document| {
        let name = rulebook.1.kind_name(&document.kind);
        (document, name)
    };
    let open = papers.proposal(id)?.filter(|proposal| proposal.state == ProposalState::Open);
    let proposal = open.map(|proposal| {
        let digest = propose::seen(papers, &proposal, today)?;
        Ok::<_, HubFault>((proposal, digest))
    });
    Ok(Some(Seen {
        others: inbox::others(registry, &listing)?,
        firm: papers.firm(supplier.id)?,
        product: papers.product(id)?,
        documents: papers.documents(Some(id))?.into_iter().map(named).collect(),
        word: papers.word(id)?,
        proposal: proposal.transpose()?,
        review: papers.review(id)?,
        labels: find::label_count(registry, id)?,
        history: registry.recent(Of::Listing(id), told::SHOWN)?,
        listing,
        supplier,
        assessed,
        reason,
        missing,
        today,
        rulebook,
    }))
}

fn facts(frame: &Frame, visitor: &Visitor, seen: &Seen) -> Markup {
    let Seen { listing, supplier, firm, product, labels, .. } = seen;
    let id = listing.id;
    html! {
        div class="card" {
            p { (frame.grade(listing.grade)) @if let Some(reason) = &seen.reason { " " (frame.text(reason)) } }
            @if !seen.missing.is_empty() {
                p { (frame.say("补齐后可转绿：", "Would turn it green:")) }
                ul { @for text in &seen.missing { li { (frame.text(text)) } } }
            }
            dl {
                dt { (frame.say("编号", "Number")) } dd { (id) }
                dt { "GTIN" }
                dd { (listing.gtin.to_string())
                    @for other in seen.others.iter().take(OTHERS_SHOWN) {
                        " " a class="chip" href={ "/console/listings/" (other.id) } { (frame.say("供应商 ", "also supplier ")) (other.supplier) (frame.say(" 也有", "")) }
                    }
                }
                dt { (frame.say("供应商", "Supplier")) }
                dd { a href={ "/console/suppliers/" (supplier.id) } { (frame.text(&supplier.name)) } " · " (supplier.id)
                    @if let Some(firm) = firm { " · " (firm.code) } }
                @if let Some(product) = product {
                    dt { (frame.say("类别", "Category")) }
                    dd {
                        (frame.text(&seen.rulebook.1.category_name(&product.category)))
                        @for tag in &product.tags { " " span class="chip" { (frame.text(&tag_name(tag))) } }
                    }
                    @if let Some(brick) = product.brick { dt { (frame.say("GS1 细类", "GS1 brick")) } dd { (brick) } }
                }
                dt { (frame.say("已发标签", "Labels issued")) } dd { (labels) }
            }
            @if visitor.may(May::Judge) {
                p class="acts" {
                    a class="button" href={ "/console/listings/" (id) "/labels" } { (frame.say("打印标签", "Print labels")) }
                    a class="button grave" href={ "/console/listings/" (id) "/revoke" } { (frame.say("吊销…", "Revoke…")) }
                }
            }
        }
    }
}
