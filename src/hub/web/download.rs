//! A document's file, handed out as what it is and never shown by the browser in our name: what somebody filed may be two
//! things at once, a PDF and a page with a script.

use std::fs::File;
use std::sync::Arc;

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::Site;
use super::trouble::Trouble;
use crate::hub::{HubFault, files, receiver};
use crate::rules::dossier::{FileForm, StoredFile};

/// The file, under a name that says of which document it is.
pub(super) async fn download(site: &Arc<Site>, document: u32, stored: StoredFile) -> Result<Response, Trouble> {
    let path = files::path_of(&site.home(), &stored);
    let opened = site.blocking(move || {
        File::open(&path).map_err(|source| HubFault::File { path: path.clone(), verb: "opened", source })
    });
    let kind = match stored.form {
        FileForm::Pdf => "application/pdf",
        FileForm::Jpeg => "image/jpeg",
        FileForm::Png => "image/png",
    };
    let name = format!("attachment; filename=\"document-{document}.{}\"", stored.form.ending());
    let about = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_LENGTH, stored.length.to_string()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'".to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    Ok((about, receiver::streamed(opened.await?, 0..stored.length)).into_response())
}
