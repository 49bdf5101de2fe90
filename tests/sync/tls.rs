//! Encrypted ways to the feed: whom the kiosk believes, whom it does not, and how it shows who it is itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use greengate::rules::site::FeedSettings;
use greengate::sync::{Http, Source, SyncFault, Terms, enroll};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;

use super::authority::Authority;
use super::command::{authority, config};
use super::server::{Server, Trick};
use super::{Kiosk, patient};

/// Somebody who vouches for certificates, as firms have one.
pub struct Issuing {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
    own: CertificateDer<'static>,
}

/// A certificate and its key.
pub struct Certified {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Issuing {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        let folder = TempDir::new().expect("a folder");
        super::write(&folder.path().join("ca.pem"), certificate.pem());
        Self { folder, own: certificate.der().clone(), issuer: Issuer::new(params, key) }
    }

    /// What a site names with `ca`.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// For a server by this name, or a kiosk.
    pub fn certify(&self, name: &str) -> Certified {
        self.certify_between(name, 2020, 2120)
    }

    fn certify_between(&self, name: &str, from: i32, to: i32) -> Certified {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().expect("a key");
        Certified { certificate: params.signed_by(&key, &self.issuer).expect("a certificate"), key }
    }

    /// A certificate's files, as a site names them with `client_cert` and `client_key`.
    pub fn files(&self, name: &str) -> (PathBuf, PathBuf) {
        let Certified { certificate, key } = self.certify(name);
        let [certificate_file, key_file] =
            ["pem", "key"].map(|ending| self.folder.path().join(name).with_extension(ending));
        super::write(&certificate_file, certificate.pem());
        super::write(&key_file, key.serialize_pem());
        (certificate_file, key_file)
    }
}

impl Certified {
    /// A server with this certificate, which asks for one that `clients` vouches for, if that is given.
    pub fn config(
        &self,
        clients: Option<&Issuing>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> ServerConfig {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[version]);
        let builder = builder.expect("a version");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.own.clone()).expect("a certificate");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("a key");
        builder.with_single_cert(vec![self.certificate.der().clone()], key).expect("a certificate with its key")
    }
}

/// A server on this machine's address.
fn serve(authority: &Authority, certified: &Certified) -> Server {
    Server::tls(authority.folder.path(), certified.config(None, &TLS13))
}

/// The server as a site with this `ca` and `client` says to ask it.
fn source(server: &Server, ca: Option<&Path>, client: Option<(PathBuf, PathBuf)>) -> Source {
    let settings = FeedSettings { ca: ca.map(Path::to_owned), client, ..FeedSettings::at(server.address.clone()) };
    Source::http(Http::of(&server.address, &settings).expect("usable settings")).with_pace(patient())
}

/// Why the kiosk does not get to the server; its list is as before.
#[track_caller]
fn unreachable(authority: &Authority, source: &Source) -> String {
    match Kiosk::synced(authority).refuses(source) {
        SyncFault::Unreachable { why, .. } => why,
        other => panic!("it is {other:?}"),
    }
}

#[test]
fn a_private_issuer_is_believed_where_the_site_names_it() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    let server = serve(&authority, &issuing.certify("127.0.0.1"));
    let kiosk = Kiosk::of(&authority);
    assert_eq!(kiosk.sync(&source(&server, Some(&issuing.ca()), None)).expect("a sync").after, 1);
}

#[test]
fn an_issuer_that_nobody_named_is_not_believed() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    let server = serve(&authority, &issuing.certify("127.0.0.1"));
    let other = Issuing::new();
    for ca in [Some(other.ca()), None] {
        let why = unreachable(&authority, &source(&server, ca.as_deref(), None));
        // Without a name of its own the kiosk believes those of the system, of which there may be none.
        assert!(why.ends_with("with `ca`"), "{why}");
    }
    assert!(server.heads().is_empty(), "something was asked");
}

#[test]
fn a_system_that_believes_nobody_is_told_how_it_can() {
    let (authority, issuing) = (authority(), Issuing::new());
    let server = serve(&authority, &issuing.certify("127.0.0.1"));
    let config = config(&format!("[feed]\nurl = \"{}\"\nroot = \"root.json\"\n", server.address));
    super::write(&config.path().join("root.json"), authority.root(1));
    let nobody = config.path().join("nobody.pem");
    super::write(&nobody, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    command.args(["sync", "--config"]).arg(config.path()).env("SSL_CERT_FILE", &nobody).env_remove("SSL_CERT_DIR");
    let told = String::from_utf8(command.output().expect("the program").stderr).expect("text");
    assert!(told.contains("install `ca-certificates`, or name one with `ca`"), "{told}");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    for name in ["feed.example.org", "127.0.0.2"] {
        let server = serve(&authority, &issuing.certify(name));
        let why = unreachable(&authority, &source(&server, Some(&issuing.ca()), None));
        assert_eq!(why, "its certificate is for another name; write the name that it has into the address");
    }
}

#[test]
fn a_certificate_whose_time_is_not_now_is_refused() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    let times = [
        (2010, 2020, "its certificate has expired; look at the kiosk's clock, then tell whoever runs the server"),
        (2110, 2120, "its certificate is not valid yet; set the kiosk's clock"),
    ];
    for (from, to, expected) in times {
        let server = serve(&authority, &issuing.certify_between("127.0.0.1", from, to));
        assert_eq!(unreachable(&authority, &source(&server, Some(&issuing.ca()), None)), expected);
    }
}

#[test]
fn a_server_that_asks_for_a_certificate_gets_the_kiosks_own() {
    let (authority, issuing, stranger) = (Authority::new(), Issuing::new(), Issuing::new());
    let certified = issuing.certify("127.0.0.1");
    for version in [&TLS12, &TLS13] {
        let server = Server::tls(authority.folder.path(), certified.config(Some(&issuing), version));
        let ask = |client| source(&server, Some(&issuing.ca()), client);
        let why = unreachable(&authority, &ask(None));
        let asks = "it asks for a certificate of the kiosk's own; name one with `client_cert` and `client_key`";
        assert_eq!(why, asks, "{version:?}");
        let why = unreachable(&authority, &ask(Some(stranger.files("dock-3"))));
        assert!(why.starts_with("it does not take the kiosk's certificate"), "{version:?}: {why}");
        assert!(server.heads().is_empty(), "something was answered");
        let kiosk = Kiosk::of(&authority);
        assert_eq!(kiosk.sync(&ask(Some(issuing.files("dock-3")))).expect("a sync").after, 1);
    }
}

#[test]
fn files_that_are_no_certificates_are_named_without_what_is_in_them() {
    let issuing = Issuing::new();
    let (certificate, key) = issuing.files("dock-3");
    let (_, other_key) = issuing.files("dock-4");
    let garbage = issuing.folder.path().join("garbage.pem");
    super::write(&garbage, "hidden");
    let missing = issuing.folder.path().join("missing.pem");
    let at = FeedSettings::at("https://feed.example.org".to_owned());
    let clients = [
        (&certificate, &other_key, "client_key"),
        (&certificate, &certificate, "client_key"),
        (&certificate, &garbage, "client_key"),
        (&key, &key, "client_cert"),
        (&missing, &key, "client_cert"),
    ];
    let clients = clients.map(|(certificate, key, what)| {
        (FeedSettings { client: Some((certificate.clone(), key.clone())), ..at.clone() }, what)
    });
    let cas = [&garbage, &key, &missing].map(|ca| (FeedSettings { ca: Some(ca.clone()), ..at.clone() }, "ca"));
    for (settings, what) in clients.into_iter().chain(cas) {
        let fault = Http::of("https://feed.example.org", &settings).expect_err("a fault");
        assert!(matches!(&fault, SyncFault::Setting { what: found, .. } if *found == what), "{what}: {fault}");
        assert!(!fault.to_string().contains("hidden") && !fault.to_string().contains("BEGIN"), "{fault}");
    }
}

#[test]
fn a_feed_that_moves_takes_no_token_along() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    let certified = issuing.certify("127.0.0.1");
    let (server, other, plain) =
        (serve(&authority, &certified), serve(&authority, &certified), Server::of(authority.folder.path()));
    let token = issuing.folder.path().join("token");
    super::write(&token, "hidden-token\n");
    let settings =
        FeedSettings { ca: Some(issuing.ca()), token_file: Some(token), ..FeedSettings::at(server.address.clone()) };
    let source = Source::http(Http::of(&server.address, &settings).expect("usable settings")).with_pace(patient());
    let kiosk = Kiosk::synced(&authority);
    // To another port, and to another name without encryption.
    for to in [&other.address, &plain.address.replace("127.0.0.1", "localhost")] {
        server.once("timestamp.json", Trick::Redirect(format!("{to}/metadata/timestamp.json")));
        kiosk.sync(&source).expect("a sync");
    }
    assert!(server.heads().concat().contains("Bearer hidden-token"));
    let elsewhere = [other.heads(), plain.heads()].concat();
    assert!(elsewhere.len() == 2 && !elsewhere.concat().contains("hidden"), "{elsewhere:?}");
}

#[test]
fn a_hub_that_proves_nothing_gets_no_code() {
    let (authority, issuing) = (Authority::new(), Issuing::new());
    let server = serve(&authority, &issuing.certify("127.0.0.1"));
    let state = TempDir::new().expect("a folder");
    let fault = enroll(&server.address, "hidden", "dock-3", state.path(), Terms::default()).expect_err("a fault");
    assert!(matches!(&fault, SyncFault::Unreachable { why, .. } if why.ends_with("with `ca`")), "{fault}");
    let way = FeedSettings { ca: Some(issuing.ca()), ..FeedSettings::at(server.address.clone()) };
    let terms = Terms { way: Some(&way), ..Terms::default() };
    let fault = enroll(&server.address, "hidden", "dock-3", state.path(), terms).expect_err("a feed is no hub");
    assert!(matches!(fault, SyncFault::Declined { status: 404, .. }), "{fault}");
    assert_eq!(server.paths(), ["/enroll"]);
}
