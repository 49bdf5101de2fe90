//! Before a request is looked at: whose key it shows, and whether that platform has asked enough for this minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;

use super::{Problem, platforms};
use crate::hub::platform::{Platform, Scope};
use crate::hub::web::Site;

const WINDOW_S: i64 = 60;
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// The platform whose request it is.
#[derive(Clone, Debug)]
pub(super) struct Caller(Arc<Platform>);

impl Caller {
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether its key opens this.
    pub fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.0.scopes.contains(&scope) {
            return Ok(());
        }
        let zh = format!("密钥没有“{scope}”权限，请向主管机构申请");
        let en = format!("the key lacks the scope `{scope}`; ask the authority for it");
        Err(Problem::new(StatusCode::FORBIDDEN, zh, en))
    }
}

/// How often each platform asked in this minute.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<BTreeMap<String, Window>>);

#[derive(Clone, Copy, Debug)]
struct Window {
    began_s: i64,
    used: u32,
}

/// What is left to a platform, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    requests: Option<u32>,
    seconds: u32,
}

impl Rates {
    /// Counts a request. `requests` is nothing where it is one too many.
    fn count(&self, platform: &Platform, now_s: i64) -> Left {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(platform.name.clone()).or_insert(Window { began_s: now_s, used: 0 });
        // A clock that was set back begins anew too.
        if !(0..WINDOW_S).contains(&(now_s - window.began_s)) {
            *window = Window { began_s: now_s, used: 0 };
        }
        let requests = platform.rate.checked_sub(window.used + 1);
        if requests.is_some() {
            window.used += 1;
        }
        let seconds = u32::try_from(window.began_s + WINDOW_S - now_s).unwrap_or(1);
        Left { requests, seconds }
    }
}

/// Lets a request in, and says in its answer how many more are welcome.
pub(super) async fn guard(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let platform = match who(&site, request.headers()).await {
        Ok(platform) => platform,
        Err(problem) => return problem.into_response(),
    };
    let left = site.api.rates.count(&platform, Timestamp::now().as_second());
    let rate = platform.rate;
    let mut response = if left.requests.is_some() {
        request.extensions_mut().insert(Caller(Arc::new(platform)));
        next.run(request).await
    } else {
        let en = format!("the key may ask {rate} times in a minute; wait as `retry-after` says");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "请求太频繁，请稍后再试", en).after(left.seconds).into_response()
    };
    let requests = left.requests.unwrap_or(0);
    let about = [
        (POLICY, format!("\"minute\";q={rate};w={WINDOW_S}")),
        (LEFT, format!("\"minute\";r={requests};t={}", left.seconds)),
    ];
    for (name, value) in about {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn who(site: &Arc<Site>, headers: &HeaderMap) -> Result<Platform, Problem> {
    let stranger = || {
        let en = "no platform has this key; show one as `authorization: Bearer …`, the authority gives them";
        Problem::new(StatusCode::UNAUTHORIZED, "没有有效的密钥", en)
    };
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = shown.and_then(|shown| shown.strip_prefix("Bearer ")).ok_or_else(stranger)?.to_owned();
    platforms(site, move |platforms| platforms.with_key(&key)).await?.ok_or_else(stranger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests_and_the_next_one_as_many() {
        let (name, added) = ("a".to_owned(), Timestamp::UNIX_EPOCH);
        let platform = Platform { name, scopes: [Scope::Labels].into(), rate: 2, added };
        let rates = Rates::default();
        let count = |now_s| rates.count(&platform, now_s);
        assert_eq!(count(100), Left { requests: Some(1), seconds: 60 });
        assert_eq!(count(130), Left { requests: Some(0), seconds: 30 });
        assert_eq!(count(159), Left { requests: None, seconds: 1 });
        assert_eq!(count(160), Left { requests: Some(1), seconds: 60 });
        assert_eq!(count(10), Left { requests: Some(1), seconds: 60 }, "the clock was set back");
    }
}
