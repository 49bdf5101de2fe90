//! One file of the feed comes into the state folder: never longer than was signed, resumed where it was cut, and
//! believed only when its digest is right.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::plan::FeedFile;
use super::replace::remove;
use super::{Body, Source, SyncFault};
use crate::rules::hex;
use crate::store::{Expected, StoreFault, VerifiedFile};

/// A file on its way into `feed/`.
pub struct Download<'a> {
    source: &'a Source,
    file: &'a FeedFile,
    part: PathBuf,
}

impl<'a> Download<'a> {
    /// `file` from `source` into `folder`.
    pub fn new(source: &'a Source, folder: &Path, file: &'a FeedFile) -> Self {
        Self { source, file, part: part(folder, file) }
    }

    /// Brings what is missing, and tells how many bytes are there.
    ///
    /// # Errors
    /// It does not come, or is not what was signed. What is there stays if it can still be right.
    pub fn run(&self, progress: &mut dyn FnMut(u64)) -> Result<VerifiedFile, SyncFault> {
        let resumed = self.bring(progress)?;
        let checked = self.check();
        if resumed && matches!(checked, Err(SyncFault::Wrong { .. })) {
            // A power cut may have left zeros where bytes should be.
            self.bring(progress)?;
            return self.check();
        }
        checked
    }

    /// Brings the file; `true` if a part of it was there before.
    fn bring(&self, progress: &mut dyn FnMut(u64)) -> Result<bool, SyncFault> {
        let there = self.there()?;
        if there == self.file.length {
            return Ok(true);
        }
        let name = self.name();
        let etag = if there > 0 { fs::read_to_string(self.etag()).ok() } else { None };
        let body = self.source.target(&name, there, etag.as_deref())?;
        let mut body = body.ok_or_else(|| SyncFault::Missing { url: self.source.address("targets", &name) })?;
        // A file whose length is wrong from the start is not begun.
        if let Some(length) = body.length.map(|length| body.from.saturating_add(length))
            && length != self.file.length
        {
            return Err(self.wrong("bytes", length.to_string(), self.file.length.to_string()));
        }
        let resumed = body.from > 0;
        self.receive(&mut body, progress)?;
        Ok(resumed)
    }

    fn receive(&self, body: &mut Body, progress: &mut dyn FnMut(u64)) -> Result<(), SyncFault> {
        let mut out = self.open(body)?;
        let mut done = body.from;
        progress(done);
        while let Some(chunk) = body.read()? {
            let after = done + chunk.len() as u64;
            if after > self.file.length {
                return Err(self.wrong("bytes", format!("more ({after})"), self.file.length.to_string()));
            }
            out.write_all(&chunk).map_err(|error| self.not_written(error))?;
            done = after;
            progress(done);
        }
        if done < self.file.length {
            return Err(self.wrong("bytes", format!("less ({done})"), self.file.length.to_string()));
        }
        Ok(())
    }

    /// The part, ready for the bytes that come, with what tells its file from another beside it.
    fn open(&self, body: &Body) -> Result<File, SyncFault> {
        let fault = |error| self.not_written(error);
        let out = File::options().create(true).append(true).open(&self.part).map_err(fault)?;
        if body.from == 0 {
            // What cannot be cut to nothing is no part of ours, and writing into it shows what it is.
            let is_file = out.metadata().is_ok_and(|found| found.is_file());
            if is_file {
                out.set_len(0).map_err(fault)?;
            }
        }
        match &body.etag {
            Some(etag) => fs::write(self.etag(), etag).map_err(fault)?,
            None => remove(&self.etag())?,
        }
        Ok(out)
    }

    /// How much is there already. More than there should be is nothing.
    fn there(&self) -> Result<u64, SyncFault> {
        let there = there(&self.part)?;
        if there > self.file.length { self.forget().map(|()| 0) } else { Ok(there) }
    }

    fn check(&self) -> Result<VerifiedFile, SyncFault> {
        let expected = Expected { length: self.file.length, sha256: self.file.sha256 };
        match VerifiedFile::check(&self.part, expected) {
            Err(StoreFault::Unverified { what, found, expected, .. }) => Err(self.wrong(what, found, expected)),
            checked => Ok(checked?),
        }
    }

    /// A file that is not what was signed does not stay.
    fn wrong(&self, what: &'static str, found: String, expected: String) -> SyncFault {
        // What went wrong first is what a person must know.
        let _ = self.forget();
        SyncFault::Wrong { name: self.name(), what, found, expected }
    }

    /// On a full disk half a list does not stay either: the journal needs the room.
    fn not_written(&self, error: std::io::Error) -> SyncFault {
        let fault = SyncFault::file(&self.part, "written", error);
        if matches!(fault, SyncFault::DiskFull { .. }) {
            let _ = self.forget();
        }
        fault
    }

    fn forget(&self) -> Result<(), SyncFault> {
        remove(&self.etag())?;
        remove(&self.part)
    }

    fn etag(&self) -> PathBuf {
        self.part.with_extension("etag")
    }

    /// As it is in the folder of targets.
    fn name(&self) -> String {
        format!("{}.{}", hex::encode(&self.file.sha256), self.file.name)
    }
}

/// How many bytes of `file` have to come, with what `folder` has of it.
///
/// # Errors
/// That cannot be told.
pub fn missing(folder: &Path, file: &FeedFile) -> Result<u64, SyncFault> {
    Ok(file.length.saturating_sub(there(&part(folder, file))?))
}

fn part(folder: &Path, file: &FeedFile) -> PathBuf {
    folder.join(format!("{}.part", hex::encode(&file.sha256)))
}

fn there(part: &Path) -> Result<u64, SyncFault> {
    match fs::metadata(part) {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(SyncFault::file(part, "read", error)),
    }
}

/// Removes every part in `folder` that does not belong to one of `files`.
///
/// # Errors
/// The folder cannot be read, or one of them not removed.
pub fn sweep(folder: &Path, files: &[&FeedFile]) -> Result<(), SyncFault> {
    let wanted: BTreeSet<String> = files.iter().map(|file| hex::encode(&file.sha256)).collect();
    let fault = |source| SyncFault::file(folder, "read", source);
    for entry in fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let is_part = path.extension().is_some_and(|ending| ending == "part" || ending == "etag");
        let is_wanted = path.file_stem().is_some_and(|stem| wanted.contains(&*stem.to_string_lossy()));
        if is_part && !is_wanted {
            remove(&path)?;
        }
    }
    Ok(())
}
