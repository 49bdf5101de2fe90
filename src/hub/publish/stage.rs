//! Files on their way into a published folder: written beside it, on the disk before any of them is seen, then given
//! their names in order. Whoever reads meanwhile, or after a crash, sees the old feed or the new one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::hub::HubFault;
use crate::hub::disk::sync_folder;

/// Where files wait, within the published folder: a rename does not cross file systems.
const STAGE: &str = ".stage";

/// Files that wait for their names.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    /// What waits, and its name to come, relative to the folder.
    ready: Vec<(PathBuf, String)>,
}

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
    pub fn name(&mut self, path: PathBuf, file: &File, name: String) -> Result<(), HubFault> {
        file.sync_all().map_err(|source| HubFault::file(&path, "written", source))?;
        self.ready.push((path, name));
        Ok(())
    }

    /// A whole file at once.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), HubFault> {
        let (path, mut file) = self.create(&name.replace('/', "-"))?;
        file.write_all(bytes).map_err(|source| HubFault::file(&path, "written", source))?;
        self.name(path, &file, name.to_owned())
    }

    /// A copy of a file.
    pub fn copy(&mut self, from: &Path, name: String) -> Result<(), HubFault> {
        let (path, mut file) = self.create(&name.replace('/', "-"))?;
        let mut original = File::open(from).map_err(|source| HubFault::file(from, "read", source))?;
        std::io::copy(&mut original, &mut file).map_err(|source| HubFault::file(&path, "written", source))?;
        self.name(path, &file, name)
    }

    /// Gives every file its name, in order. A name is for good before the next file gets its own.
    pub fn commit(self) -> Result<(), HubFault> {
        for (path, name) in &self.ready {
            let to = self.folder.join(name);
            let parent = to.parent().unwrap_or(&self.folder);
            fs::create_dir_all(parent).map_err(|source| HubFault::file(parent, "made", source))?;
            fs::rename(path, &to).map_err(|source| HubFault::file(&to, "written", source))?;
            sync_folder(parent)?;
        }
        let stage = self.folder.join(STAGE);
        fs::remove_dir_all(&stage).map_err(|source| HubFault::file(&stage, "removed", source))
    }
}
