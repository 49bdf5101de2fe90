//! `greengate run`: be the kiosk.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::out::say;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::kiosk::shift::{Beginning, Recorder};
use crate::kiosk::{Kiosk, Setup, Shelf};
use crate::store::Journal;

/// Be the kiosk.
#[derive(Debug, Default, clap::Args)]
pub struct Run {
    /// Another board: a file, or a name that `board list` shows
    #[arg(long, value_name = "BOARD")]
    board: Option<String>,
    /// Where the panel listens, in place of the site's address; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<std::net::SocketAddr>,
    /// Write down what happens, for `greengate replay`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Run {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut setting = Setting::find(place)?;
        if let Some(board) = &self.board {
            setting = setting.with_board(board)?;
        }
        self.listen_elsewhere(&mut setting)?;
        let recorder = self.record.as_ref().map(|path| recorder(path, &setting)).transpose()?;
        let site = setting.site.clone();
        let (board, rack) = (setting.board.clone(), std::mem::take(&mut setting.rack));
        let kiosk = Kiosk::open(Setup { board, site, rack, recorder })?;
        say_hello(&setting, &kiosk);
        stop_on_signals(&kiosk)?;
        kiosk.run()?;
        Ok(ExitCode::SUCCESS)
    }

    fn listen_elsewhere(&self, setting: &mut Setting) -> Result<(), Failure> {
        let Some(listen) = self.listen else { return Ok(()) };
        let token = setting.site.panel.as_ref().and_then(|panel| panel.token.clone());
        if !listen.ip().is_loopback() && token.is_none() {
            let message =
                format!("`{listen}` is open to the network; put `listen` and `token` into the site's `[panel]`");
            return Err(Failure::new(Exit::Usage, message));
        }
        setting.site.panel = Some(crate::rules::site::PanelSettings { listen, token });
        Ok(())
    }
}

fn recorder(path: &Path, setting: &Setting) -> Result<Recorder, Failure> {
    let journal = Journal::open(&Shelf::journal_path(&setting.site.state), &setting.site.kiosk)?;
    let board = (setting.board.name.as_str(), setting.board_toml.as_deref());
    Ok(Recorder::create(path, &Beginning { board, site: setting.site_toml.as_deref(), journal: &journal })?)
}

fn say_hello(setting: &Setting, kiosk: &Kiosk) {
    let demo = if setting.site.demo { " · DEMO world: nothing it says is true" } else { "" };
    say(format_args!(
        "Greengate {} · {} · board {}{demo}",
        env!("CARGO_PKG_VERSION"),
        setting.site.name,
        setting.board.name
    ));
    if let Some(address) = kiosk.address() {
        say(format_args!("\n    look here:  http://{address}/\n"));
    }
    let kept = if setting.is_temporary() { " (removed at the end; keep it with --state FOLDER)" } else { "" };
    say(format_args!("state: {}{kept}\nstop with Ctrl-C", setting.site.state.display()));
}

/// Ctrl-C and `systemctl stop` end the loop after its present turn, lights dark; a second signal ends at once.
fn stop_on_signals(kiosk: &Kiosk) -> Result<(), Failure> {
    let stopper = kiosk.stopper();
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for (count, _) in signals.forever().enumerate() {
            if count > 0 {
                std::process::exit(130);
            }
            stopper.stop();
        }
    })?;
    Ok(())
}
