//! A request that is sent twice is carried out once: its answer is kept under the name that the client gave it
//! (`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header).

use jiff::Timestamp;

use super::{Platforms, digest, values};
use crate::hub::HubFault;

/// How long an answer is kept.
const KEPT_S: i64 = 24 * 60 * 60;

/// An answer that is given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its status.
    pub status: u16,
    /// Its JSON.
    pub body: String,
    /// Where what it made is found.
    pub place: Option<String>,
}

/// What becomes of a request with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// It is answered so, now or before.
    Answered(Kept),
    /// Another request had this name.
    Another,
}

impl Platforms {
    /// Carries out what `make` does and keeps its answer under `name`, in one change; or tells what was there before.
    ///
    /// # Errors
    /// Those of `make`, or the database's.
    pub fn once(
        &mut self,
        platform: &str,
        name: Option<&str>,
        request: &[u8],
        now: Timestamp,
        make: impl FnOnce(&super::Database) -> Result<Kept, HubFault>,
    ) -> Result<Before, HubFault> {
        let (request, now_s) = (digest(request), now.as_second());
        self.database.change(|inside| {
            let Some(name) = name else { return make(inside).map(Before::Answered) };
            inside.execute("DELETE FROM once WHERE at < ?1", values![now_s - KEPT_S])?;
            let sql = "SELECT digest, status, body, place FROM once WHERE platform = ?1 AND name = ?2";
            let known = inside.one(sql, values![platform, name], |row| {
                let kept = Kept { status: row.get(1)?, body: row.get(2)?, place: row.get(3)? };
                Ok((row.get::<[u8; 32]>(0)?, kept))
            })?;
            match known {
                Some((digest, kept)) if digest == request => return Ok(Before::Answered(kept)),
                Some(_) => return Ok(Before::Another),
                None => {}
            }
            let kept = make(inside)?;
            let sql = "INSERT INTO once (platform, name, digest, status, body, place, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let place = kept.place.as_deref();
            inside.execute(sql, values![platform, name, &request, kept.status, &kept.body, place, now_s])?;
            Ok(Before::Answered(kept))
        })
    }
}
