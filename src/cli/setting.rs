//! Board, site and state that a command works with: those of the configuration, or the demo world.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::cli::{Exit, Failure, Place};
use crate::config::{self, Found};
use crate::kiosk::demo;
use crate::rules::board::{Board, Camera, Size};
use crate::rules::site::Site;
use crate::rules::time::date_of;
use crate::rules::virtual_board::RackLabel;

/// What a command works with.
#[derive(Debug)]
pub struct Setting {
    /// What the box is.
    pub board: Board,
    /// The board's TOML, unless it is part of the program.
    pub board_toml: Option<String>,
    /// Where it stands.
    pub site: Site,
    /// The site's TOML, unless it is the demo world.
    pub site_toml: Option<String>,
    /// The demo world's labels.
    pub rack: Vec<RackLabel>,
    /// The demo world's state, removed at the end.
    temporary: Option<TempDir>,
}

impl Setting {
    /// The configuration's setting, or the demo world with a state folder of its own that holds its cache.
    ///
    /// # Errors
    /// A configuration with errors, or a demo world that cannot be written.
    pub fn find(place: &Place) -> Result<Self, Failure> {
        match config::find(place.config.as_deref())? {
            Found::Demo => Self::demo()?,
            Found::Files { board, site } => {
                let text = |path: &PathBuf| std::fs::read_to_string(path).ok();
                Self {
                    board_toml: text(&board),
                    site_toml: text(&site),
                    board: config::board(&board)?,
                    site: config::site(&site)?,
                    rack: Vec::new(),
                    temporary: None,
                }
            }
        }
        .kept(place.state.as_deref())
    }

    /// What is measured: the demo world on `board`, with the panel's camera in place of its own, whatever is configured.
    ///
    /// # Errors
    /// As [`Setting::find`] and [`Setting::with_board`].
    pub fn measured(board: &str, state: &Path) -> Result<Self, Failure> {
        let mut setting = Self::demo()?.kept(Some(state))?.with_board(board)?;
        setting.board.camera = Camera::Panel { size: Size { width: 1280, height: 720 }, rate: 30, budget_ms: 25 };
        Ok(setting)
    }

    /// With its state in this folder, which is made.
    fn kept(mut self, state: Option<&Path>) -> Result<Self, Failure> {
        if let Some(state) = state {
            state.clone_into(&mut self.site.state);
            self.temporary = None;
        }
        std::fs::create_dir_all(&self.site.state).map_err(|error| {
            let path = self.site.state.display();
            Failure::new(
                Exit::IoError,
                format!("the state folder `{path}` cannot be made: {error}; name another with `--state`"),
            )
        })?;
        if self.site.demo {
            self.make_demo()?;
        }
        Ok(self)
    }

    fn demo() -> Result<Self, Failure> {
        let temporary = TempDir::with_prefix("greengate-demo-")?;
        let mut site = config::builtin_site();
        temporary.path().clone_into(&mut site.state);
        let board = demo_board("sim")?;
        Ok(Self { board, board_toml: None, site, site_toml: None, rack: Vec::new(), temporary: Some(temporary) })
    }

    /// The demo world of today: its list is never old. A cache of an earlier day in the same folder gives way, an authority's
    /// never does.
    fn make_demo(&mut self) -> Result<(), Failure> {
        if demo::is_taken(&self.site.state)? {
            let message = format!(
                "`{}` has an authority's list, and this would be the demo world; name the site with `--config`, or another \
                 folder with `--state`",
                self.site.state.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        let now = Timestamp::now();
        let world = demo::world(now, date_of(now, &self.site.time_zone));
        demo::load(&self.site.state, &world)?;
        self.rack = world.rack;
        Ok(())
    }

    /// Another board than the configured one: a file, or the name of one that is part of the program.
    ///
    /// # Errors
    /// There is no such board, or it has errors.
    pub fn with_board(mut self, name: &str) -> Result<Self, Failure> {
        if config::builtin_board(name).is_some() {
            self.board = demo_board(name)?;
            self.board_toml = None;
        } else {
            let path = PathBuf::from(name);
            self.board = config::board(&path)?;
            self.board_toml = std::fs::read_to_string(&path).ok();
        }
        Ok(self)
    }

    /// Whether the state goes away with the program.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }
}

fn demo_board(name: &str) -> Result<Board, Failure> {
    let text = config::builtin_board(name).ok_or_else(|| Failure::new(Exit::Config, format!("no board `{name}`")))?;
    Ok(config::board_text(name, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::demo::DemoKey;
    use crate::rules::record::{Line, Record};
    use crate::store::{self, Cache};

    #[test]
    fn the_demo_world_never_takes_the_place_of_an_authoritys_list() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Timestamp::now();
        let mut lines = demo::world(now, date_of(now, &config::builtin_site().time_zone)).lines;
        let slot = DemoKey::Authority.slot();
        // Another authority has another key, and counts its releases.
        for line in &mut lines {
            match line {
                Line::Meta(meta) => meta.to = 41,
                Line::Put(record) => {
                    if let Record::Key(key) = record.as_mut() {
                        key.public = if key.slot == slot { DemoKey::Forger.public() } else { key.public };
                    }
                }
                Line::Drop(_) => {}
            }
        }
        store::load_lines(folder.path(), &lines).expect("a list");
        let told = Setting::measured("sim", folder.path()).expect_err("it is an authority's");
        assert!(told.message().contains("has an authority's list"), "{}", told.message());
        let version = Cache::open(folder.path()).expect("a list").expect("a list").facts().version;
        assert_eq!(version, 41);
    }
}
