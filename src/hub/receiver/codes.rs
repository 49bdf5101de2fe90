//! Enrolment: a one-time code that a person types becomes a token that only the kiosk knows.
//!
//! A code has 80 bits and lives for hours, so there is nothing to gain from trying. The database has digests of codes and
//! tokens only.

use jiff::Timestamp;

use super::{Receiver, digest, random_bytes};
use crate::hub::HubFault;
use crate::hub::database::{Row, values};
use crate::rules::hex;

/// Crockford's base 32 (<https://www.crockford.com/base32.html>): no letter that looks like another sign.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs in a group.
const GROUP: usize = 4;

/// A kiosk that has its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The kiosk.
    pub kiosk: String,
    /// What it shows from now on; nobody can read it here again.
    pub token: String,
}

/// Why a code opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// There is no such code.
    #[error("there is no such code; look at it again, or ask for a new one: `greengate-hub kiosk add`")]
    Unknown,
    /// It was used.
    #[error("the code was used; ask for a new one: `greengate-hub kiosk add`")]
    Used,
    /// It was not used in time.
    #[error("the code could be used until {until:.0}; ask for a new one: `greengate-hub kiosk add`")]
    Expired {
        /// Its last moment.
        until: Timestamp,
    },
    /// Another kiosk holds it.
    #[error("the code is for kiosk `{wanted}` and this is `{found}`; use the name of the site file on both sides")]
    OtherKiosk {
        /// Whom the code is for.
        wanted: String,
        /// Who came.
        found: String,
    },
}

/// A new code, as it is told to a person.
pub(in crate::hub) fn random() -> Result<String, HubFault> {
    let bytes: [u8; 16] = random_bytes()?;
    let signs: Vec<u8> = bytes.iter().map(|byte| ALPHABET[usize::from(byte & 31)]).collect();
    let groups: Vec<_> = signs.chunks(GROUP).map(String::from_utf8_lossy).collect();
    Ok(groups.join("-"))
}

/// What stands for a code in the database, however it was typed.
pub(in crate::hub) fn digest_of(code: &str) -> [u8; 32] {
    let typed = code.chars().filter(|sign| !matches!(sign, '-' | ' ')).map(|sign| match sign.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        sign => sign,
    });
    digest(typed.collect::<String>().as_bytes())
}

impl Receiver {
    /// Uses a code up: the kiosk that it is for gets a new token, and the token of the box before is void. `kiosk` is who
    /// the box says it is.
    ///
    /// # Errors
    /// The database's; inside, why the code opens nothing.
    pub fn enroll(
        &mut self,
        code: &str,
        kiosk: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<Enrolled, CodeFault>, HubFault> {
        let token = hex::encode(&random_bytes::<32>()?);
        let code = digest_of(code);
        self.database.change(|inside| {
            let sql = "SELECT kiosk, expires, used FROM code WHERE digest = ?1";
            let read =
                |row: &Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<Option<String>>(2)?));
            let Some((name, expires, used)) = inside.one(sql, values![&code], read)? else {
                return Ok(Err(CodeFault::Unknown));
            };
            let until = expires.parse().unwrap_or(Timestamp::MIN);
            if used.is_some() {
                return Ok(Err(CodeFault::Used));
            }
            if now > until {
                return Ok(Err(CodeFault::Expired { until }));
            }
            if let Some(found) = kiosk.filter(|found| *found != name) {
                return Ok(Err(CodeFault::OtherKiosk { wanted: name, found: found.to_owned() }));
            }
            let at = now.to_string();
            // Of two that come at once with one code, the first one has it.
            let sql = "UPDATE code SET used = ?1 WHERE digest = ?2 AND used IS NULL";
            if inside.execute(sql, values![&at, &code])? == 0 {
                return Ok(Err(CodeFault::Used));
            }
            let sql = "UPDATE kiosk SET token = ?1, enrolled = ?2 WHERE name = ?3";
            inside.execute(sql, values![&digest(token.as_bytes()), &at, &name])?;
            Ok(Ok(Enrolled { kiosk: name, token }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        assert_eq!(digest_of("01AB-CDEF"), digest_of("oiab cdef"));
        assert_eq!(digest_of("01AB-CDEF"), digest_of("0lABCDEF"));
        assert_ne!(digest_of("01AB-CDEF"), digest_of("01AB-CDEE"));
    }

    #[test]
    fn a_code_has_four_groups_of_four_signs() {
        let code = random().expect("random numbers");
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert_ne!(code, random().expect("random numbers"));
    }
}
