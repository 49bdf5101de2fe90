//! The shapes of answers, as `openapi.json` describes them.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::hub::web::facts::{DocumentFacts, ListingFacts};
use crate::rules::code::{Grade, Gtin};
use crate::rules::text::Text;

/// Somebody or something with a number and a name.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    pub id: u32,
    pub name: Text,
}

/// A listing, or what it is to one label.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    id: u32,
    gtin: Gtin,
    name: Text,
    supplier: Named,
    grade: Grade,
    reason: Option<Text>,
    missing: Vec<Text>,
    graded: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<Vec<Document>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Document {
    kind: String,
    name: Text,
    issued: Date,
    expires: Option<Date>,
    revoked: bool,
}

impl Listing {
    pub fn with(self, documents: Vec<DocumentFacts>) -> Self {
        Self { documents: Some(documents.into_iter().map(Document::from).collect()), ..self }
    }
}

impl From<ListingFacts> for Listing {
    fn from(facts: ListingFacts) -> Self {
        let ListingFacts { id, gtin, name, supplier, supplier_name, grade, reason, missing, said } = facts;
        let supplier = Named { id: supplier, name: supplier_name };
        Self { id, gtin, name, supplier, grade, reason, missing, graded: said, documents: None }
    }
}

impl From<DocumentFacts> for Document {
    fn from(facts: DocumentFacts) -> Self {
        let DocumentFacts { kind, name, issued, expires, revoked } = facts;
        Self { kind, name, issued, expires, revoked }
    }
}
