//! The published feed's files: whole or in part, so that a download goes on where it broke off (RFC 9110, 13 and 14).
//!
//! A folder of the feed is flat, and its files are replaced by renaming, never written in place: a tag made from length
//! and time of change tells one file from the next.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;

use super::routes::{Refused, blocking};

/// Read at once.
const CHUNK_BYTES: u64 = 64 * 1024;
/// A longer name is none that a disk has.
const NAME_BYTES: usize = 255;
/// A root of this size is none of ours.
const ROOT_LIMIT: u64 = 1 << 20;
/// The files that change under their names.
const NEWEST: [&str; 2] = ["timestamp.json", "checkpoint"];
/// Most folders of a path: a log of more tiles is none of ours.
const DEPTH: usize = 8;

struct Found {
    file: File,
    length: u64,
    tag: String,
}

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Some(Range<u64>),
    Outside,
}

/// The answer to a request for `folder/name` of the feed.
pub(super) async fn answer(feed: &Path, folder: &str, name: &str, headers: &HeaderMap) -> Result<Response, Refused> {
    let none = || Refused::new(StatusCode::NOT_FOUND, format!("the feed has no `{folder}/{name}`"));
    let path = place(feed, folder, name).ok_or_else(none)?;
    let found = match blocking(move || open(&path)).await? {
        Ok(found) => found.ok_or_else(none)?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Err(none()),
        Err(fault) => return Err(Refused::later("the feed cannot be read", &fault)),
    };
    let cached = if NEWEST.contains(&name) { "no-cache" } else { "public, max-age=86400, immutable" };
    let about = [
        (header::ETAG, found.tag.as_str()),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, cached),
        (header::CONTENT_TYPE, kind(name)),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
    ];
    if header_of(headers, header::IF_NONE_MATCH).is_some_and(|known| names(known, &found.tag)) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let length = found.length;
    let sized = |range: &Range<u64>| [(header::CONTENT_LENGTH, (range.end - range.start).to_string())];
    Ok(match part(headers, &found) {
        Part::Whole => (about, sized(&(0..length)), streamed(found.file, 0..length)).into_response(),
        Part::Some(range) => {
            let place = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            let place = [(header::CONTENT_RANGE, place)];
            (StatusCode::PARTIAL_CONTENT, about, place, sized(&range), streamed(found.file, range)).into_response()
        }
        Part::Outside => {
            let place = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, place).into_response()
        }
    })
}

/// Where a file of the feed lies; nowhere if it is none of the feed's.
fn place(feed: &Path, folder: &str, name: &str) -> Option<PathBuf> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_name =
        |name: &str| (1..=NAME_BYTES).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain);
    let ours = match folder {
        "metadata" | "targets" => is_name(name),
        "audit" => name.split('/').count() <= DEPTH && name.split('/').all(is_name),
        _ => false,
    };
    ours.then(|| feed.join(folder).join(name))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("zst") => "application/zstd",
        _ => "application/octet-stream",
    }
}

/// Opens a file; a folder is none.
fn open(path: &Path) -> io::Result<Option<Found>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let changed = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let tag = format!("\"{:x}-{changed:x}\"", about.len());
    Ok(about.is_file().then(|| Found { length: about.len(), file, tag }))
}

fn header_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a list of tags has this one.
fn names(list: &str, tag: &str) -> bool {
    list.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// What a request wants; a part only of the file that it began with.
fn part(headers: &HeaderMap, found: &Found) -> Part {
    let same = header_of(headers, header::IF_RANGE).is_none_or(|begun| begun == found.tag);
    header_of(headers, header::RANGE).filter(|_| same).map_or(Part::Whole, |range| range_in(range, found.length))
}

/// One range of bytes. Of several, or of other units, nothing is understood, and the whole file is the answer.
fn range_in(range: &str, length: u64) -> Part {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let range = match (first.trim().parse::<u64>(), last.trim()) {
        (Ok(first), "") => first..length,
        (Ok(first), last) => match last.parse::<u64>() {
            Ok(last) if last >= first => first..length.min(last.saturating_add(1)),
            Ok(_) | Err(_) => return Part::Whole,
        },
        (Err(_), last) if first.trim().is_empty() => match last.parse::<u64>() {
            Ok(count) => length.saturating_sub(count)..length,
            Err(_) => return Part::Whole,
        },
        (Err(_), _) => return Part::Whole,
    };
    if range.start < range.end { Part::Some(range) } else { Part::Outside }
}

/// Reads chunk after chunk, as fast as the client takes them.
pub(in crate::hub) fn streamed(file: File, range: Range<u64>) -> Body {
    Body::from_stream(stream::try_unfold((file, range), |(mut file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let read = move || {
            let length = CHUNK_BYTES.min(range.end - range.start);
            let mut chunk = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            file.seek(SeekFrom::Start(range.start))?;
            file.read_exact(&mut chunk)?;
            Ok::<_, io::Error>(Some((Bytes::from(chunk), (file, range.start + length..range.end))))
        };
        blocking(read).await.map_err(|_| io::Error::other("the work was broken off"))?
    }))
}

/// The newest root of the published feed, for a kiosk to begin its trust with.
pub(super) fn newest_root(feed: &Path) -> Result<Value, Refused> {
    let unpublished = |why: &dyn std::fmt::Display| Refused::later("the feed has no root yet", why);
    let folder = feed.join("metadata");
    let listed = fs::read_dir(&folder).map_err(|fault| unpublished(&fault))?;
    let version = |name: &str| name.strip_suffix(".root.json")?.parse::<u64>().ok();
    let versions = listed.filter_map(|file| version(file.ok()?.file_name().to_str()?));
    let newest = versions.max().ok_or_else(|| unpublished(&format_args!("`{}` is empty", folder.display())))?;
    let mut bytes = Vec::new();
    File::open(folder.join(format!("{newest}.root.json")))
        .and_then(|file| file.take(ROOT_LIMIT).read_to_end(&mut bytes))
        .map_err(|fault| unpublished(&fault))?;
    serde_json::from_slice(&bytes).map_err(|fault| unpublished(&fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_has_them() {
        assert_eq!(range_in("bytes=0-4", 10), Part::Some(0..5));
        assert_eq!(range_in("bytes=4-", 10), Part::Some(4..10));
        assert_eq!(range_in("bytes=-3", 10), Part::Some(7..10));
        assert_eq!(range_in("bytes=-30", 10), Part::Some(0..10));
        assert_eq!(range_in("bytes=8-99", 10), Part::Some(8..10));
        assert_eq!(range_in("bytes=10-", 10), Part::Outside);
        assert_eq!(range_in("bytes=-0", 10), Part::Outside);
        for odd in ["bytes=5-4", "bytes=0-1,3-4", "bytes=a-b", "bytes=-", "bytes", "items=0-1", "bytes=--1"] {
            assert_eq!(range_in(odd, 10), Part::Whole, "{odd}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_none_of_the_feeds() {
        let feed = Path::new("feed");
        assert_eq!(place(feed, "metadata", "1.root.json"), Some(PathBuf::from("feed/metadata/1.root.json")));
        for (folder, name) in
            [("..", "keys"), ("metadata", ".."), ("targets", "a/b"), ("targets", "a\\b"), ("keys", "a")]
        {
            assert_eq!(place(feed, folder, name), None, "{folder}/{name}");
        }
        assert_eq!(place(feed, "targets", &"a".repeat(256)), None);
        let tile = "tile/0/x001/234.p/17";
        assert_eq!(place(feed, "audit", tile), Some(feed.join("audit").join(tile)));
        for path in ["tile/../checkpoint", "tile//0", "/tile", "tile/", "tile/0/0/0/0/0/0/0/0", ""] {
            assert_eq!(place(feed, "audit", path), None, "{path}");
        }
    }
}
