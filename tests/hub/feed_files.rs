//! The published feed's files, whole and in part.

use std::fs;

use super::service::Hub;

const NAME: &str = "/feed/targets/abc.snapshot-42.jsonl.zst";

fn with_target(text: &[u8]) -> Hub {
    let hub = Hub::start();
    put(&hub, text);
    hub
}

/// Publishes as a feed is published: a new file takes the old one's place.
fn put(hub: &Hub, text: &[u8]) {
    let place = hub.folder.path().join("feed/targets");
    fs::write(place.join("new"), text).expect("a file");
    fs::rename(place.join("new"), place.join("abc.snapshot-42.jsonl.zst")).expect("a place");
}

#[test]
fn a_file_comes_whole_and_is_not_sent_again_to_who_has_it() {
    let hub = with_target(&b"0123456789".repeat(30_000));
    let answer = hub.get(NAME, &[]);
    assert_eq!((answer.status, answer.bytes.len()), (200, 300_000));
    assert_eq!(answer.header("content-type"), "application/zstd");
    assert_eq!((answer.header("accept-ranges"), answer.header("content-length")), ("bytes", "300000"));
    let tag = answer.header("etag");
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let again = hub.get(NAME, &[("if-none-match", tag)]);
    assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag));
    assert_eq!(hub.get(NAME, &[("if-none-match", "\"other\"")]).status, 200);
}

#[test]
fn a_download_goes_on_where_it_broke_off() {
    let hub = with_target(b"0123456789");
    let part = |range: &str| {
        let answer = hub.get(NAME, &[("range", range)]);
        (
            answer.status,
            String::from_utf8(answer.bytes.clone()).expect("text"),
            answer.header("content-range").to_owned(),
        )
    };
    assert_eq!(part("bytes=4-"), (206, "456789".to_owned(), "bytes 4-9/10".to_owned()));
    assert_eq!(part("bytes=0-0"), (206, "0".to_owned(), "bytes 0-0/10".to_owned()));
    assert_eq!(part("bytes=-3"), (206, "789".to_owned(), "bytes 7-9/10".to_owned()));
    assert_eq!(part("bytes=10-"), (416, String::new(), "bytes */10".to_owned()));
    assert_eq!(part("bytes=0-1,3-4"), (200, "0123456789".to_owned(), String::new()));
}

#[test]
fn a_part_of_another_file_is_never_sent() {
    let hub = with_target(b"0123456789");
    let tag = hub.get(NAME, &[]).header("etag").to_owned();
    let resumed = |hub: &Hub| hub.get(NAME, &[("range", "bytes=4-"), ("if-range", &tag)]);
    assert_eq!((resumed(&hub).status, resumed(&hub).bytes), (206, b"456789".to_vec()));
    put(&hub, b"abcdefghijk");
    assert_eq!((resumed(&hub).status, resumed(&hub).bytes), (200, b"abcdefghijk".to_vec()));
}

#[test]
fn only_the_newest_timestamp_may_change_under_its_name() {
    let hub = with_target(b"");
    fs::write(hub.folder.path().join("feed/metadata/timestamp.json"), "{}").expect("a file");
    let timestamp = hub.get("/feed/metadata/timestamp.json", &[]);
    assert_eq!((timestamp.header("cache-control"), timestamp.header("content-type")), ("no-cache", "application/json"));
    assert_eq!(hub.get("/feed/metadata/2.root.json", &[]).header("cache-control"), "public, max-age=86400, immutable");
    let empty = hub.get(NAME, &[]);
    assert_eq!((empty.status, empty.bytes.len()), (200, 0));
}

#[test]
fn nothing_but_the_feed_can_be_fetched() {
    let hub = with_target(b"0123456789");
    fs::create_dir(hub.folder.path().join("feed/targets/folder")).expect("a folder");
    let paths = [
        "/feed/metadata/..%2f..%2fregistry.db",
        "/feed/..%2f/registry.db",
        "/feed/%2e%2e/journals.db",
        "/feed/metadata/%2e%2e",
        "/feed/metadata/3.root.json",
        "/feed/targets/folder",
        "/feed/targets/.hidden",
        "/feed/keys/timestamp.pem",
        "/feed/metadata/",
        "/journals.db",
        "/feed",
    ];
    let long = format!("/feed/targets/{}", "a".repeat(300));
    for path in paths.into_iter().chain([long.as_str()]) {
        let answer = hub.get(path, &[]);
        assert!(matches!(answer.status, 404 | 400), "{path}: {}", answer.status);
    }
}
