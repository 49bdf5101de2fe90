//! `greengate-hub except`: labels with a grade of their own.

use std::process::ExitCode;

use super::Place;
use super::why::{self, Why};
use crate::cli::out::{counted, put};
use crate::cli::{Exit, Failure};
use crate::hub::{Registry, grade};

/// Give labels a grade of their own, or their listing's again with `--lift`. Kiosks learn of it with the next release.
#[derive(Debug, clap::Args)]
pub struct Except {
    /// Labels' indexes, and then the grade: green, yellow or red
    #[arg(required = true, value_names = ["INDEX", "GRADE"], num_args = 1..)]
    words: Vec<String>,
    /// Let them have their listing's grade again; then there is no GRADE
    #[arg(long, conflicts_with = "reason")]
    lift: bool,
    /// The reason's number
    #[arg(long, value_name = "ID")]
    reason: Option<u32>,
    #[command(flatten)]
    why: Why,
}

impl Except {
    pub(super) fn execute(mut self, place: &Place) -> Result<ExitCode, Failure> {
        let grade = if self.lift { None } else { self.words.pop() };
        let grade =
            grade.as_deref().map(why::grade).transpose().map_err(|message| Failure::new(Exit::Usage, message))?;
        let indexes = self.words.iter().map(|word| index(word)).collect::<Result<Vec<_>, _>>()?;
        if indexes.is_empty() {
            return Err(Failure::new(Exit::Usage, "which labels is missing; write their indexes before the grade"));
        }
        let mut registry = Registry::open(&place.folder)?;
        let author = place.author(self.why.why);
        if let Some(grade) = grade {
            let changed = grade::except(&mut registry, &author, &indexes, grade, self.reason)?;
            put(format_args!("{} {} now", labels_are(changed), why::name(grade)))?;
        } else {
            grade::lift(&mut registry, &author, &indexes)?;
            put(format_args!("{} graded by the listing again", labels_are(indexes.len() as u64)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn labels_are(count: u64) -> String {
    format!("{} {}", counted(count, "label"), if count == 1 { "is" } else { "are" })
}

fn index(word: &str) -> Result<u32, Failure> {
    word.parse().map_err(|_| Failure::new(Exit::Usage, format!("`{word}` is no label's index; write a number")))
}
