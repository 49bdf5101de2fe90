//! `greengate-hub lint`: whether a kiosk will read a code in the size in which it is going to be printed.

use std::path::Path;
use std::process::ExitCode;

use super::issue::text_of;
use crate::cli::out::put;
use crate::cli::{Exit, Failure};
use crate::hub::{Print, QUIET, Resolution, Unreadable};
use crate::rules::symbol;

/// The largest file of texts, in bytes.
const TEXTS_LIMIT: u64 = 16 << 20;

/// Tell whether a kiosk will read a code in the size in which it is going to be printed.
///
/// Without `--side` it tells the smallest size that will do. The exit code is 0 if every code can be read, else 65.
#[derive(Debug, clap::Args)]
pub struct Lint {
    /// A label's text, or a file with one a line (as `issue -o FILE.csv` writes it)
    text: String,
    /// The printed code's side with its quiet zone, in millimetres
    #[arg(long, value_name = "MM", value_parser = side)]
    side: Option<f32>,
    /// Modules that stay white on every side
    #[arg(long, value_name = "MODULES", default_value_t = QUIET, requires = "side", value_parser = clap::value_parser!(u32).range(0..=40))]
    quiet: u32,
    /// The printer's resolution: 203, 300 or 600 [default: all of them]
    #[arg(long, value_name = "N")]
    dpi: Option<Resolution>,
}

fn side(text: &str) -> Result<f32, String> {
    let mm = text.trim_end_matches("mm").parse().ok().filter(|mm| (1.0..=1000.0).contains(mm));
    mm.ok_or_else(|| format!("`{text}` is not a side of 1 to 1000 mm"))
}

impl Lint {
    pub(super) fn execute(&self) -> Result<ExitCode, Failure> {
        let mut all = true;
        for text in texts(&self.text)? {
            for resolution in Resolution::ALL.into_iter().filter(|one| self.dpi.is_none_or(|dpi| dpi == *one)) {
                let told = self.print(&text, resolution);
                all &= told.is_ok();
                put(told.map_or_else(|why| format!("{} dpi: refused: {why}", resolution.dpi()), in_words))?;
            }
        }
        Ok(if all { ExitCode::SUCCESS } else { Exit::Data.into() })
    }

    fn print(&self, text: &str, resolution: Resolution) -> Result<Print, Unreadable> {
        let symbol = symbol::encode(text).ok_or(Unreadable::TooLong)?;
        let side = u32::try_from(symbol.size).unwrap_or(u32::MAX);
        let smallest = Print::smallest(side, resolution);
        let print = self.side.map_or(smallest, |mm| Print::within(mm, side, self.quiet, resolution));
        print.check().map(|()| print)
    }
}

fn in_words(print: Print) -> String {
    format!(
        "{} dpi: version {}, {side} x {side} modules of {} dots, {:.3} mm; quiet zone of {}; {:.1} mm in all",
        print.resolution.dpi(),
        print.version(),
        print.dots,
        print.module_mm(),
        print.quiet,
        print.total_mm(),
        side = print.side,
    )
}

/// The text itself, or those in the file of that name: the last column of its lines, without a head.
fn texts(argument: &str) -> Result<Vec<String>, Failure> {
    if argument.contains("://") {
        return Ok(vec![argument.to_owned()]);
    }
    let lines = text_of(Path::new(argument), TEXTS_LIMIT)?;
    let is_list = lines.starts_with("index,text");
    let text = |line: &str| if is_list { line.split_once(',').map_or(line, |(_, text)| text) } else { line }.to_owned();
    Ok(lines.lines().skip(usize::from(is_list)).filter(|line| !line.is_empty()).map(text).collect())
}
