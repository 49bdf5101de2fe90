//! A table that is read field by field: what is absent is missing, what nobody asked for is unknown, and all of it is
//! told at once. (A derived reader would stop at the first error and lose the places.)

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems, joined, listed, nearest, quoted};
use super::source::Source;

/// A table whose fields are being asked for.
#[derive(Debug)]
pub struct Table<'t> {
    /// As its header has it: `camera.panel`; empty for the file itself.
    name: String,
    /// As messages name it.
    title: String,
    /// Where it begins; the file itself begins nowhere.
    header: Option<Range<usize>>,
    entries: &'t DeTable<'t>,
    problems: &'t Problems<'t>,
    asked: Vec<&'static str>,
    /// What is needed and not there, and what to add.
    missing: Vec<(&'static str, String)>,
    /// Its fields are tables, and one of them is chosen.
    is_choice: bool,
}

/// More unknown names than this are only counted.
const LISTED: usize = 5;

/// Reads one of a choice's tables.
pub type Reader<'t, T> = fn(&mut Table<'t>) -> Option<T>;

impl<'t> Table<'t> {
    /// The whole file: a `board`, or a `site`.
    pub fn root(what: &str, entries: &'t DeTable<'t>, problems: &'t Problems<'t>) -> Self {
        Self { title: format!("the {what}"), ..Self::new(String::new(), None, entries, problems) }
    }

    fn new(name: String, header: Option<Range<usize>>, entries: &'t DeTable<'t>, problems: &'t Problems<'t>) -> Self {
        let title = format!("`[{name}]`");
        Self { name, title, header, entries, problems, asked: Vec::new(), missing: Vec::new(), is_choice: false }
    }

    pub const fn problems(&self) -> &'t Problems<'t> {
        self.problems
    }

    pub const fn source(&self) -> &'t Source {
        self.problems.source
    }

    /// Whether there is such a field; it is not read by that.
    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// A field that may be absent. `example` is a value as messages show it.
    pub fn may(&mut self, name: &'static str, example: &'static str) -> Option<Field<'t>> {
        self.asked.push(name);
        let path = if self.name.is_empty() { name.to_owned() } else { format!("{}.{name}", self.name) };
        let value = self.entries.get(name)?;
        Some(Field { subject: format!("`{name}`"), name, path, example, value, problems: self.problems })
    }

    /// A field that must be there.
    pub fn need(&mut self, name: &'static str, example: &'static str) -> Option<Field<'t>> {
        let field = self.may(name, example);
        if field.is_none() {
            self.missing.push((name, format!("`{name} = {example}`")));
        }
        field
    }

    /// A field that must not be there, for the reason that `help` gives.
    pub fn never(&mut self, name: &'static str, help: &str) {
        let Some((key, _)) = self.entries.get_key_value(name) else { return };
        self.asked.push(name);
        self.problems.add(Problem::new(format!("`{name}` cannot be set"), help).at(key.span(), ""));
    }

    /// A table with one of several tables in it.
    pub fn choice<T>(&mut self, name: &'static str, readers: &[(&'static str, Reader<'t, T>)]) -> Option<T> {
        let names: Vec<String> = readers.iter().map(|(choice, _)| format!("[{name}.{choice}]")).collect();
        let names = listed(&names, "or");
        let Some(field) = self.may(name, "") else {
            self.missing.push((name, format!("one of {names}")));
            return None;
        };
        let mut table = field.table(&format!("choose with a table's name: {names}"))?;
        table.is_choice = true;
        let there: Vec<(Field<'t>, Reader<'t, T>)> =
            readers.iter().filter_map(|(choice, reader)| Some((table.may(choice, "")?, *reader))).collect();
        if there.len() > 1 {
            table.problems.add(several(name, &there));
        }
        let is_empty = there.is_empty();
        let chosen: Vec<T> = there.into_iter().filter_map(|(field, reader)| field.read(reader)).collect();
        let header = table.header.clone().unwrap_or_default();
        if !table.done() && is_empty {
            let title = format!("`[{name}]` does not say which");
            self.problems.add(Problem::new(title, format!("add {names}")).at(header, ""));
        }
        chosen.into_iter().next()
    }

    /// Tells what is missing and what is unknown; whether anything is unknown.
    pub fn done(mut self) -> bool {
        let mut strange = Vec::new();
        let unknown = self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.get_ref().as_ref()));
        let unknown: Vec<(&str, Range<usize>)> = unknown.map(|(key, _)| (key.get_ref().as_ref(), key.span())).collect();
        let is_any = !unknown.is_empty();
        for (key, span) in unknown {
            let absent = self.asked.iter().copied().filter(|name| !self.entries.contains_key(*name));
            let Some(near) = nearest(key, absent) else {
                strange.push((key, span));
                continue;
            };
            // One slip of the pen is one message.
            self.missing.retain(|(name, _)| *name != near);
            let title = format!("unknown name {} in {}", quoted(key), self.title);
            self.problems.add(Problem::new(title, format!("did you mean `{near}`?")).at(span, ""));
        }
        strange.sort_by_key(|(_, span)| span.start);
        if !strange.is_empty() {
            self.problems.add(self.unknown(strange));
        }
        if !self.missing.is_empty() {
            self.problems.add(self.lacks());
        }
        is_any
    }

    /// Names that are near to nothing.
    fn unknown(&self, strange: Vec<(&str, Range<usize>)>) -> Problem {
        let more = strange.len().saturating_sub(LISTED);
        let names: Vec<String> = strange.iter().take(LISTED).map(|(key, _)| quoted(key)).collect();
        let names = if more > 0 { format!("{} and {more} more", names.join(", ")) } else { joined(&names, "and") };
        let what = if strange.len() == 1 { "name" } else { "names" };
        let problem = Problem::new(format!("unknown {what} {names} in {}", self.title), self.instead());
        strange.into_iter().take(LISTED).fold(problem, |problem, (_, span)| problem.at(span, ""))
    }

    /// What there could be in the place of something unknown.
    fn instead(&self) -> String {
        if self.is_choice {
            let names: Vec<String> = self.asked.iter().map(|choice| format!("[{}.{choice}]", self.name)).collect();
            return format!("choose with a table's name: {}", listed(&names, "or"));
        }
        match listed(&self.asked, "and") {
            none if none.is_empty() => format!("leave it out; {} has no fields", self.title),
            names => format!("{} can have {names}", self.title),
        }
    }

    fn lacks(&self) -> Problem {
        let (names, additions): (Vec<&str>, Vec<&str>) =
            self.missing.iter().map(|(name, add)| (*name, add.as_str())).unzip();
        let title = format!("{} lacks {}", self.title, listed(&names, "and"));
        let problem = Problem::new(title, format!("add {}", additions.join("; ")));
        match &self.header {
            Some(header) => problem.at(header.clone(), ""),
            None => problem,
        }
    }
}

fn several<T>(name: &str, there: &[(Field<'_>, Reader<'_, T>)]) -> Problem {
    let (count, rest) = if there.len() == 2 { ("two", "other") } else { ("several", "others") };
    let title = format!("`{name}` is {count} things at once");
    let problem = Problem::new(title, format!("keep one of them, and remove the {rest}"));
    there
        .iter()
        .zip(["this", "and this", "and this"])
        .fold(problem, |problem, ((field, _), label)| problem.at(field.value.span(), label))
}

/// A field that is there.
#[derive(Debug)]
pub struct Field<'t> {
    /// As a sentence begins with it.
    subject: String,
    name: &'static str,
    path: String,
    example: &'static str,
    value: &'t Spanned<DeValue<'t>>,
    problems: &'t Problems<'t>,
}

impl<'t> Field<'t> {
    /// A whole number within its range.
    pub fn number(&self, range: RangeInclusive<u32>, unit: &str) -> Option<Spanned<u32>> {
        let DeValue::Integer(number) = self.value.get_ref() else { return self.wrong("a whole number") };
        let fits = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| range.contains(number));
        if fits.is_none() {
            let (low, high) = range.into_inner();
            let title = format!("{} is {}, which is not {low} to {high} {unit}", self.subject, quoted(&self.written()));
            self.add(title, format!("write a number from {low} to {high}"));
        }
        Some(Spanned::new(self.value.span(), fits?))
    }

    /// Text of 1 to `limit` characters on one line.
    pub fn text(&self, limit: usize) -> Option<Spanned<&'t str>> {
        let DeValue::String(text) = self.value.get_ref() else { return self.wrong("text") };
        let count = text.chars().count();
        let (what, help) = match count {
            0 => ("is empty".to_owned(), format!("for example `{} = {}`", self.name, self.example)),
            _ if count > limit => {
                (format!("has {count} characters, and {limit} are the most"), "shorten it".to_owned())
            }
            _ if text.contains(char::is_control) => {
                ("has a line break or a control character in it".to_owned(), "write it on one line".to_owned())
            }
            _ => return Some(Spanned::new(self.value.span(), text.as_ref())),
        };
        self.add(format!("{} {what}", self.subject), help);
        None
    }

    /// Whether it is written in quotes, for fields that may be text or something else.
    pub fn is_text(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::String(_))
    }

    /// Yes or no.
    pub fn flag(&self) -> Option<bool> {
        let DeValue::Boolean(flag) = self.value.get_ref() else { return self.wrong("`true` or `false`") };
        Some(*flag)
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(1000)?;
        let found = words.iter().find(|(word, _)| word == text.get_ref());
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = match nearest(text.get_ref(), names.iter().copied()) {
                Some(near) => format!("did you mean `\"{near}\"`?"),
                None => format!(
                    "write {}",
                    listed(&words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>(), "or")
                ),
            };
            let title = format!("{} cannot be {}", self.subject, quoted(text.get_ref()));
            self.add(title, help);
        }
        found.map(|(_, value)| *value)
    }

    /// One of several numbers, which `help` names.
    pub fn one_of<T: Copy>(&self, numbers: &[(u32, T)], help: &str) -> Option<T> {
        let DeValue::Integer(number) = self.value.get_ref() else { return self.wrong("a whole number") };
        let number = u32::from_str_radix(number.as_str(), number.radix()).ok();
        let found = numbers.iter().find(|(known, _)| Some(*known) == number);
        if found.is_none() {
            self.add(format!("{} cannot be {}", self.subject, quoted(&self.written())), help);
        }
        found.map(|(_, value)| *value)
    }

    /// The parts of a list.
    pub fn list(&self) -> Option<Vec<Self>> {
        let DeValue::Array(list) = self.value.get_ref() else { return self.wrong("a list") };
        let part = |value| Self {
            subject: format!("a value of `{}`", self.name),
            name: self.name,
            path: self.path.clone(),
            example: self.example,
            value,
            problems: self.problems,
        };
        Some(list.iter().map(part).collect())
    }

    fn table(&self, help: &str) -> Option<Table<'t>> {
        let DeValue::Table(entries) = self.value.get_ref() else {
            let title = format!("`{}` must be a table, and this is {}", self.path, kind(self.value.get_ref()));
            self.add(title, help);
            return None;
        };
        Some(Table::new(self.path.clone(), Some(self.value.span()), entries, self.problems))
    }

    /// A table of its own, read to its end.
    pub fn read<T>(&self, reader: Reader<'t, T>) -> Option<T> {
        self.read_or(reader, &format!("write `[{}]` on a line of its own", self.path))
    }

    /// As [`Self::read`], with help for something else in its place.
    pub fn read_or<T>(&self, reader: Reader<'t, T>, help: &str) -> Option<T> {
        let mut table = self.table(help)?;
        let value = reader(&mut table);
        table.done();
        value
    }

    pub const fn problems(&self) -> &'t Problems<'t> {
        self.problems
    }

    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }

    pub fn add(&self, title: impl Into<String>, help: impl Into<String>) {
        self.problems.add(Problem::new(title, help).at(self.value.span(), ""));
    }

    /// As [`Self::add`], for a value that may be secret.
    pub fn add_secret(&self, title: impl Into<String>, help: impl Into<String>) {
        self.problems.add(Problem::new(title, help).at(self.value.span(), "").secret());
    }

    /// What is wrong with the field, with its example as help.
    pub fn add_example(&self, what: impl Display) {
        self.add(format!("{} {what}", self.subject), format!("for example `{} = {}`", self.name, self.example));
    }

    /// The value as the file has it.
    fn written(&self) -> String {
        self.problems.source.text.get(self.value.span()).unwrap_or_default().to_owned()
    }

    fn wrong<T>(&self, wanted: &str) -> Option<T> {
        let (is, name) = (kind(self.value.get_ref()), self.name);
        let is_bare = |text: &str| match wanted {
            "a whole number" => text.parse::<u32>().is_ok(),
            wanted => wanted.contains(text) && matches!(text, "true" | "false"),
        };
        let bare = self.value.get_ref().as_str().filter(|text| is_bare(text));
        let help = bare.map_or_else(
            || format!("for example `{name} = {}`", self.example),
            |text| format!("write it without quotes: `{name} = {text}`"),
        );
        self.add(format!("{} must be {wanted}, and this is {is}", self.subject), help);
        None
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(true) => "`true`",
        DeValue::Boolean(false) => "`false`",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
