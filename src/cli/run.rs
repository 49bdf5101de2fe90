//! `greengate run`: be the kiosk.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::out::say;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, signals};
use crate::device;
use crate::kiosk::shift::{Beginning, Recorder};
use crate::kiosk::{Kiosk, Setup, Shelf};
use crate::rules::site::Site;
use crate::store::Journal;

/// Be the kiosk (what it does without a command).
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
    /// What `greengate bench` measures: the demo world, with its state in this folder of its own
    #[arg(long, hide = true, value_name = "FOLDER", requires = "board", conflicts_with_all = ["record", "state"])]
    bench: Option<PathBuf>,
}

impl Run {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut setting = match (&self.board, &self.bench) {
            (Some(board), Some(folder)) => Setting::measured(board, folder)?,
            (Some(board), None) => Setting::find(place)?.with_board(board)?,
            (None, _) => Setting::find(place)?,
        };
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
        let Some(listen) = self.listen else {
            step_aside(&mut setting.site);
            return Ok(());
        };
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

/// The demo world takes a free port where somebody else has its usual one. A real site's address is what it says.
fn step_aside(site: &mut Site) {
    let Some(panel) = site.panel.as_mut().filter(|_| site.demo) else { return };
    let taken = TcpListener::bind(panel.listen).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    if taken {
        panel.listen.set_port(0);
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
        setting.board.called()
    ));
    if let Some(address) = kiosk.address() {
        say(format_args!("\n    look here:  http://{address}/\n"));
    }
    let kept = if setting.is_temporary() { " (removed at the end; keep it with --state FOLDER)" } else { "" };
    say(format_args!("state: {}{kept}\nstop with Ctrl-C", setting.site.state.display()));
}

/// Lights go dark at once, the loop ends after its present turn; a second signal does not wait for that.
pub(super) fn stop_on_signals(kiosk: &Kiosk) -> Result<(), Failure> {
    let stopper = kiosk.stopper();
    signals::on_end(move |before| {
        stopper.stop();
        device::darken_all();
        if before > 0 {
            std::process::exit(signals::INTERRUPTED.into());
        }
    })?;
    Ok(())
}
