//! The six tables, cell by cell.

use std::collections::BTreeMap;
use std::path::PathBuf;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::hub::WrongRow;
use crate::hub::import::{Piece, Wrong};
use crate::rules::amount::Amount;
use crate::rules::assessment::{Asks, CapacityRule, Decision, DocumentRule, ItemRule, Rule, Rulebook, State, When};
use crate::rules::code::Grade;
use crate::rules::dossier::is_name;
use crate::rules::text::Text;

const NAMES: [&str; 2] = ["name_zh", "name_en"];

/// Where each row stands: its table and its line.
pub type Places = BTreeMap<String, (&'static str, u64)>;

/// What the tables say, and what is wrong with them.
pub fn read(tables: &BTreeMap<String, String>, wrong: &mut Vec<WrongRow>) -> (Rulebook, Places) {
    let mut reading = Reading { tables, wrong, places: Places::new() };
    let mut rulebook = Rulebook::default();
    let names = ["category", NAMES[0], NAMES[1]];
    reading.each(
        "categories.csv",
        names,
        |[name, zh, en]| named(name, zh, en),
        |(name, text)| {
            rulebook.categories.insert(name, text);
        },
    );
    reading.each(
        "kinds.csv",
        ["kind", NAMES[0], NAMES[1]],
        |[name, zh, en]| named(name, zh, en),
        |(name, text)| {
            rulebook.kinds.insert(name, text);
        },
    );
    let columns = ["row", "category", "when", "kinds", "age_days", "confirmed"];
    reading.each("documents.csv", columns, document, |rule| rulebook.rules.push(rule));
    let columns =
        ["row", "category", "when", "report", "item", "min", "max", "unit", "age_days", "key", NAMES[0], NAMES[1]];
    reading.each("items.csv", columns, |cells| item(&cells), |rule| rulebook.rules.push(rule));
    let columns = ["row", "category", "when", "capacity", "min", "fails_below"];
    reading.each("capacities.csv", columns, capacity, |rule| rulebook.rules.push(rule));
    let columns = ["row", "category", "state", "grade", "says_zh", "says_en", "cure_zh", "cure_en"];
    reading.each("decisions.csv", columns, decision, |row| rulebook.decisions.push(row));
    let places = reading.places;
    (rulebook, places)
}

struct Reading<'a> {
    tables: &'a BTreeMap<String, String>,
    wrong: &'a mut Vec<WrongRow>,
    places: Places,
}

impl Reading<'_> {
    /// Every row of a table, whose first cell is its name.
    fn each<T, const N: usize>(
        &mut self,
        table: &'static str,
        columns: [&'static str; N],
        parse: impl Fn([Piece<'_>; N]) -> Result<T, Wrong>,
        mut keep: impl FnMut(T),
    ) {
        let text = self.tables.get(table).map(String::as_str).unwrap_or_default();
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
        let mut cells = StringRecord::new();
        let mut is_header = true;
        while reader.read_record(&mut cells).unwrap_or_default() {
            let line = cells.position().map_or(1, csv::Position::line);
            if is_header && !cells.iter().eq(columns) {
                let message = format!("the first line has to be `{}`", columns.join(","));
                self.add(table, line, Wrong::new("", message));
                return;
            }
            if std::mem::take(&mut is_header) || cells.iter().all(str::is_empty) {
                continue;
            }
            let parsed = pieces(columns, &cells).and_then(|pieces| {
                let name = pieces[0];
                let parsed = parse(pieces)?;
                self.first(table, line, name)?;
                Ok(parsed)
            });
            match parsed {
                Ok(row) => keep(row),
                Err(wrong) => self.add(table, line, wrong),
            }
        }
        if is_header {
            self.add(
                table,
                1,
                Wrong::new("", format!("the table is empty; its first line is `{}`", columns.join(","))),
            );
        }
    }

    /// Rows are named by people and in histories, so no name stands twice. Categories and kinds are named apart.
    fn first(&mut self, table: &'static str, line: u64, name: Piece<'_>) -> Result<(), Wrong> {
        if !is_name(name.text) {
            return Err(name.wrong("a name; write 1 to 60 small letters, digits and hyphens"));
        }
        let key = if name.column == "row" { name.text.to_owned() } else { format!("{table}/{}", name.text) };
        match self.places.insert(key, (table, line)) {
            None => Ok(()),
            Some((other, line)) => {
                let message = format!("`{}` is in `{other}` line {line} already; give it a name of its own", name.text);
                Err(Wrong::new(name.column, message))
            }
        }
    }

    fn add(&mut self, table: &str, line: u64, wrong: Wrong) {
        let Wrong { column, message } = wrong;
        self.wrong.push(WrongRow { path: PathBuf::from(table), line, column, message });
    }
}

fn pieces<'a, const N: usize>(columns: [&'static str; N], cells: &'a StringRecord) -> Result<[Piece<'a>; N], Wrong> {
    if cells.len() != N {
        let message = format!("the row has {} cells and the header {N}; quote a cell that has a comma", cells.len());
        return Err(Wrong::new("", message));
    }
    let mut at = 0..;
    Ok(columns.map(|column| Piece { column, text: at.next().and_then(|at| cells.get(at)).unwrap_or_default() }))
}

fn named(name: Piece<'_>, zh: Piece<'_>, en: Piece<'_>) -> Result<(String, Text), Wrong> {
    Ok((name.text.to_owned(), both(zh, en)?))
}

fn document([row, category, when, kinds, age, confirmed]: [Piece<'_>; 6]) -> Result<Rule, Wrong> {
    let kinds: Vec<String> = kinds.text.split(';').map(|kind| kind.trim().to_owned()).collect();
    let confirmed = yes(confirmed)?;
    rule(row, category, when, Asks::Document(DocumentRule { kinds, age_days: optional(age)?, confirmed }))
}

fn item(cells: &[Piece<'_>; 12]) -> Result<Rule, Wrong> {
    let [row, category, when, report, item, min, max, unit, age, key, zh, en] = *cells;
    if !is_name(item.text) {
        return Err(item.wrong("an item; write 1 to 60 small letters, digits and hyphens"));
    }
    let asked = ItemRule {
        item: item.text.to_owned(),
        report: report.text.to_owned(),
        age_days: optional(age)?,
        min: amount(min)?,
        max: amount(max)?,
        unit: unit.text.to_owned(),
        key: yes(key)?,
        name: both(zh, en)?,
    };
    match (asked.min, asked.max) {
        (None, None) => Err(Wrong::new(max.column, "neither `min` nor `max` is there; write a limit")),
        (Some(min), Some(most)) if min > most => {
            Err(Wrong::new(max.column, format!("{most} is less than `min`, {min}")))
        }
        (Some(_), _) | (_, Some(_)) => rule(row, category, when, Asks::Item(asked)),
    }
}

fn capacity([row, category, when, capacity, min, fails]: [Piece<'_>; 6]) -> Result<Rule, Wrong> {
    let capacity = capacity.named("`production`, `quality-control`, `shipment` or `operation`")?;
    let score = |cell: Piece<'_>| {
        let score: Option<u8> = cell.text.parse().ok().filter(|score| *score <= 100);
        score.ok_or_else(|| cell.wrong("a number from 0 to 100"))
    };
    let fails_below = if fails.text.is_empty() { 0 } else { score(fails)? };
    let min = score(min)?;
    if fails_below > min {
        return Err(Wrong::new(fails.column, format!("{fails_below} is more than `min`, {min}")));
    }
    rule(row, category, when, Asks::Capacity(CapacityRule { capacity, min, fails_below }))
}

fn decision(
    [row, category, state, grade, says_zh, says_en, cure_zh, cure_en]: [Piece<'_>; 8],
) -> Result<Decision, Wrong> {
    let category = (!category.text.is_empty()).then(|| category.text.to_owned());
    let names = State::ALL.map(State::name).join("`, `");
    let state: State = state.named(&format!("one of `{names}`"))?;
    let grade_cell = grade;
    let grade: Grade = grade.named("`yellow` or `red`")?;
    if grade < state.at_least() {
        let least = if state.at_least() == Grade::Red { "red: no further paper mends it" } else { "yellow" };
        let message = format!("what is `{state}` is at least {least}");
        return Err(Wrong::new(grade_cell.column, message));
    }
    let cure = Text::new(cure_zh.text, cure_en.text);
    Ok(Decision { row: row.text.to_owned(), category, state, grade, says: both(says_zh, says_en)?, cure })
}

fn rule(row: Piece<'_>, category: Piece<'_>, when: Piece<'_>, asks: Asks) -> Result<Rule, Wrong> {
    let tag = when.text.strip_prefix("not ").unwrap_or(when.text).trim();
    if !when.text.is_empty() && !is_name(tag) {
        return Err(when.wrong("a condition; write a tag, `not` and a tag, or nothing"));
    }
    let when = match when.text {
        "" => When::Always,
        text if text.starts_with("not ") => When::Without(tag.to_owned()),
        _ => When::With(tag.to_owned()),
    };
    Ok(Rule { row: row.text.to_owned(), category: category.text.to_owned(), when, asks })
}

fn both(zh: Piece<'_>, en: Piece<'_>) -> Result<Text, Wrong> {
    match [zh, en].into_iter().find(|cell| cell.text.is_empty()) {
        Some(empty) => Err(Wrong::new(empty.column, "it is empty; kiosks speak both languages")),
        None => Ok(Text::new(zh.text, en.text)),
    }
}

fn optional(cell: Piece<'_>) -> Result<Option<u32>, Wrong> {
    if cell.text.is_empty() { Ok(None) } else { cell.number().map(Some) }
}

fn amount(cell: Piece<'_>) -> Result<Option<Amount>, Wrong> {
    let amount = || Amount::try_from(cell.text.to_owned()).map_err(|message| Wrong::new(cell.column, message));
    if cell.text.is_empty() { Ok(None) } else { amount().map(Some) }
}

fn yes(cell: Piece<'_>) -> Result<bool, Wrong> {
    match cell.text {
        "" => Ok(false),
        "yes" => Ok(true),
        _ => Err(cell.wrong("`yes` or nothing")),
    }
}
