//! A nats-server of Debian's package on loopback: a free port, JetStream in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that lives as long as this.
pub(crate) struct NatsServer {
    child: Child,
    folder: PathBuf,
    port: u16,
    configuration: String,
}

impl NatsServer {
    /// One that asks for nothing.
    pub(crate) fn start(test: &str) -> Self {
        Self::configured(test, |_| String::new())
    }

    /// One with more of a configuration, which may name files in the folder that it is given.
    pub(crate) fn configured(test: &str, more: impl FnOnce(&Path) -> String) -> Self {
        let folder = std::env::temp_dir().join(format!("busyhour-nats-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a temporary folder");
        let configuration = more(&folder);
        let (child, port) = launch(&folder, &configuration, -1);
        Self { child, folder, port, configuration }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Kills it and starts it again at the same place with what it has kept.
    pub(crate) fn restart(&mut self) {
        self.stop();
        (self.child, self.port) = launch(&self.folder, &self.configuration, i32::from(self.port));
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts the server; it writes down which port it has, once it listens.
fn launch(folder: &Path, more: &str, port: i32) -> (Child, u16) {
    let (file, place) = (folder.join("server.conf"), folder.display());
    let store = folder.join("store");
    let configuration = format!(
        "listen: \"127.0.0.1:{port}\"\nports_file_dir: \"{place}\"\njetstream: {{ store_dir: \"{}\" }}\n{more}\n",
        store.display()
    );
    fs::write(&file, configuration).expect("a temporary file");
    let mut command = Command::new("nats-server");
    command.arg("--config").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("nats-server is installed (.ci/test does it)");
    let ports = folder.join(format!("nats-server_{}.ports", child.id()));
    loop {
        let written = fs::read_to_string(&ports).unwrap_or_default();
        let port = written.split('"').find_map(|word| word.rsplit(':').next()?.parse().ok());
        if let Some(port) = port {
            return (child, port);
        }
        assert!(child.try_wait().expect("is ours").is_none(), "the server ended: {}", folder.display());
        std::thread::yield_now();
    }
}
