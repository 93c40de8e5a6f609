//! What a generator is sent: its part of a load and everything that it takes.

use crate::cli::RunArgs;
use crate::driver::{MediaMode, SipOptions, TlsFiles, parse_target};
use crate::profile::{self, Profile, Share};
use crate::solution;
use crate::text::{Problems, Style, read_file};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use engine::plan::Plan;
use engine::time::Duration;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A part of a load over SIP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The profile's file, as it was given.
    profile: PathBuf,
    /// All files, their bytes in base64.
    files: BTreeMap<PathBuf, String>,
    seed: u64,
    bhcc: f64,
    duration_ns: u64,
    target: String,
    password: Option<String>,
    rtp: bool,
    more_phones: Vec<String>,
    register_rate: Option<f64>,
    expires_ns: u64,
    part: u64,
    of: u64,
}

impl Order {
    /// The orders that make up the load of `profile`, one for each of so many generators.
    ///
    /// # Errors
    /// A file cannot be read any more, or the load cannot be split so.
    pub fn all(
        args: &RunArgs,
        profile: &Profile,
        plans: &[Arc<Plan>],
        parts: u64,
    ) -> Result<Vec<Self>, String> {
        let options =
            args.sip.options().ok_or("only a load over SIP is placed by generators; add --target")?;
        let files = files_of(&profile.file.path)?;
        (0..parts)
            .map(|part| {
                let share = Share::new(part, parts).ok_or("no such part")?;
                profile.shared(share, plans)?;
                let more = options.more_phones.iter().zip(0..).filter(|(_, n)| share.has(*n));
                Ok(Self {
                    profile: profile.file.path.clone(),
                    files: files.clone(),
                    seed: profile.load.seed,
                    bhcc: profile.load.bhcc,
                    duration_ns: profile.load.duration.as_nanos(),
                    target: options.target.to_string(),
                    password: options.password.as_deref().map(str::to_owned),
                    rtp: options.media == MediaMode::Rtp,
                    more_phones: more.map(|(phone, _)| phone.clone()).collect(),
                    register_rate: options.register_rate.map(|rate| rate / parts as f64),
                    expires_ns: options.expires.as_nanos(),
                    part,
                    of: parts,
                })
            })
            .collect()
    }

    /// The profile of this part, and its network.
    ///
    /// # Errors
    /// It does not validate, which one of the same build would not have sent.
    pub fn open(&self) -> Result<(Profile, Vec<Arc<Plan>>), String> {
        let mut files = BTreeMap::new();
        for (path, encoded) in &self.files {
            let bytes = BASE64.decode(encoded).map_err(|error| format!("{}: {error}", path.display()))?;
            files.insert(path.as_path(), bytes);
        }
        let read =
            |path: &Path| files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        let mut problems = Problems::new();
        let bytes = read(&self.profile).map_err(|error| format!("{}: {error}", self.profile.display()))?;
        let profile = profile::from_bytes(&self.profile, &bytes, &read, &mut problems);
        let mut profile = profile.ok_or_else(|| problems.render(Style::Plain).trim_end().to_owned())?;
        profile.load.seed = self.seed;
        profile.load.bhcc = self.bhcc;
        profile.load.duration = Duration::from_nanos(self.duration_ns);
        let plans =
            solution::compile(&profile.solution).map_err(|_| "its network cannot be built".to_owned())?;
        let share = Share::new(self.part, self.of).ok_or("no such part")?;
        let shared = profile.shared(share, &plans)?;
        Ok((shared, plans))
    }

    /// Where its calls go, from these addresses of the generator's host and with its files.
    ///
    /// # Errors
    /// The target has no address here.
    pub fn options(&self, at: [Option<SocketAddr>; 2], tls: &TlsFiles) -> Result<SipOptions, String> {
        Ok(SipOptions {
            target: parse_target(&self.target)?,
            tls: tls.clone(),
            trunk_at: at[0],
            phones_at: at[1],
            password: self.password.as_deref().map(Into::into),
            more_phones: self.more_phones.clone(),
            register_rate: self.register_rate,
            expires: Duration::from_nanos(self.expires_ns),
            media: if self.rtp { MediaMode::Rtp } else { MediaMode::None },
        })
    }
}

/// The profile and every file that it and its solution name.
fn files_of(path: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let files = RefCell::new(BTreeMap::new());
    let read = |path: &Path| {
        let bytes = read_file(path)?;
        files.borrow_mut().insert(path.to_owned(), BASE64.encode(&bytes));
        Ok(bytes)
    };
    let mut problems = Problems::new();
    let bytes = read(path).map_err(|error: io::Error| format!("{}: {error}", path.display()))?;
    let profile = profile::from_bytes(path, &bytes, &read, &mut problems);
    profile.ok_or_else(|| problems.render(Style::Plain).trim_end().to_owned())?;
    Ok(files.into_inner())
}
