//! The feed: whether it answers, asked as a sync would ask.

use std::path::Path;
use std::time::Duration;

use super::Finding;
use super::finding::Level;
use crate::kiosk::feed_settings;
use crate::rules::site::FeedSettings;
use crate::sync::{Source, SyncFault};

const PART: &str = "feed";
/// No longer than this is waited for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// A kiosk works for days without its feed, so nothing here is worse than a warning.
pub fn look(state: &Path, feed: Option<&FeedSettings>) -> Vec<Finding> {
    match feed_settings(state, feed) {
        Ok(settings) => settings.sources.iter().map(|source| answer(source, PATIENCE)).collect(),
        // That there is none is said of the authority.
        Err(SyncFault::NoFeed) => Vec::new(),
        Err(fault) => vec![Finding::fault(Level::Warn, PART, fault)],
    }
}

fn answer(source: &Source, patience: Duration) -> Finding {
    let told = format!("`{}`", source.shown());
    if !source.is_there() {
        return Finding::fine(PART, format!("{told} is not plugged in"));
    }
    match source.has_feed(patience) {
        Ok(true) => Finding::fine(PART, format!("{told} answers")),
        Ok(false) => Finding::warn(PART, format!("{told} has no feed"), "look at the address in `[feed]`"),
        Err(fault) => Finding::fault(Level::Warn, PART, fault),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::sync::Http;

    /// A server that answers one request so, and what was asked.
    fn server(answer: &'static str) -> (Source, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/feed", listener.local_addr().expect("an address"));
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            let mut bytes = [0; 2048];
            let read = stream.read(&mut bytes).expect("a request");
            stream.write_all(answer.as_bytes()).expect("an answer");
            String::from_utf8_lossy(&bytes[..read]).lines().next().unwrap_or_default().to_owned()
        });
        (Source::http(Http::new(&url).expect("an address")), asked)
    }

    #[test]
    fn a_feed_that_answers_is_fine_and_one_that_has_nothing_is_told() {
        let (source, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        assert_eq!(answer(&source, PATIENCE), Finding::fine(PART, format!("`{}` answers", source.shown())));
        assert_eq!(asked.join().expect("a request"), "GET /feed/metadata/timestamp.json HTTP/1.1");
        let (source, _) = server("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        let none = answer(&source, PATIENCE);
        assert_eq!((none.level, none.found), (Level::Warn, format!("`{}` has no feed", source.shown())));
        let (source, _) = server("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
        let refused = answer(&source, PATIENCE);
        assert_eq!(refused.help.as_deref(), Some("look at the token, or enrol the kiosk again"));
    }

    #[test]
    fn a_feed_that_is_away_or_silent_is_a_warning() {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let source = Source::http(Http::new(&format!("http://127.0.0.1:{port}")).expect("an address"));
        let away = answer(&source, PATIENCE);
        assert_eq!((away.level, away.help.as_deref()), (Level::Warn, Some("look at the network and the address")));
        // It takes the connection and says nothing.
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = silent.local_addr().expect("an address");
        let source = Source::http(Http::new(&format!("http://{address}")).expect("an address"));
        let late = answer(&source, Duration::from_millis(20));
        assert_eq!(late.level, Level::Warn);
        assert!(late.found.contains("no answer within"), "{late}");
    }

    #[test]
    fn a_stick_that_is_not_plugged_in_is_fine() {
        let folder = tempfile::tempdir().expect("a folder");
        let stick = Source::folder(folder.path().join("stick"));
        assert_eq!(answer(&stick, PATIENCE).level, Level::Fine);
        std::fs::create_dir_all(folder.path().join("stick/metadata")).expect("a folder");
        assert_eq!(answer(&stick, PATIENCE).level, Level::Warn, "a stick without a feed");
        assert_eq!(look(folder.path(), None), []);
    }
}
