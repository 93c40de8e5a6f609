//! From a campaign file and the profiles that it names to the campaign.

use super::failures::failures;
use super::grid::{Coordinates, Grid, MAX_SHARDS};
use super::model::{Base, Campaign, Files};
use super::raw::{self, RawCampaign};
use crate::profile::{self, Arrivals, Profile};
use crate::random::replication_seeds;
use crate::report::built_from_commit;
use crate::text::{At, Problem, Problems, ReadFile, read_document};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// A campaign with everything it is made of: what a machine that has none of the files needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The campaign's file, without folders.
    pub file: String,
    /// Names of files, and their bytes in base64.
    pub files: Vec<(String, String)>,
}

/// Reads and checks a campaign, its profiles, and each value of each parameter. `None` if anything has errors, all of which
/// are in `problems` then.
pub fn load(path: &Path, problems: &mut Problems) -> Option<Campaign> {
    let errors = problems.errors();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let reading = Reading { folder, read: &crate::text::read_file, files: RefCell::default() };
    let mut campaign = read(path, &reading, problems)?;
    check_values(&campaign, &reading, problems);
    campaign.files = reading.files.into_inner();
    campaign.sha256 = hash(&campaign);
    (problems.errors() == errors).then_some(campaign)
}

/// The campaign that a bundle holds; `None`, with problems, if it is none. The values of its parameters are not looked at.
pub fn of_bundle(bundle: &Bundle, problems: &mut Problems) -> Option<Campaign> {
    use base64::Engine as _;
    let errors = problems.errors();
    let mut files = Files::new();
    for (name, encoded) in &bundle.files {
        match base64::engine::general_purpose::STANDARD.decode(encoded) {
            Ok(bytes) => drop(files.insert(PathBuf::from(name), bytes)),
            Err(error) => problems.push(Problem::error(format!("{name}: {error}"))),
        }
    }
    let nothing = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let reading = Reading { folder: PathBuf::new(), read: &nothing, files: RefCell::new(files) };
    let mut campaign = read(Path::new(&bundle.file), &reading, problems)?;
    campaign.files = reading.files.into_inner();
    campaign.sha256 = hash(&campaign);
    (problems.errors() == errors).then_some(campaign)
}

impl Campaign {
    /// Everything that another machine needs to run its shards.
    #[must_use]
    pub fn bundle(&self) -> Bundle {
        use base64::Engine as _;
        let name = Path::new(&self.file).file_name().unwrap_or_default();
        let encode = |bytes: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
        let files = self.files.iter().map(|(name, bytes)| (name.display().to_string(), encode(bytes)));
        Bundle { file: name.to_string_lossy().into_owned(), files: files.collect() }
    }
}

/// Files as they are read, each once, so that all shards have the same.
pub(super) struct Reading<'a> {
    folder: PathBuf,
    read: ReadFile<'a>,
    files: RefCell<Files>,
}

impl Reading<'_> {
    pub(super) fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.strip_prefix(&self.folder).unwrap_or(path).to_owned();
        if let Some(bytes) = self.files.borrow().get(&name) {
            return Ok(bytes.clone());
        }
        let bytes = (self.read)(path)?;
        self.files.borrow_mut().insert(name, bytes.clone());
        Ok(bytes)
    }
}

fn read(path: &Path, reading: &Reading<'_>, p: &mut Problems) -> Option<Campaign> {
    let shown = path.display().to_string();
    let bytes = match reading.file(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            p.push_unreadable(&shown, &error, None);
            return None;
        }
    };
    let errors = p.errors();
    let source = p.add_bytes(shown.clone(), &bytes)?;
    let raw = read_document(source, p, raw::read);
    let profiles = bases(&raw, reading, p);
    let stem = || path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let campaign = Campaign {
        name: raw.name.map_or_else(stem, |at| at.value),
        description: raw.description.map_or_else(String::new, |at| at.value),
        file: shown,
        sha256: String::new(),
        profiles,
        loads: raw.loads.map_or_else(Vec::new, |at| at.value),
        parameters: raw.parameters,
        duration: raw.duration.map(|at| at.value),
        folder: reading.folder.clone(),
        files: Files::new(),
    };
    if p.errors() == errors && Grid::of(&campaign).is_none() {
        p.push(Problem::error(format!("{}: more than {MAX_SHARDS} shards", campaign.file)));
    }
    (p.errors() == errors).then_some(campaign)
}

/// The profiles as they are in their files.
fn bases(raw: &RawCampaign, reading: &Reading<'_>, p: &mut Problems) -> Vec<Base> {
    let mut bases: Vec<Base> = Vec::new();
    let mut seen: HashMap<String, &At<String>> = HashMap::new();
    for name in &raw.profiles {
        let Some(profile) = base(name, reading, p) else { continue };
        if let (Some(loads), Arrivals::Trace(_)) = (&raw.loads, &profile.load.arrivals) {
            let problem = Problem::error(format!("{}: a recorded trace has one load", profile.name));
            p.push(problem.at(&name.place).also(&loads.place, "these are others"));
        }
        if let Some(first) = seen.get(&profile.name) {
            let problem =
                Problem::error(format!("two profiles are named {:?}", profile.name)).at(&name.place);
            p.push(problem.also(&first.place, "the first"));
            continue;
        }
        seen.insert(profile.name.clone(), name);
        bases.push(Base {
            failures: failures(&raw.failures, raw.duration.as_ref().map(|at| at.value), &profile, p),
            seeds: seeds(raw, &profile),
            name: profile.name,
            path: PathBuf::from(&name.value),
        });
    }
    bases
}

fn base(name: &At<String>, reading: &Reading<'_>, p: &mut Problems) -> Option<Profile> {
    let path = reading.folder.join(&name.value);
    match reading.file(&path) {
        Ok(bytes) => profile::from_bytes(&path, &bytes, &|path| reading.file(path), p),
        Err(error) => {
            p.push_unreadable(&path.display().to_string(), &error, Some(&name.place));
            None
        }
    }
}

fn seeds(raw: &RawCampaign, profile: &Profile) -> Vec<u64> {
    match (&raw.seeds, &raw.replications) {
        (Some(seeds), _) => seeds.value.clone(),
        (None, replications) => {
            let count = replications.as_ref().map_or(1, |at| at.value);
            replication_seeds(profile.load.seed, usize::try_from(count).unwrap_or(1))
        }
    }
}

/// Tries each value of each parameter with every profile, all other parameters at their first values.
fn check_values(campaign: &Campaign, reading: &Reading<'_>, p: &mut Problems) {
    for profile in 0..campaign.profiles.len() {
        let first = Coordinates {
            profile,
            parameters: vec![0; campaign.parameters.len()],
            failure: 0,
            load: 0,
            seed: 0,
        };
        for (n, parameter) in campaign.parameters.iter().enumerate() {
            let errors = p.errors();
            for (value, written) in parameter.values.iter().enumerate() {
                let mut at = first.clone();
                at.parameters[n] = value;
                let mut found = Problems::new();
                if let Err(misfit) = campaign.variant(&at, &|path| reading.file(path), &mut found) {
                    p.push(*misfit);
                    break;
                }
                p.absorb(found, &written.place, &format!("{} is {}", parameter.name, written.label));
            }
            if p.errors() > errors {
                break;
            }
        }
    }
}

/// Everything that a shard depends on: this version of busyhour and the files.
fn hash(campaign: &Campaign) -> String {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(built_from_commit().unwrap_or_default().as_bytes());
    add(campaign.name.as_bytes());
    for (name, bytes) in &campaign.files {
        add(name.to_string_lossy().as_bytes());
        add(bytes);
    }
    hex(&hash.finalize())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::text::Style;

    pub(in crate::campaign) const CAMPAIGN: &str = r#"
[campaign]
profiles = ["day.toml"]
seeds = [4, 9]
loads = [200, "50%", "120%"]
duration = "20m"

[[vary]]
profile = "load.talk"
values = ["6s", { distribution = "exponential", mean = "6s" }]

[[vary]]
solution = "line[number=1].channels"
values = { from = 3, to = 5, step = 2 }
"#;

    const DAY: &str = r#"
[profile]
solution = "net/one.toml"
[load]
bhcc = 2000
ring = "5s"
talk = "6s"
[[load.stream]]
name = "in"
kind = "incoming"
system = "primary"
to = "200-209"
[targets]
blocked_pct = "<= 1"
"#;

    const ONE: &str = r#"
[solution]
name = "one"
edition = "select"
[[system]]
name = "primary"
role = "primary"
platform = "r640"
[[line]]
system = "primary"
number = 1
kind = "sip"
channels = 4
[[users]]
system = "primary"
extensions = "200-209"
[[incoming_call_route]]
destination = "."
"#;

    fn try_campaign(text: &str) -> (Option<Campaign>, Problems) {
        let mut problems = Problems::new();
        let files = |path: &Path| match path.to_str() {
            Some("c/test.toml") => Ok(text.as_bytes().to_vec()),
            Some("c/day.toml") => Ok(DAY.as_bytes().to_vec()),
            Some("c/net/one.toml") => Ok(ONE.as_bytes().to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        let reading = Reading { folder: PathBuf::from("c"), read: &files, files: RefCell::default() };
        let campaign = read(Path::new("c/test.toml"), &reading, &mut problems).map(|mut campaign| {
            check_values(&campaign, &reading, &mut problems);
            campaign.files = reading.files.take();
            campaign.sha256 = hash(&campaign);
            campaign
        });
        (campaign, problems)
    }

    pub(in crate::campaign) fn campaign(text: &str) -> Campaign {
        let (campaign, problems) = try_campaign(text);
        assert!(problems.is_empty(), "{}", problems.render(Style::Plain));
        campaign.expect("no problems")
    }

    #[test]
    fn a_bundle_is_the_whole_campaign() {
        let campaign = campaign(CAMPAIGN);
        let bundle = campaign.bundle();
        let names: Vec<&str> = bundle.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            (bundle.file.as_str(), names),
            ("test.toml", vec!["day.toml", "net/one.toml", "test.toml"])
        );
        let mut problems = Problems::new();
        let again = of_bundle(&bundle, &mut problems).expect("it is whole");
        assert_eq!(again.sha256, campaign.sha256);
        assert_eq!((again.profiles, again.loads), (campaign.profiles, campaign.loads));
        let part = Bundle { files: bundle.files[1..].to_vec(), ..bundle };
        assert!(of_bundle(&part, &mut problems).is_none());
    }

    #[test]
    fn another_byte_in_any_file_is_another_campaign() {
        let one = campaign(CAMPAIGN);
        let mut other = one.clone();
        other.files.entry(PathBuf::from("net/one.toml")).or_default().push(b'\n');
        assert_ne!(hash(&one), hash(&other));
        assert_eq!(hash(&one), one.sha256);
    }

    #[test]
    fn everything_wrong_with_a_campaign_is_shown_at_once() {
        let text = r#"
[campaign]
profiles = ["day.toml", "day.toml", "night.toml"]
seeds = [1, 2, 1]
replications = 3
loads = ["50", -1]
failures = ["each-sytem", "none", "none", "trunk:primary/2"]
durations = "1h"

[[vary]]
name = "a/b"
profile = "load..ring"
values = []

[[vary]]
name = "seed"
profile = "load.seed"
values = { from = 5, to = 3 }

[[vary]]
profile = "load.ring"
solution = "line[0].channels"
values = ["1s"]

[[vary]]
values = [1]
"#;
        insta::assert_snapshot!(try_campaign(text).1.render(Style::Plain));
    }

    #[test]
    fn values_that_do_not_fit_are_shown_where_they_come_from() {
        let text = r#"
[campaign]
profiles = ["day.toml"]
[[vary]]
solution = "line[number=1].channels"
values = [4, 20000, "many"]
"#;
        insta::assert_snapshot!(try_campaign(text).1.render(Style::Plain));
        let nowhere = text.replace("number=1", "number=2");
        insta::assert_snapshot!(try_campaign(&nowhere).1.render(Style::Plain));
    }
}
