//! Accounts: who signs in to the authority's pages, and how.
//!
//! ```text
//! account add ──► one-time link ── person sets a password ──► name + password (+ six digits) ──► session
//! ```
//!
//! What an account is ([`Account`](crate::rules::account::Account)) is a paper of the registry, so that every change of it stands in the history with who made it and
//! why. Its secrets are in tables of their own, and of passwords, links, recovery codes and sessions there are only
//! hashes and digests. Whether a name is known is told by no answer, and by no answer's time.

mod credential;
mod manage;
mod password;
mod pauses;
mod schema;
mod second;
mod session;
mod totp;

pub use credential::{Link, LinkFault, change_password, check, set_password, with_link};
pub use manage::{add, all, disable, first_admin, has_admin, list, named, numbered, reset, set_role};
pub use password::{LEAST as PASSWORD_LEAST, Weak};
pub use pauses::{Pauses, Whose, counted};
pub use schema::STEP;
pub use second::{Waiting, begin_second, confirm_second};
pub use session::{Signed, Tried, end, known, sign_in, signed, start};
