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
    let proxy_user = of_server("proxy_user_file", "\"proxy-user\"");
    let ca = of_server("ca", "\"ca.pem\"");
    let client = (of_server("client_cert", "\"kiosk.pem\""), of_server("client_key", "\"kiosk.key\""));
    if let (Some(field), None, Some(_)) = (&proxy_user, &proxy, &url) {
        let title = "`proxy_user_file` is for a proxy, and `[feed]` has no `proxy`";
        field.add(title, "add `proxy = \"http://…\"`, or remove it");
    }
    let minutes = |field: Field<'_>| Some(field.number(1..=1440, "minutes")?.into_inner());
    let every =
        every.map_or(Some(FeedSettings::USUAL), |field| Some(Duration::from_secs(60 * u64::from(minutes(field)?))));
    Some(FeedSettings {
        url: url.and_then(|field| address(&field, "https://feed.example.org", "token_file")),
        folder: folder.and_then(|field| path(&field)),
        root: root.and_then(|field| path(&field)),
        token_file: token_file.and_then(|field| path(&field)),
        proxy: proxy.and_then(|field| address(&field, "http://proxy.example.org:3128", "proxy_user_file")),
        proxy_user_file: proxy_user.and_then(|field| path(&field)),
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

/// An address of a server; secrets have no place in it, for messages show it. `secrets` is the setting for them.
fn address(field: &Field<'_>, example: &str, secrets: &str) -> Option<String> {
    let text = field.text(1000)?;
    let address = *text.get_ref();
    let help = format!("write it like `{example}`");
    if address.contains('@') {
        let title = "a user or a password stands in an address, which messages show";
        field.add_secret(title, format!("remove it; secrets are for `{secrets}`"));
        return None;
    }
    if address.contains(['?', '#']) {
        // A key often stands there.
        field.add_secret("an address of a server has no `?` and no `#`", help);
        return None;
    }
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else {
        field.add(format!("{} does not begin with `https://` or `http://`", quoted(address)), help);
        return None;
    };
    let fits = !rest.is_empty() && !rest.starts_with('/') && !rest.contains(' ');
    if !fits {
        field.add(format!("{} is no address of a server", quoted(address)), help);
    }
    fits.then(|| address.to_owned())
}
