//! The files of documents, for whoever judges them.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::parts::gone;
use crate::hub::web::Site;
use crate::hub::web::download::{Wish, download};
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A picture is looked at in place of being taken away.
    view: Option<String>,
}

pub(super) async fn file(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let found = site.registry(move |registry| registry.papers().document(id)).await?;
    let stored = found.and_then(|document| document.file);
    let stored = stored.ok_or_else(|| gone(&format!("文件 {id} 的扫描件"), &format!("file of document {id}")))?;
    download(&site, id, stored, asked.view.map_or(Wish::Take, |_| Wish::View)).await
}
