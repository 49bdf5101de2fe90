//! `greengate-hub policy`: what kiosks may do with an old list and with unsigned codes, and how often they review.

use std::process::ExitCode;

use super::{Place, why};
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::{Registry, grade};
use crate::rules;

/// Show the kiosks' policy, or set what is named. Kiosks learn of it with the next release; a site may be stricter.
#[derive(Debug, clap::Args)]
pub struct Policy {
    #[command(flatten)]
    set: Set,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", value_parser = why::why, requires = "set")]
    why: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// What to set.
#[derive(Debug, clap::Args)]
#[group(id = "set", multiple = true, requires = "why")]
struct Set {
    /// Up to this age of the list nothing is said about it
    #[arg(long, value_name = "HOURS")]
    normal_h: Option<u32>,
    /// Up to this age green stays green, with the age on the screen
    #[arg(long, value_name = "HOURS")]
    green_h: Option<u32>,
    /// Up to this age green is held; beyond it the kiosk is out of service
    #[arg(long, value_name = "HOURS")]
    service_h: Option<u32>,
    /// Whether an unsigned code of a green listing is accepted
    #[arg(long, value_name = "BOOL")]
    accept_unsigned: Option<bool>,
    /// One in so many items is reviewed at level reduced; 0 for none
    #[arg(long, value_name = "ITEMS")]
    review_reduced: Option<u32>,
    /// One in so many items is reviewed at level normal; 0 for none
    #[arg(long, value_name = "ITEMS")]
    review_normal: Option<u32>,
    /// One in so many items is reviewed at level tightened; 0 for none
    #[arg(long, value_name = "ITEMS")]
    review_tightened: Option<u32>,
}

impl Policy {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        let policy = match self.why {
            Some(why) => grade::set_policy(&mut registry, &place.author(why), |policy| self.set.over(policy))?,
            None => grade::policy(&registry)?,
        };
        if self.json {
            put(serde_json::json!(policy))?;
        } else {
            put(told(&policy))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Set {
    fn over(&self, mut policy: rules::policy::Policy) -> rules::policy::Policy {
        let rates = &mut policy.review_one_in;
        let values = [
            (&mut policy.normal_h, self.normal_h),
            (&mut policy.green_h, self.green_h),
            (&mut policy.service_h, self.service_h),
            (&mut rates.reduced, self.review_reduced),
            (&mut rates.normal, self.review_normal),
            (&mut rates.tightened, self.review_tightened),
        ];
        for (value, set) in values {
            *value = set.unwrap_or(*value);
        }
        policy.accept_unsigned = self.accept_unsigned.unwrap_or(policy.accept_unsigned);
        policy
    }
}

fn told(policy: &rules::policy::Policy) -> String {
    rows(policy).map(|(name, value)| format!("{name:<16} {value}")).join("\n")
}

/// What a policy says, by the options that set it.
pub(super) fn rows(policy: &rules::policy::Policy) -> [(&'static str, String); 7] {
    let rates = policy.review_one_in;
    [
        ("normal-h", policy.normal_h.to_string()),
        ("green-h", policy.green_h.to_string()),
        ("service-h", policy.service_h.to_string()),
        ("accept-unsigned", policy.accept_unsigned.to_string()),
        ("review-reduced", rates.reduced.to_string()),
        ("review-normal", rates.normal.to_string()),
        ("review-tightened", rates.tightened.to_string()),
    ]
}
