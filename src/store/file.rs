//! Files of records: JSON Lines under zstd, believed only as far as their digest was promised.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::StoreFault;
use crate::rules::hex;
use crate::rules::record::{Line, Meta};

/// Longest line of a file of records, in bytes.
const LINE_LIMIT: u64 = 64 << 10;
/// A file of records that unpacks to more than this is refused.
const UNPACKED_LIMIT: u64 = 8 << 30;
/// Zstandard's own default: small files, quickly unpacked.
const LEVEL: i32 = 3;
/// Largest window that unpacking may take, as a power of two: the 8 MiB that every decoder should have (RFC 8878, 3.1.1.1.2).
const WINDOW_LOG: u32 = 23;

/// What was promised of a file by somebody who is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Bytes.
    pub length: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

/// A file of records with the promised length and digest. There is no other way into the cache.
#[derive(Debug)]
pub struct VerifiedFile {
    path: PathBuf,
    file: File,
    expected: Expected,
    leads: Option<(u64, u64)>,
}

impl VerifiedFile {
    /// Reads the whole file and compares; nothing is parsed before.
    ///
    /// # Errors
    /// It cannot be read, or is not what was promised.
    pub fn check(path: &Path, expected: Expected) -> Result<Self, StoreFault> {
        let fault = |source| StoreFault::file(path, "read", source);
        let mut file = File::open(path).map_err(fault)?;
        let mut hashed = Hashed::new((&mut file).take(expected.length.saturating_add(1)));
        io::copy(&mut hashed, &mut io::sink()).map_err(fault)?;
        hashed.compare(path, expected)?;
        file.rewind().map_err(fault)?;
        Ok(Self { path: path.to_owned(), file, expected, leads: None })
    }

    /// It was promised besides that it leads from this version to that one; it is not loaded if it says something else.
    #[must_use]
    pub const fn leading(mut self, from: u64, to: u64) -> Self {
        self.leads = Some((from, to));
        self
    }

    /// The file's name, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its lines, one after the other. The file is hashed again meanwhile: [`Lines::finish`] tells if it was changed
    /// under our hands.
    pub(super) fn lines(self) -> Result<Lines, StoreFault> {
        let hashed = Hashed::new(self.file.take(self.expected.length));
        let fault = |source| StoreFault::file(&self.path, "unpacked", source);
        let mut unpacked = zstd::Decoder::new(hashed).map_err(fault)?;
        unpacked.window_log_max(WINDOW_LOG).map_err(fault)?;
        let unpacked = unpacked.take(UNPACKED_LIMIT);
        let unpacked = BufReader::with_capacity(128 << 10, unpacked);
        let (path, expected, leads) = (self.path, self.expected, self.leads);
        Ok(Lines { path, expected, leads, unpacked, buffer: Vec::new(), number: 0 })
    }
}

/// A verified file's bytes, hashed as they are read and then unpacked.
type Unpacked = BufReader<io::Take<zstd::Decoder<'static, BufReader<Hashed<io::Take<File>>>>>>;

/// The lines of a verified file.
pub(super) struct Lines {
    path: PathBuf,
    expected: Expected,
    leads: Option<(u64, u64)>,
    unpacked: Unpacked,
    buffer: Vec<u8>,
    number: u64,
}

impl Lines {
    /// The next line, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line>, StoreFault> {
        self.buffer.clear();
        let fault = |source| StoreFault::file(&self.path, "unpacked", source);
        let read = (&mut self.unpacked).take(LINE_LIMIT).read_until(b'\n', &mut self.buffer).map_err(fault)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.buffer.last() != Some(&b'\n') {
            return Err(self.wrong(format!("the line has no end within {LINE_LIMIT} bytes; the file is torn")));
        }
        serde_json::from_slice(&self.buffer).map(Some).map_err(|error| self.wrong(error.to_string()))
    }

    /// The first line, which says where the file leads.
    pub fn meta(&mut self) -> Result<Meta, StoreFault> {
        let Some(Line::Meta(meta)) = self.next()? else {
            return Err(self.wrong("a file of records begins with its `meta`"));
        };
        match self.leads {
            Some((from, to)) if (meta.from, meta.to) != (from, to) => Err(self.wrong(format!(
                "the file leads from version {} to {}, and from {from} to {to} was promised",
                meta.from, meta.to
            ))),
            Some(_) | None => Ok(meta),
        }
    }

    /// A fault of the line that was read last.
    pub fn wrong(&self, message: impl Into<String>) -> StoreFault {
        StoreFault::Line { path: self.path.clone(), line: self.number, message: message.into() }
    }

    /// How much of the file was read, in bytes.
    pub fn position(&self) -> u64 {
        self.unpacked.get_ref().get_ref().get_ref().get_ref().length
    }

    /// The file was read to its end and was what was promised all along.
    pub fn finish(mut self) -> Result<(), StoreFault> {
        let fault = |source| StoreFault::file(&self.path, "unpacked", source);
        io::copy(&mut self.unpacked, &mut io::sink()).map_err(fault)?;
        if self.unpacked.get_ref().limit() == 0 {
            return Err(self.wrong(format!("the file unpacks to {UNPACKED_LIMIT} bytes or more, which no list needs")));
        }
        let mut packed = self.unpacked.into_inner().into_inner().finish();
        io::copy(&mut packed, &mut io::sink()).map_err(|source| StoreFault::file(&self.path, "read", source))?;
        packed.into_inner().compare(&self.path, self.expected)
    }
}

/// Hashes what passes through.
#[derive(Debug)]
struct Hashed<S> {
    stream: S,
    digest: Sha256,
    length: u64,
}

impl<S> Hashed<S> {
    fn new(stream: S) -> Self {
        Self { stream, digest: Sha256::new(), length: 0 }
    }

    fn passed(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
    }

    fn compare(self, path: &Path, expected: Expected) -> Result<(), StoreFault> {
        let unverified = |what, found: String, expected: String| {
            let path = path.to_owned();
            Err(StoreFault::Unverified { path, what, found, expected })
        };
        if self.length != expected.length {
            let more = if self.length > expected.length { "more" } else { "less" };
            return unverified("bytes", format!("{more} ({})", self.length), expected.length.to_string());
        }
        let found: [u8; 32] = self.digest.finalize().into();
        if found != expected.sha256 {
            return unverified("SHA-256", hex::encode(&found), hex::encode(&expected.sha256));
        }
        Ok(())
    }
}

impl<S: Read> Read for Hashed<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(into)?;
        self.passed(&into[..read]);
        Ok(read)
    }
}

impl<S: Write> Write for Hashed<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.passed(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Writes a file of records.
pub struct RecordsWriter<W: Write> {
    packed: zstd::Encoder<'static, Hashed<W>>,
}

impl<W: Write> RecordsWriter<W> {
    /// A writer into `out`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W) -> io::Result<Self> {
        Ok(Self { packed: zstd::Encoder::new(Hashed::new(out), LEVEL)? })
    }

    /// One more line.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.packed, line)?;
        self.packed.write_all(b"\n")
    }

    /// Ends the file: what it was written into, and what can be promised of it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(self) -> io::Result<(W, Expected)> {
        let hashed = self.packed.finish()?;
        let expected = Expected { length: hashed.length, sha256: hashed.digest.finalize().into() };
        Ok((hashed.stream, expected))
    }
}

/// Reads records as plain JSON Lines: what an authority packs, and what a replayed shift loads.
///
/// # Errors
/// The file cannot be read, or a line is no record.
pub fn read_plain(path: &Path) -> Result<Vec<Line>, StoreFault> {
    let fault = |source| StoreFault::file(path, "read", source);
    let mut plain = BufReader::new(File::open(path).map_err(fault)?);
    let (mut lines, mut buffer) = (Vec::new(), Vec::new());
    for number in 1.. {
        buffer.clear();
        let wrong = |message| StoreFault::Line { path: path.to_owned(), line: number, message };
        let read = (&mut plain).take(LINE_LIMIT).read_until(b'\n', &mut buffer).map_err(fault)?;
        if read == 0 {
            break;
        }
        if read as u64 == LINE_LIMIT {
            return Err(wrong(format!("the line has no end within {LINE_LIMIT} bytes")));
        }
        lines.push(serde_json::from_slice(&buffer).map_err(|error| wrong(error.to_string()))?);
    }
    Ok(lines)
}

/// Packs plain records into the file `output`, which must not exist, and tells what can be promised of it.
///
/// # Errors
/// As [`read_plain`], or `output` cannot be written.
pub fn pack(records: &Path, output: &Path) -> Result<Expected, StoreFault> {
    let lines = read_plain(records)?;
    let fault = |source| StoreFault::file(output, "written", source);
    let mut writer = RecordsWriter::new(File::create_new(output).map_err(fault)?).map_err(fault)?;
    for line in &lines {
        writer.line(line).map_err(fault)?;
    }
    Ok(writer.finish().map_err(fault)?.1)
}

/// What was renamed or removed in `folder` stays so after a power cut.
///
/// # Errors
/// The system's.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be synced.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// What tells a file from another one that takes its place.
#[cfg(unix)]
pub(super) fn file_number(path: &Path) -> Result<u64, StoreFault> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata(path).map_err(|source| StoreFault::file(path, "read", source))?.ino())
}

/// Elsewhere an open file is never replaced.
#[cfg(not(unix))]
pub(super) fn file_number(path: &Path) -> Result<u64, StoreFault> {
    std::fs::metadata(path).map(|_| 0).map_err(|source| StoreFault::file(path, "read", source))
}
