//! What a kiosk's own folder does to a sync: roots that are none, trust that is torn, disks that are full. Feeds that are
//! wrong in themselves are in the museum.

use greengate::sync::SyncFault;

use super::authority::Authority;
use super::{Kiosk, write};

#[test]
fn without_a_first_root_nothing_is_believed() {
    let authority = Authority::new();
    let mut kiosk = Kiosk::of(&authority);
    kiosk.root = None;
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::NoRoot));
    kiosk.root = Some(b"{}".to_vec());
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::BadRoot { .. }));
}

#[test]
fn torn_trust_is_not_taken_for_none() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let path = kiosk.state.path().join("feed.json");
    let whole = std::fs::read_to_string(&path).expect("what was kept");
    let torn = [whole[..whole.len() / 2].to_owned(), String::new(), whole.replace("\"form\":1", "\"form\":9")];
    for text in torn.into_iter().chain([whole.replace("\\\"version\\\":1", "\\\"version\\\":2")]) {
        write(&path, text);
        let fault = kiosk.refuses(&authority.source());
        assert!(matches!(fault, SyncFault::Damaged { .. }), "{fault}");
    }
    // What the message says helps.
    std::fs::remove_file(&path).expect("a file");
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").after, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_list_and_no_half_one() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let name = authority.snapshot(2);
    authority.publish();
    let digest = name.split('.').next().expect("a digest");
    let part = kiosk.state.path().join("feed").join(format!("{digest}.part"));
    std::os::unix::fs::symlink("/dev/full", &part).expect("a link");
    let fault = kiosk.sync(&authority.source()).expect_err("a fault");
    assert!(matches!(fault, SyncFault::DiskFull { .. }), "{fault}");
    assert_eq!((kiosk.version(), kiosk.parts()), (1, vec![]));
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").after, 2);
}

#[test]
fn a_state_folder_that_cannot_be_written_is_named() {
    let authority = Authority::new();
    let kiosk = Kiosk::of(&authority);
    write(&kiosk.state.path().join("feed"), "in the way");
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::File { .. }));
}
