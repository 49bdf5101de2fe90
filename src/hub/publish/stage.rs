//! Files on their way into a published folder: written beside it, on the disk before any of them is seen, then given
//! their names in order. Whoever reads meanwhile, or after a crash, sees the old feed or the new one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{mem, panic, thread};

use crate::hub::HubFault;
use crate::hub::disk::sync_folder;

/// Where files wait, within the published folder: a rename does not cross file systems.
const STAGE: &str = ".stage";
/// Folders of which no file is asked for before another one names it: their order among themselves is nobody's business.
const NAMED_LATER: [&str; 2] = ["targets/", "audit/tile/"];
/// Files that are brought to the disk at once. Nearly all of it is waiting, and a disk takes many as soon as one.
const AT_ONCE: usize = 8;

/// Files that wait for their names.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    /// What waits, and its name to come, relative to the folder.
    ready: Vec<(PathBuf, String)>,
}

/// Files that wait for their names and are on the disk.
#[derive(Debug)]
pub struct Settled(Stage);

impl Stage {
    /// An empty stage for `folder`, which is made if it is not there. What a crash left on the stage goes.
    pub fn begin(folder: &Path) -> Result<Self, HubFault> {
        let stage = folder.join(STAGE);
        if stage.exists() {
            fs::remove_dir_all(&stage).map_err(|source| HubFault::file(&stage, "removed", source))?;
        }
        for part in [folder.join("metadata"), folder.join("targets"), stage] {
            fs::create_dir_all(&part).map_err(|source| HubFault::file(&part, "made", source))?;
        }
        sync_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), ready: Vec::new() })
    }

    /// A file to write into, which has no name yet.
    pub fn create(&self, label: &str) -> Result<(PathBuf, File), HubFault> {
        let path = self.folder.join(STAGE).join(label);
        let file = File::create(&path).map_err(|source| HubFault::file(&path, "written", source))?;
        Ok((path, file))
    }

    /// A file that was written gets its name after all that were named before.
    pub fn name(&mut self, path: PathBuf, name: String) {
        self.ready.push((path, name));
    }

    /// A whole file at once.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), HubFault> {
        let (path, mut file) = self.create(&name.replace('/', "-"))?;
        file.write_all(bytes).map_err(|source| HubFault::file(&path, "written", source))?;
        self.name(path, name.to_owned());
        Ok(())
    }

    /// A copy of a file.
    pub fn copy(&mut self, from: &Path, name: String) -> Result<(), HubFault> {
        let (path, mut file) = self.create(&name.replace('/', "-"))?;
        let mut original = File::open(from).map_err(|source| HubFault::file(from, "read", source))?;
        std::io::copy(&mut original, &mut file).map_err(|source| HubFault::file(&path, "written", source))?;
        self.name(path, name);
        Ok(())
    }

    /// Everything that waits is on the disk.
    pub fn settle(self) -> Result<Settled, HubFault> {
        let settle = |(path, _): &(PathBuf, String)| {
            let written = File::open(path).and_then(|file| file.sync_all());
            written.map_err(|source| HubFault::file(path, "written", source))
        };
        thread::scope(|scope| {
            let parts = self.ready.chunks(self.ready.len().div_ceil(AT_ONCE).max(1));
            let threads = parts
                .map(|part| thread::Builder::new().spawn_scoped(scope, move || part.iter().try_for_each(settle)))
                .collect::<Result<Vec<_>, _>>();
            // The system may give no thread.
            let threads = threads.map_err(|source| HubFault::file(&self.folder, "written", source))?;
            threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|bug| panic::resume_unwind(bug)))
        })?;
        Ok(Settled(self))
    }
}

impl Settled {
    /// Gives every file its name, in order. A name is for good before a file gets its own that may name it.
    pub fn commit(self) -> Result<(), HubFault> {
        let Self(Stage { folder, ready }) = self;
        let mut folders = BTreeSet::new();
        for (path, name) in &ready {
            let is_named_later = NAMED_LATER.iter().any(|folder| name.starts_with(folder));
            if !is_named_later {
                mem::take(&mut folders).iter().try_for_each(|folder: &PathBuf| sync_folder(folder))?;
            }
            let to = folder.join(name);
            let parent = to.parent().unwrap_or(&folder);
            fs::create_dir_all(parent).map_err(|source| HubFault::file(parent, "made", source))?;
            fs::rename(path, &to).map_err(|source| HubFault::file(&to, "written", source))?;
            if is_named_later {
                let within = parent.ancestors().take_while(|within| within.starts_with(&folder));
                folders.extend(within.map(Path::to_owned));
            } else {
                sync_folder(parent)?;
            }
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        let stage = folder.join(STAGE);
        fs::remove_dir_all(&stage).map_err(|source| HubFault::file(&stage, "removed", source))
    }
}
