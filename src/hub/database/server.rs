//! How a server of PostgreSQL is reached. Its password is in no message.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Fault, HubFault};

/// A server that does not answer in this time is none.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// What was sent and is not acknowledged for so long was sent to nobody.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// A hub that stands still within a change, and holds others up by it, loses its connection. That a table is there already is
/// no news.
const MANNERS: &str = "SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning";

/// A server, and a database on it.
#[derive(Clone)]
pub struct Server(Config);

impl Server {
    /// The server of an address like `postgres://user:password@host/database`.
    pub fn parse(url: &str) -> Result<Self, HubFault> {
        let form = "write it as `postgres://user:password@host/database`";
        let refused = |why: &str| HubFault::Refused(format!("the database's address cannot be read: {why}; {form}"));
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(refused("it does not begin with `postgres://`"));
        }
        let mut config: Config =
            url.parse().map_err(|error: postgres::Error| refused(&super::postgres::told(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(refused("it names no host"));
        }
        config.application_name("greengate-hub").connect_timeout(CONNECT_LIMIT).tcp_user_timeout(SILENCE_LIMIT);
        Ok(Self(config))
    }

    /// A new connection: with TLS where the address or the server asks for it, and then only with a certificate that
    /// this system believes.
    pub(super) fn connect(&self) -> Result<Client, Fault> {
        let is_plain = self.0.get_ssl_mode() == SslMode::Disable || self.0.get_hosts().iter().all(is_socket);
        let mut connected =
            if is_plain { self.0.connect(NoTls)? } else { self.0.connect(MakeRustlsConnect::new(client()?))? };
        connected.batch_execute(MANNERS)?;
        Ok(connected)
    }
}

fn client() -> Result<ClientConfig, Fault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let made = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier);
    Ok(made.map_err(Fault::Tls)?.with_no_client_auth())
}

fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.0.get_user().unwrap_or("?");
        write!(f, "postgres://{user}@")?;
        for (at, host) in self.0.get_hosts().iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
            if let Some(port) = self.0.get_ports().get(at).or(self.0.get_ports().first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.0.get_dbname().unwrap_or(user))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_password() {
        let server = Server::parse("postgres://mei:s3cret@db.example:6432/hub?sslmode=disable").expect("an address");
        assert_eq!(format!("{server} {server:?}").matches("postgres://mei@db.example:6432/hub").count(), 2);
        for wrong in ["mysql://mei:s3cret@db/hub", "postgres://mei:s3cret@db/hub?sslmode=verify", "postgres:///hub"] {
            let told = Server::parse(wrong).expect_err("it is wrong").to_string();
            assert!(told.contains("write it as `postgres://") && !told.contains("s3cret"), "{told}");
        }
    }
}
