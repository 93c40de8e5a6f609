//! A campaign that was read and checked.

use super::key_path::KeyPath;
use crate::text::Place;
use engine::time::Duration;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A grid of shards, and every file that they are made of.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// The file as it was given.
    pub file: String,
    /// Hash of this version of busyhour, the file, and all files that it names: equal hash, equal shards.
    pub sha256: String,
    /// Its profiles.
    pub profiles: Vec<Base>,
    /// Loads; empty: each profile's own.
    pub loads: Vec<LoadOf>,
    /// What varies besides.
    pub parameters: Vec<Parameter>,
    /// Length of the measured part, in place of the profiles'.
    pub duration: Option<Duration>,
    /// Where the file is; the names in it start from there.
    pub(super) folder: PathBuf,
    /// What it and the files that it names say, by their names as seen from the folder.
    pub(super) files: Files,
}

/// Contents of files by name.
pub(super) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A profile as it is in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// Its name.
    pub name: String,
    /// Its file, as seen from the folder of the campaign.
    pub path: PathBuf,
    /// The components that fail, one in each run; `None` stands for a run in which none does. Empty: nothing is asked to fail.
    pub failures: Vec<Option<String>>,
    /// The seeds that it is run with.
    pub seeds: Vec<u64>,
}

/// A load.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadOf {
    /// So many calls an hour.
    Bhcc(f64),
    /// So many percent of the profile's own.
    Percent(f64),
}

impl LoadOf {
    /// Calls an hour of a profile with this load of its own.
    #[must_use]
    pub fn bhcc(&self, own: f64) -> f64 {
        match self {
            Self::Bhcc(bhcc) => *bhcc,
            Self::Percent(percent) => own * percent / 100.0,
        }
    }

    /// As it is written.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Bhcc(bhcc) => bhcc.to_string(),
            Self::Percent(percent) => format!("{percent}%"),
        }
    }
}

/// A key of a profile or a solution that has one value after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What it is called in keys, tables and charts.
    pub name: String,
    /// In which file the key is.
    pub of: ParameterFile,
    /// Which key.
    pub path: KeyPath,
    /// The path as it was written.
    pub written: String,
    /// Where its path stands.
    pub(super) place: Place,
    /// Its values.
    pub values: Vec<ParameterValue>,
}

/// A file that has parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterFile {
    /// Every profile.
    Profile,
    /// Every profile's solution.
    Solution,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterValue {
    /// For people and keys.
    pub label: String,
    /// As TOML.
    pub literal: String,
    /// Where it stands.
    pub(super) place: Place,
}

impl Campaign {
    /// What a file says, by the name that a profile in the campaign's folder has for it.
    pub(super) fn file(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let name = path.strip_prefix(&self.folder).unwrap_or(path);
        self.files.get(name).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}
