//! The files of documents. They were told by their bytes when they came; a browser is told all the same to do nothing
//! with them but to show a picture.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::parts::gone;
use crate::hub::HubFault;
use crate::hub::files::{SIZE_LIMIT, path_of};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::dossier::{FileForm, StoredFile};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// In place of the document its picture of a register's page.
    view: Option<String>,
}

pub(super) async fn file(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let folder = site.home();
    let found = site.registry(move |registry| {
        let Some(file) = registry.papers().document(id)?.and_then(|document| document.file) else { return Ok(None) };
        let path = path_of(&folder, &file);
        let bytes = std::fs::read(&path).map_err(|source| HubFault::file(&path, "read", source))?;
        Ok(Some((file, bytes)).filter(|(_, bytes)| bytes.len() as u64 <= SIZE_LIMIT))
    });
    let found = found.await?.ok_or_else(|| gone(&format!("文件 {id} 的扫描件"), &format!("file of document {id}")))?;
    let (StoredFile { form, .. }, bytes) = found;
    let kind = match form {
        FileForm::Pdf => "application/pdf",
        FileForm::Jpeg => "image/jpeg",
        FileForm::Png => "image/png",
    };
    // A picture may be looked at here. A PDF is a program's matter: it is taken away.
    let place = if asked.view.is_some() && form != FileForm::Pdf { "inline" } else { "attachment" };
    let disposition = format!("{place}; filename=\"document-{id}.{}\"", form.ending());
    let mut response = ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}
