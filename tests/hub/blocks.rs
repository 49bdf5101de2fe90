//! Blocks of label indexes: whose a label is never becomes doubtful.

use greengate::rules::code::Grade;
use greengate::rules::record::{Block, Record, RecordKey};

use super::registry::{block, drop_record, listing, officer, put, refused, small};

#[test]
fn blocks_never_overlap() {
    let (_folder, mut registry) = small();
    put(&mut registry, &[block(21, 30, 1), block(41, 41, 1)]).expect("gaps between them");
    for (first, last, other) in [(10, 20, 1), (2, 3, 1), (15, 21, 21), (11, 50, 41), (30, 31, 21), (41, 90, 41)] {
        let put = put(&mut registry, &[block(first, last, 1)]);
        if first == other {
            put.expect("a block may be replaced by a longer one");
        } else {
            assert_eq!(refused(put), format!("block {first} overlaps block {other}"));
        }
    }
    assert_eq!(refused(put(&mut registry, &[block(1, 21, 1)])), "block 1 overlaps block 21");
    put(&mut registry, &[block(11, 20, 1), block(91, u32::MAX, 1)]).expect("they fill gaps");
    let of = |index| registry.block_of(index).expect("readable").map(|block| block.first);
    assert_eq!(
        [0, 1, 10, 11, 20, 21, 31, 41, 91, u32::MAX].map(of),
        [None, Some(1), Some(1), Some(11), Some(11), Some(21), None, Some(41), Some(91), Some(91)]
    );
}

#[test]
fn a_block_never_loses_labels() {
    let (_folder, mut registry) = small();
    put(&mut registry, &[Record::Listing(listing(2, 1, Grade::Green))]).expect("another listing");
    let message = "labels 1 to 10 are of listing 1, and a block cannot lose labels";
    for lossy in [block(1, 10, 2), block(1, 9, 1), block(1, 20, 2)] {
        assert_eq!(refused(put(&mut registry, &[lossy])), message);
    }
    put(&mut registry, &[block(1, 20, 1)]).expect("it grows");
}

#[test]
fn a_label_index_is_never_taken_twice() {
    let (_folder, mut registry) = small();
    let mut take = |count| registry.change(&officer(2), |changes| changes.take_block(1, count));
    let taken = |block: Block| (block.first, block.last);
    assert_eq!(taken(take(5).expect("indexes")), (11, 15));
    assert_eq!(taken(take(1).expect("indexes")), (16, 16));
    assert_eq!(refused(take(0)), "there are no 0 label indexes to take");
    for first in [1, 11, 16] {
        drop_record(&mut registry, RecordKey::Block(first)).expect("it may go");
    }
    let mut take = |count| registry.change(&officer(2), |changes| changes.take_block(1, count));
    assert_eq!(taken(take(1).expect("indexes")), (17, 17), "labels with 1 to 16 are in the world");
    assert_eq!(taken(take(u32::MAX - 17).expect("indexes")), (18, u32::MAX));
    assert_eq!(refused(take(1)), "there are no 1 label indexes to take");
}
