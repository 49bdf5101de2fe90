//! Registries that are asked about one document after another. Each answer is kept with its source, its day and its end;
//! who cannot be asked changes nothing: what was answered before counts until its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::ToSpan;
use jiff::civil::Date;

use super::http::{self, Answered};
use crate::hub::{Author, HubFault, Registry, document, outside};
use crate::rules::dossier::{Answers, Asked, Document, DocumentState, Paper, Reply, ReplyState, Source, is_name};

/// Most questions at once: the rest waits for the next time.
const QUESTIONS: u32 = 10_000;

/// A registry that is going to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adding {
    /// Its name.
    pub name: String,
    /// The address, with `{number}` and perhaps `{kind}`.
    pub url: String,
    /// The kinds of documents that it knows.
    pub kinds: BTreeSet<String>,
    /// How many days an answer counts that does not say so itself.
    pub days: u32,
}

/// What came of asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Documents that were answered for, with the registry's name and what it says.
    pub replies: Vec<(u32, String, ReplyState)>,
    /// Why others were not, a line each.
    pub faults: Vec<String>,
    /// Questions that nobody had time for.
    pub waiting: usize,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// What has no answer yet, or one that is over.
    Due,
    /// About this document, whatever was answered.
    Document(u32),
    /// About every document.
    All,
}

/// Keeps a registry that is asked over HTTP, or where one is asked from now on.
///
/// # Errors
/// A part is wrong, or a file was imported by this name; the database's.
pub fn add(registry: &mut Registry, author: &Author, adding: Adding) -> Result<Source, HubFault> {
    let Adding { name, url, kinds, days } = adding;
    http::check(&url).map_err(HubFault::Refused)?;
    for name in kinds.iter().chain([&name]) {
        if !is_name(name) {
            let message = format!("`{name}` is no name; write 1 to 60 small letters, digits and hyphens");
            return Err(HubFault::Refused(message));
        }
    }
    if kinds.is_empty() {
        return Err(HubFault::Refused("it knows no kind of documents; name one with `--kinds`".to_owned()));
    }
    let at = document::date(author);
    registry.change(author, |changes| {
        let known = changes.papers().sources()?;
        let before = known.iter().find(|source| source.name == name);
        if before.is_some_and(|source| source.asked.is_none()) {
            return Err(HubFault::Refused(format!("a file was imported as `{name}`; take another name")));
        }
        let id = before.map_or_else(|| changes.next_source(), |source| Ok(source.id))?;
        let asked = Some(Asked { url, days });
        let source = Source { id, name, kinds, at, until: at, rows: 0, sha256: [0; 32], asked };
        changes.put_paper(&Paper::Source(source.clone()))?;
        Ok(source)
    })
}

/// Asks, for no longer than `budget`.
///
/// # Errors
/// The database's. That a registry does not answer is none.
pub fn ask(registry: &mut Registry, author: &Author, which: Which, budget: Duration) -> Result<Heard, HubFault> {
    let (today, begin) = (document::date(author), Instant::now());
    let sources: BTreeMap<u32, Source> = registry.sources()?.into_iter().map(|source| (source.id, source)).collect();
    let questions = registry.questions(which, today, QUESTIONS)?;
    let (mut heard, mut silent) = (Heard::default(), BTreeSet::new());
    let mut agent = None;
    for (id, document) in questions {
        let Some((source, asked)) = sources.get(&id).and_then(|source| Some((source, source.asked.as_ref()?))) else {
            continue;
        };
        let left = budget.saturating_sub(begin.elapsed());
        if silent.contains(&id) || left.is_zero() {
            heard.waiting += 1;
            continue;
        }
        let Some(document) = registry.papers().document(document)?.filter(|document| is_open(document, today)) else {
            let tomorrow = today.tomorrow().unwrap_or(today);
            registry.change(author, |changes| changes.put_off(id, document, tomorrow))?;
            continue;
        };
        let agent = agent.get_or_insert_with(|| outside::agent(http::PATIENCE.min(budget)));
        match http::ask(agent, &asked.url, &document.kind, &document.number) {
            Ok(answered) => {
                let reply = reply(&answered, today, asked.days);
                heard.replies.push((document.id, source.name.clone(), reply.state));
                let author = Author { why: format!("asked `{}`", source.name), ..author.clone() };
                keep(registry, &author, id, &document, reply)?;
            }
            Err(why) => {
                // The others of this registry would wait for nothing.
                silent.insert(id);
                let name = &source.name;
                let told = format!(
                    "registry `{name}` did not answer about document {}: {why}; it is asked again",
                    document.id
                );
                heard.faults.push(told);
            }
        }
    }
    Ok(heard)
}

/// Whether an answer could change anything.
fn is_open(document: &Document, today: Date) -> bool {
    let is_over = document.expires.is_some_and(|last| last < today);
    match document.state {
        DocumentState::Filed | DocumentState::Accepted => !is_over,
        DocumentState::Refused(_)
        | DocumentState::Revoked(_)
        | DocumentState::Settled(_)
        | DocumentState::Replaced(_) => false,
    }
}

fn reply(answered: &Answered, today: Date, days: u32) -> Reply {
    let last = today.checked_add(i64::from(days).days()).unwrap_or(today);
    let until = answered.until.map_or(last, |until| until.min(last));
    Reply { state: answered.state, holder: answered.holder.clone(), at: today, until }
}

/// Keeps an answer, and when to ask again: a good one on its last day, so that nothing lapses, another one tomorrow.
fn keep(
    registry: &mut Registry,
    author: &Author,
    source: u32,
    document: &Document,
    reply: Reply,
) -> Result<(), HubFault> {
    registry.change(author, |changes| {
        let tomorrow = reply.at.tomorrow().unwrap_or(reply.at);
        let next = if reply.state == ReplyState::Valid { reply.until.max(tomorrow) } else { tomorrow };
        let mut replies = changes.papers().answers(document.id)?.map(|kept| kept.replies).unwrap_or_default();
        replies.insert(source, reply);
        changes.put_paper(&Paper::Answers(Answers { document: document.id, replies }))?;
        changes.put_off(source, document.id, next)
    })
}
