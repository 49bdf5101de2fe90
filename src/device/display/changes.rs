//! Which rows of a picture are not the ones that are shown.

use std::ops::Range;

use crate::rules::image::ScreenImage;

/// The rows of `image` that differ from those of `before`, from top to bottom and as few ranges as there are; all of them
/// where nothing is known to be shown.
pub fn rows(before: Option<&ScreenImage>, image: &ScreenImage) -> Vec<Range<usize>> {
    let alike = |before: &&ScreenImage| (before.width, before.height) == (image.width, image.height);
    let Some(before) = before.filter(alike) else {
        return if image.height == 0 { Vec::new() } else { std::iter::once(0..image.height).collect() };
    };
    let row = (image.width * 3).max(1);
    let pairs = before.rgb.chunks_exact(row).zip(image.rgb.chunks_exact(row));
    let changed = pairs.enumerate().filter(|(_, (before, row))| before != row);
    let mut rows: Vec<Range<usize>> = Vec::new();
    for (y, _) in changed {
        match rows.last_mut() {
            Some(last) if last.end == y => last.end += 1,
            Some(_) | None => rows.push(y..y + 1),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rows: &[u8]) -> ScreenImage {
        ScreenImage { width: 2, height: rows.len(), rgb: rows.iter().flat_map(|shade| [*shade; 6]).collect() }
    }

    #[test]
    fn neighbours_are_one_range_and_equal_rows_are_left_out() {
        let before = picture(&[1, 2, 3, 4, 5, 6]);
        assert!(rows(Some(&before), &before).is_empty());
        assert_eq!(rows(Some(&before), &picture(&[0, 2, 0, 0, 5, 0])), [0..1, 2..4, 5..6]);
    }

    #[test]
    fn a_change_in_the_last_byte_of_a_row_counts() {
        let before = picture(&[1, 1]);
        let mut after = before.clone();
        after.rgb[11] = 2;
        assert_eq!(rows(Some(&before), &after), std::slice::from_ref(&(1..2)));
    }

    #[test]
    fn nothing_known_or_another_size_is_all_rows() {
        let picture = picture(&[1, 2, 3]);
        assert_eq!(rows(None, &picture), std::slice::from_ref(&(0..3)));
        let turned = ScreenImage { width: 3, height: 2, rgb: vec![0; 18] };
        assert_eq!(rows(Some(&turned), &picture), std::slice::from_ref(&(0..3)));
        assert!(rows(None, &ScreenImage::default()).is_empty());
    }
}
