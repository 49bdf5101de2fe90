//! `greengate-hub serve --demo`: an authority to try, with accounts, a kiosk's configuration, and what to click.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::cli::out::say;
use crate::cli::{Exit, Failure};
use crate::config;
use crate::hub::demo::{self, Actor, Demo, KIOSK};
use crate::hub::sheet::{LabelFace, Size, draw, png};
use crate::hub::{HubFault, Registry};
use crate::rules::code::Grade;

/// A label that fills the picture of a kiosk's virtual camera.
const LABEL: Size = Size { width_mm: 60.0, height_mm: 40.0 };

/// The demo authority, which is gone at the end unless its folder was named.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    demo: Demo,
    life: Life,
    temporary: Option<TempDir>,
}

/// Whether its story begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Begins,
    GoesOn,
}

impl Stage {
    /// Makes it, in `folder` or a temporary one; one that is in `folder` goes on.
    pub fn set(folder: Option<PathBuf>) -> Result<Self, Failure> {
        let temporary = if folder.is_none() { Some(TempDir::with_prefix("greengate-demo-hub-")?) } else { None };
        let made = temporary.as_ref().map(|temporary| temporary.path().to_owned());
        let folder = folder.or(made).unwrap_or_default();
        let now = Timestamp::now();
        // What cannot be opened is no demo to go on with, and the making of one says what is there.
        if Registry::open(&folder).is_ok_and(|registry| demo::is_demo(&registry).unwrap_or_default()) {
            let demo = demo::go_on(&folder, now)?;
            return Ok(Self { folder, demo, life: Life::GoesOn, temporary });
        }
        let demo = demo::make(&folder, now).map_err(|fault| gone(&folder, fault))?;
        write_kiosk(&folder.join("kiosk"))?;
        write_labels(&folder.join("labels"), &demo)?;
        Ok(Self { folder, demo, life: Life::Begins, temporary })
    }

    /// The authority's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Says who can sign in, how a kiosk follows, and what to click.
    pub fn tell(&self, address: SocketAddr) {
        let kept =
            if self.temporary.is_some() { "gone when it stops" } else { "kept; the same command goes on with it" };
        let folder = self.folder.display();
        say(format_args!("DEMO: nothing that this authority says is true ({folder}, {kept})"));
        say(format_args!("\n    look here:  http://{address}/enter\n"));
        for Actor { name, password, role } in &self.demo.actors {
            say(format_args!("    {name:<6}  {password:<22}  {role}"));
        }
        if self.life == Life::GoesOn {
            say("\nthese passwords are new, those of before are void");
        }
        let kiosk = self.folder.join("kiosk");
        let kiosk = kiosk.display();
        say(format_args!("\na kiosk that follows it, in another terminal:\n"));
        if let Some(code) = &self.demo.code {
            say(format_args!("    greengate --config {kiosk} enroll http://{address}/ --code {code}"));
        }
        say(format_args!("    greengate --config {kiosk} run\n"));
        if self.life == Life::Begins {
            self.tell_steps();
        }
    }

    fn tell_steps(&self) {
        say("what to do:\n");
        let to_try = self.demo.labels.iter().find(|batch| batch.listing.grade == Grade::Yellow);
        let (yellow, id) = to_try.map_or(("", 0), |batch| (batch.listing.name.en.as_str(), batch.listing.id));
        let label = self.folder.join(format!("labels/{id}.png"));
        let steps = [
            format!(
                "drop {} on the kiosk's page: yellow, and the screen says which document is missing",
                label.display()
            ),
            format!(
                "sign in as `wang`, open `{yellow}`, and file its quality-check report; any PDF will do, the values count"
            ),
            "sign in as `mei` in a private window, open the inbox, and accept the report".to_owned(),
            "publish, press `Sync` at the kiosk, and drop the label again: green".to_owned(),
            "revoke the product, publish, sync, and drop it once more: red, with the reason".to_owned(),
        ];
        for (number, step) in (1..).zip(steps) {
            say(format_args!("    {number}. {step}"));
        }
        say("");
    }
}

/// Why a demo neither goes on nor begins. One that was moved to a database is served like any authority.
fn gone(folder: &Path, fault: HubFault) -> Failure {
    let HubFault::Away { .. } = fault else { return fault.into() };
    let folder = folder.display();
    let message = format!(
        "`{folder}` has an authority without its registry; if that was moved to a database, go on with `greengate-hub --folder {folder} --database URL serve`, and \
         `account reset NAME` in place of `serve` gives a new way to sign in"
    );
    Failure::new(Exit::NoInput, message)
}

/// Board and site of the kiosk: the virtual board, and what it is called here.
fn write_kiosk(folder: &Path) -> Result<(), Failure> {
    let none = || Failure::new(Exit::Config, "there is no board `sim` in this program");
    let board = config::builtin_board("sim").ok_or_else(none)?;
    let site = format!(
        "# The kiosk of the demo authority: nothing that it shows is true.\n\
         name = \"演示 DEMO\"\nkiosk = \"{KIOSK}\"\nlanguages = [\"zh\", \"en\"]\ntime_zone = \"Asia/Shanghai\"\nstate = \"state\"\n\n\
         [panel]\nlisten = \"127.0.0.1:8080\"\n"
    );
    write(&folder.join("board.toml"), board.as_bytes())?;
    write(&folder.join("site.toml"), site.as_bytes())
}

/// A picture of a label of each product, by the product's number.
fn write_labels(folder: &Path, demo: &Demo) -> Result<(), Failure> {
    for batch in &demo.labels {
        for label in &batch.labels {
            let face = LabelFace::new(batch, label);
            let drawing = draw(&face, LABEL, crate::hub::Resolution::Dpi300).map_err(HubFault::from)?;
            write(&folder.join(format!("{}.png", batch.listing.id)), &png(&drawing))?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| Failure::new(Exit::IoError, format!("`{}` cannot be written: {error}", path.display())))
}
