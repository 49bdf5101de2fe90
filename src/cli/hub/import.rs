//! `greengate-hub import`: suppliers, listings, what was filed for them, and policy from files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Place, why};
use crate::cli::out::{counted, put};
use crate::cli::{Failure, progress};
use crate::hub::Registry;
use crate::hub::import::{Red, import};

/// Bring suppliers, listings, what was filed for them, and policy in from files: all of them, or none if a row is wrong.
///
/// A `.csv` file begins with one of these lines: `supplier,name_zh,name_en`, `reason,text_zh,text_en`,
/// `listing,supplier,gtin,name_zh,name_en,grade,reason,missing,review,inspect`, `firm,code,contacts,partnerships`,
/// `product,category,tags,brick`, `capacity,listing,declared,evidence,assessed,note`,
/// `document,listing,kind,number,issuer,issued,expires` or `item,document,method,limit,value,unit`. Cells with several
/// things have `;` between; `firm` is a supplier's number, `product` a listing's. A `.jsonl` file has one record in each line. What is the same already changes nothing.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// The files, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Why, for the record [default: the files' names]
    #[arg(long, value_name = "TEXT", value_parser = why::why)]
    why: Option<String>,
    /// Let the files make better what is red now
    #[arg(long)]
    lift_red: bool,
}

impl Import {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        let author = place.author(self.why.clone().unwrap_or_else(|| named(&self.files)));
        let red = if self.lift_red { Red::MayBeLifted } else { Red::Stays };
        let length = |path: &PathBuf| std::fs::metadata(path).map_or(0, |found| found.len());
        let bar = progress::bar(self.files.iter().map(length).sum(), "importing");
        let imported = import(&mut registry, &author, &self.files, red, &mut |done| bar.set_position(done));
        bar.finish_and_clear();
        let imported = imported?;
        put(format_args!("{}, {} changed", counted(imported.rows, "row"), imported.changed))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// `import of listings.csv, suppliers.csv`.
fn named(files: &[PathBuf]) -> String {
    let name = |path: &PathBuf| Path::new(path.file_name().unwrap_or(path.as_os_str())).display().to_string();
    format!("import of {}", files.iter().map(name).collect::<Vec<_>>().join(", "))
}
