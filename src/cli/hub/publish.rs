//! `greengate-hub publish`: sign what changed and put it into the feed.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Place;
use super::passphrase::Secret;
use crate::cli::Failure;
use crate::cli::out::{counted, put, say};
use crate::hub::{self, Published, Publishing};

/// Make a release of what changed, and sign the feed anew.
///
/// Kiosks believe a feed for seven days, so this has to run at least daily, whether something changed or not.
#[derive(Debug, clap::Args)]
pub struct Publish {
    /// A folder that gets a copy of the feed, for a web server or a stick
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// How many deltas the feed has; a kiosk that is further behind takes the whole list
    #[arg(long, value_name = "N", default_value_t = Publishing::default().keep)]
    keep: usize,
    /// One line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: Secret,
}

impl Publish {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let publishing = Publishing { keep: self.keep, to: self.to.clone() };
        let mut keys = self.secret.keys(place);
        let published = hub::publish(&place.folder, &mut keys, &place.author("publish"), &publishing)?;
        for warning in &published.warnings {
            say(format_args!("warning: {warning}"));
        }
        if self.json {
            put(serde_json::to_string(&published).map_err(std::io::Error::from)?)?;
        } else {
            put(in_words(&published))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn in_words(published: &Published) -> String {
    let Published { release, news, deltas, timestamp, expires, warnings: _ } = published;
    let (version, changed) = (release.version, release.changed);
    let what = if *news { format!("{} changed", counted(changed, "record")) } else { "nothing new".to_owned() };
    let deltas = counted(*deltas, "delta");
    format!("release {version}: {what} · snapshot and {deltas} · timestamp {timestamp}, good until {expires}")
}
