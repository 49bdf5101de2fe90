//! Files of documents: PDF, JPEG and PNG, told by their bytes, each kept once under its digest, outside the database.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{HubFault, disk};
use crate::rules::dossier::{FileForm, StoredFile};
use crate::rules::hex;

/// Largest file, in bytes: a scan of twenty pages takes a third of it.
pub const SIZE_LIMIT: u64 = 10 << 20;
/// A PDF's end mark stands in this many bytes before its end.
const PDF_TAIL: usize = 1024;
const PNG_HEAD: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR";
const PNG_END: &[u8] = b"\x00\x00\x00\x00IEND\xae\x42\x60\x82";

/// Takes a file into the store of the authority in `authority`.
///
/// # Errors
/// It cannot be read, is too large or empty, or is none of the three forms from its first byte to its last.
pub fn store(authority: &Path, path: &Path) -> Result<StoredFile, HubFault> {
    let bytes = read(path)?;
    let Some(form) = form_of(&bytes) else {
        let message = "is no whole PDF, JPEG or PNG; file one of these, and nothing behind its end";
        return Err(HubFault::Refused(format!("`{}` {message}", path.display())));
    };
    let stored = StoredFile { sha256: Sha256::digest(&bytes).into(), form, length: bytes.len() as u64 };
    let target = path_of(authority, &stored);
    if target.exists() {
        return Ok(stored);
    }
    let folder = target.parent().unwrap_or(authority);
    let written = |source| HubFault::file(&target, "written", source);
    fs::create_dir_all(folder).map_err(written)?;
    let part = target.with_extension("part");
    let mut file = File::create(&part).map_err(written)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(written)?;
    fs::rename(&part, &target).map_err(written)?;
    disk::sync_folder(folder)?;
    Ok(stored)
}

/// Where a file of the store lies.
#[must_use]
pub fn path_of(authority: &Path, file: &StoredFile) -> PathBuf {
    let name = hex::encode(&file.sha256);
    authority.join("documents").join(&name[..2]).join(format!("{name}.{}", file.form.ending()))
}

/// No more than the limit: a pipe or a device would have no end.
fn read(path: &Path) -> Result<Vec<u8>, HubFault> {
    let fault = |source| HubFault::file(path, "read", source);
    let mut bytes = Vec::new();
    File::open(path).map_err(fault)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let message = format!("`{}` is larger than {} MiB; scan it coarser", path.display(), SIZE_LIMIT >> 20);
        return Err(HubFault::Refused(message));
    }
    Ok(bytes)
}

/// What a file is, from its beginning and its end: one that was cut off, or has something behind its end, is nothing.
fn form_of(bytes: &[u8]) -> Option<FileForm> {
    let tail = &bytes[bytes.len().saturating_sub(PDF_TAIL)..];
    let is_pdf = bytes.starts_with(b"%PDF-") && tail.trim_ascii_end().ends_with(b"%%EOF");
    let is_png = bytes.starts_with(PNG_HEAD) && bytes.ends_with(PNG_END);
    let is_jpeg = bytes.starts_with(b"\xff\xd8\xff") && bytes.ends_with(b"\xff\xd9");
    let forms = [(is_pdf, FileForm::Pdf), (is_png, FileForm::Png), (is_jpeg, FileForm::Jpeg)];
    forms.into_iter().find(|(is_it, _)| *is_it).map(|(_, form)| form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_their_bytes() {
        let png = [PNG_HEAD, b"...", PNG_END].concat();
        assert_eq!(form_of(b"%PDF-1.7\nx\n%%EOF\n"), Some(FileForm::Pdf));
        assert_eq!(form_of(&png), Some(FileForm::Png));
        assert_eq!(form_of(b"\xff\xd8\xff\xe0x\xff\xd9"), Some(FileForm::Jpeg));
        let behind = [&png[..], b"<script>"].concat();
        for wrong in
            [&b""[..], b"%PDF-1.7", b"%PDF-1.7 %%EOF<html>", b"GIF89a", b"\xff\xd8\xff\xe0", &behind, &png[..20]]
        {
            assert_eq!(form_of(wrong), None, "{}", String::from_utf8_lossy(wrong));
        }
    }
}
