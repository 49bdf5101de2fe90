//! `greengate-hub assess`: a listing against the rulebook, row by row, and what would make it green.

use std::process::ExitCode;

use jiff::civil::Date;

use super::{Place, why};
use crate::cli::Failure;
use crate::cli::out::{counted, put, say};
use crate::hub::Registry;
use crate::hub::assess::{self, Assessed};
use crate::rules::assessment::{Assessment, Reason};
use crate::rules::text::Text;

/// Tell what the rulebook says of a listing, row by row, and what would make it green; of all listings in a line each.
///
/// A person's red wins over everything, and no person's word over the rulebook's red. A person's yellow wins over its
/// green; a person's green over its yellow, as long as nothing else is found than when it was said.
#[derive(Debug, clap::Args)]
pub struct Assess {
    /// The listing's number
    listing: Option<u32>,
    /// On this date instead of today
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Only listings whose grade drops within so many days if nothing is filed
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=366))]
    drops_within: Option<u32>,
    /// As JSON, one listing in each line
    #[arg(long)]
    json: bool,
    /// What is assessed, as it is: the SHA-256 of this stands in the history behind a grade
    #[arg(long, requires = "listing", conflicts_with = "json")]
    inputs: bool,
}

impl Assess {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let registry = Registry::open(&place.folder)?;
        let on = self.on.unwrap_or_else(|| assess::today(&place.author("")));
        let (version, mut found) = assess::look(&registry, self.listing, on, self.drops_within.unwrap_or(0))?;
        if let Some(days) = self.drops_within {
            found.retain(|assessed| assessed.drops.is_some());
            if found.is_empty() {
                say(format_args!("no listing's grade drops within {} from {on} on", counted(days, "day")));
            }
        }
        for assessed in &found {
            match self.listing {
                _ if self.json => put(json(version, on, assessed))?,
                _ if self.inputs => put(assessed.inputs.trim_end())?,
                Some(_) => in_full(version, on, assessed)?,
                None => put(in_a_line(assessed))?,
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `shampoo-lead: lead is above ≤ 10 mg/kg`.
pub(super) fn decided(assessment: &Assessment) -> String {
    match assessment.decided() {
        Some((finding, lack)) => format!("{}: {}", finding.row, both(&lack.says)),
        None => "all is met".to_owned(),
    }
}

fn in_a_line(assessed: &Assessed) -> String {
    let Assessed { listing, assessment, standing, drops, .. } = assessed;
    let line = format!("listing {}  {:<6}  {}", listing.id, why::name(standing.grade), decided(assessment));
    match drops {
        Some((date, then)) => format!("{line}  from {date} {}, {}", why::name(then.grade), decided(then)),
        None => line,
    }
}

fn in_full(version: u32, on: Date, assessed: &Assessed) -> Result<(), Failure> {
    let Assessed { listing, assessment, standing, drops, .. } = assessed;
    put(format_args!("listing {}  {}  rulebook {version} on {on}", listing.id, both(&listing.name)))?;
    for finding in &assessment.findings {
        let (mark, state) = match &finding.lacks {
            None => ("✓", "met".to_owned()),
            Some(lack) => {
                (if lack.grade == crate::rules::code::Grade::Red { "✕" } else { "▲" }, lack.state.to_string())
            }
        };
        let detail = if finding.detail.en.is_empty() { String::new() } else { format!("  {}", finding.detail.en) };
        put(format_args!("{mark} {:<28} {state:<22} {}{detail}", finding.row, finding.what.en))?;
    }
    put(format_args!("the rulebook says {}: {}", why::name(assessment.grade), decided(assessment)))?;
    if standing.by_person {
        put(format_args!(
            "a person says {}; `greengate-hub history {}` tells who and why",
            why::name(standing.grade),
            listing.id
        ))?;
    }
    for cure in assessment.cures() {
        put(format_args!("to do: {}", both(&cure)))?;
    }
    if let Some((date, then)) = drops {
        put(format_args!("from {date} it is {}: {}", why::name(then.grade), decided(then)))?;
    }
    put(format_args!("it is {}", why::name(standing.grade)))?;
    Ok(())
}

fn both(text: &Text) -> String {
    [text.zh.as_str(), text.en.as_str()].join(" / ")
}

fn json(version: u32, on: Date, assessed: &Assessed) -> serde_json::Value {
    let Assessed { listing, assessment, standing, drops, .. } = assessed;
    let findings = assessment.findings.iter().map(|finding| {
        let lacks = finding.lacks.as_ref().map(|lack| {
            serde_json::json!({
                "state": lack.state, "decision": lack.decision, "grade": why::name(lack.grade), "says": lack.says,
                "cure": lack.cure,
            })
        });
        serde_json::json!({ "row": finding.row, "what": finding.what, "detail": finding.detail, "lacks": lacks })
    });
    let reason = |reason: &Reason| match reason {
        Reason::Numbered(id) => serde_json::json!(id),
        Reason::InWords(text) => serde_json::json!(text),
    };
    serde_json::json!({
        "listing": listing.id,
        "rulebook": version,
        "on": on,
        "assessed": why::name(assessment.grade),
        "grade": why::name(standing.grade),
        "by_person": standing.by_person,
        "reason": standing.reason.as_ref().map(reason),
        "missing": standing.missing.iter().map(reason).collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "drops": drops.as_ref().map(|(date, then)| serde_json::json!({ "on": date, "grade": why::name(then.grade) })),
    })
}
