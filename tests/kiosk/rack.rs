//! Every label of the demo world's rack says what the rack promises.

use greengate::rules::ruling::Outcome;
use greengate::rules::scene::Body;
use tempfile::tempdir;

use super::{Dock, site, world};

#[test]
fn every_label_of_the_rack_shows_what_it_promises() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let mut dock = Dock::ready(site(folder.path()));
    for label in &world.rack {
        dock.sees_nothing_for_a_while();
        for _ in 0..15 {
            dock.sees(&[&label.text]);
        }
        let outcome = match &dock.last.scene.body {
            Body::Verdict(body) => Some(body.outcome),
            _ => None,
        };
        let shown = match dock.shown().as_str() {
            "NotAProduct" => "not-a-product".to_owned(),
            "delivery-started" => "delivery".to_owned(),
            other => other.to_owned(),
        };
        assert_eq!((shown, outcome), (label.slug.clone(), label.expected), "label `{}`", label.id);
    }
}

#[test]
fn an_item_that_is_held_up_again_was_taken_in_before() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let item = world.rack.iter().find(|label| label.id == "sesame-item").expect("the item");
    let mut dock = Dock::ready(site(folder.path()));
    dock.sees(&[&item.text]);
    assert_eq!(dock.shown(), "accept");
    dock.sees_nothing_for_a_while();
    dock.sees(&[&item.text]);
    assert_eq!(dock.shown(), "already-taken-in");
}

#[test]
fn the_rack_shows_every_row_of_the_verdict_table() {
    let folder = tempdir().expect("a folder");
    let world = world(folder.path());
    let shown = |slug: &str| world.rack.iter().any(|label| label.slug == slug);
    let by_label_alone = [
        "forged",
        "red",
        "expired-goods",
        "label-expired",
        "missing-documents",
        "new-green",
        "new-yellow",
        "new-red",
        "unsigned",
        "not-listed",
        "review",
        "accept",
    ];
    for slug in by_label_alone {
        assert!(shown(slug), "no label shows `{slug}`");
    }
    let outcomes = [Outcome::Accept, Outcome::Hold, Outcome::Reject];
    assert!(outcomes.iter().all(|outcome| world.rack.iter().any(|label| label.expected == Some(*outcome))));
}
