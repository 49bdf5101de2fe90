//! Tables of secrets: what is asked when somebody signs in. They stand beside the registry's.

use crate::hub::database::Step;

/// What these tables are made by. `waiting` is a second factor that was shown and not confirmed yet; of a session that
/// ended the row stays for some weeks, so that its browser is known.
pub const STEP: Step = Step {
    statements: &[
        "CREATE TABLE credential (
            account INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, password TEXT, second BLOB, second_step INTEGER,
            waiting BLOB, link BLOB UNIQUE, link_until TEXT
        )",
        "CREATE TABLE recovery (account INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (account, digest))",
        "CREATE TABLE session (
            digest BLOB NOT NULL PRIMARY KEY, account INTEGER NOT NULL, began TEXT NOT NULL, seen TEXT NOT NULL,
            ended INTEGER NOT NULL
        )",
        "CREATE INDEX session_account ON session (account)",
    ],
    then: None,
};
