//! What TLS needs, from PEM files.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A client that trusts whoever shows a certificate of these authorities (PEM).
///
/// # Errors
/// If the file cannot be read or has no certificate.
pub fn trusting(authorities: &Path) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities)? {
        roots.add(certificate).map_err(|error| wrong(authorities, &error))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// A server that shows this certificate (PEM, with its chain) and has its key.
///
/// # Errors
/// If a file cannot be read, has nothing of its kind, or the key is not the certificate's.
pub fn showing(certificate: &Path, key: &Path) -> io::Result<Arc<ServerConfig>> {
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    let config = config.with_no_client_auth().with_single_cert(chain, private);
    Ok(Arc::new(config.map_err(|error| wrong(certificate, &error))?))
}

fn certificates(file: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).map_err(|error| wrong(file, &error))?.collect();
    let read = read.map_err(|error| wrong(file, &error))?;
    if read.is_empty() { Err(wrong(file, &"has no certificate in PEM")) } else { Ok(read) }
}

fn wrong(file: &Path, what: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{}: {what}", file.display()))
}
