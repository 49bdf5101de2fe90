//! An authority whose tables are files in its folder moves them to a server's database.

use std::fs;
use std::path::{Path, PathBuf};

use super::database::Database;
use super::disk::sync_folder;
use super::platform::{self, Platforms};
use super::receiver::{self, Receiver};
use super::{Home, HubFault, Registry, registry};

/// The files that have tables.
const FILES: [&str; 3] = [registry::FILE, receiver::FILE, platform::FILE];
/// Memory for a file that is read once, in KiB.
const CACHE_KIB: u32 = 8 * 1024;
/// How a file's name ends that holds good, that nobody may go on with until the server has its rows, and that holds good no
/// more.
const HERE: &str = "db";
const MOVING: &str = "db.moving";
const MOVED: &str = "db.moved";

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocated {
    /// Rows of all tables; 0 where a move that was broken off had brought all of them before.
    pub rows: u64,
    /// What became of the files: no command looks at these any more.
    pub files: Vec<PathBuf>,
}

/// Moves the tables from the files in the folder to the database of `home`: all of it, or nothing. The files get other
/// names, so that nobody goes on with them by mistake; they have them before the server's rows hold good, so that there
/// never are two authorities. A move that was broken off in between is begun anew by the next one, or ended by it where the
/// server has the rows.
///
/// # Errors
/// No database is named, it has an authority already, the folder has none, a hub runs there, or something cannot be read
/// or written.
pub fn relocate(home: &Home) -> Result<Relocated, HubFault> {
    if home.server().is_none() {
        let message = "where to is not said; name the database in `GREENGATE_DATABASE`, or with `--database`";
        return Err(HubFault::Refused(message.to_owned()));
    }
    if let Some(files) = finish(home)? {
        return Ok(Relocated { rows: 0, files });
    }
    Registry::expect_none(home)?;
    let waits = |name: &&str| home.join(name).exists() && home.join(name).with_extension(MOVING).exists();
    if let Some(name) = FILES.into_iter().find(waits) {
        let message = format!("`{name}` and `{name}.moving` are both there; take the one that does not count away");
        return Err(HubFault::Refused(message));
    }
    rename(home, MOVING, HERE)?;
    let files = Home::from(&**home);
    // These bring tables of an older program up.
    drop((Registry::open(&files)?, Receiver::open(&files)?, Platforms::open(&files)?));
    let mut sources = Vec::new();
    for name in FILES {
        let source = Database::open_file(&home.join(name), CACHE_KIB)?;
        let in_use = |fault| HubFault::Refused(format!("{fault}; stop the hubs of this folder first"));
        source.seize().map_err(in_use)?;
        sources.push(source);
    }
    drop((Registry::create(home)?, Receiver::open(home)?, Platforms::open(home)?));
    let none = || HubFault::NoAuthority { folder: home.to_path_buf() };
    let mut server = home.open(registry::FILE, CACHE_KIB, false)?.ok_or_else(none)?;
    let rows = server.change(|inside| {
        let rows = sources.iter().map(|source| source.copy_into(inside)).sum::<Result<u64, HubFault>>()?;
        rename(home, HERE, MOVING).map(|_| rows)
    })?;
    let files = rename(home, MOVING, MOVED)?;
    // Until here nobody else could open them.
    drop(sources);
    Ok(Relocated { rows, files })
}

/// Whether a move of the folder's files was broken off: nobody knows yet whether the server has their rows.
pub(super) fn is_broken_off(folder: &Path) -> bool {
    FILES.iter().any(|name| folder.join(name).with_extension(MOVING).exists())
}

/// Ends a move that was broken off once the server had its rows, and tells what the files are called then.
fn finish(home: &Home) -> Result<Option<Vec<PathBuf>>, HubFault> {
    let registries = [MOVING, MOVED].map(|ending| home.join(registry::FILE).with_extension(ending));
    let Some(registry) = registries.iter().find(|path| path.exists()).filter(|_| is_broken_off(home)) else {
        return Ok(None);
    };
    let there = match Registry::open(home) {
        Err(HubFault::Moving { .. }) => return Ok(None),
        there => there?.salt()?,
    };
    // Each registry draws its own, and it moves with the rest.
    let here = Registry::in_file(registry)?.salt()?;
    if here == there { rename(home, MOVING, MOVED).map(Some) } else { Ok(None) }
}

/// Gives those of the files that are there another ending, and tells what they are called then.
fn rename(folder: &Path, from: &str, to: &str) -> Result<Vec<PathBuf>, HubFault> {
    let mut renamed = Vec::new();
    for path in FILES.map(|name| folder.join(name)) {
        let (from, to) = (path.with_extension(from), path.with_extension(to));
        if from.exists() {
            fs::rename(&from, &to).map_err(|source| HubFault::file(&from, "renamed", source))?;
            renamed.push(to);
        }
    }
    sync_folder(folder)?;
    Ok(renamed)
}
