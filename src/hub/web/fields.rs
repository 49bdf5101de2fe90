//! Fields of forms: those that came, what was typed into them, and what is wrong, told where it was typed.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::frame::Frame;
use super::trouble::Trouble;
use crate::rules::text::Text;

/// The fields of a form that came.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub Vec<(String, String)>);

impl IntoIterator for Fields {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Fields {
    /// A field's text without the spaces around it; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field's text as it was typed.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// A field that must not be empty; `what` names it in the answer.
    pub fn needed(&self, name: &'static str, (zh, en): (&str, &str)) -> Result<&str, Trouble> {
        let text = self.get(name);
        if !text.is_empty() {
            return Ok(text);
        }
        let says =
            Text::new(format!("请填写“{zh}”后再提交"), format!("`{en}` is empty; fill it in and send the form again"));
        Err(Trouble::wrong(says).at(name))
    }

    /// A number; nothing where the field is empty or something else.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).parse().ok()
    }
}

/// What was typed into a form, and what of it is wrong.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    texts: BTreeMap<String, String>,
    wrong: BTreeMap<String, Text>,
}

impl Typed {
    /// What was typed into a field, without the spaces around it.
    pub fn get(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", |text| text.trim())
    }

    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.texts.insert(name.into(), text.into());
    }

    /// The same where nothing came of this field: what stands there before anybody types.
    pub fn begin(mut self, name: &str, text: impl Into<String>) -> Self {
        self.texts.entry(name.to_owned()).or_insert_with(|| text.into());
        self
    }

    /// All of it if this field says so, else nothing: several forms of a page may go to one address.
    pub fn of(self, name: &str, text: &str) -> Self {
        if self.get(name) == text { self } else { Self::default() }
    }

    /// Says what is wrong with a field, unless something is said of it already.
    pub fn fault(&mut self, name: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.wrong.entry(name.to_owned()).or_insert(Text::new(zh, en));
    }

    pub fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }

    /// The text of a field that has to be there.
    pub fn needed(&mut self, name: &str) -> String {
        let text = self.get(name).to_owned();
        if text.is_empty() {
            self.fault(name, "请填写", "fill this in");
        }
        text
    }

    /// What a field says, read by `read`; `how` says how it is written.
    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Option<T>, how: (&str, &str)) -> Option<T> {
        let text = self.get(name);
        if text.is_empty() {
            return None;
        }
        let found = read(text);
        if found.is_none() {
            self.fault(name, how.0, how.1);
        }
        found
    }
}

impl FromIterator<(String, String)> for Typed {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let mut typed = Self::default();
        for (name, text) in pairs {
            typed.texts.entry(name).or_insert(text);
        }
        typed
    }
}

/// One field: its name, its label, what is said below it, and how the browser helps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub name: &'a str,
    /// Its name on the page, which may have several of this name.
    pub id: &'a str,
    pub label: (&'a str, &'a str),
    pub hint: Option<(&'a str, &'a str)>,
    pub kind: &'a str,
    pub need: Need,
    /// The least and the greatest number.
    pub range: Option<(u32, u32)>,
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    /// It may be empty, and its label says so.
    Optional,
    /// It may be empty, as what stands around it says.
    Bare,
}

impl<'a> Field<'a> {
    /// A line of text that has to be there.
    pub fn line(name: &'a str, zh: &'a str, en: &'a str) -> Self {
        Self { name, id: name, label: (zh, en), hint: None, kind: "text", need: Need::Required, range: None }
    }

    pub fn optional(self) -> Self {
        Self { need: Need::Optional, ..self }
    }

    pub fn bare(self) -> Self {
        Self { need: Need::Bare, ..self }
    }

    pub fn kind(self, kind: &'a str) -> Self {
        Self { kind, ..self }
    }

    pub fn id(self, id: &'a str) -> Self {
        Self { id, ..self }
    }

    /// A whole number.
    pub fn number(self, least: u32, most: u32) -> Self {
        Self { kind: "number", range: Some((least, most)), ..self }
    }

    pub fn hint(self, zh: &'a str, en: &'a str) -> Self {
        Self { hint: Some((zh, en)), ..self }
    }

    /// The field with what was typed. Of those in which something is wrong the browser goes to the first.
    pub fn draw(self, frame: &Frame, typed: &Typed) -> Markup {
        let Self { name, id, label, hint, kind, need, range } = self;
        let wrong = typed.wrong.get(name);
        let about = described(id, hint.is_some(), wrong.is_some());
        let [least, most] = [range.map(|(least, _)| least), range.map(|(_, most)| most)];
        html! {
            div class="field" {
                label for=(id) {
                    (frame.say(label.0, label.1))
                    @if need == Need::Optional { span class="quiet" { (frame.say("（选填）", " (optional)")) } }
                }
                input id=(id) name=(name) type=(kind) value=(typed.get(name)) required[need == Need::Required] maxlength="600"
                    min=[least] max=[most] aria-describedby=[about] aria-invalid=[wrong.map(|_| "true")] autofocus[wrong.is_some()];
                (below(frame, id, hint, wrong))
            }
        }
    }
}

/// A choice of one.
pub(super) fn choice(label: &str, name: &str, options: &[(&str, String)], typed: &Typed) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, shown) in options { option value=(value) selected[*value == typed.get(name)] { (shown) } }
            }
        }
    }
}

/// A box that has to be ticked.
pub(super) fn tick(frame: &Frame, name: &str, label: (&str, &str), typed: &Typed) -> Markup {
    let wrong = typed.wrong.get(name);
    html! {
        div class="field" {
            label {
                input id=(name) type="checkbox" name=(name) value="yes" required checked[!typed.get(name).is_empty()]
                    aria-describedby=[described(name, false, wrong.is_some())] aria-invalid=[wrong.map(|_| "true")] autofocus[wrong.is_some()];
                (frame.say(label.0, label.1))
            }
            (below(frame, name, None, wrong))
        }
    }
}

/// Ids of what is said below a field.
fn described(id: &str, hint: bool, wrong: bool) -> Option<String> {
    let hint = hint.then(|| format!("{id}-hint"));
    let wrong = wrong.then(|| format!("{id}-wrong"));
    let about: Vec<String> = wrong.into_iter().chain(hint).collect();
    (!about.is_empty()).then(|| about.join(" "))
}

fn below(frame: &Frame, id: &str, hint: Option<(&str, &str)>, wrong: Option<&Text>) -> Markup {
    html! {
        @if let Some(wrong) = wrong { span class="wrong" id={ (id) "-wrong" } { (frame.text(wrong)) } }
        @if let Some((zh, en)) = hint { span class="hint" id={ (id) "-hint" } { (frame.say(zh, en)) } }
    }
}

/// What is wrong with something that is no line, below it.
pub(super) fn wrong(frame: &Frame, typed: &Typed, name: &str) -> Markup {
    below(frame, name, None, typed.wrong.get(name))
}

/// Above a form that was sent back: that it was not done, and what is to be mended. `undone` says what was not.
pub(super) fn summary(frame: &Frame, typed: &Typed, undone: (&str, &str)) -> Markup {
    html! {
        @if !typed.is_right() {
            div class="trouble" role="alert" {
                p { (frame.say(undone.0, undone.1)) (frame.say("，请修改下面标出的地方：", ". Please mend what is marked below:")) }
                ul { @for (name, wrong) in &typed.wrong { li { a href={ "#" (name) } { (frame.text(wrong)) } } } }
            }
        }
    }
}

/// What was not done with a form that files something.
pub(super) const NOT_FILED: (&str, &str) = ("还没有提交", "Nothing was filed yet");
