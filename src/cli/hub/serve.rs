//! `greengate-hub serve`: pages for people, journals from kiosks, the published feed for everybody.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Place;
use super::demo::Stage;
use crate::cli::Failure;
use crate::cli::out::say;
use crate::hub::Registry;
use crate::hub::demo::is_demo;
use crate::hub::platform::{Sender, Sending};
use crate::hub::receiver::{self, Door, Receiver};
use crate::hub::service::{self, Limits};
use crate::hub::web::{self, Site};
use crate::rules::label::is_host;

/// Serve the authority's pages, take journals in, enrol kiosks, and serve the published feed under `/feed/`.
///
/// Everybody sees `/`, where a GTIN or a label's address is looked up, the page that a label leads to, and `/feed/`. Suppliers
/// sign in at `/enter` and have `/desk`, officers and the admin have `/console`; `greengate-hub account` makes accounts.
/// Platforms' programs ask under `/api/v1/` with keys of `greengate-hub platform`, kiosks with tokens of `greengate-hub kiosk`.
///
/// It speaks plain HTTP: tokens and codes want a web server with TLS in front of it, on the same machine.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8470")]
    listen: SocketAddr,
    /// The published feed [default: `feed` in the authority's folder]
    #[arg(long, value_name = "FOLDER")]
    feed: Option<PathBuf>,
    /// Where kiosks find the feed, if not here: `https://feed.example/`
    #[arg(long, value_name = "URL", default_value = "feed/", hide_default_value = true)]
    feed_url: String,
    /// Where labels lead that suppliers print and where people find these pages, like `QR.EXAMPLE.COM`; without it suppliers
    /// print none, and links for others name the host that the request names
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: Option<String>,
    /// Let platforms' webhooks lead to private addresses and without TLS, as on a machine of your own
    #[arg(long)]
    webhooks_to_private: bool,
    /// Make an authority to try, with invented firms and accounts, and serve it, or go on with the one in FOLDER; without
    /// FOLDER it is gone at the end
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, conflicts_with = "feed")]
    #[expect(clippy::option_option, reason = "an option that may have a value")]
    demo: Option<Option<PathBuf>>,
}

impl Serve {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let stage = self.demo.map(Stage::set).transpose()?;
        let home = stage.as_ref().map_or_else(|| place.folder.clone(), |stage| stage.folder().into());
        let receiver = Receiver::open(&home)?;
        let feed = self.feed.unwrap_or_else(|| home.join("feed"));
        // Before anything is taken, so that no signal is missed.
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let limits = Limits::default();
        let machines = receiver::router(receiver, Door { feed, feed_url: self.feed_url, limits });
        let site = Site::open(&home)?.with_host(self.host);
        let first = site.first_path();
        let site = if self.webhooks_to_private { site.with_private_webhooks() } else { site };
        let sending = Sending { to_private: self.webhooks_to_private, ..Sending::default() };
        let sender = Sender::start(&home, sending)?;
        let server = service::serve(self.listen, limits, web::router(site, machines))?;
        if !server.address().ip().is_loopback() {
            say("warning: tokens and codes cross the network in the clear; let a web server with TLS stand in front");
        }
        if let Some(stage) = &stage {
            stage.tell(server.address());
        } else if is_demo(&Registry::open(&home)?)? {
            let how = if home.is_on_server() {
                "`greengate-hub account reset NAME` gives a new way to sign in"
            } else {
                "with `--demo FOLDER` it tells who can sign in"
            };
            say(format_args!("DEMO: nothing that this authority says is true; {how}"));
        }
        say(format_args!("listening on http://{}/\nstop with Ctrl-C", server.address()));
        if let Some(path) = first {
            say(format_args!("nobody can sign in yet; make the first admin at http://{}{path}", server.address()));
        }
        signals.forever().next();
        drop((server, sender));
        Ok(ExitCode::SUCCESS)
    }
}

/// A host as a label has it, in capitals.
fn host(text: &str) -> Result<String, String> {
    let host = text.to_ascii_uppercase();
    if is_host(&host) { Ok(host) } else { Err(format!("`{text}` is no host; write a name like `QR.EXAMPLE.COM`")) }
}
