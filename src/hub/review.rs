//! What reviews found of a listing, at the docks and elsewhere, and how strictly it is reviewed from then on.

use super::receiver::{FoundRow, Receiver};
use super::{Author, Changes, HubFault, Registry, grade};
use crate::rules::dossier::{Paper, Review};
use crate::rules::record::{Listing, Record, ReviewLevel};
use crate::rules::switching::{Outcome, Switching};
use crate::rules::text::Text;

/// Keeps what a review found, or what a person says; the listing's level goes out with the next release.
///
/// # Errors
/// There is no such listing, or the person's word makes no sense at its level; the database's.
pub fn review(registry: &mut Registry, author: &Author, id: u32, outcome: Outcome) -> Result<Switching, HubFault> {
    registry.change(author, |changes| after(changes, id, outcome))
}

pub(super) fn after(changes: &mut Changes<'_>, id: u32, outcome: Outcome) -> Result<Switching, HubFault> {
    let listing = grade::listing(changes, id)?;
    // A level that came otherwise, by an import, begins anew.
    let kept = changes.papers().review(id)?.map(|review| review.state);
    let kept = kept.filter(|state| state.level == listing.review).unwrap_or(Switching::at(listing.review));
    let refused = |why| HubFault::Refused(format!("listing {id} is at review level {}: {why}", kept.level.name()));
    let state = kept.after(outcome).map_err(refused)?;
    changes.put_paper(&Paper::Review(Review { listing: id, state }))?;
    changes.put(&Record::Listing(Listing { review: state.level, ..listing }))?;
    Ok(state)
}

/// Takes up what reviews found at the docks since the last time, each row once, and tells how many. What a kiosk says of
/// a listing that is not there moves nothing.
///
/// # Errors
/// The databases'.
pub fn collect(registry: &mut Registry, receiver: &mut Receiver, author: &Author) -> Result<u64, HubFault> {
    let mut count = 0;
    loop {
        let found = receiver.found()?;
        if found.is_empty() {
            return Ok(count);
        }
        for row in found {
            count += u64::from(take_up(registry, author, &row)?);
            receiver.counted(&row)?;
        }
    }
}

fn take_up(registry: &mut Registry, author: &Author, row: &FoundRow) -> Result<bool, HubFault> {
    let FoundRow { kiosk, epoch, seq, listing, passed } = row;
    let said = if *passed { "passed" } else { "failed" };
    let why = format!("a review {said}, row {seq} of its journal {epoch}");
    let author = Author { who: format!("kiosk {kiosk}"), why, ..author.clone() };
    let outcome = if *passed { Outcome::Passed } else { Outcome::Failed };
    let taken = registry.change(&author, |changes| {
        if !changes.first_review(kiosk, epoch, *seq)? {
            return Ok(false);
        }
        after(changes, *listing, outcome).map(|_| true)
    });
    match taken {
        Err(HubFault::Refused(why)) => {
            log::warn!("kiosk `{kiosk}`, row {seq}: {why}");
            Ok(false)
        }
        taken => taken,
    }
}

/// How strictly a listing is reviewed.
#[must_use]
pub fn level(level: ReviewLevel) -> Text {
    match level {
        ReviewLevel::Skip => Text::new("免检", "skip"),
        ReviewLevel::Reduced => Text::new("放宽", "reduced"),
        ReviewLevel::Normal => Text::new("正常", "normal"),
        ReviewLevel::Tightened => Text::new("加严", "tightened"),
        ReviewLevel::Stopped => Text::new("暂停", "stopped"),
    }
}

/// Where a listing stands after a review, in words. One that has just come to a level has counted nothing there yet.
#[must_use]
pub fn told(state: &Switching) -> Text {
    let Switching { passed, failed, .. } = state;
    let Text { zh, en } = level(state.level);
    if (*passed, *failed) == (0, 0) {
        return Text::new(format!("抽检从此为“{zh}”"), format!("review level {en} from now on"));
    }
    Text::new(
        format!("抽检“{zh}”：连续合格 {passed} 次，不合格 {failed} 次"),
        format!("review level {en}: {passed} passed in a row, {failed} failed"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_told_with_what_was_counted_at_it() {
        let state = |passed, failed| Switching { passed, failed, ..Switching::at(ReviewLevel::Tightened) };
        assert_eq!(told(&state(0, 0)).en, "review level tightened from now on");
        assert_eq!(told(&state(0, 0)).zh, "抽检从此为“加严”");
        assert_eq!(told(&state(4, 1)).en, "review level tightened: 4 passed in a row, 1 failed");
    }
}
