//! To the server, with what it asks for.

use crate::limits::{ANSWER, REACH};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, ServerAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// Where the server is: `nats://HOST:PORT`, or `tls://HOST:PORT` if it must speak TLS.
#[derive(Clone, Debug)]
pub struct Server {
    address: ServerAddr,
    is_tls: bool,
}

/// What the server asks for.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Name and password.
    pub user: Option<(String, String)>,
    /// File with a JWT and the key that belongs to it, as `nsc` writes it (`.creds`).
    pub credentials: Option<PathBuf>,
    /// File with certificates (PEM) of authorities that the server's may come from, besides those of this machine.
    pub authority: Option<PathBuf>,
    /// Files with a certificate of our own and its key (PEM).
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} is no server; one looks like nats://192.0.2.1:4222 or tls://HOST:4222");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        if !matches!(scheme, "nats" | "tls") || rest.is_empty() || rest.contains('/') {
            return Err(wrong());
        }
        let address: ServerAddr = text.parse().map_err(|_| wrong())?;
        Ok(Self { address, is_tls: scheme == "tls" })
    }
}

impl Server {
    /// Its address, without a password.
    #[must_use]
    pub fn shown(&self) -> String {
        let scheme = if self.is_tls { "tls" } else { "nats" };
        format!("{scheme}://{}:{}", self.address.host(), self.address.port())
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotConnected {
    /// Another time may do better: nobody is there.
    NotNow(String),
    /// It stays so: the server does not let us in, or is not who it should be, or a file is not there.
    ForGood(String),
}

impl NotConnected {
    /// In words.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::NotNow(text) | Self::ForGood(text) => text,
        }
    }
}

/// Tries once, for [`REACH`] at most. A connection that is lost later comes back by itself.
pub(crate) async fn connect(server: &Server, access: &Access, name: &str) -> Result<Client, NotConnected> {
    let said = |error: &dyn std::fmt::Display| format!("{}: {error}", server.shown());
    let mut options = ConnectOptions::new()
        .name(format!("busyhour {name}"))
        .require_tls(server.is_tls)
        .connection_timeout(ANSWER)
        .request_timeout(Some(ANSWER));
    if let Some((user, password)) = &access.user {
        options = options.user_and_password(user.clone(), password.clone());
    }
    if let Some(file) = &access.credentials {
        options = options
            .credentials_file(file)
            .await
            .map_err(|error| NotConnected::ForGood(format!("{}: {error}", file.display())))?;
    }
    if let Some(file) = &access.authority {
        options = options.add_root_certificates(file.clone());
    }
    if let Some((certificate, key)) = &access.certificate {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    let trying = options.connect(server.address.clone());
    let Ok(connected) = tokio::time::timeout(REACH, trying).await else {
        return Err(NotConnected::NotNow(said(&"no answer")));
    };
    connected.map_err(|error| match error.kind() {
        ConnectErrorKind::ServerParse
        | ConnectErrorKind::Authentication
        | ConnectErrorKind::AuthorizationViolation
        | ConnectErrorKind::Tls => NotConnected::ForGood(said(&error)),
        ConnectErrorKind::Dns
        | ConnectErrorKind::TimedOut
        | ConnectErrorKind::Io
        | ConnectErrorKind::MaxReconnects => NotConnected::NotNow(said(&error)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        let shown = |text: &str| text.parse::<Server>().map(|server| server.shown());
        assert_eq!(shown("nats://192.0.2.1:4333"), Ok("nats://192.0.2.1:4333".to_owned()));
        assert_eq!(shown("tls://bus.example"), Ok("tls://bus.example:4222".to_owned()));
        assert_eq!(shown("nats://user:secret@h:1"), Ok("nats://h:1".to_owned()));
        for text in ["", "nats://", "192.0.2.1:4222", "http://h:1", "nats://h:x", "nats://h/x"] {
            assert!(shown(text).is_err_and(|error| error.contains("is no server")), "{text}");
        }
    }
}
