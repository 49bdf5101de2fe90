//! What is wrong in a file, drawn with its place.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{ConfigFault, SIZE_LIMIT};

/// A file's name and text.
#[derive(Debug)]
pub struct Source {
    /// For messages, and for paths that are relative to it.
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    pub fn read(path: &Path) -> Result<Self, ConfigFault> {
        let fault = |source| ConfigFault::File { path: path.to_owned(), source };
        let bytes = fs::metadata(path).map_err(fault)?.len();
        if bytes > SIZE_LIMIT {
            return Err(ConfigFault::TooLarge { path: path.to_owned(), bytes, limit: SIZE_LIMIT });
        }
        let bytes = fs::read(path).map_err(fault)?;
        let text = String::from_utf8(bytes).map_err(|_| ConfigFault::NotText { path: path.to_owned() })?;
        Ok(Self { path: path.to_owned(), text })
    }

    pub fn text(name: &str, text: &str) -> Self {
        Self { path: PathBuf::from(name), text: text.to_owned() }
    }

    /// The file's name without folder and ending.
    pub fn name(&self) -> String {
        self.path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// A path as the file means it.
    pub fn beside(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// The file's tables, or what is wrong with their shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigFault> {
        toml::from_str(&self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let mut problems = Problems::new(self);
            problems.add(Problem::new(error.message(), span, "", help(error.message())));
            problems.fault()
        })
    }
}

/// What to do about a message of the parser.
fn help(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((unknown, known)) if message.starts_with("unknown field") => nearest(unknown, known),
        Some((missing, _)) if message.starts_with("missing field") => {
            format!(
                "add `{missing} = …`, or a table `[{missing}.…]`; the files in `boards/` and `assets/site.example.toml` show each"
            )
        }
        _ => "compare with the files in `boards/` and with `assets/site.example.toml`".to_owned(),
    }
}

fn nearest(unknown: &str, known: &[&str]) -> String {
    let near = known.iter().max_by(|a, b| strsim::jaro(unknown, a).total_cmp(&strsim::jaro(unknown, b)));
    match near.filter(|near| strsim::jaro(unknown, near) > 0.7) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it".to_owned(),
    }
}

/// One thing that is wrong, at one place or more.
#[derive(Debug)]
pub struct Problem {
    title: String,
    places: Vec<(Range<usize>, String)>,
    help: String,
}

impl Problem {
    pub fn new(title: impl Into<String>, span: Range<usize>, label: &str, help: impl Into<String>) -> Self {
        Self { title: title.into(), places: vec![(span, label.to_owned())], help: help.into() }
    }

    /// The same problem has another place.
    pub fn and(mut self, span: Range<usize>, label: &str) -> Self {
        self.places.push((span, label.to_owned()));
        self
    }
}

/// Everything that is wrong with one file.
#[derive(Debug)]
pub struct Problems<'a> {
    source: &'a Source,
    found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub const fn new(source: &'a Source) -> Self {
        Self { source, found: Vec::new() }
    }

    pub fn add(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    /// A number within its range; else the nearest, and a problem.
    pub fn number(
        &mut self,
        what: &str,
        value: &Spanned<i64>,
        range: std::ops::RangeInclusive<u32>,
        unit: &str,
    ) -> u32 {
        let (low, high) = (*range.start(), *range.end());
        let fits = u32::try_from(*value.get_ref()).ok().filter(|number| range.contains(number));
        if fits.is_none() {
            let title = format!("`{what}` is {}, which is not {low} to {high} {unit}", value.get_ref());
            self.add(Problem::new(title, value.span(), "", format!("write a number from {low} to {high}")));
        }
        fits.unwrap_or(low)
    }

    /// A text that has something in it, and not too much.
    pub fn words(&mut self, what: &str, value: &Spanned<String>, limit: usize) -> String {
        let length = value.get_ref().chars().count();
        if length == 0 || length > limit || value.get_ref().chars().any(char::is_control) {
            let title = format!("`{what}` must have 1 to {limit} characters on one line");
            self.add(Problem::new(title, value.span(), "", "say it shorter, or say something"));
        }
        value.get_ref().clone()
    }

    /// The one table of a choice that is there.
    pub fn only<T>(&mut self, what: &str, span: Range<usize>, choices: Vec<(&str, Option<Spanned<T>>)>) -> Option<T> {
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("`[{what}.{name}]`")).collect();
        let names = names.join(", ");
        let mut there: Vec<Spanned<T>> = choices.into_iter().filter_map(|(_, table)| table).collect();
        if there.len() > 1 {
            let title = format!("`{what}` is two things at once");
            let problem = Problem::new(title, there[0].span(), "this", "keep one of the two");
            let second = there[1].span();
            self.add(problem.and(second, "and this"));
        }
        if there.is_empty() {
            self.add(Problem::new(format!("`{what}` says nothing"), span, "", format!("add one of {names}")));
            return None;
        }
        Some(there.swap_remove(0).into_inner())
    }

    /// The checked thing, if nothing is wrong with it.
    pub fn finish<T>(self, checked: Option<T>) -> Result<T, ConfigFault> {
        match checked.filter(|_| self.found.is_empty()) {
            Some(checked) => Ok(checked),
            None => Err(self.fault()),
        }
    }

    fn fault(&self) -> ConfigFault {
        let reports: Vec<String> = self.found.iter().map(|problem| self.draw(problem)).collect();
        ConfigFault::Wrong(reports.join("\n\n"))
    }

    fn draw(&self, problem: &Problem) -> String {
        let kinds = [AnnotationKind::Primary, AnnotationKind::Context];
        let end = self.source.text.len();
        let annotations = problem.places.iter().zip(kinds).map(|((span, label), kind)| {
            let span = span.start.min(end)..span.end.min(end);
            let label = (!label.is_empty()).then_some(label.as_str());
            kind.span(span).label(label)
        });
        let path = self.source.path.display().to_string();
        let snippet = Snippet::source(self.source.text.as_str()).path(path).annotations(annotations);
        let title = Level::ERROR.primary_title(problem.title.as_str());
        let help = Group::with_title(Level::HELP.secondary_title(problem.help.as_str()));
        Renderer::plain().render(&[title.element(snippet), help])
    }
}
