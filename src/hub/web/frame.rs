//! What every page stands in: head, way around, language, and where it ends.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::language::{KEPT, Spoken};
use super::visitor::forget_notice;
use crate::rules::code::Grade;
use crate::rules::text::{Language, Text};

/// A year.
const KEPT_SECONDS: u32 = 365 * 24 * 60 * 60;

/// A page around what it shows.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    spoken: Spoken,
    title: Text,
    /// Other pages, with their names; the page of somebody who is not known has none.
    pub ways: Vec<(&'static str, Text)>,
    /// Further markup of the head line: who is here, and the way out.
    pub who: Option<Markup>,
    /// What the page before has to say.
    pub notice: Option<String>,
    /// Why what was sent from this page was not done.
    pub trouble: Option<Text>,
}

impl Frame {
    pub fn new(spoken: &Spoken, title: Text) -> Self {
        Self { spoken: spoken.clone(), title, ways: Vec::new(), who: None, notice: None, trouble: None }
    }

    /// One of two wordings.
    pub fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.spoken.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// A text in the page's language.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.spoken.language)
    }

    /// A grade: its sign, its word and its colour, for colour alone tells nothing.
    pub fn grade(&self, grade: Grade) -> Markup {
        let (class, sign, zh, en) = match grade {
            Grade::Green => ("grade green", "✓", "绿码", "Green"),
            Grade::Yellow => ("grade yellow", "▲", "黄码", "Yellow"),
            Grade::Red => ("grade red", "✕", "红码", "Red"),
        };
        html! { span class=(class) { span aria-hidden="true" { (sign) } " " (self.say(zh, en)) } }
    }

    /// The whole page.
    #[expect(clippy::needless_pass_by_value, reason = "what a page shows is written where it is called")]
    pub fn page(&self, body: Markup) -> Response {
        let title = self.text(&self.title);
        let (code, other, other_name) = match self.spoken.language {
            Language::Zh => ("zh-CN", "en", "English"),
            Language::En => ("en", "zh", "中文"),
        };
        let joint = if self.spoken.page.contains('?') { '&' } else { '?' };
        let page = html! {
            (DOCTYPE)
            html lang=(code) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · Greengate" }
                    link rel="icon" href="/icon.svg";
                    link rel="stylesheet" href="/hub.css";
                }
                body {
                    a class="skip" href="#main" { (self.say("跳到正文", "Skip to the content")) }
                    header {
                        a class="brand" href="/" { img src="/icon.svg" alt="" width="32" height="32"; "Greengate" }
                        @if !self.ways.is_empty() {
                            nav aria-label=(self.say("主菜单", "Main")) {
                                @for (path, name) in &self.ways {
                                    @let here = self.is_below(path);
                                    a href=(path) aria-current=[here.then_some("page")] { (self.text(name)) }
                                }
                            }
                        }
                        a class="language" href={ (self.spoken.page) (joint) "lang=" (other) } lang=(other) { (other_name) }
                        @if let Some(who) = &self.who { (who) }
                    }
                    main id="main" tabindex="-1" {
                        h1 { (title) }
                        @if let Some(notice) = &self.notice { p class="note" role="status" { (notice) } }
                        @if let Some(trouble) = &self.trouble { p class="trouble" role="alert" { (self.text(trouble)) } }
                        (body)
                    }
                }
            }
        };
        let mut response = page.into_response();
        if self.notice.is_some() {
            forget_notice(&mut response);
        }
        if self.spoken.chosen {
            let chosen = &code[..2];
            let cookie = format!("{KEPT}={chosen}; Path=/; Max-Age={KEPT_SECONDS}; SameSite=Lax");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    fn is_below(&self, path: &str) -> bool {
        let here = self.spoken.page.split('?').next().unwrap_or_default();
        here == path || here.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }
}
