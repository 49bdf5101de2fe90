//! Where the signed lists come from: a site's `[feed]`.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::quoted;
use super::table::{Field, Table};
use crate::rules::site::FeedSettings;

/// Help for `feed = "https://…"` and the like.
pub const HELP: &str = "write `[feed]` on a line of its own, and below it `url = \"https://…\"` or `folder = \"…\"`";

/// What is wrong is told, so a field that cannot be used may be none here.
pub fn read(table: &mut Table<'_>) -> Option<FeedSettings> {
    let url = table.may("url", "\"https://feed.example.org\"");
    let folder = table.may("folder", "\"/media/feed\"");
    if url.is_none() && folder.is_none() {
        table.need("url", "\"https://feed.example.org\"` or `folder = \"/media/feed\"");
    }
    let root = table.may("root", "\"root.json\"");
    let every = table.may("every_min", "30");
    let mut of_server = |name, example| {
        let field = table.may(name, example);
        if let (Some(field), None) = (&field, &url) {
            let title = format!("`{name}` is for a server, and `[feed]` has no `url`");
            field.add(title, "add `url = \"https://…\"`, or remove it; a folder needs none");
        }
        field
    };
    let token_file = of_server("token_file", "\"token\"");
    let proxy = of_server("proxy", "\"http://proxy.example.org:3128\"");
    let ca = of_server("ca", "\"ca.pem\"");
    let client = (of_server("client_cert", "\"kiosk.pem\""), of_server("client_key", "\"kiosk.key\""));
    let minutes = |field: Field<'_>| Some(field.number(1..=1440, "minutes")?.into_inner());
    let every =
        every.map_or(Some(FeedSettings::USUAL), |field| Some(Duration::from_secs(60 * u64::from(minutes(field)?))));
    Some(FeedSettings {
        url: url.and_then(|field| address(&field, "https://feed.example.org")),
        folder: folder.and_then(|field| path(&field)),
        root: root.and_then(|field| path(&field)),
        token_file: token_file.and_then(|field| path(&field)),
        proxy: proxy.and_then(|field| address(&field, "http://proxy.example.org:3128")),
        ca: ca.and_then(|field| path(&field)),
        client: pair(client),
        // Last, so that everything else that is wrong is told too.
        every: every?,
    })
}

/// A path, relative to the site's file.
fn path(field: &Field<'_>) -> Option<PathBuf> {
    Some(field.problems().source.beside(field.text(1000)?.get_ref()))
}

/// A certificate without its key proves nothing.
fn pair(client: (Option<Field<'_>>, Option<Field<'_>>)) -> Option<(PathBuf, PathBuf)> {
    let (field, there, missing) = match client {
        (Some(certificate), Some(key)) => return Some((path(&certificate)?, path(&key)?)),
        (Some(certificate), None) => (certificate, "client_cert", "client_key"),
        (None, Some(key)) => (key, "client_key", "client_cert"),
        (None, None) => return None,
    };
    field.add(format!("`{there}` stands alone"), format!("add `{missing}`; a certificate and its key belong together"));
    None
}

/// An address of a server; secrets have no place in it, for messages show it.
fn address(field: &Field<'_>, example: &str) -> Option<String> {
    let text = field.text(1000)?;
    let address = *text.get_ref();
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else {
        let title = format!("{} does not begin with `https://` or `http://`", quoted(address));
        field.add(title, format!("write it like `{example}`"));
        return None;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        field.add(
            "a user or a password stands in an address, which messages show",
            "remove it; secrets are for `token_file`",
        );
        return None;
    }
    let fits = !host.is_empty() && !address.contains([' ', '?', '#']);
    if !fits {
        field.add(format!("{} is no address of a server", quoted(address)), format!("write it like `{example}`"));
    }
    fits.then(|| address.to_owned())
}
