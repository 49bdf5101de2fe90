//! `greengate-hub platform`: which platforms' programs may ask, and for what.

use std::process::ExitCode;

use jiff::Timestamp;

use super::Place;
use crate::cli::Failure;
use crate::cli::out::{put, say};
use crate::hub::platform::{Platform as Known, Platforms, Scope};

/// Give platforms keys for the interface, list and remove them.
#[derive(Debug, clap::Subcommand)]
pub enum Platform {
    /// Print a new key for a platform; the one that it had is void
    Add {
        /// The platform's name, as suppliers' partnerships have it
        name: String,
        /// What the key opens: `listings:read`, `labels:read`, `suppliers:read`, `webhooks`; all of them without this
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// How many requests in a minute are answered
        #[arg(long, value_name = "REQUESTS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
        rate: u32,
    },
    /// List the platforms: since when they have their keys, and what those open
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a platform's key; its webhooks go too
    Remove {
        /// The platform's name
        name: String,
    },
}

impl Platform {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut platforms = Platforms::open(&place.folder)?;
        match self {
            Self::Add { name, scopes, rate } => {
                let scopes = if scopes.is_empty() { Scope::ALL.into() } else { scopes.iter().copied().collect() };
                put(platforms.add(name, &scopes, *rate, Timestamp::now())?)?;
                say("this key is shown once; the platform sends it as `authorization: Bearer KEY`");
            }
            Self::List { json: true } => put(serde_json::json!(platforms.list()?))?,
            Self::List { json: false } => {
                for platform in platforms.list()? {
                    put(line(&platform))?;
                }
            }
            Self::Remove { name } => {
                platforms.remove(name)?;
                say(format_args!("platform `{name}` can ask nothing any more"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(platform: &Known) -> String {
    let scopes: Vec<_> = platform.scopes.iter().map(|scope| scope.name()).collect();
    let Known { name, rate, added, .. } = platform;
    format!("{name}: {}; {rate} requests a minute; since {added:.0}", scopes.join(", "))
}
