//! `greengate enroll`: give the kiosk its hub.

use std::process::ExitCode;

use crate::cli::out::{put, say};
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::kiosk::Shelf;
use crate::sync::{self, Enrolled, Terms};

/// Enrol at a hub with a one-time code: the kiosk gets its token, its feed, and the root that its trust begins with
#[derive(Debug, clap::Args)]
pub struct Enroll {
    /// The hub's address, like `https://hub.example/`
    url: String,
    /// The code that `greengate-hub kiosk add` printed
    #[arg(long)]
    code: String,
    /// Leave the hub that the kiosk is enrolled at; the kiosk has to be stopped
    ///
    /// Its journal stays. If the new hub is another authority's, the list goes, and the kiosk needs a sync before it
    /// judges again.
    #[arg(long)]
    replace: bool,
    /// Go without encryption, in a network that you trust
    #[arg(long)]
    plain_http: bool,
}

impl Enroll {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let setting = Setting::find(place)?;
        if setting.is_temporary() {
            let message = "the demo world ends with the program; enrol a kiosk that has a site file, or name `--state`";
            return Err(Failure::new(Exit::Usage, message));
        }
        let site = &setting.site;
        let journal = Shelf::journal_path(&site.state);
        let terms = Terms {
            replace: self.replace,
            plain_http: self.plain_http,
            way: site.feed.as_ref(),
            journal: Some(&journal),
        };
        let Enrolled { enrolment, left } = sync::enroll(&self.url, &self.code, &site.kiosk, &site.state, terms)?;
        put(format_args!(
            "kiosk `{}` is enrolled at {}; its feed is {}",
            enrolment.kiosk, enrolment.hub, enrolment.feed
        ))?;
        if left {
            say("the list was another authority's and is gone; `greengate sync` brings the new one");
        }
        if site.feed.is_none() {
            say("a kiosk that runs takes it up when it is started again");
        }
        Ok(ExitCode::SUCCESS)
    }
}
