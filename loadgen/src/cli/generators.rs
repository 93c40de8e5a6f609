//! One load on several generators.

use super::AccessArgs;
use crate::driver::TlsFiles;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Who generates, from where.
#[derive(Args, Debug)]
pub struct GeneratorArgs {
    /// The server over which loads are put together (NATS); tls:// if it must speak TLS.
    #[arg(long = "cluster", value_name = "nats://HOST:PORT", env = "BUSYHOUR_CLUSTER")]
    pub server: cluster::Server,
    /// What the server asks for.
    #[command(flatten)]
    pub access: AccessArgs,
    /// Its name, which no other generator should have [default: host and process].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where the far ends of trunks are [default: any free port on the address that faces the target].
    #[arg(long, value_name = "IP:PORT")]
    pub trunk_at: Option<SocketAddr>,
    /// Where the phones are [default: as for the trunks].
    #[arg(long, value_name = "IP:PORT")]
    pub phones_at: Option<SocketAddr>,
    /// For targets with TLS: the authorities that may have signed the target's certificate (PEM).
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// For targets with TLS: own certificate (PEM), to listen for connections that the target opens.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// For targets with TLS: the key of the own certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Only errors.
    #[arg(long, short)]
    pub quiet: bool,
}

impl GeneratorArgs {
    /// The files for TLS to a target.
    #[must_use]
    pub fn tls(&self) -> TlsFiles {
        TlsFiles::of(self.tls_ca.as_deref(), self.tls_cert.as_deref(), self.tls_key.as_deref())
    }
}
