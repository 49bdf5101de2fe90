//! What becomes of a document: every way there is, and no other.

use greengate::rules::dossier::DocumentState;

/// From each state, in the order of [`place`], whether it may go to each.
const MOVES: [&str; 6] = [
    "-xxx-x", // filed
    "-xxx--", // accepted
    "-xxx-x", // refused
    "---xx-", // revoked
    "------", // settled
    "------", // replaced
];

fn states() -> [DocumentState; 6] {
    let why = || "a reason".to_owned();
    [
        DocumentState::Filed,
        DocumentState::Accepted,
        DocumentState::Refused(why()),
        DocumentState::Revoked(why()),
        DocumentState::Settled(why()),
        DocumentState::Replaced(7),
    ]
}

/// A new state has to find its place here.
fn place(state: &DocumentState) -> usize {
    match state {
        DocumentState::Filed => 0,
        DocumentState::Accepted => 1,
        DocumentState::Refused(_) => 2,
        DocumentState::Revoked(_) => 3,
        DocumentState::Settled(_) => 4,
        DocumentState::Replaced(_) => 5,
    }
}

#[test]
fn documents_move_along_these_ways_alone() {
    for (from, moves) in states().iter().zip(MOVES) {
        let may = states().map(|to| if from.may_become(&to) { 'x' } else { '-' });
        assert_eq!(may.iter().collect::<String>(), moves, "from {from:?}");
        assert_eq!(MOVES[place(from)], moves);
    }
}

#[test]
fn what_was_revoked_never_counts_again_by_whatever_way() {
    let mut reached = vec![DocumentState::Revoked(String::new())];
    let mut at = 0;
    while let Some(from) = reached.get(at).cloned() {
        let next = states()
            .into_iter()
            .filter(|to| from.may_become(to) && !reached.iter().any(|known| place(known) == place(to)));
        reached.extend(next.collect::<Vec<_>>());
        at += 1;
    }
    assert_eq!(reached.iter().map(place).collect::<Vec<_>>(), [3, 4]);
}
