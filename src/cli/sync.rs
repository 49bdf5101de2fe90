//! `greengate sync`: brings the newest list from the feed, once.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::out::{counted, put, say};
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::kiosk::{Shelf, best_time, feed_settings};
use crate::rules::code::Grade;
use crate::rules::site::FeedSettings;
use crate::sync::{self, Did, Http, Outcome, Preview, Settings, Source, Step, SyncFault};

/// Bring the newest list from the feed.
///
/// A running kiosk takes it up within a second. Whatever goes wrong, the list that is there goes on.
#[derive(Debug, clap::Args)]
pub struct Sync {
    /// Where the feed is, in place of the site's
    #[arg(long, value_name = "URL|FOLDER")]
    from: Option<String>,
    /// The first root of trust, in place of the site's; needed once
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Tell what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Sync {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let setting = Setting::find(place)?;
        let mut site = setting.site.feed.clone();
        if let (Some(feed), Some(root)) = (&mut site, &self.root) {
            feed.root = Some(root.clone());
        }
        let site = site.as_ref();
        let state = &setting.site.state;
        let mut settings = match feed_settings(state, site) {
            Err(SyncFault::NoFeed) if self.from.is_some() => {
                Settings { state: state.clone(), sources: Vec::new(), root: None }
            }
            settings => settings?,
        };
        if let Some(from) = &self.from {
            settings.sources = vec![source(from, site)?];
        }
        if let Some(path) = &self.root {
            let unread = |fault: SyncFault| Failure::new(Exit::NoInput, fault.to_string());
            settings.root = Some(sync::read_root(path).map_err(unread)?);
        }
        let mut watcher = Watcher::new();
        let (see, now) = (&mut |step: Step<'_>| watcher.see(step), best_time(state));
        let told = if self.dry_run {
            let journal = Shelf::journal_path(state);
            sync::dry_run(&settings, &journal, see, now).map(|preview| previewed(&preview))
        } else {
            sync::sync(&settings, see, now).map(|outcome| told(&outcome))
        };
        watcher.bar.finish_and_clear();
        put(told?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// An address, or else a folder.
fn source(from: &str, site: Option<&FeedSettings>) -> Result<Source, Failure> {
    if from.starts_with("https://") || from.starts_with("http://") {
        // The site's secrets are for the site's server.
        let http = match site.filter(|site| site.url.as_deref() == Some(from)) {
            Some(site) => Http::of(from, site)?,
            None => Http::new(from)?,
        };
        return Ok(Source::http(http));
    }
    Ok(Source::folder(from))
}

fn told(outcome: &Outcome) -> String {
    let did = match outcome.did {
        Did::Unchanged => "the list is the newest".to_owned(),
        Did::Confirmed => "the authority vouches anew for the same list".to_owned(),
        Did::Deltas(count) => format!("loaded {}", counted(count, "delta")),
        Did::Snapshot(0) => "loaded the snapshot".to_owned(),
        Did::Snapshot(count) => format!("loaded the snapshot and {}", counted(count, "delta")),
    };
    let issued = outcome.issued.map(|issued| format!(", issued {issued}")).unwrap_or_default();
    let version = if outcome.before == outcome.after {
        format!("version {}", outcome.after)
    } else {
        format!("version {} → {}", outcome.before, outcome.after)
    };
    let (bytes, requests) = (counted(outcome.bytes, "byte"), counted(outcome.requests, "request"));
    format!("{version}{issued}: {did} ({bytes} in {requests} from {})", outcome.from)
}

fn previewed(preview: &Preview) -> String {
    let Preview { outcome, difference, scanned } = preview;
    if outcome.before == outcome.after {
        return format!("nothing would change: the list is version {}", outcome.after);
    }
    if outcome.before == 0 {
        return format!("version {} would be the first list here", outcome.after);
    }
    let turned = |turned: &[(Grade, Grade, u64)]| {
        let turn = |(_, after, count): &(Grade, Grade, u64)| {
            format!("{count} {} {}", if *count == 1 { "turns" } else { "turn" }, word(*after))
        };
        turned.iter().map(turn).collect::<Vec<_>>().join(", ")
    };
    let mut told = vec![format!("version {} → {}", outcome.before, outcome.after)];
    let change = |count, what| format!("{} {}", counted(count, what), if count == 1 { "changes" } else { "change" });
    told.push(change(difference.listings, "listing"));
    if !difference.turned.is_empty() {
        told.push(format!("of the listings {}", turned(&difference.turned)));
    }
    told.push(format!(
        "{} by {}",
        change(difference.exceptions, "code"),
        if difference.exceptions == 1 { "itself" } else { "themselves" }
    ));
    told.push(match scanned.as_slice() {
        [] => "of the codes scanned here within 30 days none changes its grade".to_owned(),
        scanned => format!("of the codes scanned here within 30 days {}", turned(scanned)),
    });
    told.join("\n")
}

const fn word(grade: Grade) -> &'static str {
    match grade {
        Grade::Green => "green",
        Grade::Yellow => "yellow",
        Grade::Red => "red",
    }
}

/// Shows a sync: a bar where a person looks, else a line for each step.
struct Watcher {
    bar: ProgressBar,
    last: String,
}

impl Watcher {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), last: String::new() };
        }
        let style =
            ProgressStyle::with_template("{msg} {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
        let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, last: String::new() }
    }

    fn see(&mut self, step: Step<'_>) {
        match step {
            Step::Asking(place) => self.line(format!("asking {place}"), 0, 0),
            Step::Downloading { name, done, of } => self.line(format!("downloading {name}"), done, of),
            Step::Loading { name, done, of } => self.line(format!("loading {name}"), done, of),
            Step::Aside(fault) => self.line(format!("{fault}; trying another way"), 0, 0),
        }
    }

    fn line(&mut self, text: String, done: u64, of: u64) {
        if self.last != text {
            if self.bar.is_hidden() {
                say(&text);
            }
            self.bar.reset();
            self.bar.set_length(of);
            self.bar.set_message(text.clone());
            self.last = text;
        }
        self.bar.set_position(done);
    }
}
