//! Files of documents: PDF, JPEG and PNG, told by their bytes, each kept once under its digest, outside the database.
//!
//! A file comes in piece by piece and goes to the disk as it comes: how much memory that takes does not depend on its size.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{HubFault, disk};
use crate::rules::dossier::{FileForm, StoredFile};
use crate::rules::hex;

/// Largest file, in bytes: a scan of twenty pages takes a third of it.
pub const SIZE_LIMIT: u64 = 10 << 20;
/// A PDF's end mark stands in this many bytes before its end.
const TAIL: usize = 1024;
const PNG_HEAD: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";
const PNG_END: &[u8] = b"\x00\x00\x00\x00IEND\xae\x42\x60\x82";
/// What of a file's beginning is kept: a PNG's head with its width and height.
const HEAD: usize = PNG_HEAD.len() + 8;
/// The largest side of a PNG, in pixels, A3 at 1200 dots an inch: a small file may else say that it is a picture that fills
/// the memory of who opens it.
const SIDE_LIMIT: u32 = 20_000;
/// Bytes that are read of a file at once.
const PIECE: usize = 64 << 10;

/// A file on its way into the store. One that is not finished is gone.
#[derive(Debug)]
pub struct Intake {
    part: NamedTempFile,
    digest: Sha256,
    length: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Intake {
    /// Begins a file in the store of the authority in `authority`.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn begin(authority: &Path) -> Result<Self, HubFault> {
        let store = store_of(authority);
        let written = |source| HubFault::file(&store, "written", source);
        fs::create_dir_all(&store).map_err(written)?;
        let part = tempfile::Builder::new().prefix("part-").tempfile_in(&store).map_err(written)?;
        Ok(Self { part, digest: Sha256::new(), length: 0, head: Vec::new(), tail: Vec::new() })
    }

    /// Takes its next bytes.
    ///
    /// # Errors
    /// It is larger than [`SIZE_LIMIT`], or cannot be written.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), HubFault> {
        self.length += bytes.len() as u64;
        if self.length > SIZE_LIMIT {
            let message = format!("the file is larger than {} MiB; scan it coarser", SIZE_LIMIT >> 20);
            return Err(HubFault::Refused(message));
        }
        self.head.extend(&bytes[..bytes.len().min(HEAD - self.head.len())]);
        self.tail.extend(&bytes[bytes.len().saturating_sub(TAIL)..]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        self.digest.update(bytes);
        self.part.write_all(bytes).map_err(|source| HubFault::file(self.part.path(), "written", source))
    }

    /// What it is, if nothing follows.
    ///
    /// # Errors
    /// It is empty, or none of the three forms from its first byte to its last.
    pub fn told(&self) -> Result<StoredFile, HubFault> {
        let form = form_of(&self.head, &self.tail).map_err(|why| HubFault::Refused(format!("the file {why}")))?;
        Ok(StoredFile { sha256: self.digest.clone().finalize().into(), form, length: self.length })
    }

    /// Ends it. What came is on the disk before this returns, and so before a change, in which others would wait for it.
    ///
    /// # Errors
    /// Those of [`told`](Self::told), or it cannot be written.
    pub fn finish(self) -> Result<Whole, HubFault> {
        let stored = self.told()?;
        self.part.as_file().sync_all().map_err(|source| HubFault::file(self.part.path(), "written", source))?;
        Ok(Whole { part: self.part, stored })
    }
}

/// A whole file that has no name in the store yet; without one it is gone.
#[derive(Debug)]
pub struct Whole {
    part: NamedTempFile,
    stored: StoredFile,
}

impl Whole {
    /// Gives it its name, on the disk before this returns.
    fn named(self, authority: &Path, target: &Path) -> Result<(), HubFault> {
        let folder = target.parent().unwrap_or(authority);
        let written = |source| HubFault::file(target, "written", source);
        fs::create_dir_all(folder).map_err(written)?;
        self.part.persist(target).map_err(|error| written(error.error))?;
        disk::sync_folder(folder)?;
        disk::sync_folder(&store_of(authority))
    }
}

/// Keeps a file under its digest, and puts what is about it; where that is refused, the file goes again. Everything that can
/// be refused before was. It is called within a change: there is no other one beside it, so a file that was not there before
/// is no other document's.
///
/// # Errors
/// It cannot be written; those of `put`.
pub(super) fn keep<T>(
    authority: &Path,
    whole: Whole,
    put: impl FnOnce(StoredFile) -> Result<T, HubFault>,
) -> Result<T, HubFault> {
    let stored = whole.stored;
    let target = path_of(authority, &stored);
    if target.exists() {
        return put(stored);
    }
    whole.named(authority, &target).and_then(|()| put(stored)).inspect_err(|_| {
        // One that cannot be removed is in nobody's way.
        drop(fs::remove_file(&target));
    })
}

/// Reads a file on its way into the store of the authority in `authority`.
///
/// # Errors
/// It cannot be read, is too large or empty, or is none of the three forms from its first byte to its last.
pub fn read(authority: &Path, path: &Path) -> Result<Whole, HubFault> {
    let fault = |source| HubFault::file(path, "read", source);
    // No more than the limit: a pipe or a device would have no end.
    let mut file = File::open(path).map_err(fault)?.take(SIZE_LIMIT + 1);
    let named = |fault: HubFault| {
        let HubFault::Refused(message) = fault else { return fault };
        HubFault::Refused(message.replacen("the file", &format!("`{}`", path.display()), 1))
    };
    let mut intake = Intake::begin(authority)?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece).map_err(fault)?;
        if read == 0 {
            return intake.finish().map_err(named);
        }
        intake.take(&piece[..read]).map_err(named)?;
    }
}

fn store_of(authority: &Path) -> PathBuf {
    authority.join("documents")
}

/// Where a file of the store lies.
#[must_use]
pub fn path_of(authority: &Path, file: &StoredFile) -> PathBuf {
    let name = hex::encode(&file.sha256);
    store_of(authority).join(&name[..2]).join(format!("{name}.{}", file.form.ending()))
}

/// What a file is, from its beginning and its end: one that was cut off, or has something behind its end, is nothing.
///
/// # Errors
/// Why it is not taken, to stand behind its name.
pub fn form_of(head: &[u8], tail: &[u8]) -> Result<FileForm, String> {
    let is_pdf = head.starts_with(b"%PDF-") && tail.trim_ascii_end().ends_with(b"%%EOF");
    let is_png = head.starts_with(PNG_HEAD) && tail.ends_with(PNG_END);
    let is_jpeg = head.starts_with(b"\xff\xd8\xff") && tail.ends_with(b"\xff\xd9");
    let forms = [(is_pdf, FileForm::Pdf), (is_png, FileForm::Png), (is_jpeg, FileForm::Jpeg)];
    let Some((_, form)) = forms.into_iter().find(|(is_it, _)| *is_it) else {
        return Err("is no whole PDF, JPEG or PNG; file one of these, and nothing behind its end".to_owned());
    };
    let sides = head.get(PNG_HEAD.len()..HEAD).filter(|_| form == FileForm::Png).unwrap_or_default();
    let mut sides = sides.as_chunks::<4>().0.iter().map(|side| u32::from_be_bytes(*side));
    if sides.any(|side| side > SIDE_LIMIT) {
        return Err(format!("is a picture of more than {SIDE_LIMIT} pixels in a row; scan it coarser"));
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(bytes: &[u8]) -> Result<FileForm, String> {
        form_of(&bytes[..bytes.len().min(HEAD)], &bytes[bytes.len().saturating_sub(TAIL)..])
    }

    fn png(width: u32) -> Vec<u8> {
        [PNG_HEAD, &width.to_be_bytes(), &7_u32.to_be_bytes(), b"...", PNG_END].concat()
    }

    #[test]
    fn forms_are_told_by_their_bytes() {
        assert_eq!(form(b"%PDF-1.7\nx\n%%EOF\n"), Ok(FileForm::Pdf));
        assert_eq!(form(&png(20_000)), Ok(FileForm::Png));
        assert_eq!(form(b"\xff\xd8\xff\xe0x\xff\xd9"), Ok(FileForm::Jpeg));
        let behind = [&png(7)[..], b"<script>"].concat();
        let huge = png(20_001);
        for wrong in [
            &b""[..],
            b"%PDF-1.7",
            b"%PDF-1.7 %%EOF<html>",
            b"GIF89a",
            b"\xff\xd8\xff\xe0",
            &behind,
            &huge,
            &huge[..20],
        ] {
            assert!(form(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }

    #[test]
    fn a_file_is_the_same_in_whichever_pieces_it_comes() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = [b"%PDF-1.7\n".as_slice(), &[b'x'; 3000], b"\n%%EOF\n"].concat();
        let taken = |size: usize| {
            let mut intake = Intake::begin(folder.path()).expect("a folder");
            bytes.chunks(size).for_each(|piece| intake.take(piece).expect("a small file"));
            keep(folder.path(), intake.finish().expect("a PDF"), Ok).expect("it is kept")
        };
        let whole = taken(bytes.len());
        assert_eq!([1, 7, 1500].map(taken), [whole; 3]);
        assert_eq!(fs::read(path_of(folder.path(), &whole)).expect("it is kept"), bytes);
        let left = fs::read_dir(store_of(folder.path())).expect("a folder").count();
        assert_eq!(left, 1, "no part of a file stays");
    }

    #[test]
    fn a_file_of_which_nothing_is_put_goes_unless_it_was_there_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = || {
            let mut intake = Intake::begin(folder.path()).expect("a folder");
            intake.take(b"%PDF-1.7\n%%EOF\n").expect("a small file");
            intake.finish().expect("a PDF")
        };
        let refuse = |_| Err::<(), _>(HubFault::Refused("no".to_owned()));
        let path = path_of(folder.path(), &taken().stored);
        keep(folder.path(), taken(), refuse).expect_err("refused");
        assert!(!path.exists());
        keep(folder.path(), taken(), Ok).expect("a PDF");
        keep(folder.path(), taken(), refuse).expect_err("refused");
        assert!(path.exists(), "another document's file went");
    }

    #[test]
    fn a_file_that_never_ends_is_refused_at_the_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut intake = Intake::begin(folder.path()).expect("a folder");
        let piece = vec![b'x'; 1 << 20];
        let taken = (1..20).find(|_| intake.take(&piece).is_err());
        assert_eq!(taken, Some(11));
        drop(intake);
        assert_eq!(fs::read_dir(store_of(folder.path())).expect("a folder").count(), 0);
    }
}
