//! What whoever scans a label sees, and what a GS1 Digital Link resolver answers at the same addresses.
//!
//! An address of a label or a product is its own page: `https://HOST/STEM/01/GTIN…` or `https://HOST/01/GTIN…`. It is no
//! route of its own, because a signature may begin with any digits: [`answer`] stands where nothing else is found.

pub(super) mod address;
mod page;
mod resolver;
mod start;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::facts::{self, LabelFacts};
use super::language::Spoken;
use super::tagged::tagged;
use super::trouble::Trouble;
use super::{Here, Site};
use crate::hub::Registry;
use crate::rules::code::{Product, Refusal, SignedLabel};
use crate::rules::text::Text;
use address::Asked;
use page::Now;
use resolver::{Form, Links};

/// How long an answer may be shown again without asking: a revocation is seen within a minute.
const KEPT: &str = "public, max-age=60";

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(start::page))
        .route("/search", get(start::search))
        .route("/.well-known/gs1resolver", get(resolver::description))
}

/// What stands at an address that is no route: a label, a product, or nothing.
pub(super) async fn answer(
    State(site): Here,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    spoken: Spoken,
) -> Response {
    let Some(asked) = address::read(uri.path(), uri.query()) else {
        return instead(&Trouble::nothing(uri.path()), &headers, &spoken);
    };
    let mut response = match (method, asked) {
        (Method::OPTIONS, _) => resolver::allowed(StatusCode::NO_CONTENT),
        (Method::GET | Method::HEAD, Ok(asked)) => match told(&site, asked, &uri, &headers, &spoken).await {
            Ok(response) => response,
            Err(trouble) => instead(&trouble, &headers, &spoken),
        },
        (Method::GET | Method::HEAD, Err(says)) => {
            instead(&Trouble::new(StatusCode::BAD_REQUEST, says), &headers, &spoken)
        }
        _ => resolver::allowed(StatusCode::METHOD_NOT_ALLOWED),
    };
    resolver::share(response.headers_mut());
    response
}

/// People get a page, programs a problem.
fn instead(trouble: &Trouble, headers: &HeaderMap, spoken: &Spoken) -> Response {
    let trouble = trouble.clone().spoken(spoken.language);
    if resolver::wants_page(headers) { trouble.into_response() } else { trouble.as_problem() }
}

/// A request to an address, and how its answer is wished.
struct Wish<'a> {
    headers: &'a HeaderMap,
    spoken: &'a Spoken,
    form: Form,
    links: Links,
}

async fn told(
    site: &Arc<Site>,
    asked: Asked,
    uri: &Uri,
    headers: &HeaderMap,
    spoken: &Spoken,
) -> Result<Response, Trouble> {
    let form = resolver::form(uri.query(), headers)?;
    let links = Links::new(asked.path(), site.address(headers));
    let wish = Wish { headers, spoken, form, links };
    match asked {
        Asked::Broken(refusal) => Ok(wish.forged(refusal, StatusCode::BAD_REQUEST)),
        Asked::Label(label) => label_told(site, *label, wish).await,
        Asked::Product(product) => product_told(site, product, wish).await,
    }
}

impl Wish<'_> {
    fn forged(&self, refusal: Refusal, status: StatusCode) -> Response {
        if !resolver::wants_page(self.headers) {
            return Trouble::new(status, page::forged_says(refusal)).as_problem();
        }
        (status, page::forged(self.spoken, refusal)).into_response()
    }

    /// The answer about something that is there.
    async fn answer(&self, name: &Text, page: impl FnOnce(&Spoken) -> Response) -> Response {
        match self.form {
            Form::Linkset => tagged(self.links.linkset(name), self.headers, KEPT).await,
            Form::Elsewhere(link) => self.links.redirect(link),
            Form::Page => {
                let mut page = page(self.spoken);
                self.links.tell(page.headers_mut());
                // One that sets the language is for who asked alone.
                if self.spoken.chosen {
                    return page;
                }
                page.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-language, cookie"));
                tagged(page, self.headers, KEPT).await
            }
        }
    }
}

async fn label_told(site: &Arc<Site>, signed: SignedLabel, wish: Wish<'_>) -> Result<Response, Trouble> {
    let names = Arc::clone(site);
    let read = move |registry: &mut Registry| {
        let facts = facts::of_label(registry, &signed)?;
        let listing = match &facts {
            LabelFacts::Genuine(genuine) => genuine.listing.as_ref().map(|listing| listing.id),
            LabelFacts::Forged(_) => None,
        };
        let documents = listing.map(|listing| names.names.documents(registry, listing)).transpose()?;
        Ok((facts, documents.unwrap_or_default(), Now::of(registry)?))
    };
    let (facts, documents, now) = site.registry(read).await?;
    let genuine = match facts {
        LabelFacts::Forged(refusal) => return Ok(wish.forged(refusal, StatusCode::NOT_FOUND)),
        LabelFacts::Genuine(genuine) => genuine,
    };
    let Some(listing) = &genuine.listing else {
        if resolver::wants_page(wish.headers) {
            return Ok((StatusCode::NOT_FOUND, page::unknown(wish.spoken, &genuine)).into_response());
        }
        return Err(Trouble::new(StatusCode::NOT_FOUND, page::unknown_says()));
    };
    let page = |spoken: &Spoken| page::label(spoken, &genuine, listing, &documents, &now);
    Ok(wish.answer(&listing.name, page).await)
}

async fn product_told(site: &Arc<Site>, product: Product, wish: Wish<'_>) -> Result<Response, Trouble> {
    let gtin = product.gtin;
    let read = move |registry: &mut Registry| Ok((facts::of_product(registry, gtin)?, Now::of(registry)?));
    let (listings, now) = site.registry(read).await?;
    let Some(first) = listings.first() else {
        let zh = format!("没有商品条码为 {gtin} 的登记，请核对，或向供应商询问");
        let en = format!("no listing has the GTIN {gtin}; look at it again, or ask the supplier");
        return Err(Trouble::new(StatusCode::NOT_FOUND, Text::new(zh, en)));
    };
    let page = |spoken: &Spoken| page::product(spoken, &product, &listings, &now);
    Ok(wish.answer(&first.name, page).await)
}
