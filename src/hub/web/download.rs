//! A document's file, handed out as what it is: what somebody filed may be two things at once, a PDF and a page with a script.
//! A picture may be looked at in a place where nothing runs; everything else is taken away.

use std::fs::File;
use std::sync::Arc;

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::Site;
use super::trouble::Trouble;
use crate::hub::{HubFault, files, receiver};
use crate::rules::dossier::{FileForm, StoredFile};

/// What becomes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// It is taken away.
    Take,
    /// It is looked at, if it is a picture.
    View,
}

/// The file, under a name that says of which document it is.
pub(super) async fn download(
    site: &Arc<Site>,
    document: u32,
    stored: StoredFile,
    wish: Wish,
) -> Result<Response, Trouble> {
    let path = files::path_of(&site.home(), &stored);
    let opened = site.blocking(move || {
        File::open(&path).map_err(|source| HubFault::File { path: path.clone(), verb: "opened", source })
    });
    let place = if wish == Wish::View && stored.form != FileForm::Pdf { "inline" } else { "attachment" };
    let name = format!("{place}; filename=\"document-{document}.{}\"", stored.form.ending());
    let about = [
        (header::CONTENT_TYPE, stored.form.media_type().to_owned()),
        (header::CONTENT_LENGTH, stored.length.to_string()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'".to_owned(),
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    Ok((about, receiver::streamed(opened.await?, 0..stored.length)).into_response())
}
