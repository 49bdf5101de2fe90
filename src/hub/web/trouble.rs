//! What is answered instead of a page: a status, what is wrong and what to do, as a page for people and as problem details
//! (RFC 9457) for programs.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use super::frame::Frame;
use super::language::Spoken;
use crate::hub::HubFault;
use crate::rules::text::{Language, Text};

/// A request that is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub status: StatusCode,
    /// What is wrong, and what to do.
    pub says: Text,
    /// The field of the form in which it is wrong.
    pub field: Option<&'static str>,
    language: Language,
}

impl Trouble {
    pub fn new(status: StatusCode, says: Text) -> Self {
        Self { status, says, field: None, language: Language::Zh }
    }

    /// What was sent makes no sense.
    pub fn wrong(says: Text) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, says)
    }

    /// The same, of this field.
    pub fn at(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }

    /// There is nothing at this path.
    pub fn nothing(path: &str) -> Self {
        let zh = format!("没有“{path}”这一页，请从首页开始");
        let en = format!("there is no `{path}` here; begin at the first page");
        Self::new(StatusCode::NOT_FOUND, Text::new(zh, en))
    }

    /// What waiting or the admin can mend; the admin reads the log.
    pub fn later(what: &str, fault: &dyn std::fmt::Display) -> Self {
        log::error!("{what}: {fault}");
        let says = Text::new("系统暂时没有响应，请稍后再试", "the authority does not answer just now; try again later");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, says)
    }

    /// The same, in a person's language.
    pub fn spoken(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Problem details, for programs.
    pub fn as_problem(&self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("error");
        let problem = serde_json::json!({ "status": self.status.as_u16(), "title": title, "detail": self.says.en });
        let mut response = (self.status, Json(problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

impl From<HubFault> for Trouble {
    fn from(fault: HubFault) -> Self {
        match fault {
            // What was asked for contradicts what is there. These sentences are English, as all of the hub's.
            HubFault::Refused(_) | HubFault::Unreadable(_) => {
                let says = fault.to_string();
                Self::wrong(Text::new(says.clone(), says))
            }
            HubFault::Changed => {
                let zh = "页面打开后内容已被更改，没有保存；请看现在的内容再决定";
                Self::new(StatusCode::CONFLICT, Text::new(zh, fault.to_string()))
            }
            HubFault::File { .. }
            | HubFault::Database { .. }
            | HubFault::Archive { .. }
            | HubFault::NoAuthority { .. }
            | HubFault::Away { .. }
            | HubFault::Moving { .. }
            | HubFault::Exists { .. }
            | HubFault::Schema { .. }
            | HubFault::Import { .. }
            | HubFault::Rulebook { .. }
            | HubFault::Key { .. }
            | HubFault::Feed { .. }
            | HubFault::Audit(_)
            | HubFault::Busy { .. }
            | HubFault::Listen { .. } => Self::later("a request failed", &fault),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let spoken = Spoken { language: self.language, page: "/".to_owned(), chosen: false };
        let frame = Frame::new(&spoken, Text::new("办不到", "That did not work"));
        let page = frame.page(html! {
            p class="trouble" role="alert" { (frame.text(&self.says)) }
            p { a href="/" { (frame.say("回首页", "To the first page")) } }
        });
        let mut response = (self.status, page).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
