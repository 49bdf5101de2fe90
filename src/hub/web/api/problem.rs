//! What is answered to a program instead of what it asked for (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::hub::HubFault;
use crate::hub::web::trouble::Trouble;
use crate::rules::text::Text;

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Problem {
    trouble: Trouble,
    /// Seconds until it is worth another try.
    wait_s: Option<u32>,
}

impl Problem {
    /// What was sent cannot be read.
    pub fn bad(why: &str) -> Self {
        let says = Text::new(
            format!("请求无法读取：{why}"),
            format!("the request cannot be read: {why}; see `/api/v1/openapi.json`"),
        );
        Trouble::new(StatusCode::BAD_REQUEST, says).into()
    }

    pub fn new(status: StatusCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Trouble::new(status, Text::new(zh, en)).into()
    }

    /// There is no such thing, or not for this platform.
    pub fn nothing(what: &str, id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("没有 {what} {id}"),
            format!("there is no {what} `{id}` for this platform"),
        )
    }

    pub fn after(self, wait_s: u32) -> Self {
        Self { wait_s: Some(wait_s), ..self }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        let wait_s = (trouble.status == StatusCode::SERVICE_UNAVAILABLE).then_some(60);
        Self { trouble, wait_s }
    }
}

impl From<HubFault> for Problem {
    fn from(fault: HubFault) -> Self {
        Trouble::from(fault).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.trouble.as_problem();
        let headers = response.headers_mut();
        if let Some(wait_s) = self.wait_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        if self.trouble.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"greengate-hub\""));
        }
        response
    }
}
