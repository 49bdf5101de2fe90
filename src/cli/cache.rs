//! `greengate cache`: load the authority's list by hand, and look at what is loaded.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, progress};
use crate::rules::hex;
use crate::store::{self, Expected, VerifiedFile};

/// Load and look at the cache.
#[derive(Debug, clap::Subcommand)]
pub enum Cache {
    /// Load a snapshot or a delta; a running kiosk takes it up within a second
    Load(Load),
    /// Make such a file from records as JSON Lines, and print its SHA-256
    Pack(Pack),
    /// Tell what is loaded
    Info {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Load a snapshot or a delta; a running kiosk takes it up within a second.
///
/// The file is believed only as far as its SHA-256 is: take the digest from the authority, not from beside the file.
#[derive(Debug, clap::Args)]
pub struct Load {
    /// A zstd-compressed file of records
    file: PathBuf,
    /// The file's SHA-256 as the authority gives it
    #[arg(long, value_name = "HEX")]
    sha256: String,
}

impl Cache {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::Load(load) => load.execute(place),
            Self::Pack(pack) => pack.execute(),
            Self::Info { json } => info(place, *json),
        }
    }
}

impl Load {
    fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let setting = Setting::find(place)?;
        let sha256 = hex::decode(&self.sha256)
            .ok_or_else(|| Failure::new(Exit::Usage, format!("`{}` is not 64 hexadecimal digits", self.sha256)))?;
        let length = std::fs::metadata(&self.file).map_err(|error| {
            Failure::new(Exit::NoInput, format!("`{}` cannot be read: {error}", self.file.display()))
        })?;
        let expected = Expected { length: length.len(), sha256 };
        let file = VerifiedFile::check(&self.file, expected)?;
        let bar = progress::bar(expected.length, "loading");
        let facts = store::load(&setting.site.state, file, &mut |done| bar.set_position(done))?;
        bar.finish_and_clear();
        put(format_args!("loaded version {} of {}", facts.version, facts.issued))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Make a file of records from JSON Lines, and print its SHA-256. `assets/demo/records.jsonl` in the source shows every
/// kind of record; the first line is `{"meta":{"from":0,"to":1,"issued":"2026-11-23T01:00:00Z"}}`.
#[derive(Debug, clap::Args)]
pub struct Pack {
    /// Records, one JSON object in each line
    records: PathBuf,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

impl Pack {
    fn execute(&self) -> Result<ExitCode, Failure> {
        let expected = store::pack(&self.records, &self.output)?;
        put(hex::encode(&expected.sha256))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn info(place: &Place, json: bool) -> Result<ExitCode, Failure> {
    let setting = Setting::find(place)?;
    let Some(cache) = store::Cache::open(&setting.site.state)? else {
        let message = format!("no cache in `{}`; load one with `greengate cache load`", setting.site.state.display());
        return Err(Failure::new(Exit::NoInput, message));
    };
    let info = cache.info()?;
    if json {
        put(format_args!("{}", serde_json::json!(info)))?;
    } else {
        put(format_args!("{info}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
