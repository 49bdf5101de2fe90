//! Whoever writes a processor's registers has to be the only one: the kernel does not know of it, so a lock on the registers'
//! device file stands for them. It ends with the process, however that ends. Whoever has the same lines of the kernel takes it
//! too, for else one greengate would have a line in each way.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use super::Claim;
use crate::device::bell::lock;

/// Files through which the registers are reached: of the Pi 5, of the others, and of kernels without these.
const REGISTERS: [&str; 3] = ["/dev/gpiomem0", "/dev/gpiomem", "/dev/mem"];

static OURS: Shared = Shared(Mutex::new(Weak::new()));

/// What a way to the lines of the pin header holds as long as it is there, and every line that it gave.
#[derive(Clone, Default)]
pub struct Hold {
    _lock: Option<Arc<Alone>>,
    /// Whether another greengate has the lock, once somebody asked. It is opened anew for that, so not for every line.
    is_elsewhere: OnceLock<bool>,
}

impl Hold {
    /// The lock, unless it does not matter who has it.
    ///
    /// # Errors
    /// Another greengate has it.
    pub fn of(claim: Claim) -> Result<Self, String> {
        let lock = match claim {
            Claim::Alone => OURS.on(&REGISTERS.map(Path::new))?,
            Claim::Whatever => None,
        };
        Ok(Self { _lock: lock, is_elsewhere: OnceLock::new() })
    }

    /// Whether another greengate drives the lines. It never does while we have the lock.
    pub fn is_elsewhere(&self) -> bool {
        *self.is_elsewhere.get_or_init(|| OURS.on(&REGISTERS.map(Path::new)).is_err())
    }
}

/// The one lock of this program: its parts may reach the lines in several ways, and are no rivals.
struct Shared(Mutex<Weak<Alone>>);

impl Shared {
    fn on(&self, paths: &[&Path]) -> Result<Option<Arc<Alone>>, String> {
        let mut ours = lock(&self.0);
        if let Some(alone) = ours.upgrade() {
            return Ok(Some(alone));
        }
        let alone = Alone::on(paths)?.map(Arc::new);
        *ours = alone.as_ref().map(Arc::downgrade).unwrap_or_default();
        Ok(alone)
    }
}

/// The lock.
struct Alone {
    /// Closing it ends the lock.
    _file: File,
}

impl Alone {
    /// The lock on the first of these files that there is; `None` without any, or where files cannot be locked.
    ///
    /// # Errors
    /// Somebody else has it.
    fn on(paths: &[&Path]) -> Result<Option<Self>, String> {
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

    #[test]
    fn all_parts_of_a_program_have_it_together_and_no_other_program_has_it_before_the_last_is_gone() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let program = || Shared(Mutex::new(Weak::new()));
        let (ours, theirs, paths) = (program(), program(), [file.path()]);
        let has_it = |program: &Shared| program.on(&paths).map(|lock| lock.expect("a lock"));
        let (first, second) = (has_it(&ours).expect("nobody has it"), has_it(&ours).expect("we have it"));
        drop(first);
        assert!(has_it(&theirs).is_err(), "the second part of ours has it");
        drop(second);
        assert!(has_it(&theirs).is_ok());
    }
}
