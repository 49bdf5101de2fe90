//! TOML to tables with places, or what is wrong with its signs.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::ConfigFault;
use super::problem::{Problem, Problems, quoted};
use super::source::Source;

/// The file's tables. Of errors that are not about names, only the first counts: the others are often its echo.
pub fn parse(source: &Source) -> Result<Spanned<DeTable<'_>>, ConfigFault> {
    let (tree, mut errors) = DeTable::parse_recoverable(&source.text);
    if errors.is_empty() {
        return Ok(tree);
    }
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let first = errors.iter().position(|error| !is_twice(error)).unwrap_or(errors.len());
    let problems = Problems::new(source);
    for error in errors.iter().take(first + 1) {
        problems.add(problem(error, source, tree.get_ref()));
    }
    problems.finish(None)
}

fn is_twice(error: &Error) -> bool {
    error.message() == "duplicate key"
}

fn problem(error: &Error, source: &Source, tree: &DeTable<'_>) -> Problem {
    let span = error.span().unwrap_or(0..0);
    if is_twice(error) {
        return twice(span, source, tree);
    }
    let written = value_at(&span, &source.text);
    let (title, help) = words(error.message(), written);
    Problem::new(title, help).at(span, "")
}

/// The whole value on the line of an error, which may be about its end only; of a list, the part that is wrong.
fn value_at<'t>(span: &Range<usize>, text: &'t str) -> &'t str {
    let (before, rest) = text.split_at_checked(span.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = start..span.start + rest.find('\n').unwrap_or(rest.len());
    let value = text.get(line).and_then(|line| line.split_once('=')).map(|(_, value)| bare(value));
    match value.filter(|value| !value.starts_with(['[', '{'])) {
        Some(value) => value,
        None => text.get(span.clone()).unwrap_or_default(),
    }
}

/// A key or a table that is there twice, with the first place too.
fn twice(span: Range<usize>, source: &Source, tree: &DeTable<'_>) -> Problem {
    let text = source.text.as_str();
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let line = bare(text.get(line..).and_then(|rest| rest.lines().next()).unwrap_or_default());
    let (name, first) = if line.starts_with('[') && line.ends_with(']') {
        (line, first_header(line, before))
    } else {
        let name = text.get(span.clone()).unwrap_or_default();
        // Only the keys of this table: another one may have the same.
        let table = before.rfind("\n[").unwrap_or(0);
        let above = spans_of(name, tree).into_iter().filter(|key| (table..span.start).contains(&key.start));
        (name, above.max_by_key(|key| key.start))
    };
    let problem = Problem::new(format!("{} is there twice", quoted(name)), "keep one of the two");
    let problem = problem.at(span, "here again");
    match first {
        Some(first) => problem.at(first, "first here"),
        None => problem,
    }
}

/// A line without what is around its words.
fn bare(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

fn first_header(header: &str, before: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in before.split_inclusive('\n') {
        if bare(line) == header {
            let indent = line.len() - line.trim_start().len();
            return Some(start + indent..start + indent + header.len());
        }
        start += line.len();
    }
    None
}

fn spans_of(name: &str, table: &DeTable<'_>) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for (key, value) in table {
        if key.get_ref() == name {
            spans.push(key.span());
        }
        if let DeValue::Table(table) = value.get_ref() {
            spans.extend(spans_of(name, table));
        }
    }
    spans
}

/// A part of the parser's message, what is wrong, and what to do.
const WORDS: [(&str, &str, &str); 11] = [
    ("string values must be quoted", "text must be in quotes", "write it as `\"…\"`"),
    ("key with no value", "an `=` is missing", "write `name = value`, or a table's name as `[name]`"),
    ("unclosed table", "a `]` is missing", "end the table's name with `]`"),
    ("invalid basic string, expected `\"`", "the text does not end", "put a `\"` at its end, on the same line"),
    ("invalid literal string, expected `'`", "the text does not end", "put a `'` at its end, on the same line"),
    ("unicode", "`\\` begins a code that does not exist", "write paths with `/`, or in single quotes: `'C:\\dock'`"),
    ("escape", "`\\` begins a code that does not exist", "write paths with `/`, or in single quotes: `'C:\\dock'`"),
    ("invalid float", "this is no number", "write a number like `15`, or text in quotes: `\"…\"`"),
    ("invalid integer", "this is no number", "write a number like `15`, or text in quotes: `\"…\"`"),
    ("invalid boolean", "this is neither `true` nor `false`", "write one of them, or text in quotes: `\"…\"`"),
    ("array", "the list is not complete", "write it like `[\"zh\", \"en\"]`"),
];

/// What is wrong and what to do, for a message of the parser about what is `written`.
fn words(message: &str, written: &str) -> (String, String) {
    match WORDS.iter().find(|(part, ..)| message.contains(part)) {
        Some((_, title, help))
            if !written.is_empty() && written.len() <= 40 && !written.contains(['"', '\n', '\\']) =>
        {
            ((*title).to_owned(), help.replace('…', written))
        }
        Some((_, title, help)) => ((*title).to_owned(), (*help).to_owned()),
        None => {
            let help = "`greengate board show sim` and `greengate config example` show how it is written";
            (message.to_owned(), help.to_owned())
        }
    }
}
