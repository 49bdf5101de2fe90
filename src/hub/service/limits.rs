//! What one client may take of the service.

use std::time::Duration;

/// Limits on connections and requests. The defaults fit an authority with hundreds of kiosks behind one web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at any time; others wait in the system's queue.
    pub connections: usize,
    /// Of these one address's, or one network's of version 6, of which a site may have four times as many together; this
    /// machine's own, as of a web server in front, are not counted.
    pub of_one: usize,
    /// From the wish for a request to the last byte of its head; also the longest idle time between two requests.
    pub head: Duration,
    /// From a request's head to the last byte of its body.
    pub body: Duration,
    /// The largest body in bytes.
    pub body_bytes: usize,
    /// The largest body of who shows no token yet, in bytes.
    pub stranger_bytes: usize,
    /// The most lines in a body.
    pub body_lines: usize,
    /// A connection ends after this, whatever is going on; a download goes on where it ended with the next one.
    pub connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            of_one: 32,
            head: Duration::from_secs(10),
            body: Duration::from_secs(60),
            body_bytes: 4 << 20,
            stranger_bytes: 4 << 10,
            body_lines: 10_000,
            connection: Duration::from_secs(15 * 60),
        }
    }
}
