//! The scenes that are tested: every kind of screen with the texts that a dock sees, and some that it should not.

use greengate::rules::board::{Colours, Size};
use greengate::rules::clock::ClockTrust;
use greengate::rules::delivery::{Delivery, Tally};
use greengate::rules::orders::Lamp;
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::{Bar, Body, CacheAge, FaultBody, Notice, Scene, VerdictBody};
use greengate::rules::text::{Language, Text};

pub const BOTH: &[Language] = &[Language::Zh, Language::En];

/// The displays that the screen is made for.
pub const DISPLAYS: [(u32, u32, Colours); 6] = [
    (128, 64, Colours::Mono),
    (240, 240, Colours::Full),
    (320, 240, Colours::Full),
    (480, 320, Colours::Full),
    (800, 480, Colours::Full),
    (1920, 1080, Colours::Full),
];

pub fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

fn t(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

pub fn bar() -> Bar {
    Bar {
        site: "杭州三号仓".into(),
        clock: Some("14:05".into()),
        trust: Some(ClockTrust::Trusted),
        cache: CacheAge::Normal,
        delivery: None,
        demo: false,
    }
}

pub fn verdict(outcome: Outcome, reason: Text, next: Text) -> VerdictBody {
    VerdictBody {
        outcome,
        slug: "test".into(),
        reason,
        next,
        details: Vec::new(),
        product: Some(t("医用防护口罩 KN95 成人型", "KN95 medical respirator, adult")),
        supplier: Some(t("杭州清源医疗器械有限公司", "Hangzhou Qingyuan Medical Devices Co., Ltd.")),
        elements: "(01)06901234567892 (10)A-1 (21)S.9".into(),
        new: false,
    }
}

fn accept() -> VerdictBody {
    verdict(Outcome::Accept, t("符合全部要求", "Everything is in order"), t("收货入库", "Take it in"))
}

fn hold() -> VerdictBody {
    let details = vec![
        t("生产许可证已过期", "Production licence expired"),
        t("出厂检验报告（批次 A-1）", "Factory test report (lot A-1)"),
        t("进口消毒证明", "Disinfection certificate"),
    ];
    let next = t("暂放一旁，通知供应商补齐", "Set aside, the supplier must file them");
    VerdictBody { details, ..verdict(Outcome::Hold, t("文件不齐", "Documents are missing"), next) }
}

fn review() -> VerdictBody {
    let next = t("暂放一旁，交质量员检查", "Set aside for the quality officer");
    let body = verdict(Outcome::Hold, t("抽中复核", "Drawn for review"), next);
    VerdictBody { details: vec![t("核对鼻夹与耳带强度", "Check nose clip and ear loop strength")], ..body }
}

fn reject() -> VerdictBody {
    let details = vec![t("签名与内容不符", "The signature does not fit the contents")];
    let next = t("拒收，报告主管", "Refuse it, tell the supervisor");
    let reason = t("标签系伪造或已损坏", "Label forged or damaged");
    VerdictBody { details, product: None, supplier: None, ..verdict(Outcome::Reject, reason, next) }
}

fn delivery() -> Delivery {
    let tally = Tally { accepted: 42, held: 3, rejected: 1 };
    Delivery { id: "SH-20261123-0007".into(), started: "2026-11-23T06:05:00Z".parse().expect("a time"), tally }
}

fn with_delivery() -> Bar {
    let Delivery { id, tally, .. } = delivery();
    Bar { delivery: Some((id, tally)), ..bar() }
}

/// Every golden's name and scene.
pub fn all() -> Vec<(&'static str, Scene)> {
    [verdicts(), prompts(), deliveries_and_faults()].concat()
}

fn verdicts() -> Vec<(&'static str, Scene)> {
    let show = |name, body, bar| (name, Scene { body: Body::Verdict(Box::new(body)), bar });
    let ageing = Bar { cache: CacheAge::Ageing(30), ..with_delivery() };
    vec![
        show("accept", accept(), bar()),
        show("accept-new", VerdictBody { new: true, ..accept() }, ageing),
        show("hold", hold(), bar()),
        show("hold-review", review(), Bar { demo: true, ..bar() }),
        show("reject", reject(), with_delivery()),
    ]
}

fn prompts() -> Vec<(&'static str, Scene)> {
    let show = |name, body, bar| (name, Scene { body, bar });
    let unsure = Bar { clock: None, trust: Some(ClockTrust::Behind(86_400)), cache: CacheAge::Old(100), ..bar() };
    vec![
        show("starting", Body::Starting, Bar::default()),
        show("self-test", Body::SelfTest(Some(Lamp::Yellow)), bar()),
        show("ready", Body::Ready, bar()),
        show("ready-demo", Body::Ready, Bar { demo: true, site: "Demo".into(), ..with_delivery() }),
        show("ready-unsure", Body::Ready, unsure),
        show("notice-show-one", Body::Notice(Notice::ShowOne), bar()),
        show("notice-not-a-product", Body::Notice(Notice::NotAProduct), bar()),
        show("notice-move-closer", Body::Notice(Notice::MoveCloser), bar()),
        show("notice-too-dark", Body::Notice(Notice::TooDark), bar()),
        show("notice-hold-still", Body::Notice(Notice::HoldStill), bar()),
        show("notice-glare", Body::Notice(Notice::Glare), bar()),
        show("notice-out-of-view", Body::Notice(Notice::OutOfView), bar()),
        show("notice-take-away", Body::Notice(Notice::TakeAway), with_delivery()),
    ]
}

fn deliveries_and_faults() -> Vec<(&'static str, Scene)> {
    let show = |name, body, bar| (name, Scene { body, bar });
    let camera = FaultBody {
        what: t("摄像头没有画面", "The camera gives no picture"),
        next: t("检查摄像头连线", "Check the camera's cable"),
        detail: "camera: /dev/video0: no frame for 5 s; is another program using it?".into(),
    };
    let no_list = FaultBody {
        what: t("名单已 9 天未更新，停止使用", "Out of service: the list is 9 days old"),
        next: t("请管理员同步名单", "Ask the admin to sync the list"),
        detail: String::new(),
    };
    vec![
        show("delivery-started", Body::DeliveryStarted(delivery()), with_delivery()),
        show("summary", Body::Summary(delivery()), bar()),
        show("fault", Body::Fault(camera), bar()),
        show("fault-no-list", Body::Fault(no_list), Bar { cache: CacheAge::Dead(216), ..bar() }),
    ]
}

/// Names that are longer than any screen, without a place to break.
pub fn extremes() -> Vec<(&'static str, Scene)> {
    let zh = "超长商品名称测试用例甲乙丙丁戊己庚辛壬癸".repeat(2);
    let en = "Incomprehensibilities".repeat(4);
    let long = || Text::new(zh.clone(), en.clone());
    let body = |outcome| VerdictBody {
        outcome,
        slug: "test".into(),
        reason: long(),
        next: long(),
        details: vec![long(); 5],
        product: Some(long()),
        supplier: Some(long()),
        elements: "(01)06901234567892(10)ABCDEFGHIJ1234567890(17)261231(21)ABCDEFGHIJ1234567890".into(),
        new: true,
    };
    let bar = Bar {
        site: en.clone(),
        delivery: Some((zh.clone(), Tally { accepted: u32::MAX, held: u32::MAX, rejected: u32::MAX })),
        cache: CacheAge::Old(i64::MAX),
        trust: Some(ClockTrust::Ahead(i64::MAX)),
        demo: true,
        ..bar()
    };
    let fault = FaultBody { what: long(), next: long(), detail: en.repeat(9) };
    let tally = Tally { accepted: u32::MAX, held: 1_234_567, rejected: 0 };
    let delivery = Delivery { id: en.clone(), tally, ..delivery() };
    let bodies = [
        ("accept", Body::Verdict(Box::new(body(Outcome::Accept)))),
        ("hold", Body::Verdict(Box::new(body(Outcome::Hold)))),
        ("reject", Body::Verdict(Box::new(body(Outcome::Reject)))),
        ("ready", Body::Ready),
        ("delivery-started", Body::DeliveryStarted(delivery.clone())),
        ("summary", Body::Summary(delivery)),
        ("fault", Body::Fault(fault)),
    ];
    bodies.into_iter().map(|(name, body)| (name, Scene { body, bar: bar.clone() })).collect()
}
