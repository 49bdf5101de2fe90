//! Whoever writes a processor's registers has to be the only one: the kernel does not know of it, so a lock on the registers'
//! device file stands for them. It ends with the process, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

/// The lock.
pub struct Alone {
    /// Closing it ends the lock.
    _file: File,
}

impl Alone {
    /// The lock on the first of these files that there is; `None` without any, or where files cannot be locked.
    ///
    /// # Errors
    /// Somebody else has it.
    pub fn on(paths: &[&Path]) -> Result<Option<Self>, String> {
        let Some((path, file)) = paths.iter().find_map(|path| Some((path, File::open(path).ok()?))) else {
            return Ok(None);
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Err(format!(
                "another greengate drives the lines (`{}` is locked); stop it first, with `systemctl stop greengate`",
                path.display()
            )),
            Err(TryLockError::Error(error)) => {
                log::debug!("`{}` cannot be locked: {error}", path.display());
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_until_it_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gpiomem");
        let paths = [Path::new("no such file"), path.as_path()];
        assert!(Alone::on(&paths).expect("nobody has it").is_none(), "there is no such file yet");
        File::create(&path).expect("a file");
        let first = Alone::on(&paths).expect("nobody has it").expect("a lock");
        let told = Alone::on(&paths).err().expect("the first has it");
        assert!(told.starts_with("another greengate drives the lines"), "{told}");
        drop(first);
        assert!(Alone::on(&paths).expect("nobody has it any more").is_some());
    }
}
