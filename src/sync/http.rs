//! Asking a server: plain GET with a token, a proxy, a private authority's certificate or one of the kiosk's own.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::Agent;
use ureq::config::RedirectAuthHeaders;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};
use url::Url;

use super::{SyncFault, reason};

/// A feed moves at most so often before it is found.
const REDIRECTS: u32 = 4;
/// Until a server is connected, its certificate looked at, and its answer begun.
const PATIENCE: Duration = Duration::from_secs(20);
/// However steadily it comes: what is not there by then is resumed by the next sync.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// A text that no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a token to itself.
    ///
    /// # Errors
    /// It is empty, or has characters that no header can carry.
    pub fn new(token: impl Into<String>) -> Result<Self, SyncFault> {
        let token = token.into();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = "it is empty or has spaces; it is one line, as the authority gave it".to_owned();
            return Err(SyncFault::Setting { what: "token", shown: "…".to_owned(), why });
        }
        Ok(Self(token))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Who the kiosk is to its proxy; no message shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUser {
    name: String,
    password: String,
}

impl ProxyUser {
    /// Takes `user:password` apart at the first colon: a user has none (RFC 7617, 2).
    ///
    /// # Errors
    /// It is no such line.
    pub fn new(line: &str) -> Result<Self, SyncFault> {
        match line.split_once(':') {
            Some((name, password)) if !name.is_empty() && !line.contains(char::is_control) => {
                Ok(Self { name: name.to_owned(), password: password.to_owned() })
            }
            Some(_) | None => {
                let why = "it is one line, `user:password`".to_owned();
                Err(SyncFault::Setting { what: "proxy_user_file", shown: "…".to_owned(), why })
            }
        }
    }
}

impl fmt::Debug for ProxyUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A server that has a feed, and how to ask it.
#[derive(Clone)]
pub struct Http {
    base: Url,
    token: Option<Secret>,
    proxy: Option<ureq::Proxy>,
    authorities: Option<RootCerts>,
    client: Option<ClientCert>,
    /// Made at the first request; it holds the connection between two.
    agent: OnceLock<Agent>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("base", &self.shown()).field("token", &self.token).finish_non_exhaustive()
    }
}

/// A file that is there.
pub struct Answer {
    /// Where its bytes begin.
    pub from: u64,
    /// How many come.
    pub length: Option<u64>,
    /// What tells it from another one.
    pub etag: Option<String>,
    /// The bytes.
    pub stream: Box<dyn Read + Send>,
}

impl Http {
    /// The feed at `url`, which is `http` or `https`.
    ///
    /// # Errors
    /// That is no such address.
    pub fn new(url: &str) -> Result<Self, SyncFault> {
        let wrong = |why: &str| SyncFault::Setting { what: "url", shown: shown_text(url), why: why.to_owned() };
        let mut base =
            Url::parse(url).map_err(|_| wrong("it is no address; write it like `https://feed.example.org`"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong("it does not begin with `https://` or `http://` and a host"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { base, token: None, proxy: None, authorities: None, client: None, agent: OnceLock::new() })
    }

    /// Shows a token with every request.
    #[must_use]
    pub fn with_token(mut self, token: Secret) -> Self {
        self.token = Some(token);
        self
    }

    /// Goes through a proxy, like `http://proxy.example.org:3128`, which is told who asks. It is asked for a tunnel
    /// (CONNECT), to a server without encryption too.
    ///
    /// # Errors
    /// That is no such address.
    pub fn with_proxy(mut self, proxy: &str, user: Option<ProxyUser>) -> Result<Self, SyncFault> {
        let wrong = |why: &str| SyncFault::Setting { what: "proxy", shown: shown_text(proxy), why: why.to_owned() };
        let none = || wrong("write it like `http://proxy.example.org:3128`");
        let url = Url::parse(proxy).map_err(|_| none())?;
        let protocol = match url.scheme() {
            "http" => ureq::ProxyProtocol::Http,
            "https" => ureq::ProxyProtocol::Https,
            _ => return Err(none()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("user and password are for `proxy_user_file`"));
        }
        let (host, port) = url.host_str().zip(url.port_or_known_default()).ok_or_else(none)?;
        let mut builder = ureq::Proxy::builder(protocol).host(host).port(port);
        if let Some(ProxyUser { name, password }) = user {
            builder = builder.username(&name).password(&password);
        }
        self.proxy = Some(builder.build().map_err(|_| none())?);
        Ok(self)
    }

    /// Believes the certificates in this PEM file, and no others.
    ///
    /// # Errors
    /// It cannot be read or holds none.
    pub fn with_authorities(mut self, path: &Path) -> Result<Self, SyncFault> {
        self.authorities = Some(RootCerts::new_with_certs(&certificates("ca", path)?));
        Ok(self)
    }

    /// Shows a certificate of the kiosk's own, both in PEM.
    ///
    /// # Errors
    /// They cannot be read or do not belong together.
    pub fn with_client(mut self, certificate: &Path, key: &Path) -> Result<Self, SyncFault> {
        let chain = certificates("client_cert", certificate)?;
        let wrong = |why: String| SyncFault::Setting { what: "client_key", shown: key.display().to_string(), why };
        let pem = std::fs::read(key).map_err(|error| wrong(error.to_string()))?;
        let secret = PrivateKey::from_pem(&pem)
            .map_err(|_| wrong("it holds no private key in PEM without a passphrase".to_owned()))?;
        matching(&chain, &pem).map_err(|error| wrong(format!("it does not belong to `client_cert`: {error}")))?;
        self.client = Some(ClientCert::new_with_certs(&chain, secret));
        Ok(self)
    }

    /// Where it is, without what is secret.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.base)
    }

    /// The address that names are joined to.
    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    /// What asks.
    pub(super) fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| self.make_agent())
    }

    fn make_agent(&self) -> Agent {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .root_certs(self.authorities.clone().unwrap_or(RootCerts::PlatformVerifier))
            .client_cert(self.client.clone())
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("greengate/", env!("CARGO_PKG_VERSION")))
            // A proxy that packs what is packed already would break resuming.
            .accept_encoding("identity")
            .max_redirects(REDIRECTS)
            // Another port of the same host is another server.
            .redirect_auth_headers(RedirectAuthHeaders::Never)
            // A kiosk talks to nobody that its site does not name, so the environment's proxy is not taken.
            .proxy(self.proxy.clone())
            .tls_config(tls)
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_send_request(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_recv_body(Some(LONGEST))
            .timeout_per_read(Some(PATIENCE));
        config.build().new_agent()
    }

    /// Asks for a file from byte `from` on. `None` if it is not there.
    pub(super) fn get(&self, path: &str, from: u64, etag: Option<&str>) -> Result<Option<Answer>, SyncFault> {
        let url = self.base.join(path).map_err(|error| SyncFault::Broken { why: error.to_string() })?;
        let response = self.request(&url, from, etag)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && from > 0 {
            return self.get(path, 0, None);
        }
        answer(response, &url, from)
    }

    fn request(&self, url: &Url, from: u64, etag: Option<&str>) -> Result<Response<ureq::Body>, SyncFault> {
        let mut request = self.agent().get(url.as_str());
        if let Some(Secret(token)) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
            if let Some(etag) = etag {
                request = request.header(header::IF_RANGE, etag);
            }
        }
        request.call().map_err(|error| SyncFault::Unreachable { url: shown(url), why: self.reason(&error) })
    }

    /// Why a request failed, without the addresses that some errors repeat.
    pub(super) fn reason(&self, error: &ureq::Error) -> String {
        reason::of(error, self.proxy.as_ref())
    }
}

fn answer(response: Response<ureq::Body>, url: &Url, asked: u64) -> Result<Option<Answer>, SyncFault> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let from = match status {
        200 => 0,
        206 => asked,
        404 | 410 => return Ok(None),
        // A bucket that does not list its files answers so for one that is not there, as the next root never is.
        403 if url.path().ends_with(".root.json") => return Ok(None),
        401 | 403 | 407 => return Err(SyncFault::Refused { url: shown(url), status }),
        _ => return Err(SyncFault::Status { url: shown(url), status }),
    };
    let begins = |range: String| range.strip_prefix("bytes ").is_some_and(|rest| rest.starts_with(&format!("{from}-")));
    if status == 206 && (asked == 0 || !text(header::CONTENT_RANGE).is_some_and(begins)) {
        return Err(SyncFault::Status { url: shown(url), status });
    }
    // A weak one says that files are alike, not that they are the same.
    let etag = text(header::ETAG).filter(|etag| etag.starts_with('"') && etag.len() <= 200);
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    Ok(Some(Answer { from, length, etag, stream: Box::new(response.into_body().into_reader()) }))
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<Certificate<'static>>, SyncFault> {
    let wrong = |why: String| SyncFault::Setting { what, shown: path.display().to_string(), why };
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let items: Result<Vec<_>, _> = parse_pem(&pem).collect();
    let items = items.map_err(|_| wrong("it is not PEM".to_owned()))?;
    let found: Vec<_> = items
        .into_iter()
        .filter_map(|item| if let PemItem::Certificate(certificate) = item { Some(certificate) } else { None })
        .collect();
    if found.is_empty() { Err(wrong("it holds no certificate in PEM".to_owned())) } else { Ok(found) }
}

/// Asks rustls before ureq does, which would panic.
fn matching(chain: &[Certificate<'static>], key: &[u8]) -> Result<(), String> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| error.to_string())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_root_certificates(rustls::RootCertStore::empty()).with_client_auth_cert(chain, key)
        })
        .map(drop)
        .map_err(|error| error.to_string())
}

/// An address without user, password and query.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Neither can fail for an address with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string().trim_end_matches('/').to_owned()
}

/// What may be shown of a text that should have been an address.
pub(super) fn shown_text(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_host() => shown(&url),
        Ok(_) | Err(_) => text.rsplit_once('@').map_or(text, |(_, rest)| rest).to_owned(),
    }
}
