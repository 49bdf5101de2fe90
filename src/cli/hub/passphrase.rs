//! Where the passphrase of the keys comes from: a file, the environment, or the terminal.

use std::path::PathBuf;

use super::Place;
use crate::hub::HubFault;
use crate::hub::keys::{Keys, Passphrase};

/// The environment variable with a passphrase; it is not in the command line's own list, which prints values.
const VARIABLE: &str = "GREENGATE_PASSPHRASE";

/// The passphrase of sealed keys.
#[derive(Clone, Debug, clap::Args)]
pub struct Secret {
    /// File with the keys' passphrase, which only you can read [else: `GREENGATE_PASSPHRASE`, else the terminal]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Secret {
    /// The authority's keys; a person is asked for the passphrase if a key turns out to need one.
    pub fn keys(&self, place: &Place) -> Keys {
        let secret = self.clone();
        Keys::of(&place.folder, Box::new(move || secret.given()?.map_or_else(|| ask("passphrase: "), Ok)))
    }

    /// The passphrase from file or environment.
    pub fn given(&self) -> Result<Option<Passphrase>, HubFault> {
        match (&self.passphrase_file, std::env::var(VARIABLE)) {
            (Some(path), _) => Passphrase::read(path).map(Some),
            (None, Ok(text)) => Passphrase::new(text).map(Some),
            (None, Err(_)) => Ok(None),
        }
    }

    /// A passphrase for new keys.
    pub fn new_one(&self) -> Result<Passphrase, HubFault> {
        if let Some(given) = self.given()? {
            return Ok(given);
        }
        let (first, second) = (ask("passphrase for the new keys: ")?, ask("once more: ")?);
        if first == second {
            return Ok(first);
        }
        Err(HubFault::Refused("the two passphrases differ; try again".to_owned()))
    }
}

fn ask(prompt: &str) -> Result<Passphrase, HubFault> {
    let answer = rpassword::prompt_password(prompt).map_err(|error| {
        let help = format!("give `--passphrase-file` or set `{VARIABLE}`");
        HubFault::Refused(format!("a passphrase is needed and there is no terminal to ask on ({error}); {help}"))
    })?;
    Passphrase::new(answer)
}
