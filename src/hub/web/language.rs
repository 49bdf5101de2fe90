//! Which language somebody reads: the one chosen on a page, else the browser's, else Chinese.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;

use crate::rules::text::Language;

/// The cookie that keeps what was chosen.
pub(super) const KEPT: &str = "lang";

/// The language of a request, and where the other one is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    pub language: Language,
    /// The page that was asked for, with its query but without a language.
    pub page: String,
    /// Whether the request chose: then the answer keeps it.
    pub chosen: bool,
}

impl<S: Sync> FromRequestParts<S> for Spoken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let (chosen, rest): (Vec<&str>, Vec<&str>) =
            query.split('&').filter(|part| !part.is_empty()).partition(|part| part.starts_with("lang="));
        let chosen = chosen.last().and_then(|part| named(&part["lang=".len()..]));
        let language = chosen.or_else(|| kept(&parts.headers)).unwrap_or_else(|| accepted(&parts.headers));
        let mut page = parts.uri.path().to_owned();
        if !rest.is_empty() {
            page = format!("{page}?{}", rest.join("&"));
        }
        Ok(Self { language, page, chosen: chosen.is_some() })
    }
}

fn named(name: &str) -> Option<Language> {
    match name {
        "zh" => Some(Language::Zh),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn kept(headers: &HeaderMap) -> Option<Language> {
    named(cookie(headers, KEPT)?)
}

/// The first of a browser's languages that is one of ours; browsers name the preferred one first.
fn accepted(headers: &HeaderMap) -> Language {
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut codes = wanted.split(',').filter_map(|part| part.trim().get(..2));
    codes.find_map(|code| named(&code.to_ascii_lowercase())).unwrap_or(Language::Zh)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn spoken(uri: &str, headers: &[(&str, &str)]) -> Spoken {
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        Spoken::from_request_parts(&mut parts, &()).await.expect("never fails")
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_was_chosen_comes_before_what_is_kept_and_that_before_the_browsers() {
        assert_eq!(spoken("/a", &[]).await.language, Language::Zh);
        assert_eq!(spoken("/a", &[("accept-language", "fr, en-GB;q=0.8")]).await.language, Language::En);
        let both = [("accept-language", "en"), ("cookie", "a=b; lang=zh")];
        assert_eq!(spoken("/a", &both).await.language, Language::Zh);
        let chosen = spoken("/a?x=1&lang=en&y=2", &both).await;
        assert_eq!(chosen, Spoken { language: Language::En, page: "/a?x=1&y=2".to_owned(), chosen: true });
        assert_eq!(spoken("/a?lang=xx", &[]).await.language, Language::Zh);
    }
}
