//! The history in words, for people who read no JSON.

use maud::{Markup, html};

use super::parts::{minute, nothing};
use crate::hub::registry::{Change, Did, Reprint};
use crate::hub::web::frame::Frame;
use crate::rules::account::{Proposal, ProposalState};
use crate::rules::code::Grade;
use crate::rules::dossier::{CapacityKind, DocumentState, Paper, Product};
use crate::rules::record::{Block, Record, ReviewLevel};
use crate::rules::text::Text;

/// Most changes that a page shows, the newest ones.
pub(super) const SHOWN: u32 = 200;

/// Changes as a table, newest first.
pub(super) fn table(frame: &Frame, changes: &[Change]) -> Markup {
    if changes.is_empty() {
        return nothing(frame.say("还没有记录", "Nothing yet"));
    }
    let rows = changes.iter().rev();
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("变更记录", "History")) { table {
            thead { tr {
                th scope="col" { (frame.say("时间", "When")) }
                th scope="col" { (frame.say("谁", "Who")) }
                th scope="col" { (frame.say("什么", "What")) }
                th scope="col" { (frame.say("原因", "Why")) }
            } }
            tbody { @for change in rows { tr {
                td class="moment" { (minute(change.at)) }
                td { (change.who) }
                td { (frame.text(&did(&change.did))) }
                td { (change.why) }
            } } }
        } }
        @if changes.len() == SHOWN as usize {
            p class="quiet" { (frame.say("更早的记录请用命令行查看：", "The command line has those of before: ")) code { "greengate-hub history" } }
        }
    }
}

fn did(did: &Did) -> Text {
    match did {
        Did::Put(record) => put(record),
        Did::Drop(_) => Text::new("取消单独等级", "own grade lifted"),
        Did::Root(root) => Text::new(format!("根密钥版本 {}", root.version), format!("root {}", root.version)),
        Did::Audit(_) => Text::new("审计日志换了密钥", "the audit log has a new key"),
        Did::Withdraw(version) => Text::new(format!("根密钥版本 {version} 撤回"), format!("root {version} withdrawn")),
        Did::Reprint(Reprint { first, last, .. }) => {
            Text::new(format!("重印标签 {first}–{last}"), format!("labels {first} to {last} printed again"))
        }
        Did::Paper(paper) => kept(paper),
        Did::Silence(_) => Text::new("人工等级已解除", "no person's grade any more"),
    }
}

fn put(record: &Record) -> Text {
    match record {
        Record::Listing(listing) => word(listing.grade),
        Record::Exception(own) => {
            let Text { zh, en } = word(own.grade);
            Text::new(format!("标签 {}：{zh}", own.index), format!("label {}: {en}", own.index))
        }
        Record::Block(Block { first, last, .. }) => {
            Text::new(format!("发放标签 {first}–{last}"), format!("labels {first} to {last} issued"))
        }
        Record::Key(key) => Text::new(format!("标签密钥 {}", key.slot), format!("label key {}", key.slot)),
        Record::Policy(_) => Text::new("验收策略", "the kiosks' policy"),
        Record::Supplier(supplier) => supplier.name.clone(),
        Record::Reason(reason) => reason.text.clone(),
    }
}

fn kept(paper: &Paper) -> Text {
    match paper {
        Paper::Firm(firm) => Text::new(format!("企业 {}", firm.code), format!("firm {}", firm.code)),
        Paper::Product(product) => product_told(product),
        Paper::Document(document) => {
            let Text { zh, en } = state(&document.state);
            Text::new(
                format!("文件 {}（{}）：{zh}", document.number, document.kind),
                format!("document {} ({}): {en}", document.number, document.kind),
            )
        }
        Paper::Word(said) => {
            let Text { zh, en } = word(said.grade);
            Text::new(format!("人工等级：{zh}"), format!("a person says {en}"))
        }
        Paper::Review(review) => {
            let Text { zh, en } = level(review.state.level);
            Text::new(format!("抽检：{zh}"), format!("review level: {en}"))
        }
        Paper::Rulebook(adopted) => {
            Text::new(format!("规则手册 {}", adopted.version), format!("rulebook {}", adopted.version))
        }
        Paper::Source(source) => Text::new(format!("登记库 {}", source.name), format!("register {}", source.name)),
        Paper::Answers(answers) => Text::new(
            format!("登记库对文件 {} 的答复", answers.document),
            format!("what registers say of document {}", answers.document),
        ),
        Paper::Account(account) => Text::new(
            format!("账号 {}：{}", account.name, account.role.name()),
            format!("account {}: {}", account.name, account.role.name()),
        ),
        Paper::Proposal(proposal) => proposed(proposal),
    }
}

fn product_told(product: &Product) -> Text {
    let scores =
        product.capacities.iter().filter_map(|(kind, capacity)| Some((capacity_name(*kind), capacity.assessed?)));
    let mut told = Text::new(format!("类别 {}", product.category), format!("category {}", product.category));
    for (name, score) in scores {
        told.zh.extend(["，", &name.zh, " ", &score.to_string()]);
        told.en.extend([", ", &name.en, " ", &score.to_string()]);
    }
    told
}

fn proposed(proposal: &Proposal) -> Text {
    let Text { zh, en } = word(proposal.grade);
    match proposal.state {
        ProposalState::Open => Text::new(format!("提议{zh}"), format!("{en} is proposed")),
        ProposalState::Confirmed => Text::new(format!("复核通过{zh}"), format!("{en} is confirmed")),
        ProposalState::Dropped => Text::new(format!("放弃提议{zh}"), format!("the proposal of {en} is dropped")),
    }
}

/// A grade in a sentence.
pub(super) fn word(grade: Grade) -> Text {
    match grade {
        Grade::Green => Text::new("绿码", "green"),
        Grade::Yellow => Text::new("黄码", "yellow"),
        Grade::Red => Text::new("红码", "red"),
    }
}

/// What became of a document.
pub(super) fn state(state: &DocumentState) -> Text {
    match state {
        DocumentState::Filed => Text::new("待审核", "filed"),
        DocumentState::Accepted => Text::new("已接受", "accepted"),
        DocumentState::Refused(why) => Text::new(format!("已退回：{why}"), format!("refused: {why}")),
        DocumentState::Replaced(by) => Text::new(format!("已由文件 {by} 替换"), format!("replaced by document {by}")),
        DocumentState::Revoked(why) => Text::new(format!("已吊销：{why}"), format!("revoked: {why}")),
        DocumentState::Settled(why) => Text::new(format!("吊销已了结：{why}"), format!("revoked and settled: {why}")),
    }
}

/// How strictly a listing is reviewed.
pub(super) fn level(level: ReviewLevel) -> Text {
    match level {
        ReviewLevel::Skip => Text::new("免检", "skip"),
        ReviewLevel::Reduced => Text::new("放宽", "reduced"),
        ReviewLevel::Normal => Text::new("正常", "normal"),
        ReviewLevel::Tightened => Text::new("加严", "tightened"),
        ReviewLevel::Stopped => Text::new("暂停", "stopped"),
    }
}

/// A capacity.
pub(super) fn capacity_name(kind: CapacityKind) -> Text {
    match kind {
        CapacityKind::Production => Text::new("生产能力", "production"),
        CapacityKind::QualityControl => Text::new("质控能力", "quality control"),
        CapacityKind::Shipment => Text::new("发货能力", "shipment"),
        CapacityKind::Operation => Text::new("运营能力", "operation"),
    }
}
