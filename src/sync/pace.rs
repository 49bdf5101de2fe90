//! Reading that ends: a server that sends nothing, or a byte now and then, must not hold a sync for ever.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::SyncFault;

/// Bytes read at once.
const CHUNK: usize = 32 << 10;
/// How many chunks may wait.
const WAITING: usize = 4;

/// How slow a source may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Nothing came for this long: it is given up.
    pub stall: Duration,
    /// The rate is measured over so much waiting.
    pub window: Duration,
    /// Fewer bytes a second than this, and it is given up.
    pub least_per_s: u64,
}

impl Default for Pace {
    /// A mobile line at a dock's edge passes; the slow data of an attacker does not.
    fn default() -> Self {
        Self { stall: Duration::from_secs(20), window: Duration::from_secs(30), least_per_s: 1 << 10 }
    }
}

/// A stream that another thread reads, so that waiting for it has an end.
#[derive(Debug)]
pub struct Paced {
    /// What is read, for messages.
    url: String,
    pace: Pace,
    chunks: Receiver<std::io::Result<Vec<u8>>>,
    waited: Duration,
    got: u64,
}

impl Paced {
    /// Begins to read.
    pub fn new(mut stream: Box<dyn Read + Send>, url: String, pace: Pace) -> Result<Self, SyncFault> {
        let (sender, chunks) = sync_channel(WAITING);
        let read = move || loop {
            let chunk = read_chunk(&mut *stream);
            let is_last = chunk.as_ref().map_or(true, Vec::is_empty);
            // Nobody waits any more, or there is no more to wait for.
            if sender.send(chunk).is_err() || is_last {
                break;
            }
        };
        thread::Builder::new()
            .name("feed".to_owned())
            .spawn(read)
            .map_err(|error| SyncFault::Broken { why: format!("no thread for reading: {error}") })?;
        Ok(Self { url, pace, chunks, waited: Duration::ZERO, got: 0 })
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    /// The stream ends early, or comes too slowly.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, SyncFault> {
        let since = Instant::now();
        let chunk = match self.chunks.recv_timeout(self.pace.stall) {
            Ok(Ok(chunk)) => chunk,
            Ok(Err(error)) => return Err(self.cut(&error.to_string())),
            Err(RecvTimeoutError::Timeout) => {
                return Err(self.slow(format!("nothing for {} s", self.pace.stall.as_secs_f32())));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(self.cut("the reading thread has ended")),
        };
        if chunk.is_empty() {
            return Ok(None);
        }
        self.measure(since.elapsed(), chunk.len() as u64)?;
        Ok(Some(chunk))
    }

    /// Counts only the time of waiting: a slow disk of ours is not the source's fault.
    fn measure(&mut self, waited: Duration, got: u64) -> Result<(), SyncFault> {
        self.waited += waited;
        self.got += got;
        if self.waited < self.pace.window {
            return Ok(());
        }
        let rate = self.got as f64 / self.waited.as_secs_f64().max(f64::MIN_POSITIVE);
        if rate < self.pace.least_per_s as f64 {
            return Err(self.slow(format!("{rate:.0} bytes a second")));
        }
        (self.waited, self.got) = (Duration::ZERO, 0);
        Ok(())
    }

    fn slow(&self, why: String) -> SyncFault {
        SyncFault::Slow { url: self.url.clone(), why }
    }

    fn cut(&self, why: &str) -> SyncFault {
        SyncFault::Cut { url: self.url.clone(), why: why.to_owned() }
    }
}

fn read_chunk(stream: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match stream.read(&mut chunk) {
            Ok(read) => {
                chunk.truncate(read);
                return Ok(chunk);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
