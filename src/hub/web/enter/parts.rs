//! Fields that several of these forms have, and what is said of a password.

use maud::{Markup, html};

use crate::hub::accounts::{LinkFault, PASSWORD_LEAST, Weak};
use crate::hub::web::frame::Frame;
use crate::rules::text::Text;

/// A field with its label: its name, its kind, and what a browser may fill in.
pub(super) fn field(label: &str, (name, kind, fills): (&str, &str, &str), value: &str, hint: Option<&str>) -> Markup {
    let described = hint.map(|_| format!("{name}-hint"));
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name=(name) type=(kind) autocomplete=(fills) value=(value) required[kind == "password"]
                aria-describedby=[described.as_deref()] maxlength="256";
            @if let Some(hint) = hint { span class="hint" id=[described.as_deref()] { (hint) } }
        }
    }
}

/// The field of a new password, typed once: it can be looked at in every browser, and a link mends what went wrong.
pub(super) fn new_password(frame: &Frame) -> Markup {
    let zh = format!("至少 {PASSWORD_LEAST} 个字符；几个不相关的词连起来最好记，不要求大小写或符号");
    let en =
        format!("at least {PASSWORD_LEAST} characters; a few words that have nothing to do with each other are best");
    field(frame.say("新密码", "New password"), ("new", "password", "new-password"), "", Some(frame.say(&zh, &en)))
}

/// Six digits; a recovery code has letters too.
pub(super) fn code(frame: &Frame, label: (&str, &str), hint: Option<&str>) -> Markup {
    field(frame.say(label.0, label.1), ("code", "text", "one-time-code"), "", hint)
}

/// Why a password was not set, and what to do.
pub(super) fn told(fault: LinkFault) -> Text {
    match fault {
        LinkFault::Gone => Text::new(
            "链接已失效：用过一次或超过三天；请向管理员要一个新的",
            "this link was used, or is older than three days; ask the admin for a new one",
        ),
        LinkFault::Wrong => Text::new("密码不对，请再输一次", "that is not your password; type it again"),
        LinkFault::Weak(Weak::Length) => Text::new(
            format!("密码要有 {PASSWORD_LEAST} 到 256 个字符，请换一个"),
            format!("a password has {PASSWORD_LEAST} to 256 characters; take another one"),
        ),
        LinkFault::Weak(Weak::Common) => Text::new(
            "这个密码很容易被猜到，请换几个不相关的词",
            "this password is among the first that are tried; take a few words that have nothing to do with each other",
        ),
    }
}

/// What is wrong, above a form.
pub(super) fn wrong(frame: &Frame, text: Option<&Text>) -> Markup {
    html! { @if let Some(text) = text { p class="trouble" role="alert" { (frame.text(text)) } } }
}
