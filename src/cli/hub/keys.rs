//! `greengate-hub keys`: look at the keys, replace them, cut label keys off.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Place;
use super::passphrase::Secret;
use super::why::Why;
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::keys::Kept;
use crate::hub::{self, KeyRow, Rotation};

/// Look at the keys, replace them, cut label keys off.
#[derive(Debug, clap::Subcommand)]
pub enum Keys {
    /// Tell which keys there are, and which are here
    List {
        /// A line of JSON for each key
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        secret: Secret,
    },
    /// Replace a key by a new one
    Rotate(Rotate),
    /// Refuse the labels of a slot from an index on, at the kiosks from the next publish
    CutOff(CutOff),
}

/// Replace a key by a new one.
///
/// Kiosks follow by themselves. For a key of the feed, two of the three root keys have to be in the folder of keys. A new
/// label key has its own slot; labels that were signed with the old one stay valid.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    /// `targets`, `snapshot`, `timestamp`, `root-1`, `root-2`, `root-3`, `label` or `audit`
    which: Rotation,
    /// A folder with a copy of the feed, to be brought up to it
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    secret: Secret,
}

/// Refuse the labels of a slot from an index on, at the kiosks from the next publish.
#[derive(Debug, clap::Args)]
pub struct CutOff {
    /// The slot of the key
    slot: u16,
    /// The first index whose label is refused; 0 refuses them all
    #[arg(long, value_name = "N", default_value_t = 0)]
    index: u32,
    #[command(flatten)]
    why: Why,
}

impl Keys {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::List { json, secret } => list(place, *json, secret)?,
            Self::Rotate(rotate) => rotate.execute(place)?,
            Self::CutOff(cut_off) => cut_off.execute(place)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Rotate {
    fn execute(&self, place: &Place) -> Result<(), Failure> {
        let mut keys = self.secret.keys(place);
        let author = place.author(&self.why.why);
        put(hub::rotate(&place.folder, &mut keys, &author, self.which, self.to.as_deref())?)?;
        Ok(())
    }
}

impl CutOff {
    fn execute(&self, place: &Place) -> Result<(), Failure> {
        let Self { slot, index, why } = self;
        hub::cut_off(&place.folder, &place.author(&why.why), *slot, *index)?;
        put(format_args!("labels of slot {slot} with index {index} or above are refused; publish to tell the kiosks"))?;
        Ok(())
    }
}

fn list(place: &Place, json: bool, secret: &Secret) -> Result<(), Failure> {
    for row in hub::keyring(&place.folder, &secret.keys(place))? {
        if json {
            put(serde_json::to_string(&row).map_err(std::io::Error::from)?)?;
        } else {
            put(in_words(&row))?;
        }
    }
    Ok(())
}

fn in_words(row: &KeyRow) -> String {
    let KeyRow { name, kept, public, cut_off } = row;
    let kept = match kept {
        Kept::Plain => "plain",
        Kept::Sealed => "sealed",
        Kept::Away => "not here",
    };
    let cut_off = cut_off.map_or_else(String::new, |index| format!("  cut off at index {index}"));
    format!("{name:<10} {kept:<8} {public}{cut_off}")
}
