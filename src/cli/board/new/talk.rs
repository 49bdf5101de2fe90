//! Questions and answers, a line each: from a person at a terminal, or from a file with the answers.

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::{Failure, signals};

/// Lines that may be typed ahead.
const AHEAD: usize = 64;

/// What came from the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line.
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// There is nothing more.
    Ended,
}

/// Why the conversation is over before its end.
#[derive(Debug)]
pub enum Stop {
    /// Ctrl-C.
    Interrupted,
    /// The answers are used up.
    Ended,
    /// Something does not work.
    Failed(Failure),
}

impl<T: Into<Failure>> From<T> for Stop {
    fn from(failure: T) -> Self {
        Self::Failed(failure.into())
    }
}

/// An answer to a question of yes or no that may also be answered with another line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    Line(u32),
}

/// The conversation.
pub struct Talk<W> {
    heard: Receiver<Heard>,
    ahead: VecDeque<Heard>,
    out: W,
    /// Every question is answered with its suggestion.
    is_mute: bool,
    /// Answers do not show by themselves, as those from a file.
    echoes: bool,
}

/// What a person types, and Ctrl-C.
///
/// # Errors
/// The system gives no thread.
pub fn listen() -> io::Result<Receiver<Heard>> {
    let (told, heard) = sync_channel(AHEAD);
    let interrupted: SyncSender<Heard> = told.clone();
    signals::on_end(move |_| {
        // A full queue is being read, and the next one comes through.
        let _ = interrupted.try_send(Heard::Interrupted);
    })?;
    thread::Builder::new().name("answers".to_owned()).spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok).map(Heard::Line);
        // Nobody may listen any more.
        let _ = lines.chain([Heard::Ended]).try_for_each(|heard| told.send(heard));
    })?;
    Ok(heard)
}

impl<W: Write> Talk<W> {
    pub const fn new(heard: Receiver<Heard>, out: W, is_mute: bool, echoes: bool) -> Self {
        Self { heard, ahead: VecDeque::new(), out, is_mute, echoes }
    }

    pub fn tell(&mut self, text: &str) -> Result<(), Stop> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// Asks; nothing typed is the suggestion.
    pub fn ask(&mut self, question: &str, suggestion: &str) -> Result<String, Stop> {
        self.prompt(question, suggestion)?;
        if self.is_mute {
            self.tell(suggestion)?;
            return Ok(suggestion.to_owned());
        }
        let heard = self.ahead.pop_front().unwrap_or_else(|| self.heard.recv().unwrap_or(Heard::Ended));
        let typed = self.taken(heard)?;
        Ok(if typed.is_empty() { suggestion.to_owned() } else { typed })
    }

    /// Writes a question that [`Talk::typed`] may answer.
    pub fn prompt(&mut self, question: &str, suggestion: &str) -> Result<(), Stop> {
        write!(self.out, "{question} [{suggestion}]: ")?;
        Ok(self.out.flush()?)
    }

    /// A question of yes or no.
    pub fn is(&mut self, question: &str, suggestion: bool) -> Result<bool, Stop> {
        loop {
            let shown = if suggestion { "Y/n" } else { "y/N" };
            match self.answer(question, shown, suggestion)? {
                Some(Answer::Yes) => return Ok(true),
                Some(Answer::No) => return Ok(false),
                Some(Answer::Line(_)) | None => self.tell("answer `y` or `n`")?,
            }
        }
    }

    /// A question of yes, no, or another line.
    pub fn is_or_line(&mut self, question: &str, suggestion: bool) -> Result<Answer, Stop> {
        loop {
            let shown = if suggestion { "Y/n/other line" } else { "y/N/other line" };
            match self.answer(question, shown, suggestion)? {
                Some(answer) => return Ok(answer),
                None => self.tell("answer `y`, `n`, or the number of another line")?,
            }
        }
    }

    fn answer(&mut self, question: &str, shown: &str, suggestion: bool) -> Result<Option<Answer>, Stop> {
        let typed = self.ask(question, shown)?;
        Ok(match typed.to_lowercase().as_str() {
            _ if typed == shown => Some(if suggestion { Answer::Yes } else { Answer::No }),
            "y" | "yes" => Some(Answer::Yes),
            "n" | "no" => Some(Answer::No),
            other => other.parse().ok().map(Answer::Line),
        })
    }

    /// What has been typed meanwhile.
    pub fn typed(&mut self) -> Result<Option<String>, Stop> {
        let heard = match self.ahead.pop_front() {
            Some(heard) => heard,
            None => match self.heard.try_recv() {
                Ok(heard) => heard,
                Err(TryRecvError::Empty) => return Ok(None),
                Err(TryRecvError::Disconnected) => Heard::Ended,
            },
        };
        self.taken(heard).map(Some)
    }

    /// Waits, unless Ctrl-C ends it.
    pub fn pause(&mut self, time: Duration) -> Result<(), Stop> {
        let end = Instant::now() + time;
        loop {
            match self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Heard::Interrupted) => return Err(Stop::Interrupted),
                Ok(heard) => self.ahead.push_back(heard),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                // The answers have ended, which the next question notices.
                Err(RecvTimeoutError::Disconnected) => {
                    thread::sleep(end.saturating_duration_since(Instant::now()));
                    return Ok(());
                }
            }
        }
    }

    fn taken(&mut self, heard: Heard) -> Result<String, Stop> {
        match heard {
            Heard::Line(line) => {
                let line: String = line.trim().chars().filter(|letter| !letter.is_control()).collect();
                if self.echoes {
                    self.tell(&line)?;
                }
                Ok(line)
            }
            Heard::Interrupted => Err(Stop::Interrupted),
            Heard::Ended => Err(Stop::Ended),
        }
    }
}
