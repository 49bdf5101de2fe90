//! `greengate-hub init`: begin an authority.

use std::process::ExitCode;

use super::Place;
use super::passphrase::Secret;
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub;

/// Begin an authority: keys, the feed's root, and an empty registry.
///
/// Its folder is what has to be kept safe. Two of the three root keys sign which keys the feed has; give each to another
/// person, and take them out of the folder until a key is rotated.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// Seal the keys with a passphrase; so it is too where one is given
    #[arg(long)]
    encrypt: bool,
    #[command(flatten)]
    secret: Secret,
}

impl Init {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let passphrase = if self.encrypt { Some(self.secret.new_one()?) } else { self.secret.given()? };
        hub::init(&place.folder, passphrase.as_ref(), &place.author("the authority begins"))?;
        let folder = place.folder.display();
        put(format_args!("the authority is in `{folder}`; its keys are in `{folder}/keys`"))?;
        put("next: give `root-1.pem`, `root-2.pem` and `root-3.pem` to three people, and publish")?;
        Ok(ExitCode::SUCCESS)
    }
}
