//! What is wrong in a file, drawn with its place.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::ConfigFault;
use super::source::Source;

/// More than this many problems are only counted: the first ones are repaired first.
const DRAWN: usize = 10;
/// A value is quoted up to this many characters.
const QUOTED: usize = 60;

/// One thing that is wrong, at one place or more; without a place, it is the whole file.
#[derive(Debug)]
pub struct Problem {
    title: String,
    places: Vec<(Range<usize>, &'static str)>,
    help: String,
    /// The line is drawn with stars at its places.
    is_secret: bool,
}

impl Problem {
    pub fn new(title: impl Into<String>, help: impl Into<String>) -> Self {
        Self { title: title.into(), places: Vec::new(), help: help.into(), is_secret: false }
    }

    /// What stands at its places may be secret, and messages end up in logs.
    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// The place, or a further one. The first is the one that the message is about.
    pub fn at(mut self, span: Range<usize>, label: &'static str) -> Self {
        self.places.push((span, label));
        self
    }

    fn start(&self) -> usize {
        self.places.first().map_or(usize::MAX, |(span, _)| span.start)
    }

    fn draw(&self, source: &Source) -> String {
        let path = source.path.display().to_string();
        let title = Level::ERROR.primary_title(self.title.as_str());
        let help = Group::with_title(Level::HELP.secondary_title(self.help.as_str()));
        let error = if self.places.is_empty() {
            title.element(Origin::path(path))
        } else {
            let snippet = Snippet::source(self.shown(&source.text)).path(path);
            title.element(snippet.annotations(self.annotations(source.text.len())))
        };
        Renderer::plain().render(&[error, help])
    }

    /// The file's text as it may be shown, as long as before.
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let hidden = self.places.iter().filter(|_| self.is_secret).map(|(span, _)| span.clone());
        hidden.fold(Cow::Borrowed(text), |text, span| match (text.get(..span.start), text.get(span.end..)) {
            (Some(before), Some(after)) => Cow::Owned([before, &"*".repeat(span.len()), after].concat()),
            (Some(_) | None, Some(_) | None) => text,
        })
    }

    fn annotations(&self, end: usize) -> impl Iterator<Item = Annotation<'_>> {
        let kinds = [AnnotationKind::Primary].into_iter().chain(std::iter::repeat(AnnotationKind::Context));
        self.places.iter().zip(kinds).map(move |((span, label), kind)| {
            let span = span.start.min(end)..span.end.min(end);
            kind.span(span).label((!label.is_empty()).then_some(*label))
        })
    }
}

/// Everything that is wrong with one file.
#[derive(Debug)]
pub struct Problems<'a> {
    pub source: &'a Source,
    found: RefCell<Vec<Problem>>,
}

impl<'a> Problems<'a> {
    pub const fn new(source: &'a Source) -> Self {
        Self { source, found: RefCell::new(Vec::new()) }
    }

    pub fn add(&self, problem: Problem) {
        self.found.borrow_mut().push(problem);
    }

    /// The checked thing, if nothing is wrong with it. Problems come in the order of the file, those without a place last.
    pub fn finish<T>(self, checked: Option<T>) -> Result<T, ConfigFault> {
        let mut found = self.found.into_inner();
        match checked {
            Some(checked) if found.is_empty() => Ok(checked),
            Some(_) | None => {
                found.sort_by_key(Problem::start);
                Err(ConfigFault::Wrong(report(&found, self.source)))
            }
        }
    }
}

fn report(found: &[Problem], source: &Source) -> String {
    let mut reports: Vec<String> = found.iter().take(DRAWN).map(|problem| problem.draw(source)).collect();
    if found.len() > DRAWN {
        reports.push(format!("and {} more problems in `{}`", found.len() - DRAWN, source.path.display()));
    }
    reports.join("\n\n")
}

/// A value of the file as messages quote it: on one line, not too long, and without signs that a terminal obeys.
pub fn quoted(value: &str) -> String {
    let mut shown: String = value.chars().take(QUOTED).flat_map(char::escape_debug).collect();
    if value.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Names as a sentence has them: `` `a`, `b` or `c` ``.
pub fn listed<S: AsRef<str>>(names: &[S], last: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    joined(&names, last)
}

/// Parts as a sentence has them: `a, b or c`.
pub fn joined(parts: &[String], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// The name that somebody meant who wrote `unknown`, if one is near enough.
pub fn nearest<'n>(unknown: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // No name is longer; a file full of one word must not cost time.
    let unknown: String = unknown.chars().take(QUOTED).collect();
    let near = names.into_iter().map(|name| (strsim::jaro(&unknown, name), name));
    near.filter(|(near, _)| *near > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
