//! `greengate doctor`: looks at everything on the box, and says how to mend what is not right.

mod camera;
mod feed;
mod files;
mod finding;
mod knowledge;
mod lines;
mod machine;
mod screen;
mod storage;

use std::process::ExitCode;

use self::finding::{Finding, Level};
use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, board};
use crate::config::{self, Found};
use crate::device::Machine;
use crate::rules::board::Board;

/// Look at everything on the box: machine, camera, display, lines, storage, clock, list, feed. Tell how to mend what is not
/// right.
///
/// It lights nothing and changes nothing but a file of its own in the state folder, which it removes. Stop the kiosk before
/// (`systemctl stop greengate`), or nobody can look through its camera.
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
        let machine = Machine::here();
        machine::look(&machine).into_iter().try_for_each(&mut tell)?;
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
                    format!("board `{}`, kiosk `{}`", setting.board.called(), setting.site.kiosk),
                ))?;
                parts(&machine, &setting.board).into_iter().try_for_each(&mut tell)?;
                storage::look(&setting.site.state).into_iter().try_for_each(&mut tell)?;
                knowledge::look(&setting.site).into_iter().try_for_each(&mut tell)?;
                let site = &setting.site;
                feed::look(&site.state, site.feed.as_ref()).into_iter().try_for_each(&mut tell)?;
            }
        }
        Ok(match worst {
            Level::Fine | Level::Warn => ExitCode::SUCCESS,
            Level::Bad => Exit::Unavailable.into(),
        })
    }
}

/// What a board has that can be touched.
fn parts(machine: &Machine, board: &Board) -> Vec<Finding> {
    let is_root = rustix::process::geteuid().is_root();
    let files = files::look(machine, board, is_root);
    let is_real = !files.is_empty();
    let watchdog = is_real.then(|| machine::watchdog(machine));
    let parts = [files, camera::look(board), screen::look(machine, board), lines::look(board)].into_iter().flatten();
    parts.chain(watchdog).collect()
}
