//! The grade that goes out: the assessment's, and a person's word on it.
//!
//! First row that holds decides:
//!
//! | the person says | the assessment says | it is |
//! |---|---|---|
//! | red | anything | red, with the person's reason |
//! | anything | red | red, with the assessment's reason: a person removes its cause, not its grade |
//! | yellow | green, yellow | yellow, with the reasons of both |
//! | green | yellow | green, if the person knew of all that is not met; else yellow with the rest |
//! | green, nothing | anything | as assessed |

use std::collections::BTreeSet;

use super::{Assessment, Lack};
use crate::rules::code::Grade;
use crate::rules::dossier::Word;
use crate::rules::text::Text;

/// The grade that goes out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The grade.
    pub grade: Grade,
    /// Why it is not green; none where what is missing says all.
    pub reason: Option<Reason>,
    /// What would make it green.
    pub missing: Vec<Reason>,
    /// Whether a person's word made it what it is.
    pub by_person: bool,
}

/// A reason or a missing document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// By its number, as a person gave it.
    Numbered(u32),
    /// In the rulebook's words.
    InWords(Text),
}

/// The grade that goes out.
#[must_use]
pub fn standing(assessment: &Assessment, word: Option<&Word>) -> Standing {
    match (word, assessment.grade) {
        (Some(word), _) if word.grade == Grade::Red => spoken(word, &[]),
        (_, Grade::Red) | (None, Grade::Green | Grade::Yellow) => assessed(assessment, &BTreeSet::new()),
        (Some(word), Grade::Green | Grade::Yellow) if word.grade == Grade::Yellow => spoken(word, &assessment.cures()),
        (Some(word), Grade::Green | Grade::Yellow) => {
            let standing = assessed(assessment, &word.excused);
            Standing { by_person: standing.grade != assessment.grade, ..standing }
        }
    }
}

fn spoken(word: &Word, cures: &[Text]) -> Standing {
    let missing = word.missing.iter().copied().map(Reason::Numbered);
    let missing = missing.chain(cures.iter().cloned().map(Reason::InWords)).collect();
    Standing { grade: word.grade, reason: word.reason.map(Reason::Numbered), missing, by_person: true }
}

/// What the assessment says without the rows that are excused. Those that are red are not.
fn assessed(assessment: &Assessment, excused: &BTreeSet<String>) -> Standing {
    let counts = |lack: &Lack, row: &String| lack.grade == Grade::Red || !excused.contains(row);
    let findings = assessment.findings.iter().map(|finding| {
        let lacks = finding.lacks.clone().filter(|lack| counts(lack, &finding.row));
        super::Finding { lacks, ..finding.clone() }
    });
    let rest = Assessment { grade: Grade::Green, findings: findings.collect() };
    let missing: Vec<Reason> = rest.cures().into_iter().map(Reason::InWords).collect();
    let Some((_, worst)) = rest.decided() else {
        return Standing { grade: Grade::Green, reason: None, missing, by_person: false };
    };
    // A yellow listing is told by what it misses; one that misses no document, and a red one, by the reason.
    let says_all = worst.grade == Grade::Yellow && worst.cure.is_some();
    let reason = (!says_all).then(|| Reason::InWords(worst.says.clone()));
    Standing { grade: worst.grade, reason, missing, by_person: false }
}
