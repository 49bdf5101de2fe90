//! Fields of the desk's forms: what was typed stays, and what is wrong is told where it was typed.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::hub::web::frame::Frame;
use crate::rules::text::Text;

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
    pub label: (&'a str, &'a str),
    pub hint: Option<(&'a str, &'a str)>,
    pub kind: &'a str,
    pub need: Need,
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
        Self { name, label: (zh, en), hint: None, kind: "text", need: Need::Required }
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

    pub fn hint(self, zh: &'a str, en: &'a str) -> Self {
        Self { hint: Some((zh, en)), ..self }
    }

    /// The field with what was typed.
    pub fn draw(self, frame: &Frame, typed: &Typed) -> Markup {
        let Self { name, label, hint, kind, need } = self;
        let wrong = typed.wrong.get(name);
        let about = described(name, hint.is_some(), wrong.is_some());
        html! {
            div class="field" {
                label for=(name) {
                    (frame.say(label.0, label.1))
                    @if need == Need::Optional { span class="quiet" { (frame.say("（选填）", " (optional)")) } }
                }
                input id=(name) name=(name) type=(kind) value=(typed.get(name)) required[need == Need::Required] maxlength="600"
                    aria-describedby=[about] aria-invalid=[wrong.is_some().then_some("true")];
                (below(frame, name, hint, wrong))
            }
        }
    }
}

/// Ids of what is said below a field.
fn described(name: &str, hint: bool, wrong: bool) -> Option<String> {
    let hint = hint.then(|| format!("{name}-hint"));
    let wrong = wrong.then(|| format!("{name}-wrong"));
    let about: Vec<String> = wrong.into_iter().chain(hint).collect();
    (!about.is_empty()).then(|| about.join(" "))
}

fn below(frame: &Frame, name: &str, hint: Option<(&str, &str)>, wrong: Option<&Text>) -> Markup {
    html! {
        @if let Some(wrong) = wrong { span class="wrong" id={ (name) "-wrong" } { (frame.text(wrong)) } }
        @if let Some((zh, en)) = hint { span class="hint" id={ (name) "-hint" } { (frame.say(zh, en)) } }
    }
}

/// What is wrong with something that is no line, below it.
pub(super) fn wrong(frame: &Frame, typed: &Typed, name: &str) -> Markup {
    below(frame, name, None, typed.wrong.get(name))
}

/// Above a form that was sent back: how many things are to be mended.
pub(super) fn summary(frame: &Frame, typed: &Typed) -> Markup {
    let count = typed.wrong.len();
    html! {
        @if count > 0 {
            div class="trouble" role="alert" {
                p { (frame.say("还没有提交，请修改下面标出的地方：", "Nothing was filed yet. Please mend what is marked below:")) }
                ul { @for (name, wrong) in &typed.wrong { li { a href={ "#" (name) } { (frame.text(wrong)) } } } }
            }
        }
    }
}
