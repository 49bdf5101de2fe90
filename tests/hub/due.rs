//! What is settled because something changed or its day has come is the same as if everything were settled.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use greengate::hub::document::{Filing, Seen, date};
use greengate::hub::import::{Red, import};
use greengate::hub::rulebook::{adopt, read};
use greengate::hub::source::Asked;
use greengate::hub::{Author, HubFault, Registry, assess, document, grade, review, source};
use greengate::rules::amount::Measure;
use greengate::rules::code::Grade;
use greengate::rules::dossier::{self, Answers, Document, DocumentState, Item, Paper, Reply, ReplyState, Source};
use greengate::rules::record::{Reason, Record, RecordKey};
use greengate::rules::switching::Outcome;
use greengate::rules::text::Text;
use jiff::{SignedDuration, ToSpan};
use rusqlite::Connection;
use tempfile::TempDir;

use super::assess::{altered, assets, listing, office, on};
use crate::support::Seeded;

const LISTINGS: [u32; 4] = [2001, 2002, 2003, 2004];

/// Everything that the registry says, and everything that was done, but for what settling keeps for itself.
fn dump(folder: &TempDir) -> Vec<String> {
    let database = Connection::open(folder.path().join("registry.db")).expect("a database");
    let mut rows = Vec::new();
    for sql in [
        "SELECT 'record', kind, key, body, version FROM record ORDER BY kind, key",
        "SELECT at || who || why, kind, key, body, version FROM change ORDER BY seq",
    ] {
        let mut query = database.prepare(sql).expect("a query");
        let found = query.query_map([], |row| {
            let body: Option<String> = row.get(3)?;
            Ok(format!("{} {} {} {body:?}", row.get::<_, String>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?))
        });
        rows.extend(found.expect("rows").map(|row| row.expect("a row")));
    }
    rows
}

/// Anything that somebody may do on a day, the same for the same seed.
fn act(folder: &TempDir, registry: &mut Registry, author: &Author, seeded: &mut Seeded) -> Result<(), HubFault> {
    let id = *seeded.pick(&LISTINGS);
    let what = seeded.below(14);
    let documents = registry.documents(None)?;
    let document = seeded.pick(&documents).clone();
    match what {
        0 | 1 => file(folder, registry, author, seeded, id),
        2 | 3 => {
            let states = [
                DocumentState::Accepted,
                DocumentState::Accepted,
                DocumentState::Refused("no".to_owned()),
                DocumentState::Revoked("gone".to_owned()),
            ];
            document::judge(registry, author, document.id, seeded.pick(&states).clone()).map(drop)
        }
        4 => {
            let (grade, reason) =
                *seeded.pick(&[(Grade::Green, None), (Grade::Yellow, Some(220)), (Grade::Red, Some(220))]);
            grade::grade(registry, author, id, grade::Decision { grade, reason, missing: Vec::new() }).map(drop)
        }
        5 => grade::unsay(registry, author, id).map(drop),
        6 => {
            let outcome = *seeded.pick(&[Outcome::Failed, Outcome::Failed, Outcome::Passed, Outcome::Resumed]);
            review::review(registry, author, id, outcome).map(drop)
        }
        7 => register(folder, registry, author, seeded),
        8 => {
            let age = seeded.pick::<&str>(&["180", "30", "90", "400"]);
            let written =
                altered(folder, "documents.csv", "inspection-report,180", &format!("inspection-report,{age}"));
            adopt(registry, author, &read(&written)?).map(drop)
        }
        9 => {
            let code = *seeded.pick(&["91330106MA2KXQ201W", "91330127MA2KXQ202D"]);
            brought(folder, registry, author, &format!("firm,code,contacts,partnerships\n201,{code},,\n"))
        }
        10 => {
            let tags = seeded.pick::<&str>(&["", "special"]);
            brought(folder, registry, author, &format!("product,category,tags,brick\n{id},shampoo,{tags},10000366\n"))
        }
        11 => answered(registry, author, seeded, &document),
        12 => worded(registry, author, seeded),
        _ => {
            let until = date(author) + i64::try_from(seeded.below(60)).expect("few").days();
            let seen = Seen { genuine: seeded.below(3) > 0, source: "a page".to_owned(), until };
            document::capture(folder.path(), registry, author, document.id, seen, &assets("report.pdf")).map(drop)
        }
    }
}

fn file(
    folder: &TempDir,
    registry: &mut Registry,
    author: &Author,
    seeded: &mut Seeded,
    listing: u32,
) -> Result<(), HubFault> {
    let kinds = ["inspection-report", "inspection-report", "food-production-licence", "cosmetics-production-licence"];
    let value = seeded.pick::<&str>(&["0.1", "0.4", "3", "<0.1"]);
    let item = Item {
        item: "lead".to_owned(),
        method: String::new(),
        limit: String::new(),
        value: Measure::parse(value).expect("a value"),
        unit: "mg/kg".to_owned(),
    };
    let issued = date(author) - i64::try_from(seeded.below(100)).expect("few").days();
    let filing = Filing {
        listing,
        kind: (*seeded.pick(&kinds)).to_owned(),
        number: (*seeded.pick(&["SC10833012700021", "浙妆20260021", "X-1"])).to_owned(),
        issuer: "somebody".to_owned(),
        issued,
        expires: (seeded.below(2) == 0).then(|| date(author) + i64::try_from(seeded.below(90)).expect("few").days()),
        items: vec![item],
    };
    document::file(folder.path(), registry, author, filing, None).map(drop)
}

fn register(folder: &TempDir, registry: &mut Registry, author: &Author, seeded: &mut Seeded) -> Result<(), HubFault> {
    let name = *seeded.pick(&["food", "cosmetics"]);
    let rows = fs::read_to_string(assets(&format!("registers/{name}.csv"))).expect("a file");
    let mut kept = String::new();
    for (at, row) in rows.lines().enumerate() {
        if at < 2 || seeded.below(3) > 0 {
            let row = if at > 0 && seeded.below(4) == 0 { row.replace(",valid", ",revoked") } else { row.to_owned() };
            kept.extend([row.as_str(), "\n"]);
        }
    }
    let path = folder.path().join("register.csv");
    fs::write(&path, kept).expect("a file");
    let days = u32::try_from(seeded.below(100)).expect("few") + 1;
    let asked = Asked { name: name.to_owned(), at: date(author), days };
    source::import(registry, author, asked, &path).map(drop)
}

fn brought(folder: &TempDir, registry: &mut Registry, author: &Author, text: &str) -> Result<(), HubFault> {
    let path = folder.path().join("brought.csv");
    fs::write(&path, text).expect("a file");
    import(registry, author, &[path], Red::Stays, &mut |_| ()).map(drop)
}

/// A registry that is asked, and what it says of a document.
fn answered(
    registry: &mut Registry,
    author: &Author,
    seeded: &mut Seeded,
    document: &Document,
) -> Result<(), HubFault> {
    let today = date(author);
    let state = *seeded.pick(&[ReplyState::Valid, ReplyState::Valid, ReplyState::Revoked, ReplyState::Unknown]);
    let until = today + i64::try_from(seeded.below(60)).expect("few").days();
    let reply = Reply { state, holder: None, at: today, until };
    registry.change(author, |changes| {
        let kinds = BTreeSet::from(["food-production-licence".to_owned(), "cosmetics-production-licence".to_owned()]);
        let asked = Some(dossier::Asked { url: "https://r.example/{number}".to_owned(), days: 90 });
        let source =
            Source { id: 9, name: "asked".to_owned(), kinds, at: today, until: today, rows: 0, sha256: [0; 32], asked };
        changes.put_paper(&Paper::Source(source))?;
        changes.put_paper(&Paper::Answers(Answers { document: document.id, replies: BTreeMap::from([(9, reply)]) }))
    })
}

/// Somebody gives a number to words that the authority may have given one, or takes it back.
fn worded(registry: &mut Registry, author: &Author, seeded: &mut Seeded) -> Result<(), HubFault> {
    let id = 500 + u32::try_from(seeded.below(3)).expect("few");
    let words = ["Quality-check report", "Lead", "Reviews are tightened"];
    let known = listing(registry, 2003).inspect.into_iter().chain(1_000_000..1_000_010);
    let known: Vec<Text> = known
        .filter_map(|id| match registry.record(Some(RecordKey::Reason(id))) {
            Ok(Some(Record::Reason(reason))) => Some(reason.text),
            _ => None,
        })
        .collect();
    let text = if known.is_empty() { Text::new("字", *seeded.pick(&words)) } else { seeded.pick(&known).clone() };
    let drops = seeded.below(3) == 0;
    registry.change(author, |changes| {
        if drops { changes.drop(RecordKey::Reason(id)) } else { changes.put(&Record::Reason(Reason { id, text })) }
    })
}

#[test]
fn a_storm_finds_no_world_in_which_settling_less_is_not_the_same() {
    let (mut done, mut settled) = (0, [0_u64; 2]);
    for seed in 0..24 {
        let mut offices = [office(), office()];
        let mut day = 0;
        let mut random = Seeded::new(seed);
        for step in 0..25 {
            // Mostly forward, now and then a clock that was set wrong.
            day += if random.below(12) == 0 { -15 } else { i64::try_from(random.below(20)).expect("few") };
            let at = on("05-01").at + SignedDuration::from_hours(24 * day.max(0));
            let author = Author { at, ..on("05-01") };
            let acts = random.below(3);
            let seeds: Vec<u64> = (0..acts).map(|_| random.next()).collect();
            for (which, (folder, registry)) in offices.iter_mut().enumerate() {
                for seed in &seeds {
                    done += u32::from(act(folder, registry, &author, &mut Seeded::new(*seed)).is_ok());
                }
                let settle = [assess::settle_all, assess::settle_due][which];
                settled[which] += settle(registry, &author).expect("settled");
            }
            let [all, due] = offices.each_ref().map(|(folder, _)| dump(folder));
            let differs = all.iter().zip(&due).find(|(all, due)| all != due);
            assert_eq!(differs, None, "seed {seed}, step {step}");
            assert_eq!(all.len(), due.len(), "seed {seed}, step {step}");
        }
    }
    assert!(done > 200 && settled[0] > 100 && settled[0] == settled[1], "too mild: {done} {settled:?}");
}
