//! The machine's side of an address: which links there are, as a linkset (RFC 9264), as redirects, and as headers.
//!
//! The page itself is what the default link leads to, so nothing is redirected without a wish (GS1-Conformant Resolver
//! standard 1.2, sections 2.5 to 2.10). Addresses are told with `https`, as labels are printed, but on the machine itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::rules::text::Text;

/// GS1's vocabulary of link types, by its present and its earlier name.
const VOCABULARY: &str = "https://ref.gs1.org/voc/";
const VOCABULARIES: [&str; 3] = ["gs1:", VOCABULARY, "https://gs1.org/voc/"];
/// What makes JSON-LD of a linkset.
const CONTEXT: &str = "https://ref.gs1.org/standards/resolver/linkset-context";
const LINKSET: &str = "application/linkset+json";
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// A link that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The page about the product: what everybody gets who wishes nothing.
    Information,
    /// What its grade rests on.
    Certification,
}

impl Link {
    const ALL: [Self; 2] = [Self::Information, Self::Certification];

    /// Its name in GS1's vocabulary.
    const fn name(self) -> &'static str {
        match self {
            Self::Information => "pip",
            Self::Certification => "certificationInfo",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Information => "质量码、供应商与商品 / Quality grade, supplier and product",
            Self::Certification => "证照与检验报告 / Licences, filings and reports",
        }
    }
}

/// What is wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The page.
    Page,
    /// All links, for programs.
    Linkset,
    /// Where one link leads.
    Elsewhere(Link),
}

/// What a request wishes, by its `linkType` or by what it accepts.
///
/// # Errors
/// A kind of link that is not here: `404`, as the standard has it.
pub(super) fn form(query: Option<&str>, headers: &HeaderMap) -> Result<Form, Trouble> {
    let pairs = query.unwrap_or_default().split(['&', ';']).filter_map(|pair| pair.split_once('='));
    let wished = pairs.filter(|(key, _)| *key == "linkType").map(|(_, value)| value).next();
    let Some(wished) = wished.map(|value| percent_decode_str(value).decode_utf8_lossy()) else {
        return Ok(if wants_linkset(headers) { Form::Linkset } else { Form::Page });
    };
    if matches!(&*wished, "linkset" | "all") {
        return Ok(Form::Linkset);
    }
    let name = VOCABULARIES.iter().find_map(|vocabulary| wished.strip_prefix(vocabulary));
    if name == Some("defaultLink") {
        return Ok(Form::Page);
    }
    let link = Link::ALL.into_iter().find(|link| name == Some(link.name()));
    link.map(Form::Elsewhere).ok_or_else(|| {
        let zh = format!("没有“{wished}”这类链接；有 gs1:pip、gs1:certificationInfo 和 linkset");
        let en =
            format!("there is no link of type `{wished}`; there are `gs1:pip`, `gs1:certificationInfo` and `linkset`");
        Trouble::new(StatusCode::NOT_FOUND, Text::new(zh, en))
    })
}

/// Whether a browser asks.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    accepted(headers).any(|kind| kind == "text/html")
}

/// The first kind that is known decides; whoever names none gets the page.
fn wants_linkset(headers: &HeaderMap) -> bool {
    let known = |kind: &str| match kind {
        LINKSET | "application/json" | "application/ld+json" => Some(true),
        "text/html" | "*/*" => Some(false),
        _ => None,
    };
    accepted(headers).find_map(known).unwrap_or(false)
}

fn accepted(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|part| part.split(';').next().unwrap_or_default().trim())
}

/// The links of one address.
#[derive(Clone, Debug)]
pub(super) struct Links {
    /// Where the service is found.
    root: String,
    path: String,
}

impl Links {
    pub fn new(path: String, root: String) -> Self {
        Self { root, path }
    }

    fn place(&self, link: Link) -> String {
        match link {
            Link::Information => self.path.clone(),
            Link::Certification => format!("{}#grounds", self.path),
        }
    }

    pub fn redirect(&self, link: Link) -> Response {
        let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
        if let Ok(place) = HeaderValue::from_str(&self.place(link)) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        self.tell(response.headers_mut());
        response
    }

    /// All links.
    pub fn linkset(&self, name: &Text) -> Response {
        let href = |link: Link| format!("{}{}", self.root, self.place(link));
        let mut anchor = json!({
            "anchor": format!("{}{}", self.root, self.path),
            "description": format!("{} / {}", name.zh, name.en),
        });
        let default = Link::Information;
        anchor[format!("{VOCABULARY}defaultLink")] = json!([{ "href": href(default), "title": default.title() }]);
        for link in Link::ALL {
            anchor[format!("{VOCABULARY}{}", link.name())] = json!([{
                "href": href(link), "title": link.title(), "type": "text/html", "hreflang": ["zh", "en"],
            }]);
        }
        let mut response = Json(json!({ "linkset": [anchor] })).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(LINKSET));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        let context =
            format!("<{CONTEXT}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        if let Ok(context) = HeaderValue::from_str(&context) {
            headers.append(header::LINK, context);
        }
        self.tell(headers);
        response
    }

    /// Says where the linkset is.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let joint = if self.path.contains('?') { '&' } else { '?' };
        let link = format!("<{}{joint}linkType=linkset>; rel=\"linkset\"; type=\"{LINKSET}\"", self.path);
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.append(header::LINK, link);
        }
    }
}

/// The resolver's description of itself.
pub(super) async fn description(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let description: Value = json!({
        "name": "Greengate",
        "resolverRoot": site.address(&headers),
        "supportedPrimaryKeys": ["01"],
        "supportedLinkType": [{ "namespace": VOCABULARY, "prefix": "gs1:" }],
        "linkTypeDefaultCanBeLinkset": false,
        "jsonLdContextLocation": CONTEXT,
    });
    let mut response = ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(description)).into_response();
    share(response.headers_mut());
    response
}

/// Programs of any page may read an answer: there is nothing in it that is not for everybody.
pub(super) fn share(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("ETag, Link, Location"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

/// Which methods there are, to who asks before or used another one.
pub(super) fn allowed(status: StatusCode) -> Response {
    let about = [
        (header::ALLOW, ALLOWED),
        (header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Accept, Accept-Language, If-None-Match")),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    ];
    (status, about).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_first_kind_that_is_known_decides() {
        let form = |query, accept| form(query, &asked(accept)).expect("a form");
        assert_eq!(form(None, "text/html,application/json;q=0.9,*/*"), Form::Page);
        assert_eq!(form(None, "*/*"), Form::Page);
        assert_eq!(form(None, "application/linkset+json"), Form::Linkset);
        assert_eq!(form(None, "image/png, application/json"), Form::Linkset);
        assert_eq!(form(Some("17=261231&linkType=all"), "text/html"), Form::Linkset);
        assert_eq!(form(Some("linkType=gs1%3Apip"), "*/*"), Form::Elsewhere(Link::Information));
        assert_eq!(
            form(Some("linkType=https://gs1.org/voc/certificationInfo"), ""),
            Form::Elsewhere(Link::Certification)
        );
        assert_eq!(form(Some("linkType=gs1:defaultLink"), "*/*"), Form::Page);
    }

    #[test]
    fn a_link_that_is_not_here_is_not_found() {
        let trouble = form(Some("linkType=gs1:hasRetailers"), &asked("*/*")).expect_err("no such link");
        assert_eq!(trouble.status, StatusCode::NOT_FOUND);
    }
}
