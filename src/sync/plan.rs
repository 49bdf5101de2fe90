//! Which files lead from the list that is there to the newest one.

use std::collections::BTreeMap;

/// Deltas are taken while they reach, unless they are longer than the snapshot and this: a kiosk that was away for
/// months would ask a thousand times for more than the whole list.
const WORTH_COUNTING: u64 = 256 << 10;

/// A file of records that the feed has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFile {
    /// Its name without the digest.
    pub name: String,
    /// Its bytes.
    pub length: u64,
    /// The SHA-256 of them.
    pub sha256: [u8; 32],
    /// The list that it follows on; 0 is a snapshot.
    pub from: u64,
    /// The list that it leads to.
    pub to: u64,
}

/// The newest list that the feed has.
pub fn newest(files: &[FeedFile]) -> Option<u64> {
    files.iter().map(|file| file.to).max().filter(|to| *to > 0)
}

/// The ways from list `have` to list `to`, the better one first: by deltas, and by a snapshot. `have` 0 is no list. Each
/// file stands with the bytes that have to come: of what was cut off yesterday that is less than the whole.
pub fn ways<'a>(files: &[(&'a FeedFile, u64)], have: u64, to: u64) -> Vec<Vec<&'a FeedFile>> {
    let by_deltas = if have > 0 { shortest(files.iter().filter(|(file, _)| file.from > 0), have, to) } else { None };
    // It may begin before the list that is there: nobody has it before its end.
    let by_snapshot = shortest(files.iter(), 0, to);
    let length = |way: &Option<(u64, Vec<_>)>| way.as_ref().map_or(0, |(length, _)| *length);
    let snapshot_is_better = by_snapshot.is_some() && length(&by_deltas) > length(&by_snapshot).max(WORTH_COUNTING);
    let ways = if snapshot_is_better { [by_snapshot, by_deltas] } else { [by_deltas, by_snapshot] };
    ways.into_iter().flatten().map(|(_, way)| way).collect()
}

/// The way with the fewest bytes, and how many they are.
fn shortest<'f, 'a: 'f>(
    files: impl Iterator<Item = &'f (&'a FeedFile, u64)>,
    start: u64,
    end: u64,
) -> Option<(u64, Vec<&'a FeedFile>)> {
    let mut files: Vec<(&FeedFile, u64)> = files.copied().filter(|(file, _)| file.from < file.to).collect();
    // Every file leads upwards, so what leads to a list is known before what goes on from it.
    files.sort_by_key(|(file, _)| (file.from, file.to));
    let mut best: BTreeMap<u64, (u64, Option<&FeedFile>)> = BTreeMap::from([(start, (0, None))]);
    for (file, bytes) in files {
        let Some((before, _)) = best.get(&file.from) else { continue };
        let length = before.saturating_add(bytes);
        if best.get(&file.to).is_none_or(|(known, _)| length < *known) {
            best.insert(file.to, (length, Some(file)));
        }
    }
    let mut way = Vec::new();
    let mut at = end;
    while at != start {
        let file = best.get(&at)?.1?;
        at = file.from;
        way.push(file);
    }
    way.reverse();
    Some((best.get(&end)?.0, way))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(from: u64, to: u64, length: u64) -> FeedFile {
        FeedFile { name: format!("{from}-{to}"), length, sha256: [0; 32], from, to }
    }

    fn names(files: &[FeedFile], have: u64, to: u64) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|file| (file, file.length)).collect();
        let names = |way: Vec<&FeedFile>| way.iter().map(|file| file.name.clone()).collect::<Vec<_>>().join(" ");
        ways(&files, have, to).into_iter().map(names).collect()
    }

    #[test]
    fn deltas_are_taken_while_they_reach_and_else_the_snapshot() {
        let files = [file(0, 3, 10), file(1, 2, 900), file(2, 3, 900)];
        assert_eq!(names(&files, 1, 3), ["1-2 2-3", "0-3"]);
        assert_eq!(names(&files, 2, 3), ["2-3", "0-3"]);
        assert_eq!(names(&files, 0, 3), ["0-3"]);
    }

    #[test]
    fn an_older_snapshot_and_deltas_lead_on_together() {
        let files = [file(0, 40, 10), file(40, 41, 1), file(41, 42, 1), file(40, 42, 1)];
        assert_eq!(names(&files, 0, 42), ["0-40 40-42"]);
        assert_eq!(names(&files, 41, 42), ["41-42", "0-40 40-42"]);
        assert_eq!(names(&files, 39, 42), ["0-40 40-42"]);
    }

    #[test]
    fn many_long_deltas_give_way_to_the_snapshot() {
        let files = [file(0, 3, 300 << 10), file(1, 2, 200 << 10), file(2, 3, 200 << 10)];
        assert_eq!(names(&files, 1, 3), ["0-3", "1-2 2-3"]);
    }

    #[test]
    fn a_snapshot_that_is_half_there_is_not_given_up_for_a_newer_one() {
        let [old, new, delta] = [file(0, 40, 1000), file(0, 41, 1000), file(40, 41, 100)];
        let first = |missing| ways(&[(&old, missing), (&new, 1000), (&delta, 100)], 0, 41)[0][0].to;
        assert_eq!([1000, 901, 899, 0].map(first), [41, 41, 40, 40]);
    }

    #[test]
    fn files_that_lead_nowhere_are_no_way() {
        assert_eq!(names(&[file(3, 3, 1), file(5, 4, 1), file(2, 3, 1)], 1, 3), [""; 0]);
    }
}
