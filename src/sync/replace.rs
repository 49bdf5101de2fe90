//! Small files of the state folder: the old one or the new one, whatever happens.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::LinkFault;

/// Puts `bytes` in the place of the file at `path`; only its owner can read it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), LinkFault> {
    written(path, bytes).map_err(|source| LinkFault::File { path: path.to_owned(), verb: "written", source })
}

fn written(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let fresh = Path::new(&name);
    // What a power cut left may have other rights.
    match std::fs::remove_file(fresh) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
        Ok(()) | Err(_) => {}
    }
    let mut file = private(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)?;
    match path.parent().filter(|folder| cfg!(unix) && !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Elsewhere the folder's rights have to do.
#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
