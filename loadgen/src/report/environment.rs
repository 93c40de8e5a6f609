//! The machine and the build a run was made on.

use serde::{Deserialize, Serialize};

/// Where and with what a run was made: figures of the wall clock are comparable only between equal environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Processor cores this process may use; null if the system does not say.
    pub cores: Option<u64>,
    /// Processor model; null if the system does not say.
    pub cpu: Option<String>,
    /// Compiler that built busyhour.
    pub rustc: Option<String>,
    /// `release` or `debug` (with debug assertions).
    pub build: String,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn current() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").ok();
        Self {
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            cores: std::thread::available_parallelism().ok().map(|n| n.get() as u64),
            cpu: cpuinfo.as_deref().and_then(cpu_model),
            rustc: option_env!("BUSYHOUR_RUSTC").map(str::to_owned),
            build: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
        }
    }
}

/// Commit that busyhour was built from (`HEAD` at build time, local changes not considered); `None` outside a checkout.
#[must_use]
pub fn built_from_commit() -> Option<String> {
    option_env!("BUSYHOUR_COMMIT").map(str::to_owned)
}

/// Most memory this process has held so far; `None` if the system does not say.
pub(super) fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    Some(kib.trim().parse::<f64>().ok()? / 1_024.0)
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_processor_model() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\nmodel name\t: other\n";
        assert_eq!(cpu_model(text).as_deref(), Some("Some CPU @ 2.0GHz"));
        assert_eq!(cpu_model("Hardware : board"), None);
    }
}
