//! Tables are made, and those of an older program brought up, by numbered steps.

use super::{Database, HubFault};

/// One step: it leads from the schema of its place in the list to the next one. A step that was shipped never changes.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Statements in the common dialect, carried out in their order.
    pub statements: &'static [&'static str],
    /// What no statement can do with the rows that are there.
    pub then: Option<Then>,
}

/// What follows on a step's statements.
pub type Then = fn(&Database) -> Result<(), HubFault>;

impl Database {
    /// The schema of a part of the authority, which is the number of its steps; 0 where there is none.
    pub fn schema(&self, part: &str) -> Result<i64, HubFault> {
        self.engine.borrow_mut().schema(part).map_err(HubFault::database(&self.name))
    }

    /// Takes the steps that were not taken yet, all of them or none.
    ///
    /// # Errors
    /// A newer program was here, or the database's.
    pub fn bring_up(&mut self, part: &str, steps: &[Step]) -> Result<(), HubFault> {
        if self.steps_to_take(part, steps)?.is_empty() {
            return Ok(());
        }
        self.change(|inside| {
            inside.engine.borrow_mut().furnish().map_err(HubFault::database(&inside.name))?;
            // Another program may have taken them meanwhile.
            for step in inside.steps_to_take(part, steps)? {
                step.statements.iter().try_for_each(|sql| inside.run(sql))?;
                step.then.map_or(Ok(()), |then| then(inside))?;
            }
            let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
            inside.engine.borrow_mut().set_schema(part, newest).map_err(HubFault::database(&inside.name))
        })
    }

    fn steps_to_take<'a>(&self, part: &str, steps: &'a [Step]) -> Result<&'a [Step], HubFault> {
        let found = self.schema(part)?;
        let to_take = usize::try_from(found).ok().and_then(|taken| steps.get(taken..));
        to_take.ok_or_else(|| HubFault::Schema { name: self.name.clone(), found, known: steps.len() })
    }
}
