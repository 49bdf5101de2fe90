//! Small files of the state folder: the old one or the new one, whatever happens.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::SyncFault;
use crate::store::sync_folder;

/// Puts `bytes` in the place of the file at `path`; only its owner can read it.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), SyncFault> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let written = written(part, bytes).and_then(|()| fs::rename(part, path));
    if let Err(error) = written {
        // Half a file would take the room that is missing.
        let _ = fs::remove_file(part);
        return Err(SyncFault::file(path, "written", error));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    sync_folder(folder).map_err(|error| SyncFault::file(folder, "synced", error))
}

/// Removes a file, if it is there.
pub fn remove(path: &Path) -> Result<(), SyncFault> {
    removed(path).map_err(|error| SyncFault::file(path, "removed", error))
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn written(part: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a power cut left may have other rights.
    removed(part)?;
    let mut file = private(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// Elsewhere the folder's rights have to do.
#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}
