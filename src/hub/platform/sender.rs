//! The thread that tells platforms: it looks for a new release, makes events of it, and posts what is due.
//!
//! A platform has an event at least once: an answer can be lost after it was taken. Two hubs that share a database do
//! not post the same event at the same time, because whoever posts it moves its next try ahead first.

use std::io::Read;

use std::sync::mpsc::{RecvTimeoutError, Sender as Stop, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use ureq::Agent;

use super::webhooks::DeliveryState;
use super::{Platforms, values};
use crate::hub::{Home, HubFault, Registry, outside, published};
use crate::rules::hex;

/// Posts that are taken up at once.
const BATCH: u32 = 16;
/// Bytes of an answer that are read; nobody looks at them.
const ANSWER_LIMIT: u64 = 4096;
/// Longest sentence that is kept of a failure, in characters.
const SAID_LIMIT: usize = 200;

/// How it is told.
#[derive(Clone, Debug)]
pub struct Sending {
    /// How often it is looked for what is new or due.
    pub every: Duration,
    /// From a failed try to the next one; there is one try more than there are waits.
    pub waits: Vec<Duration>,
    /// How long one post may take.
    pub patience: Duration,
    /// Whether webhooks may lead to private addresses, as on a machine of one's own. Elsewhere they would let a platform
    /// ask what only the authority's network may.
    pub to_private: bool,
}

impl Default for Sending {
    /// Two days of tries.
    fn default() -> Self {
        let minutes = [1, 5, 30, 120, 360, 720, 1440].map(|minutes| Duration::from_secs(minutes * 60));
        let patience = Duration::from_secs(10);
        Self { every: Duration::from_secs(2), waits: minutes.to_vec(), patience, to_private: false }
    }
}

/// The running thread; it ends with this value.
#[derive(Debug)]
pub struct Sender {
    stop: Option<Stop<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sender {
    /// Starts to tell platforms of the authority in `folder`.
    ///
    /// # Errors
    /// There is no authority, or the database cannot be written or is of a newer program.
    pub fn start(home: impl Into<Home>, sending: Sending) -> Result<Self, HubFault> {
        let home = home.into();
        let mut teller = Teller::open(home.clone(), sending)?;
        let (stop, stopped) = channel::<()>();
        let thread = thread::Builder::new().name("webhooks".to_owned()).spawn(move || {
            // The sender of this channel goes with `Sender`, and that is the sign.
            while stopped.recv_timeout(teller.sending.every) == Err(RecvTimeoutError::Timeout) {
                if let Err(fault) = teller.turn(Timestamp::now()) {
                    log::warn!("webhooks wait: {fault}");
                }
            }
        });
        let thread = thread.map_err(|source| HubFault::file(&home, "served", source))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by its own hook.
            let _ = thread.join();
        }
    }
}

struct Teller {
    home: Home,
    platforms: Platforms,
    registry: Registry,
    agent: Agent,
    sending: Sending,
}

/// A post that is due.
struct Post {
    webhook: String,
    event: String,
    tries: usize,
    url: String,
    secret: String,
    body: String,
}

impl Post {
    /// Posts the event; an error is why the platform does not have it.
    fn send(&self, agent: &Agent, now: Timestamp) -> Result<(), String> {
        let request = agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("greengate-event", &self.event)
            .header("greengate-signature", signature(&self.secret, now.as_second(), &self.body));
        let mut response = request.send(&self.body).map_err(|fault| fault.to_string())?;
        let status = response.status();
        // So that the connection can be used again.
        let _ = response.body_mut().as_reader().take(ANSWER_LIMIT).read_to_end(&mut Vec::new());
        if status.is_success() { Ok(()) } else { Err(format!("it answered {status}")) }
    }
}

impl Teller {
    fn open(home: Home, sending: Sending) -> Result<Self, HubFault> {
        let (platforms, registry) = (Platforms::open(&home)?, Registry::open_beside_others(&home)?);
        let agent = outside::public_agent(sending.patience, sending.to_private);
        Ok(Self { home, platforms, registry, agent, sending })
    }

    fn turn(&mut self, now: Timestamp) -> Result<(), HubFault> {
        // Not the registry's release, which may still be on its way out.
        if let Some(published) = published(&self.home)? {
            self.platforms.tell(&self.registry, published, now)?;
        }
        let due = self.due(now)?;
        // Beside each other, so that nobody waits for a platform that hangs.
        let agent = &self.agent;
        let answers: Vec<_> = thread::scope(|scope| {
            let posts: Vec<_> = due.iter().map(|post| scope.spawn(move || post.send(agent, now))).collect();
            posts.into_iter().map(|post| post.join().unwrap_or_else(|_| Err("it was broken off".to_owned()))).collect()
        });
        due.iter().zip(answers).try_for_each(|(post, answer)| self.keep(post, answer, now))
    }

    /// Takes up what is due.
    fn due(&mut self, now: Timestamp) -> Result<Vec<Post>, HubFault> {
        let again = now.as_second() + i64::try_from(self.sending.patience.as_secs()).unwrap_or(i64::MAX / 2) * 4;
        self.platforms.database.change(|inside| {
            let sql = "SELECT d.webhook, d.event, d.tries, w.url, w.secret, e.body FROM delivery d
                       JOIN webhook w ON w.id = d.webhook JOIN event e ON e.id = d.event
                       WHERE d.state = 0 AND d.due <= ?1 ORDER BY d.due LIMIT ?2";
            let due = inside.all(sql, values![now.as_second(), BATCH], |row| {
                let tries = usize::try_from(row.get::<u32>(2)?).unwrap_or(usize::MAX);
                let (webhook, event) = (row.get(0)?, row.get(1)?);
                Ok(Post { webhook, event, tries, url: row.get(3)?, secret: row.get(4)?, body: row.get(5)? })
            })?;
            for post in &due {
                let sql = "UPDATE delivery SET due = ?1 WHERE webhook = ?2 AND event = ?3";
                inside.execute(sql, values![again, &post.webhook, &post.event])?;
            }
            Ok(due)
        })
    }

    fn keep(&mut self, post: &Post, answer: Result<(), String>, now: Timestamp) -> Result<(), HubFault> {
        let wait = self.sending.waits.get(post.tries);
        let (state, due) = match (&answer, wait) {
            (Ok(()), _) => (DeliveryState::Delivered, now.as_second()),
            (Err(_), None) => (DeliveryState::Dead, now.as_second()),
            (Err(_), Some(wait)) => {
                let wait = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX / 2);
                (DeliveryState::Waiting, now.as_second() + wait)
            }
        };
        if let (DeliveryState::Dead, Err(why)) = (state, &answer) {
            log::warn!("event {} never came to {}: {why}", post.event, post.url);
        }
        let said: String =
            answer.map_or_else(|why| why.chars().take(SAID_LIMIT).collect(), |()| "delivered".to_owned());
        let sql = "UPDATE delivery SET state = ?1, tries = tries + 1, due = ?2, said = ?3, at = ?4 WHERE webhook = ?5 AND event = ?6";
        let at = now.to_string();
        self.platforms.database.execute(sql, values![state.number(), due, &said, &at, &post.webhook, &post.event])?;
        Ok(())
    }
}

/// What a platform checks an event with: HMAC-SHA256 of the moment, a full stop and the body. An old moment tells a
/// repetition by somebody else.
#[must_use]
pub fn signature(secret: &str, at_s: i64, body: &str) -> String {
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mac| mac.chain_update(format!("{at_s}.{body}")));
    let mac = mac.map(|mac| hex::encode(&mac.finalize().into_bytes())).unwrap_or_default();
    format!("t={at_s},v1={mac}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `printf '1764342000.{"id":"5-1"}' | openssl dgst -sha256 -hmac …`.
    #[test]
    fn a_signature_is_what_openssl_makes() {
        let signed = signature("0123456789abcdef", 1_764_342_000, "{\"id\":\"5-1\"}");
        assert_eq!(signed, "t=1764342000,v1=18f45c0534ceea54de4e70797083d911e3a2607a812e5fec06dc9520db598899");
    }
}
