//! The sentences of rulings and faults: a reason, a next step, and the lines that belong to them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::code::{Grade, Refusal};
use super::evidence::TakenIn;
use super::intake::Part;
use super::ruling::Ruling;
use super::scene::{DETAILS_LIMIT, FaultBody};
use super::text::Text;

/// What a person is told about a ruling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Why, in one short sentence.
    pub reason: Text,
    /// What to do now, in one short sentence.
    pub next: Text,
    /// Further lines of the reason, at most [`DETAILS_LIMIT`].
    pub details: Vec<Text>,
}

fn words(reason: Text, next: Text) -> Words {
    Words { reason, next, details: Vec::new() }
}

fn t(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

/// The sentences of `ruling`; times are told in `zone`.
#[must_use]
pub fn of(ruling: &Ruling, zone: &TimeZone) -> Words {
    match ruling {
        Ruling::ShowOne => {
            words(t("画面中有多个标签", "More than one label in view"), t("请只出示一个标签", "Show one label"))
        }
        Ruling::NotAProduct => {
            words(t("不是商品码", "Not a product code"), t("请出示商品标签", "Show the product's label"))
        }
        Ruling::Forged(refusal) => forged(*refusal),
        Ruling::Red(reason) => red(reason.as_ref()),
        Ruling::ExpiredGoods(day) => expired_goods(*day),
        Ruling::AlreadyTakenIn(earlier) => already_taken_in(earlier, zone),
        Ruling::Clock => words(
            t("设备时间不可信，无法核对日期", "Clock not trusted, dates cannot be checked"),
            t("暂放一旁，请管理员校时", "Set aside, ask the admin to set the clock"),
        ),
        Ruling::LabelExpired(day) => words(
            Text::new(format!("标签有效期至 {day}"), format!("Label was valid until {day}")),
            t("暂放一旁，请供应商换新标签", "Set aside, ask the supplier for a new label"),
        ),
        Ruling::CacheOld(days) => words(
            Text::new(
                format!("名单已 {days} 天未更新，不能放行"),
                format!("The list is {days} days old, too old for green"),
            ),
            t("暂放一旁，请管理员同步名单", "Set aside, ask the admin to sync the list"),
        ),
        Ruling::MissingDocuments(missing) => missing_documents(missing),
        Ruling::New(grade) => new(*grade),
        Ruling::Unsigned => words(
            t("标签没有签名", "The label is not signed"),
            t("暂放一旁，请供应商提供签名标签", "Set aside, ask the supplier for a signed label"),
        ),
        Ruling::NotListed => words(
            t("名单中没有此商品", "Not on the list"),
            t("暂放一旁，询问质量员", "Set aside, ask the quality officer"),
        ),
        Ruling::Review(item) => Words {
            reason: t("抽中复核", "Drawn for review"),
            next: t("暂放一旁，交质量员检查", "Set aside for the quality officer"),
            details: item
                .iter()
                .map(|item| Text::new(format!("检查：{}", item.zh), format!("Check: {}", item.en)))
                .collect(),
        },
        Ruling::ReviewFailed => words(
            t("复核不合格", "Failed its review"),
            t("暂放一旁，等候主管部门处理", "Set aside, the authority decides"),
        ),
        Ruling::Accept => words(t("符合全部要求", "Everything is in order"), t("收货入库", "Take it in")),
    }
}

fn forged(refusal: Refusal) -> Words {
    Words {
        reason: t("标签系伪造或已损坏", "Label forged or damaged"),
        next: t("拒收，报告主管", "Refuse it, tell the supervisor"),
        details: vec![refusal.text()],
    }
}

fn red(reason: Option<&Text>) -> Words {
    let plain = t("主管部门判为红码", "The authority graded it red");
    words(reason.cloned().unwrap_or(plain), t("拒收，通知供应商", "Refuse it, tell the supplier"))
}

fn expired_goods(last_day: Date) -> Words {
    words(
        Text::new(format!("商品已过期：{last_day}"), format!("Goods expired on {last_day}")),
        t("拒收，退回供应商", "Refuse it, send it back"),
    )
}

fn already_taken_in(earlier: &TakenIn, zone: &TimeZone) -> Words {
    let at = local_minute(earlier.at, zone);
    let TakenIn { kiosk, seq, .. } = earlier;
    Words {
        reason: t("此件已经入库", "This item was taken in before"),
        next: t("暂放一旁，查对是否重复贴标", "Set aside, look for a copied label"),
        details: vec![Text::new(format!("{at} · {kiosk} · 第 {seq} 条"), format!("{at} · {kiosk} · row {seq}"))],
    }
}

fn missing_documents(missing: &[Text]) -> Words {
    let mut details: Vec<Text> = missing.iter().take(DETAILS_LIMIT).cloned().collect();
    let more = missing.len().saturating_sub(DETAILS_LIMIT);
    if let Some(last) = details.last_mut().filter(|_| more > 0) {
        *last = Text::new(format!("另有 {} 项", more + 1), format!("and {} more", more + 1));
    }
    Words {
        reason: t("文件不齐", "Documents are missing"),
        next: t("暂放一旁，通知供应商补齐", "Set aside, the supplier must file them"),
        details,
    }
}

fn new(grade: Grade) -> Words {
    match grade {
        Grade::Green => words(t("新标签，签发时为绿码", "New label, green when issued"), t("收货入库", "Take it in")),
        Grade::Yellow => words(
            t("新标签，签发时为黄码", "New label, yellow when issued"),
            t("暂放一旁，请管理员同步名单", "Set aside, ask the admin to sync the list"),
        ),
        Grade::Red => words(
            t("新标签，签发时为红码", "New label, red when issued"),
            t("拒收，通知供应商", "Refuse it, tell the supplier"),
        ),
    }
}

/// Date, hours and minutes in `zone`, as both languages write them.
#[must_use]
pub fn local_minute(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The blue screen of a part that failed, with the technical message for staff.
#[must_use]
pub fn fault(part: Part, detail: &str) -> FaultBody {
    let (what, next) = match part {
        Part::Journal => (
            t("无法写入记录，停止收货", "Cannot write the journal"),
            t("请管理员检查存储", "Ask the admin to check the storage"),
        ),
        Part::Cache => (
            t("无法读取名单", "Cannot read the list"),
            t("请管理员重新加载名单", "Ask the admin to load the list again"),
        ),
        Part::Camera => {
            (t("摄像头没有画面", "The camera gives no picture"), t("检查摄像头连线", "Check the camera's cable"))
        }
        Part::Lights => {
            (t("指示灯没有响应", "The lights do not answer"), t("检查指示灯连线", "Check the lights' cable"))
        }
        Part::Display => {
            (t("显示屏没有响应", "The display does not answer"), t("检查显示屏连线", "Check the display's cable"))
        }
    };
    FaultBody { what, next, detail: detail.to_owned() }
}

/// The blue screen of a kiosk without a usable list, with why the last sync failed. Red is still shown when a red label is
/// held up.
#[must_use]
pub fn out_of_service(age_h: Option<i64>, sync_fault: Option<&str>) -> FaultBody {
    let what = match age_h {
        None => t("还没有名单", "There is no list yet"),
        Some(hours) => {
            let days = hours / 24;
            Text::new(
                format!("名单已 {days} 天未更新，停止使用"),
                format!("Out of service: the list is {days} days old"),
            )
        }
    };
    let detail = sync_fault.unwrap_or_default().to_owned();
    FaultBody { what, next: t("请管理员同步名单", "Ask the admin to sync the list"), detail }
}
