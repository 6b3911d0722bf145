//! How a connection to PostgreSQL is protected.
//!
//! The words are those of `libpq`: `sslmode=disable`, `prefer`, `require`, `verify-ca`, `verify-full`, and `sslrootcert=FILE`.
//! One thing differs: where the address says nothing, another machine is asked with `require`. A password and all data in plain
//! over a network must be asked for by name (`sslmode=disable` or `prefer`).

use std::{str::FromStr, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError};

/// What is asked of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// Nothing: the line is encrypted, the other end is taken at its word (`prefer`, `require`).
    None,
    /// Signed by somebody known (`verify-ca`).
    Ca,
    /// … and made for this host (`verify-full`).
    Full,
}

/// An address, and how the line is to be protected.
#[derive(Clone)]
pub(crate) struct Line {
    pub config: Config,
    pub tls: MakeRustlsConnect,
}

fn bad(why: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("the address of the database: {why}"))
}

/// Takes `sslmode` and `sslrootcert` out of an address: the driver knows only some of their values.
fn split(url: &str) -> (String, Option<String>, Option<String>) {
    let (mut mode, mut root) = (None, None);
    let mut take = |k: &str, v: &str| match k {
        "sslmode" => {
            mode = Some(v.to_owned());
            true
        }
        "sslrootcert" => {
            root = Some(v.replace("%2F", "/").replace("%2f", "/"));
            true
        }
        _ => false,
    };
    let rest = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
        let kept: Vec<&str> = query.split('&').filter(|p| p.split_once('=').is_none_or(|(k, v)| !take(k, v))).collect();
        if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) }
    } else {
        let kept: Vec<&str> =
            url.split_whitespace().filter(|p| p.split_once('=').is_none_or(|(k, v)| !take(k, v.trim_matches('\'')))).collect();
        kept.join(" ")
    };
    (rest, mode, root)
}

/// Every host of the address is this machine.
fn is_local(c: &Config) -> bool {
    c.get_hosts().iter().all(|h| match h {
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// Reads an address.
///
/// # Errors
/// `Unavailable` when it is none, or asks for a protection that cannot be had.
pub(crate) fn line(url: &str) -> Result<Line> {
    let (rest, mode, root) = split(url);
    let mut config = Config::from_str(&rest).map_err(bad)?;
    let (ssl, check) = match mode.as_deref() {
        None if is_local(&config) => (SslMode::Prefer, Check::None),
        None | Some("require") => (SslMode::Require, if root.is_some() { Check::Ca } else { Check::None }),
        Some("disable") => (SslMode::Disable, Check::None),
        Some("allow" | "prefer") => (SslMode::Prefer, Check::None),
        Some("verify-ca") => (SslMode::Require, Check::Ca),
        Some("verify-full") => (SslMode::Require, Check::Full),
        Some(other) => return Err(bad(format!("sslmode={other} is not known"))),
    };
    config.ssl_mode(ssl);
    Ok(Line { config, tls: MakeRustlsConnect::new(client(check, root.as_deref())?) })
}

fn client(check: Check, root: Option<&str>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(bad)?;
    if check == Check::None {
        return Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { inner: None, provider }))
            .with_no_client_auth());
    }
    let mut store = RootCertStore::empty();
    match root {
        Some(file) => {
            for c in CertificateDer::pem_file_iter(file).map_err(|e| bad(format!("sslrootcert: {e}")))? {
                store.add(c.map_err(|e| bad(format!("sslrootcert: {e}")))?).map_err(|e| bad(format!("sslrootcert: {e}")))?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if check == Check::Full {
        return Ok(builder.with_root_certificates(store).with_no_client_auth());
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build().map_err(bad)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { inner: Some(inner), provider }))
        .with_no_client_auth())
}

/// Checks less than the usual verifier, as the mode says: never the name, and the signer only with `inner`. Signatures of the
/// handshake are always checked.
#[derive(Debug)]
struct Verifier {
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, Error> {
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        match inner.verify_server_cert(end, between, name, ocsp, now) {
            // Signed by somebody known, for another name: enough for `verify-ca`.
            Err(Error::InvalidCertificate(
                rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        line(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn a_network_is_never_crossed_in_plain_by_silence() {
        assert_eq!(mode("postgres://u@db.example/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@10.0.0.5/x"), SslMode::Require);
        assert_eq!(mode("host=db.example user=u"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example,localhost/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/x?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://u@db.example/x?sslmode=prefer&connect_timeout=3"), SslMode::Prefer);
        assert_eq!(mode("postgres://u@localhost/x"), SslMode::Prefer);
        assert_eq!(mode("postgres://u@127.0.0.1:5433/x"), SslMode::Prefer);
        assert_eq!(mode("host=/run/postgresql user=u"), SslMode::Prefer);
        assert_eq!(mode("postgres://u@localhost/x?sslmode=require"), SslMode::Require);
        assert_eq!(mode("host=localhost user=u sslmode=verify-full"), SslMode::Require);
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        assert!(line("postgres://u@h/x?sslmode=maybe").is_err());
        assert!(line("postgres://u@h/x?sslmode=verify-full&sslrootcert=/no/such/file.pem").is_err());
        assert!(line("nonsense").is_err());
    }

    #[test]
    fn other_parameters_stay() {
        let (rest, mode, root) = split("postgres://u@h/x?application_name=a&sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem");
        assert_eq!(
            (rest.as_str(), mode.as_deref(), root.as_deref()),
            ("postgres://u@h/x?application_name=a", Some("verify-ca"), Some("/etc/ca.pem"))
        );
    }
}
