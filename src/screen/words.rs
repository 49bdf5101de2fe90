//! The screen's own words. Reasons and next steps come with the scene.

use crate::rules::orders::Lamp;
use crate::rules::ruling::Outcome;
use crate::rules::scene::{CacheAge, Notice};
use crate::rules::text::{Language, Text};

use super::clean::clean;

/// A text in the languages of the site: the first large, the second small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// In the first language.
    pub first: String,
    /// In the second language, where there is one and it says something else.
    pub second: Option<String>,
}

impl Said {
    /// `text` in `languages`, cleaned.
    #[must_use]
    pub fn new(text: &Text, languages: &[Language]) -> Self {
        let in_language = |language: &Language| clean(text.get(*language));
        let first = languages.first().map_or_else(|| in_language(&Language::Zh), in_language);
        let second = languages.iter().skip(1).map(in_language).find(|second| *second != first);
        Self { first, second }
    }

    /// The same words in every language.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self { first: clean(text), second: None }
    }
}

fn t(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

/// The signal word of an outcome.
#[must_use]
pub fn signal(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Accept => t("放行", "ACCEPT"),
        Outcome::Hold => t("暂存", "HOLD"),
        Outcome::Reject => t("拒收", "REJECT"),
    }
}

/// The signal word of a fault.
#[must_use]
pub fn call_staff() -> Text {
    t("呼叫管理员", "CALL STAFF")
}

/// How an outcome is counted in a delivery.
#[must_use]
pub fn counted(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Accept => t("放行", "accepted"),
        Outcome::Hold => t("暂存", "held"),
        Outcome::Reject => t("拒收", "rejected"),
    }
}

/// While the program looks for its parts.
#[must_use]
pub fn starting() -> Text {
    t("正在启动", "Starting")
}

/// While it waits for a label.
#[must_use]
pub fn ready() -> Text {
    t("请出示二维码", "Show the code")
}

/// During a self-test: what it is.
#[must_use]
pub fn self_test() -> Text {
    t("自检", "Self-test")
}

/// The lamp under test.
#[must_use]
pub fn lamp(lamp: Lamp) -> Text {
    match lamp {
        Lamp::Green => t("绿灯", "Green lamp"),
        Lamp::Yellow => t("黄灯", "Yellow lamp"),
        Lamp::Red => t("红灯", "Red lamp"),
    }
}

/// What to do about a notice.
#[must_use]
pub fn notice(notice: Notice) -> Text {
    match notice {
        Notice::ShowOne => t("请只出示一个标签", "Show one label"),
        Notice::NotAProduct => t("请出示商品标签", "Show a product label"),
        Notice::MoveCloser => t("请靠近一点", "Move closer"),
        Notice::TooDark => t("光线太暗", "Too dark"),
        Notice::HoldStill => t("请拿稳", "Hold still"),
        Notice::Glare => t("请稍微倾斜", "Tilt label"),
        Notice::OutOfView => t("请对准镜头", "Show it all"),
        Notice::TakeAway => t("请移开标签", "Take the label away"),
    }
}

/// Why there is a notice.
#[must_use]
pub fn notice_reason(notice: Notice) -> Text {
    match notice {
        Notice::ShowOne => t("画面中有多个标签", "There is more than one in view"),
        Notice::NotAProduct => t("这不是商品码", "This is not a product code"),
        Notice::MoveCloser => t("二维码太小或不清楚", "The code is too small or unclear"),
        Notice::TooDark => t("请增加照明", "The camera needs more light"),
        Notice::HoldStill => t("画面模糊", "The picture is blurred"),
        Notice::Glare => t("标签反光", "A lamp shines on the code"),
        Notice::OutOfView => t("二维码有一部分在画面外", "Part of it is out of view"),
        Notice::TakeAway => t("然后出示下一件", "Then show the next item"),
    }
}

/// A delivery was opened.
#[must_use]
pub fn delivery_started() -> Text {
    t("开始收货", "Delivery started")
}

/// A count. No delivery has as many items as `9999+` says; a count must not be cut.
#[must_use]
pub fn number(items: u32) -> String {
    if items > 9999 { "9999+".to_owned() } else { items.to_string() }
}

/// A delivery was closed with this many items.
#[must_use]
pub fn delivery_finished(items: u32) -> Text {
    let unit = if items == 1 { "item" } else { "items" };
    let items = number(items);
    Text::new(format!("收货完成，共 {items} 件"), format!("Finished: {items} {unit}"))
}

/// The mark of a code that is newer than the cache.
#[must_use]
pub fn new_label() -> Text {
    t("新标签", "NEW")
}

/// The mark of the demo world.
#[must_use]
pub fn demo() -> Text {
    t("演示", "DEMO")
}

/// The clock cannot be believed.
#[must_use]
pub fn clock_unsure() -> Text {
    t("时钟不准", "clock unsure")
}

/// What the bar says of the cache's age, and whether it is a warning.
#[must_use]
pub fn cache(age: CacheAge) -> Option<(Text, bool)> {
    match age {
        CacheAge::Normal => None,
        CacheAge::Missing => Some((t("没有名单", "no list"), true)),
        CacheAge::Ageing(hours) => {
            let (zh, en) = span(hours);
            Some((Text::new(format!("名单：{zh}前"), format!("list {en} old")), false))
        }
        CacheAge::Old(hours) => {
            let (zh, en) = span(hours);
            Some((Text::new(format!("名单已旧：{zh}"), format!("list too old: {en}")), true))
        }
        CacheAge::Dead(hours) => {
            let (zh, en) = span(hours);
            Some((Text::new(format!("名单失效：{zh}"), format!("list expired: {en}")), true))
        }
    }
}

/// Hours, or from two days on days.
fn span(hours: i64) -> (String, String) {
    if hours < 48 {
        (format!("{hours} 小时"), format!("{hours} h"))
    } else {
        (format!("{} 天", hours / 24), format!("{} days", hours / 24))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_language_is_said_only_where_it_differs() {
        let both = [Language::Zh, Language::En];
        assert_eq!(Said::new(&t("甲", "A"), &both), Said { first: "甲".into(), second: Some("A".into()) });
        assert_eq!(Said::new(&t("甲", ""), &both), Said { first: "甲".into(), second: None });
        assert_eq!(Said::new(&t("甲", "A"), &[Language::En]), Said { first: "A".into(), second: None });
        assert_eq!(Said::new(&t("甲", "A"), &[]), Said { first: "甲".into(), second: None });
    }

    #[test]
    fn ages_are_hours_and_from_two_days_on_days() {
        assert_eq!(span(47), ("47 小时".into(), "47 h".into()));
        assert_eq!(span(48), ("2 天".into(), "2 days".into()));
        assert_eq!(cache(CacheAge::Normal), None);
    }
}
