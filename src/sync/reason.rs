//! Why a server was not reached, in words that tell what to do.

use rustls::{AlertDescription as Alert, CertificateError as Wrong};

/// What went wrong with a request that may have gone by way of a proxy.
pub fn of(error: &ureq::Error, proxy: Option<&ureq::Proxy>) -> String {
    match Some(error) {
        Some(ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_)) => "the address makes no sense".to_owned(),
        Some(ureq::Error::Rustls(error)) => unproven(error),
        Some(ureq::Error::Io(error)) => {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            inner.map_or_else(|| by_way_of(proxy, &error.to_string()), unproven)
        }
        Some(ureq::Error::ConnectProxyFailed(answer)) => by_way_of(proxy, &refused(answer, proxy)),
        Some(ureq::Error::HostNotFound) => by_way_of(proxy, "there is no host by that name"),
        _ => by_way_of(proxy, &error.to_string()),
    }
}

/// A kiosk with a proxy connects to nobody else, so it is the first to look at.
fn by_way_of(proxy: Option<&ureq::Proxy>, why: &str) -> String {
    proxy.map_or_else(
        || why.to_owned(),
        |proxy| format!("by way of the proxy `{}:{}`: {why}", proxy.host(), proxy.port()),
    )
}

/// What a proxy says that opens no tunnel. ureq ends its text with the answer's status.
fn refused(answer: &str, proxy: Option<&ureq::Proxy>) -> String {
    let is_known = proxy.is_some_and(|proxy| proxy.username().is_some());
    match answer.rsplit('/').next().and_then(|status| status.parse::<u16>().ok()) {
        Some(407) if is_known => "it does not take the user and password in `proxy_user_file`".to_owned(),
        Some(407) => "it asks who the kiosk is; write `user:password` into a file and name that with `proxy_user_file`"
            .to_owned(),
        Some(status) => format!("it opens no tunnel to there (HTTP {status}); whoever runs it has to allow CONNECT"),
        None => "it opens no tunnel to there".to_owned(),
    }
}

/// Why server and kiosk do not believe each other.
fn unproven(error: &rustls::Error) -> String {
    let why = match Some(error) {
        // The second is what a firm sees that made its authority anew under the same name.
        Some(rustls::Error::InvalidCertificate(Wrong::UnknownIssuer | Wrong::BadSignature)) => {
            "nobody that this kiosk believes vouches for its certificate; name the issuer's with `ca`"
        }
        Some(rustls::Error::InvalidCertificate(Wrong::NotValidYet | Wrong::NotValidYetContext { .. })) => {
            "its certificate is not valid yet; set the kiosk's clock"
        }
        Some(rustls::Error::InvalidCertificate(Wrong::Expired | Wrong::ExpiredContext { .. })) => {
            "its certificate has expired; look at the kiosk's clock, then tell whoever runs the server"
        }
        Some(rustls::Error::InvalidCertificate(Wrong::NotValidForName | Wrong::NotValidForNameContext { .. })) => {
            "its certificate is for another name; write the name that it has into the address"
        }
        Some(rustls::Error::General(why)) if why.contains("No CA certificates") => {
            "this system has no list of those who vouch for certificates; install `ca-certificates`, or name one with `ca`"
        }
        Some(rustls::Error::AlertReceived(Alert::CertificateRequired)) => {
            "it asks for a certificate of the kiosk's own; name one with `client_cert` and `client_key`"
        }
        Some(rustls::Error::AlertReceived(
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::CertificateExpired
            | Alert::CertificateRevoked
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied
            | Alert::DecryptError,
        )) => "it does not take the kiosk's certificate; look at `client_cert`, or ask whoever runs the server",
        _ => return error.to_string(),
    };
    why.to_owned()
}
