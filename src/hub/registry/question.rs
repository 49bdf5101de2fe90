//! What registries that answer over HTTP have to be asked about, and when.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Changes, HubFault, Registry, schema};
use crate::hub::database::{Value, values};
use crate::hub::source::Which;
use crate::rules::dossier::{Document, Paper, Source};

impl Registry {
    /// Which registries have to be asked about which documents.
    pub(in crate::hub) fn questions(&self, which: Which, today: Date, most: u32) -> Result<Vec<(u32, u32)>, HubFault> {
        let today = today.to_string();
        let (filter, value) = match which {
            Which::Due => ("day <= ?1", Value::from(&today)),
            Which::Document(id) => ("document = ?1", Value::from(id)),
            Which::All => ("day >= ?1", Value::from("")),
        };
        let sql =
            format!("SELECT source, document FROM question WHERE {filter} ORDER BY day, document, source LIMIT ?2");
        self.database.all(&sql, &[value, most.into()], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

impl Changes<'_> {
    /// Asks about a document on this day again.
    pub(in crate::hub) fn put_off(&self, source: u32, document: u32, day: Date) -> Result<(), HubFault> {
        let sql = "UPDATE question SET day = ?3 WHERE source = ?1 AND document = ?2";
        self.database.execute(sql, values![source, document, &day.to_string()]).map(drop)
    }

    /// What a paper makes worth asking; `before` is what it was.
    pub(super) fn ask_about(&self, paper: &Paper, before: Option<&Paper>) -> Result<(), HubFault> {
        match paper {
            Paper::Document(document) => {
                let same = |before: &Document| (&before.kind, &before.number) == (&document.kind, &document.number);
                let is_new = !matches!(before, Some(Paper::Document(before)) if same(before));
                if is_new { self.ask_about_document(document) } else { Ok(()) }
            }
            Paper::Source(source) if source.asked.is_some() => self.ask_source(source),
            Paper::Source(_)
            | Paper::Firm(_)
            | Paper::Product(_)
            | Paper::Word(_)
            | Paper::Review(_)
            | Paper::Rulebook(_)
            | Paper::Answers(_)
            | Paper::Account(_)
            | Paper::Proposal(_) => Ok(()),
        }
    }

    fn ask_about_document(&self, document: &Document) -> Result<(), HubFault> {
        let Document { id, kind, .. } = document;
        self.database.execute("DELETE FROM question WHERE document = ?1", values![*id])?;
        let sql = "SELECT source FROM source_kind WHERE kind = ?1 ORDER BY source";
        let sources: Vec<u32> = self.database.all(sql, values![kind], |row| row.get(0))?;
        sources.into_iter().try_for_each(|source| self.ask_anew(source, *id))
    }

    /// Asks a registry nothing any more.
    pub(in crate::hub) fn stop_asking(&self, source: u32) -> Result<(), HubFault> {
        for table in ["source_kind", "question"] {
            self.database.execute(&format!("DELETE FROM {table} WHERE source = ?1"), values![source])?;
        }
        Ok(())
    }

    fn ask_source(&self, source: &Source) -> Result<(), HubFault> {
        self.stop_asking(source.id)?;
        for kind in &source.kinds {
            let sql = "INSERT INTO source_kind (source, kind) VALUES (?1, ?2)";
            self.database.execute(sql, values![source.id, kind])?;
        }
        let mut documents = BTreeSet::new();
        let sql = "SELECT body FROM paper WHERE kind = ?1";
        self.database.each(sql, values![schema::DOCUMENT], &mut |row| {
            if let Paper::Document(document) = row.json(0)?
                && source.kinds.contains(&document.kind)
            {
                documents.insert(document.id);
            }
            Ok(())
        })?;
        documents.into_iter().try_for_each(|id| self.ask_anew(source.id, id))
    }

    fn ask_anew(&self, source: u32, document: u32) -> Result<(), HubFault> {
        let sql = "INSERT INTO question (source, document, day) VALUES (?1, ?2, '')
                   ON CONFLICT (source, document) DO UPDATE SET day = excluded.day";
        self.database.execute(sql, values![source, document]).map(drop)
    }
}
