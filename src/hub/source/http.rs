//! One question to a registry that answers over HTTP: who holds this document, and is it valid.
//!
//! The address has `{number}`, and `{kind}` where one address is for several kinds. The answer is JSON:
//!
//! ```json
//! { "state": "valid", "holder": "91330106MA2KXQ201W", "until": "2027-06-30" }
//! ```
//!
//! `state` is `valid`, `revoked` or `unknown`; `holder`, a unified social credit code, and `until`, the last day on which the
//! answer counts, may be left out. More than that is nobody's business here and is not read. Anything else, a redirect too,
//! is no answer: only what a registry says makes a document false, never that it cannot be asked.

use std::time::Duration;

use jiff::civil::Date;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;
use ureq::Agent;
use ureq::http::{StatusCode, Uri};

use crate::hub::outside::UNRESERVED;
use crate::rules::credit_code::CreditCode;
use crate::rules::dossier::ReplyState;

/// How long one answer may take.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer, in bytes.
const ANSWER_LIMIT: u64 = 64 << 10;
/// Where there is no way to listen in.
const OWN_HOSTS: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "::1"];

/// What a registry answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Answered {
    /// What it says.
    pub state: ReplyState,
    /// Who holds the document.
    #[serde(default)]
    pub holder: Option<CreditCode>,
    /// The last day on which that counts.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Whether questions can be asked at this address; else what is wrong with it.
pub fn check(address: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("`{address}` {what}"));
    if !address.contains("{number}") {
        return wrong("has no `{number}`; write it where the document's number belongs");
    }
    let Ok(uri) = filled(address, "kind", "number").parse::<Uri>() else { return wrong("is no address") };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => Ok(()),
        (Some("http"), Some(host)) if OWN_HOSTS.contains(&host) => Ok(()),
        (_, _) => wrong("does not begin with `https://`; others could answer in its place"),
    }
}

/// Asks.
pub fn ask(agent: &Agent, address: &str, kind: &str, number: &str) -> Result<Answered, String> {
    let request = agent.get(filled(address, kind, number)).header("accept", "application/json");
    let mut response = request.call().map_err(|error| error.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("it answers with status {}", response.status().as_u16()));
    }
    let body = response.body_mut().with_config().limit(ANSWER_LIMIT).read_to_vec();
    let body = body.map_err(|error| {
        let is_large = matches!(error, ureq::Error::BodyExceedsLimit(_));
        if is_large { format!("its answer has more than {} KiB", ANSWER_LIMIT >> 10) } else { error.to_string() }
    })?;
    serde_json::from_slice(&body).map_err(|error| format!("its answer makes no sense: {error}"))
}

fn filled(address: &str, kind: &str, number: &str) -> String {
    let [kind, number] = [kind, number].map(|text| utf8_percent_encode(text, UNRESERVED).to_string());
    // The number last, so that no number is taken for a place.
    address.replace("{kind}", &kind).replace("{number}", &number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_place_for_the_number_and_nobody_who_listens() {
        for right in [
            "https://registry.example/{kind}/{number}",
            "https://r.example/?n={number}",
            "http://127.0.0.1:80/{number}",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for wrong in [
            "https://registry.example/",
            "http://registry.example/{number}",
            "ftp://r.example/{number}",
            "{number}",
            "https:///{number}",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            filled("https://r.example/{kind}/{number}", "a-b", "沪/1 {kind}"),
            "https://r.example/a-b/%E6%B2%AA%2F1%20%7Bkind%7D"
        );
    }
}
