//! The history in words, for people who read no JSON.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::parts::{minute, nothing};
use crate::hub::registry::{Change, Did, Reprint};
use crate::hub::review;
use crate::hub::web::enter::role;
use crate::hub::web::frame::Frame;
use crate::hub::{HubFault, Registry};
use crate::rules::account::{Proposal, ProposalState};
use crate::rules::assessment::{Rulebook, says};
use crate::rules::code::Grade;
use crate::rules::dossier::{CapacityKind, DocumentState, Paper, Product};
use crate::rules::hex;
use crate::rules::record::{Block, Listing, Record, RecordKey};
use crate::rules::text::Text;

/// Most changes that a page shows, the newest ones.
pub(super) const SHOWN: u32 = 200;

/// Names of listings by their numbers.
pub(super) type Names = BTreeMap<u32, Text>;

/// What the listings are called of which something changed.
pub(super) fn names(registry: &Registry, changes: &[Change]) -> Result<Names, HubFault> {
    let ids: BTreeSet<u32> = changes.iter().filter_map(|change| subject(&change.did)).collect();
    let listings = ids.into_iter().map(|id| Ok(registry.papers().listing(id)?.map(|listing| (id, listing.name))));
    listings.filter_map(Result::transpose).collect()
}

/// Changes as a table, newest first, in the words of the rulebook of this version. A listing with a name is called by it.
pub(super) fn table(frame: &Frame, rulebook: &(u32, Rulebook), changes: &[Change], names: &Names) -> Markup {
    if changes.is_empty() {
        return nothing(frame.say("还没有记录", "Nothing yet"));
    }
    let rows = lines(&rulebook.1, changes).into_iter().rev();
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("变更记录", "History")) { table {
            thead { tr {
                th scope="col" { (frame.say("时间", "When")) }
                th scope="col" { (frame.say("谁", "Who")) }
                th scope="col" { (frame.say("什么", "What")) }
                th scope="col" { (frame.say("原因", "Why")) }
            } }
            tbody { @for (change, did) in rows { tr {
                td class="moment" { (minute(change.at)) }
                td { (change.who) }
                td {
                    @if let Some((id, name)) = subject(&change.did).and_then(|id| names.get_key_value(&id)) {
                        a href={ "/console/listings/" (id) } { (frame.text(name)) } (frame.say("：", ": "))
                    }
                    (frame.text(&did))
                }
                td { (why(frame, rulebook, &change.why)) }
            } } }
        } }
        @if changes.len() == SHOWN as usize {
            p class="quiet" { (frame.say("更早的记录请用命令行查看：", "The command line has those of before: ")) code { "greengate-hub history" } }
        }
    }
}

/// A person's reason as it is. Of an assessment what decided it, in words; and the digest of its inputs for whoever wants it.
fn why(frame: &Frame, rulebook: &(u32, Rulebook), why: &str) -> Markup {
    let is_digest = |inputs: &str| hex::decode::<32>(inputs).is_some();
    let parts = why.rsplit_once("; inputs ").filter(|(_, inputs)| is_digest(inputs));
    let Some((said, inputs)) = parts else { return html! { (why) } };
    let said = assessed(rulebook, said).unwrap_or_else(|| Text::new(said, said));
    html! {
        (frame.text(&said))
        details class="quiet" { summary { (frame.say("输入的摘要", "digest of its inputs")) } code class="long" { (inputs) } }
    }
}

/// `rulebook 2: shampoo-lead, item-failed` in words, if it was the rulebook whose words are at hand.
fn assessed((version, rulebook): &(u32, Rulebook), said: &str) -> Option<Text> {
    let decided = said.strip_prefix(&format!("rulebook {version}: "))?;
    let Text { zh, en } = match decided.split_once(", ") {
        Some((row, state)) => says(rulebook, row, state)?,
        None => Text::new("要求都已满足", "all is met"),
    };
    Some(Text::new(format!("规则手册 {version}：{zh}"), format!("rulebook {version}: {en}")))
}

/// Changes in words; one that says only what another line says has none of its own.
fn lines<'a>(rulebook: &Rulebook, changes: &'a [Change]) -> Vec<(&'a Change, Text)> {
    let (mut listings, mut products) = (BTreeMap::new(), BTreeMap::new());
    let (mut review, mut lines) = (None, Vec::new());
    for change in changes {
        let paper = if let Did::Paper(paper) = &change.did { Some(&**paper) } else { None };
        let text = match (&change.did, paper) {
            (Did::Put(Record::Listing(now)), _) => listed(listings.insert(now.id, now), now, review == Some(now.id)),
            (_, Some(Paper::Product(now))) => Some(product_told(rulebook, products.insert(now.listing, now), now)),
            (other, _) => Some(did(rulebook, other)),
        };
        review = if let Some(Paper::Review(review)) = paper { Some(review.listing) } else { None };
        lines.extend(text.map(|text| (change, text)));
    }
    lines
}

/// The listing that a change is of.
fn subject(did: &Did) -> Option<u32> {
    match did {
        Did::Put(Record::Listing(listing)) => Some(listing.id),
        Did::Put(Record::Block(block)) => Some(block.listing),
        Did::Drop(RecordKey::Listing(id)) | Did::Silence(id) => Some(*id),
        Did::Paper(paper) => match &**paper {
            Paper::Product(product) => Some(product.listing),
            Paper::Document(document) => Some(document.listing),
            Paper::Word(word) => Some(word.listing),
            Paper::Review(review) => Some(review.listing),
            Paper::Proposal(proposal) => Some(proposal.listing),
            Paper::Firm(_) | Paper::Rulebook(_) | Paper::Source(_) | Paper::Answers(_) | Paper::Account(_) => None,
        },
        Did::Put(
            Record::Exception(_) | Record::Key(_) | Record::Policy(_) | Record::Supplier(_) | Record::Reason(_),
        )
        | Did::Drop(
            RecordKey::Block(_)
            | RecordKey::Exception(_)
            | RecordKey::Supplier(_)
            | RecordKey::Reason(_)
            | RecordKey::Key(_),
        )
        | Did::Root(_)
        | Did::Audit(_)
        | Did::Withdraw(_)
        | Did::Reprint(_)
        | Did::Remove(_) => None,
    }
}

/// What is new of a listing. Its review's line stands before it, where there was a review.
fn listed(before: Option<&Listing>, now: &Listing, was_review: bool) -> Option<Text> {
    let Some(before) = before.filter(|before| before.grade == now.grade) else { return Some(word(now.grade)) };
    let Text { zh, en } = word(now.grade);
    if (before.reason, &before.missing) != (now.reason, &now.missing) {
        return Some(Text::new(format!("仍为{zh}，原因有变"), format!("still {en}, for other reasons")));
    }
    if before.unseen != now.unseen {
        let (zh, en) = if now.unseen { ("不再列入名单", "in no list") } else { ("列入名单", "in the list") };
        return Some(Text::new(format!("从此{zh}"), format!("{en} from the next release on")));
    }
    if before.review == now.review {
        return Some(Text::new("商品资料", "particulars of the listing"));
    }
    let Text { zh, en } = review::level(now.review);
    (!was_review).then(|| Text::new(format!("抽检从此为“{zh}”"), format!("review level {en} from now on")))
}

fn did(rulebook: &Rulebook, did: &Did) -> Text {
    match did {
        Did::Put(record) => put(record),
        Did::Drop(_) => Text::new("取消单独等级", "own grade lifted"),
        Did::Root(root) => Text::new(format!("根密钥版本 {}", root.version), format!("root {}", root.version)),
        Did::Audit(_) => Text::new("审计日志换了密钥", "the audit log has a new key"),
        Did::Withdraw(version) => Text::new(format!("根密钥版本 {version} 撤回"), format!("root {version} withdrawn")),
        Did::Reprint(Reprint { first, last, .. }) => {
            let Text { zh, en } = labels(*first, *last);
            Text::new(format!("重印{zh}"), format!("{en} printed again"))
        }
        Did::Paper(paper) => kept(rulebook, paper),
        Did::Silence(_) => Text::new("人工等级已解除", "no person's grade any more"),
        Did::Remove(source) => Text::new(format!("登记库 {source} 已移除"), format!("register {source} is removed")),
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
            let Text { zh, en } = labels(*first, *last);
            Text::new(format!("发放{zh}"), format!("{en} issued"))
        }
        Record::Key(key) => Text::new(format!("标签密钥 {}", key.slot), format!("label key {}", key.slot)),
        Record::Policy(_) => Text::new("验收策略", "the kiosks' policy"),
        Record::Supplier(supplier) => supplier.name.clone(),
        Record::Reason(reason) => reason.text.clone(),
    }
}

fn labels(first: u32, last: u32) -> Text {
    if first == last {
        return Text::new(format!("标签 {first}"), format!("label {first}"));
    }
    Text::new(format!("标签 {first}–{last}"), format!("labels {first} to {last}"))
}

fn kept(rulebook: &Rulebook, paper: &Paper) -> Text {
    match paper {
        Paper::Firm(firm) => Text::new(format!("企业 {}", firm.code), format!("firm {}", firm.code)),
        Paper::Product(product) => product_told(rulebook, None, product),
        Paper::Document(document) => {
            let (Text { zh, en }, kind) = (state(&document.state), rulebook.kind_name(&document.kind));
            Text::new(
                format!("文件 {}（{}）：{zh}", document.number, kind.zh),
                format!("document {} ({}): {en}", document.number, kind.en),
            )
        }
        Paper::Word(said) => {
            let Text { zh, en } = word(said.grade);
            Text::new(format!("人工等级：{zh}"), format!("a person says {en}"))
        }
        Paper::Review(kept) => review::told(&kept.state),
        Paper::Rulebook(adopted) => {
            Text::new(format!("规则手册 {}", adopted.version), format!("rulebook {}", adopted.version))
        }
        Paper::Source(source) => Text::new(format!("登记库 {}", source.name), format!("register {}", source.name)),
        Paper::Answers(answers) => Text::new(
            format!("登记库对文件 {} 的答复", answers.document),
            format!("what registers say of document {}", answers.document),
        ),
        Paper::Account(account) => {
            let Text { zh, en } = role(account.role);
            Text::new(format!("账号 {}：{zh}", account.name), format!("account {}: {en}", account.name))
        }
        Paper::Proposal(proposal) => proposed(proposal),
    }
}

/// Its scores, of which those that are as before are left out; of a product without any news its category.
fn product_told(rulebook: &Rulebook, before: Option<&Product>, now: &Product) -> Text {
    let score = |product: &Product, kind| product.capacities.get(kind).and_then(|capacity| capacity.assessed);
    let news = now.capacities.keys().filter(|kind| before.and_then(|before| score(before, kind)) != score(now, kind));
    let news = news.filter_map(|kind| Some((capacity_name(*kind), score(now, kind)?)));
    let (mut zh, mut en): (Vec<_>, Vec<_>) =
        news.map(|(name, score)| (format!("{} {score}", name.zh), format!("{} {score}", name.en))).unzip();
    if zh.is_empty() || before.is_none_or(|before| before.category != now.category) {
        let category = rulebook.category_name(&now.category);
        zh.insert(0, format!("类别：{}", category.zh));
        en.insert(0, format!("category: {}", category.en));
    }
    Text::new(zh.join("，"), en.join(", "))
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

/// A capacity.
pub(super) fn capacity_name(kind: CapacityKind) -> Text {
    match kind {
        CapacityKind::Production => Text::new("生产能力", "production"),
        CapacityKind::QualityControl => Text::new("质控能力", "quality control"),
        CapacityKind::Shipment => Text::new("发货能力", "shipment"),
        CapacityKind::Operation => Text::new("运营能力", "operation"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::code::Gtin;
    use crate::rules::dossier::{Capacity, Review};
    use crate::rules::record::ReviewLevel;
    use crate::rules::switching::Switching;

    fn listing(grade: Grade, missing: &[u32], review: ReviewLevel) -> Did {
        let gtin = Gtin::parse("6901234567892").expect("a GTIN");
        let (name, missing) = (Text::new("茶", "tea"), missing.to_vec());
        let listing = Listing {
            id: 1,
            supplier: 1,
            gtin,
            name,
            grade,
            reason: None,
            missing,
            review,
            inspect: Vec::new(),
            unseen: false,
        };
        Did::Put(Record::Listing(listing))
    }

    #[test]
    fn a_line_of_the_history_says_what_is_new() {
        let (normal, tightened) = (ReviewLevel::Normal, ReviewLevel::Tightened);
        let review = Paper::Review(Review { listing: 1, state: Switching::at(tightened) });
        let mut filed = listing(Grade::Yellow, &[1, 2], normal);
        if let Did::Put(Record::Listing(listing)) = &mut filed {
            listing.unseen = true;
        }
        let done = [
            filed,
            listing(Grade::Yellow, &[1, 2], normal),
            listing(Grade::Yellow, &[2], normal),
            listing(Grade::Green, &[], normal),
            Did::Paper(Box::new(review)),
            listing(Grade::Green, &[], tightened),
            listing(Grade::Green, &[], normal),
        ];
        let at = jiff::Timestamp::UNIX_EPOCH;
        let change = |did: Did| Change { seq: 1, at, who: "mei".to_owned(), why: "a test".to_owned(), did };
        let changes: Vec<Change> = done.into_iter().map(change).collect();
        let told: Vec<String> = lines(&Rulebook::default(), &changes).into_iter().map(|(_, text)| text.en).collect();
        let expected = [
            "yellow",
            "in the list from the next release on",
            "still yellow, for other reasons",
            "green",
            "review level tightened from now on",
            "review level normal from now on",
        ];
        assert_eq!(told, expected);

        // One listing's line says nothing by what another one was.
        let mut other = listing(Grade::Yellow, &[3], normal);
        if let Did::Put(Record::Listing(listing)) = &mut other {
            listing.id = 2;
        }
        let changes: Vec<Change> = [listing(Grade::Yellow, &[1], normal), other].into_iter().map(change).collect();
        let told = lines(&Rulebook::default(), &changes);
        assert!(told.iter().all(|(_, text)| text.en == "yellow"), "{told:?}");
    }

    #[test]
    fn a_product_is_told_by_what_is_new_of_it() {
        let mut product = Product {
            listing: 1,
            category: "shampoo".to_owned(),
            tags: std::collections::BTreeSet::new(),
            brick: None,
            capacities: std::collections::BTreeMap::new(),
        };
        let first = product.clone();
        let assessed = |score| Capacity { assessed: Some(score), ..Capacity::default() };
        product.capacities.insert(CapacityKind::Production, assessed(72));
        let second = product.clone();
        product.capacities.insert(CapacityKind::Shipment, assessed(60));
        let told = |before, now: &Product| product_told(&Rulebook::default(), before, now);
        assert_eq!(told(None, &first).en, "category: shampoo");
        assert_eq!(told(Some(&first), &second).en, "production 72");
        assert_eq!(told(Some(&second), &product).en, "shipment 60");
        assert_eq!(told(None, &product).en, "category: shampoo, production 72, shipment 60");
        assert_eq!(told(Some(&product), &product).en, "category: shampoo");
    }
}
