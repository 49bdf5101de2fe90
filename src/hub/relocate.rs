//! An authority whose tables are files in its folder moves them to a server's database.

use std::fs;
use std::path::PathBuf;

use super::database::Database;
use super::disk::sync_folder;
use super::platform::{self, Platforms};
use super::receiver::{self, Receiver};
use super::{Home, HubFault, Registry, registry};

/// Memory for a file that is read once, in KiB.
const CACHE_KIB: u32 = 8 * 1024;
/// What a file is called that holds good no more.
const MOVED: &str = "db.moved";

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocated {
    /// Rows of all tables.
    pub rows: u64,
    /// What became of the files: no command looks at these any more.
    pub files: Vec<PathBuf>,
}

/// Moves the tables from the files in the folder to the database of `home`: all of it, or nothing. The files get other
/// names, so that nobody goes on with them by mistake.
///
/// # Errors
/// No database is named, it has an authority already, the folder has none, a hub runs there, or something cannot be read
/// or written.
pub fn relocate(home: &Home) -> Result<Relocated, HubFault> {
    if home.server().is_none() {
        let message = "where to is not said; name the database in `GREENGATE_DATABASE`, or with `--database`";
        return Err(HubFault::Refused(message.to_owned()));
    }
    let files = Home::from(&**home);
    // These bring tables of an older program up.
    drop((Registry::open(&files)?, Receiver::open(&files)?, Platforms::open(&files)?));
    let paths = [registry::FILE, receiver::FILE, platform::FILE].map(|name| home.join(name));
    let mut sources = Vec::new();
    for path in &paths {
        let source = Database::open_file(path, CACHE_KIB)?;
        let in_use = |fault| HubFault::Refused(format!("{fault}; stop the hubs of this folder first"));
        source.seize().map_err(in_use)?;
        sources.push(source);
    }
    drop((Registry::create(home)?, Receiver::open(home)?, Platforms::open(home)?));
    let none = || HubFault::NoAuthority { folder: home.to_path_buf() };
    let mut server = home.open(registry::FILE, CACHE_KIB, false)?.ok_or_else(none)?;
    let rows = server.change(|inside| sources.iter().map(|source| source.copy_into(inside)).sum())?;
    let mut moved = Vec::new();
    for path in paths {
        let to = path.with_extension(MOVED);
        fs::rename(&path, &to).map_err(|source| HubFault::file(&path, "renamed", source))?;
        moved.push(to);
    }
    sync_folder(home)?;
    // Until here nobody else could open them.
    drop(sources);
    Ok(Relocated { rows, files: moved })
}
