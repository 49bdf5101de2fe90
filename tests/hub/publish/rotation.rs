//! Keys are replaced while kiosks look on.

use std::fs;
use std::path::Path;

use greengate::hub::keys::Keys;
use greengate::hub::{self, Change, Did, HubFault, Of, Registry, Rotated, Rotation};
use greengate::rules::record::{Record, RecordKey};

use super::crash::{begin, moves};
use super::{Authority, author, client, copy, names};

const OF_THE_FEED: [&str; 6] = ["targets", "snapshot", "timestamp", "root-1", "root-2", "root-3"];

fn rotate(authority: &mut Authority, which: &str) -> Result<Rotated, HubFault> {
    let rotation: Rotation = which.parse().expect("a key");
    hub::rotate(authority.folder.path(), &mut authority.keys, &author(0), rotation, None)
}

fn pem(authority: &Authority, name: &str) -> Vec<u8> {
    fs::read(authority.path().join(format!("keys/{name}.pem"))).expect("a key file")
}

#[test]
fn every_key_can_be_replaced_and_kiosks_follow() {
    let mut authority = Authority::new();
    authority.publish();
    let store = tempfile::tempdir().expect("a folder");
    let mut newest = authority.first_root.clone();
    for (at, which) in OF_THE_FEED.into_iter().enumerate() {
        let before = (authority.read(), pem(&authority, which));
        let version = u64::try_from(at).expect("small") + 2;
        assert_eq!(rotate(&mut authority, which).expect("rotated"), Rotated::Root(version));
        let after = authority.read();
        assert_eq!((after.root, &after.files), (version, &before.0.files), "{which}");
        assert_ne!(pem(&authority, which), before.1, "{which}");
        // The keys are read from their files again, so that it is the new ones that sign.
        authority.keys = Keys::plain(authority.path());
        authority.put(u32::try_from(version).expect("small"));
        authority.publish();
        for root in [&authority.first_root, &newest] {
            let view = client::read_with(root, &authority.feed(), Some(store.path())).expect("it verifies");
            assert_eq!(view.release(), version, "{which}");
        }
        newest = hub::newest_root(authority.path()).expect("a root");
    }
    assert_eq!(names(&authority.path().join("keys")).len(), 8);
}

#[test]
fn a_rotation_that_ended_anywhere_leaves_a_feed_that_verifies() {
    for which in ["targets", "snapshot", "timestamp", "root-2"] {
        let mut authority = Authority::new();
        authority.publish();
        let rooms = tempfile::tempdir().expect("a folder");
        let [before, after] = ["before", "after"].map(|name| rooms.path().join(name));
        copy(authority.path(), &before);
        rotate(&mut authority, which).expect("rotated");
        copy(authority.path(), &after);
        let order = ["targets.json", "snapshot.json", "timestamp.json", "root.json"];
        let moves = moves(&before.join("feed"), &after.join("feed"), &order);
        for done in 0..=moves.len() {
            let root = done == moves.len();
            let place = rooms.path().join(format!("crashed-{done}"));
            copy(&before, &place);
            fs::copy(after.join(format!("keys/{which}.pem")), place.join(format!("keys/{which}.next.pem")))
                .expect("copied");
            // What the registry keeps of it is there before anything is published.
            fs::copy(after.join("registry.db"), place.join("registry.db")).expect("copied");
            begin(&place.join("feed"), &after.join("feed"), &moves[..done]);
            look_at(&authority.first_root, &place, root, which, done);
        }
    }
}

/// The feed in `place` verifies, the next publish brings the key files into line, and another rotation works.
fn look_at(first_root: &[u8], place: &Path, finished: bool, which: &str, done: usize) {
    let read = || client::read(first_root, &place.join("feed"));
    assert_eq!(read().expect("it verifies").root, if finished { 2 } else { 1 }, "{which} after {done} files");
    let mut keys = Keys::plain(place);
    hub::publish(place, &mut keys, &author(0), &hub::Publishing::default()).expect("published");
    assert!(!place.join(format!("keys/{which}.next.pem")).exists());
    read().expect("it verifies");
    let rotation = which.parse().expect("a key");
    hub::rotate(place, &mut keys, &author(0), rotation, None).expect("rotated");
    assert_eq!(read().expect("it verifies").root, if finished { 3 } else { 2 });
    let history = Registry::open(place).and_then(|registry| registry.history(Of::Keys)).expect("readable");
    let roots: Vec<_> = history.into_iter().filter_map(|change| root_of(&change)).collect();
    let broken = (0, "a command was broken off before it published this root");
    let rest = if finished { vec![(3, "test")] } else { vec![broken, (2, "test")] };
    let expected = [vec![(1, "test"), (2, "test")], rest].concat().into_iter();
    let expected: Vec<_> = expected.map(|(version, why)| (version, why.to_owned())).collect();
    assert_eq!(roots, expected, "{which} after {done} files");
}

/// The number of a root that came, or 0 for one that never did, and why.
fn root_of(change: &Change) -> Option<(u32, String)> {
    match &change.did {
        Did::Root(root) => Some((root.version, change.why.clone())),
        Did::Withdraw(_) => Some((0, change.why.clone())),
        _ => None,
    }
}

#[test]
fn a_lost_key_is_replaced() {
    let mut authority = Authority::new();
    authority.publish();
    for (at, which) in OF_THE_FEED.into_iter().enumerate() {
        fs::remove_file(authority.path().join(format!("keys/{which}.pem"))).expect("lost");
        authority.keys = Keys::plain(authority.path());
        rotate(&mut authority, which).expect("rotated");
        assert_eq!(authority.read().root, u64::try_from(at).expect("small") + 2, "{which}");
        authority.publish();
        authority.read();
    }
}

#[test]
fn without_two_root_keys_nothing_is_replaced() {
    let mut authority = Authority::new();
    authority.publish();
    for name in ["root-1", "root-3"] {
        let path = authority.path().join(format!("keys/{name}.pem"));
        fs::rename(path, authority.path().join(name)).expect("taken away");
    }
    authority.keys = Keys::plain(authority.path());
    for which in OF_THE_FEED {
        let fault = rotate(&mut authority, which).expect_err("too few keys").to_string();
        assert!(fault.contains("needs 2 of the keys"), "{which}: {fault}");
    }
    authority.put(1);
    authority.publish();
    assert_eq!((authority.read().root, authority.read().release()), (1, 2));
    fs::rename(authority.path().join("root-1"), authority.path().join("keys/root-1.pem")).expect("brought back");
    rotate(&mut authority, "root-3").expect("two are enough");
    assert_eq!(authority.read().root, 2);
}

#[test]
fn a_key_of_another_authority_signs_nothing() {
    let (mut authority, other) = (Authority::new(), Authority::new());
    authority.publish();
    for name in ["timestamp", "snapshot", "targets"] {
        let path = authority.path().join(format!("keys/{name}.pem"));
        let own = pem(&authority, name);
        fs::copy(other.path().join(format!("keys/{name}.pem")), &path).expect("copied");
        authority.keys = Keys::plain(authority.path());
        authority.put(1);
        let fault = authority.try_publish().expect_err("a strange key").to_string();
        assert!(fault.contains(&format!("the key `{name}` is not the one that root 1 names")), "{fault}");
        fs::write(&path, own).expect("brought back");
        assert_eq!(authority.read().timestamp, 1);
    }
}

#[test]
fn keys_can_be_replaced_before_anything_is_published() {
    let mut authority = Authority::new();
    for which in OF_THE_FEED {
        rotate(&mut authority, which).expect("rotated");
    }
    authority.publish();
    assert_eq!((authority.read().root, authority.read().timestamp), (7, 1));
}

#[test]
fn a_copy_is_brought_up_to_the_rotation() {
    let mut authority = Authority::new();
    let copy = tempfile::tempdir().expect("a folder");
    authority.publish_with(0, &hub::Publishing { to: Some(copy.path().to_owned()), ..hub::Publishing::default() });
    let rotation = "timestamp".parse().expect("a key");
    hub::rotate(authority.folder.path(), &mut authority.keys, &author(0), rotation, Some(copy.path()))
        .expect("rotated");
    let view = client::read(&authority.first_root, copy.path()).expect("it verifies");
    assert_eq!((view.root, view), (2, authority.read()));
}

#[test]
fn a_new_label_key_has_its_own_slot_and_the_old_one_stays() {
    let mut authority = Authority::new();
    let old = pem(&authority, "label-1");
    assert_eq!(rotate(&mut authority, "label").expect("rotated"), Rotated::Slot(2));
    // A key file that a crash left without its record is taken.
    fs::copy(authority.path().join("keys/label-2.pem"), authority.path().join("keys/label-3.pem")).expect("copied");
    authority.keys = Keys::plain(authority.path());
    assert_eq!(rotate(&mut authority, "label").expect("rotated"), Rotated::Slot(3));
    assert_eq!(pem(&authority, "label-1"), old);
    let rows = hub::keyring(authority.path(), &authority.keys).expect("listed");
    let publics: Vec<&str> = rows[7..].iter().map(|row| row.public.as_str()).collect();
    assert_eq!((publics.len(), publics[1]), (3, publics[2]));
    assert_ne!(publics[0], publics[1]);
}

#[test]
fn a_cut_off_only_goes_down() {
    let authority = Authority::new();
    let cut_off = |slot, index| hub::cut_off(authority.path(), &author(0), slot, index);
    let fault = cut_off(2, 0).expect_err("no such slot").to_string();
    assert!(fault.contains("no key in slot 2"), "{fault}");
    cut_off(1, 100).expect("cut off");
    cut_off(1, 50).expect("cut off lower");
    assert!(cut_off(1, 51).is_err());
    let registry = Registry::open(authority.path()).expect("a registry");
    let Some(Record::Key(key)) = registry.record(Some(RecordKey::Key(1))).expect("readable") else {
        panic!("the key is there");
    };
    assert_eq!(key.cut_off, Some(50));
}
