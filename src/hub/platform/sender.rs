//! The thread that tells platforms: it looks for a new release, makes events of it, and posts what is due.
//!
//! A platform has an event at least once: an answer can be lost after it was taken. Two hubs that share a database do
//! not post the same event at the same time, because whoever posts it moves its next try ahead first.
//!
//! Webhooks do not wait for each other. Each has a thread while something is posted to it, and that for a bounded time; one
//! that cannot be reached is left alone for a while, whatever waits for it.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{Receiver as Answers, RecvTimeoutError, Sender as Stop, Sender as Told, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use ureq::Agent;

use super::webhooks::DeliveryState;
use super::{Database, Platforms, values};
use crate::hub::{Home, HubFault, Registry, outside, published};
use crate::rules::hex;

/// Webhooks that are posted to at once, each by a thread.
const AT_ONCE: usize = 32;
/// Events that one of them is told in its turn.
const BATCH: u32 = 16;
/// One that cannot be reached is left alone for the wait of what failed, and no longer than this.
const PAUSE_LIMIT: Duration = Duration::from_secs(10 * 60);
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
    /// Webhooks as this process knows them; of others nothing is to be known.
    known: BTreeMap<String, Known>,
    rounds: u64,
    /// What was posted, told by the threads that did.
    posted: (Told<Posted>, Answers<Posted>),
}

/// What this process knows of a webhook.
#[derive(Debug, Default)]
struct Known {
    /// The round in which it had its last turn.
    served: u64,
    /// A thread posts to it until this second at most.
    busy_until: i64,
    /// It could not be reached, and is left alone until this second.
    paused_until: i64,
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

/// Posts to one webhook, and what came of as many of them as there was time for.
struct Posted {
    posts: Vec<Post>,
    answers: Vec<Result<(), Failed>>,
}

/// Why a platform does not have an event.
#[derive(Clone, Debug)]
enum Failed {
    /// It did not take this one.
    Refused(String),
    /// It cannot be reached; so it is with every other one.
    Unreached(String),
}

impl Post {
    fn send(&self, agent: &Agent) -> Result<(), Failed> {
        let now = Timestamp::now();
        let request = agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("greengate-event", &self.event)
            .header("greengate-signature", signature(&self.secret, now.as_second(), &self.body));
        let mut response = request.send(&self.body).map_err(|fault| Failed::Unreached(fault.to_string()))?;
        let status = response.status();
        // So that the connection can be used again.
        let _ = response.body_mut().as_reader().take(ANSWER_LIMIT).read_to_end(&mut Vec::new());
        if status.is_success() { Ok(()) } else { Err(Failed::Refused(format!("it answered {status}"))) }
    }
}

impl Posted {
    /// Posts a webhook's events one after the other, for about as long as one of them may take.
    fn to_one(posts: Vec<Post>, agent: &Agent, patience: Duration) -> Self {
        let (begun, mut answers) = (Instant::now(), Vec::new());
        for post in &posts {
            if begun.elapsed() >= patience {
                break;
            }
            let answer = post.send(agent);
            let is_lost = matches!(answer, Err(Failed::Unreached(_)));
            answers.push(answer.clone());
            if is_lost {
                answers.resize(posts.len(), answer);
                break;
            }
        }
        Self { posts, answers }
    }
}

impl Teller {
    fn open(home: Home, sending: Sending) -> Result<Self, HubFault> {
        let (platforms, registry) = (Platforms::open(&home)?, Registry::open_beside_others(&home)?);
        let agent = outside::public_agent(sending.patience, sending.to_private);
        let (known, posted) = (BTreeMap::new(), channel());
        Ok(Self { home, platforms, registry, agent, sending, known, rounds: 0, posted })
    }

    /// A round: what was posted is kept, and each webhook that waits has its turn. Nobody waits for one that hangs: each has a
    /// thread, which may still be at work in later rounds.
    fn turn(&mut self, now: Timestamp) -> Result<(), HubFault> {
        // Not the registry's release, which may still be on its way out.
        if let Some(published) = published(&self.home)? {
            self.platforms.tell(&self.registry, published, now)?;
        }
        while let Ok(posted) = self.posted.1.try_recv() {
            self.keep(&posted, now)?;
        }
        for posts in self.due(now)? {
            let (told, agent, patience) = (self.posted.0.clone(), self.agent.clone(), self.sending.patience);
            let post = move || {
                // Where nobody listens any more the program ends; what was posted is posted again then.
                drop(told.send(Posted::to_one(posts, &agent, patience)));
            };
            let thread = thread::Builder::new().name("webhook".to_owned()).spawn(post);
            thread.map_err(|source| HubFault::file(&self.home, "served", source))?;
        }
        Ok(())
    }

    /// Takes up what is due, by webhooks: those whose last turn is the longest ago.
    fn due(&mut self, now: Timestamp) -> Result<Vec<Vec<Post>>, HubFault> {
        let (now, known) = (now.as_second(), &mut self.known);
        let again = now + i64::try_from(self.sending.patience.as_secs()).unwrap_or(i64::MAX / 8) * 4;
        self.rounds += 1;
        let round = self.rounds;
        self.platforms.database.change(|inside| {
            let sql = "SELECT DISTINCT webhook FROM delivery WHERE state = 0 AND due <= ?1";
            let mut hooks: Vec<String> = inside.all(sql, values![now], |row| row.get(0))?;
            known.retain(|hook, known| known.busy_until.max(known.paused_until) > now || hooks.contains(hook));
            hooks.retain(|hook| known.get(hook).is_none_or(|known| known.busy_until.max(known.paused_until) <= now));
            hooks.sort_by_key(|hook| known.get(hook).map_or(0, |known| known.served));
            let busy = known.values().filter(|known| known.busy_until > now).count();
            hooks.truncate(AT_ONCE.saturating_sub(busy));
            let due = hooks.iter().map(|hook| taken(inside, hook, now, again)).collect::<Result<Vec<_>, _>>()?;
            for hook in hooks {
                known.insert(hook, Known { served: round, busy_until: again, paused_until: 0 });
            }
            Ok(due)
        })
    }

    fn keep(&mut self, Posted { posts, answers }: &Posted, now: Timestamp) -> Result<(), HubFault> {
        if let Some(first) = posts.first() {
            let is_lost = answers.iter().any(|answer| matches!(answer, Err(Failed::Unreached(_))));
            let waits = &self.sending.waits;
            let pause = waits.get(first.tries).or(waits.last()).filter(|_| is_lost).copied().unwrap_or_default();
            let known = self.known.entry(first.webhook.clone()).or_default();
            (known.busy_until, known.paused_until) = (0, now.as_second() + seconds(pause.min(PAUSE_LIMIT)));
        }
        for (at, post) in posts.iter().enumerate() {
            if let Some(answer) = answers.get(at) {
                self.keep_one(post, answer, now)?;
            } else {
                let sql = "UPDATE delivery SET due = ?1 WHERE webhook = ?2 AND event = ?3 AND state = 0";
                self.platforms.database.execute(sql, values![now.as_second(), &post.webhook, &post.event])?;
            }
        }
        Ok(())
    }

    fn keep_one(&mut self, post: &Post, answer: &Result<(), Failed>, now: Timestamp) -> Result<(), HubFault> {
        let wait = self.sending.waits.get(post.tries);
        let (state, due) = match (answer, wait) {
            (Ok(()), _) => (DeliveryState::Delivered, now.as_second()),
            (Err(_), None) => (DeliveryState::Dead, now.as_second()),
            (Err(_), Some(wait)) => (DeliveryState::Waiting, now.as_second() + seconds(*wait)),
        };
        let said = match answer {
            Ok(()) => "delivered",
            Err(Failed::Refused(why) | Failed::Unreached(why)) => why,
        };
        if state == DeliveryState::Dead {
            log::warn!("event {} never came to {}: {said}", post.event, post.url);
        }
        let said: String = said.chars().take(SAID_LIMIT).collect();
        let sql = "UPDATE delivery SET state = ?1, tries = tries + 1, due = ?2, said = ?3, at = ?4 WHERE webhook = ?5 AND event = ?6";
        let at = now.to_string();
        self.platforms.database.execute(sql, values![state.number(), due, &said, &at, &post.webhook, &post.event])?;
        Ok(())
    }
}

/// Takes up what is due of one webhook. Its next try is moved ahead first, so that no other hub posts it at the same time.
fn taken(inside: &Database, hook: &str, now: i64, again: i64) -> Result<Vec<Post>, HubFault> {
    let sql = "SELECT d.webhook, d.event, d.tries, w.url, w.secret, e.body FROM delivery d
               JOIN webhook w ON w.id = d.webhook JOIN event e ON e.id = d.event
               WHERE d.webhook = ?1 AND d.state = 0 AND d.due <= ?2 ORDER BY d.due, d.event LIMIT ?3";
    let posts = inside.all(sql, values![hook, now, BATCH], |row| {
        let tries = usize::try_from(row.get::<u32>(2)?).unwrap_or(usize::MAX);
        let (webhook, event) = (row.get(0)?, row.get(1)?);
        Ok(Post { webhook, event, tries, url: row.get(3)?, secret: row.get(4)?, body: row.get(5)? })
    })?;
    for post in &posts {
        let sql = "UPDATE delivery SET due = ?1 WHERE webhook = ?2 AND event = ?3";
        inside.execute(sql, values![again, &post.webhook, &post.event])?;
    }
    Ok(posts)
}

fn seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_secs()).unwrap_or(i64::MAX / 2)
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
