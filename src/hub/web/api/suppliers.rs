//! What a supplier keeps for its partners: who it is, whom to ask, and its conditions for the platform that asks.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Serialize;

use super::guard::Caller;
use super::{Answer, Problem, told};
use crate::hub::platform::Scope;
use crate::hub::web::Here;
use crate::hub::{HubFault, Registry};
use crate::rules::record::{Record, RecordKey};
use crate::rules::text::Text;

#[derive(Serialize)]
struct Partner {
    id: u32,
    name: Text,
    credit_code: String,
    contacts: Vec<String>,
    conditions: String,
}

pub(super) async fn one(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    id: Result<Path<u32>, PathRejection>,
    headers: HeaderMap,
) -> Answer {
    caller.may(Scope::Suppliers)?;
    let Path(id) = id.map_err(|fault| Problem::bad(&fault.body_text()))?;
    let name: Arc<str> = caller.name().into();
    let found = site.registry(move |registry| partner(registry, id, &name)).await?;
    // Whether there is a supplier that names others is none of this platform's business.
    told(&found.ok_or_else(|| Problem::nothing("supplier", &id.to_string()))?, &headers).await
}

fn partner(registry: &Registry, id: u32, platform: &str) -> Result<Option<Partner>, HubFault> {
    let Some(firm) = registry.firm(id)? else { return Ok(None) };
    let Some(conditions) = firm.partnerships.get(platform).cloned() else { return Ok(None) };
    let Some(Record::Supplier(supplier)) = registry.record(Some(RecordKey::Supplier(id)))? else { return Ok(None) };
    let credit_code = firm.code.to_string();
    Ok(Some(Partner { id, name: supplier.name, credit_code, contacts: firm.contacts, conditions }))
}
