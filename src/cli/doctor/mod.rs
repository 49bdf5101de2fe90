//! `greengate doctor`: looks at everything on the box, and says how to mend what is not right.

mod finding;
mod knowledge;
mod machine;
mod storage;

use std::process::ExitCode;

use self::finding::{Finding, Level};
use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, board};
use crate::config::{self, Found};
use crate::device::Machine;

/// Look at everything on the box: machine, parts, storage, clock, list. Tell how to mend what is not right.
///
/// It lights nothing and changes nothing but a file of its own in the state folder, which it removes. Stop the kiosk before
/// (`systemctl stop greengate`), or its camera and display are in use.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Print JSON, one finding a line
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut worst = Level::Fine;
        let mut tell = |finding: Finding| -> Result<(), Failure> {
            worst = worst.max(finding.level);
            if self.json {
                let line =
                    serde_json::to_string(&finding).map_err(|error| Failure::new(Exit::Software, error.to_string()))?;
                put(line)?;
            } else {
                put(&finding)?;
            }
            Ok(())
        };
        machine::look().into_iter().try_for_each(&mut tell)?;
        // A box without a configuration is looked at all the same: that is when a person asks.
        let setting = match config::find(place.config.as_deref())? {
            Found::Demo => {
                let near = board::fitting(&Machine::here()).first().copied();
                let near = near.map(|name| format!(", which begins from `{name}` here")).unwrap_or_default();
                let help = format!(
                    "write `board.toml` and `site.toml` into /etc/greengate; begin with `greengate board new`{near}"
                );
                tell(Finding::warn("configuration", "there is none, this is the demo world", help))?;
                Setting::find(place)
            }
            Found::Files { .. } => Setting::find(place),
        };
        match setting {
            Err(failure) => tell(Finding::bad(
                "configuration",
                failure.message(),
                "mend what it names; `greengate config check` looks again",
            ))?,
            Ok(setting) => {
                tell(Finding::fine(
                    "configuration",
                    format!("board `{}`, kiosk `{}`", setting.board.name, setting.site.kiosk),
                ))?;
                storage::look(&setting.site.state).into_iter().try_for_each(&mut tell)?;
                knowledge::look(&setting.site).into_iter().try_for_each(&mut tell)?;
            }
        }
        Ok(match worst {
            Level::Fine | Level::Warn => ExitCode::SUCCESS,
            Level::Bad => Exit::Unavailable.into(),
        })
    }
}
