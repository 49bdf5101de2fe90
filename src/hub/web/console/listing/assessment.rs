//! What the rulebook says of a listing, row by row; why it is not green, and what would make it green.

use maud::{Markup, html};

use super::{AHEAD_DAYS, Seen};
use crate::hub::assess::Assessed;
use crate::hub::web::frame::Frame;
use crate::rules::assessment::{Assessment, Finding};

pub(super) fn section(frame: &Frame, seen: &Seen) -> Markup {
    html! {
        h2 id="assessment" { (frame.say("评估", "Assessment")) }
        @match &seen.assessed {
            Err(why) => p class="card" { (why) },
            Ok((version, assessed)) => (told(frame, seen, *version, assessed)),
        }
    }
}

fn told(frame: &Frame, seen: &Seen, version: u32, assessed: &Assessed) -> Markup {
    let Assessed { assessment, standing, drops, .. } = assessed;
    let cures = assessment.cures();
    html! {
        div class="card" {
            p {
                (frame.say("规则手册", "Rulebook")) " " (version) " · " (seen.today) (frame.say("：", ": "))
                (frame.grade(assessment.grade))
                @if let Some((finding, lack)) = assessment.decided() {
                    " " (frame.say("决定行", "decided by row")) " " code { (finding.row) } " → " code { (lack.decision) } (frame.say("：", ": "))
                    (frame.text(&lack.says))
                }
            }
            @if standing.by_person {
                p class="note" { (frame.say("人工等级生效：", "A person's grade holds: ")) (frame.grade(standing.grade)) }
            }
            @if standing.grade != seen.listing.grade {
                p class="note" {
                    (frame.say("下次发布时变为：", "With the next release it becomes: ")) (frame.grade(standing.grade))
                }
            }
            @if !cures.is_empty() {
                h3 { (frame.say("怎样转绿", "What would make it green")) }
                ul { @for cure in &cures { li { (frame.text(cure)) } } }
            }
            @if let Some((date, then)) = drops {
                p class="trouble" {
                    (frame.say("如无新文件，自", "If nothing is filed, from ")) (date) (frame.say("起变为", " on it is "))
                    (frame.grade(then.grade)) (why(frame, then))
                }
            } @else {
                p class="quiet" { (AHEAD_DAYS) (frame.say(" 天内不会下降。", " days from now it is no worse.")) }
            }
        }
        (rows(frame, &assessment.findings))
    }
}

fn why(frame: &Frame, assessment: &Assessment) -> Markup {
    html! { @if let Some((_, lack)) = assessment.decided() { " " (frame.text(&lack.says)) } }
}

fn rows(frame: &Frame, findings: &[Finding]) -> Markup {
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("逐行评估", "Row by row")) { table {
            thead { tr {
                th scope="col" { (frame.say("规则行", "Row")) }
                th scope="col" { (frame.say("要求", "Asks for")) }
                th scope="col" { (frame.say("结果", "Result")) }
                th scope="col" { (frame.say("依据", "Found")) }
                th scope="col" { (frame.say("怎样满足", "What to do")) }
            } }
            tbody { @for Finding { row, what, lacks, detail } in findings { tr {
                td { code { (row) } }
                th scope="row" { (frame.text(what)) }
                td { @match lacks {
                    None => span class="grade green" { span aria-hidden="true" { "✓" } " " (frame.say("满足", "Met")) },
                    Some(lack) => { (frame.grade(lack.grade)) div { (frame.text(&lack.says)) } },
                } }
                td { (frame.text(detail)) }
                td { @if let Some(cure) = lacks.as_ref().and_then(|lack| lack.cure.as_ref()) { (frame.text(cure)) } }
            } } }
        } }
    }
}
