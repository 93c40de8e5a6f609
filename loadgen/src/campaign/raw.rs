//! A campaign file as it was written: typed and placed, not yet held against its profiles.

use super::key_path::KeyPath;
use super::model::{LoadOf, Parameter, ParameterFile, ParameterValue};
use crate::profile::MAX_BHCC;
use crate::text::{At, Problem, Problems, Table, Value};
use engine::time::Duration;
use std::collections::HashMap;

/// Most profiles, values of a parameter, seeds and so on in one list.
const MAX_LIST: usize = 100_000;
/// Most parameters.
const MAX_PARAMETERS: usize = 32;
/// Longest measured part.
const MAX_DURATION: Duration = Duration::from_secs(366 * 86_400);
/// Names that keys of shards have already.
const TAKEN: [&str; 4] = ["load", "seed", "failure", "profile"];

/// The file. A field that is `None` was left out, or was wrong and has been reported.
pub(super) struct RawCampaign {
    pub(super) name: Option<At<String>>,
    pub(super) description: Option<At<String>>,
    pub(super) profiles: Vec<At<String>>,
    pub(super) seeds: Option<At<Vec<u64>>>,
    pub(super) replications: Option<At<u64>>,
    pub(super) failures: Vec<At<String>>,
    pub(super) loads: Option<At<Vec<LoadOf>>>,
    pub(super) duration: Option<At<Duration>>,
    pub(super) parameters: Vec<Parameter>,
}

/// Reads a whole campaign file.
pub(super) fn read(mut root: Table<'_>, p: &mut Problems) -> RawCampaign {
    let head = root.table("campaign", p);
    let mut parameters = Vec::new();
    for table in root.tables("vary", p) {
        parameters.extend(read_parameter(table, p));
    }
    root.finish(p);
    check_names(&parameters, p);
    let mut raw = RawCampaign {
        name: None,
        description: None,
        profiles: Vec::new(),
        seeds: None,
        replications: None,
        failures: Vec::new(),
        loads: None,
        duration: None,
        parameters,
    };
    let Some(mut head) = head else { return raw };
    raw.name = head.opt("name", p, name);
    raw.description = head.opt("description", p, line);
    raw.profiles = head.req("profiles", p, profiles).map_or_else(Vec::new, |at| at.value);
    raw.seeds = head.opt("seeds", p, seeds);
    raw.replications = head.opt("replications", p, |v, p| v.integer(1..=MAX_LIST as u64, p));
    raw.failures = head.opt("failures", p, failures).map_or_else(Vec::new, |at| at.value);
    raw.loads = head.opt("loads", p, loads);
    raw.duration = head.opt("duration", p, |v, p| v.duration(Duration::from_millis(1)..=MAX_DURATION, p));
    if let (Some(seeds), Some(replications)) = (&raw.seeds, &raw.replications) {
        let problem =
            Problem::error("\"replications\" has no meaning with \"seeds\"").at(&replications.place);
        p.push(problem.also(&seeds.place, "these are the seeds"));
    }
    head.finish(p);
    raw
}

fn line(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    let is_good = !text.is_empty() && !text.chars().any(char::is_control);
    if !is_good {
        let message = format!("{:?} must be one line of text, and not empty", v.key);
        p.push(Problem::error(message).at(&v.place));
    }
    is_good.then(|| text.to_owned())
}

/// A word that may stand in a file's name and in a shard's key.
fn name(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_good = !text.is_empty() && !text.starts_with('.') && text.chars().all(is_letter);
    if !is_good {
        let message = format!("{text:?} is no {}", v.key);
        let problem = Problem::error(message).at(&v.place);
        p.push(problem.help("letters, digits, \"-\", \"_\" and \".\" make one, and no dot comes first"));
    }
    is_good.then(|| text.to_owned())
}

/// The elements of a list that has some, but not too many.
fn elements<'t>(v: &Value<'t>, p: &mut Problems) -> Vec<Value<'t>> {
    let elements = v.array(p);
    if v.is_array() && elements.is_empty() {
        p.push(Problem::error(format!("{:?} is an empty list", v.key)).at(&v.place));
    }
    if elements.len() > MAX_LIST {
        p.push(Problem::error(format!("{:?} has more than {MAX_LIST} elements", v.key)).at(&v.place));
        return Vec::new();
    }
    elements
}

fn profiles(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<String>>> {
    let read = |v: &Value<'_>, p: &mut Problems| Some(At { value: line(v, p)?, place: v.place.clone() });
    let profiles: Vec<_> = elements(v, p).iter().filter_map(|v| read(v, p)).collect();
    (!profiles.is_empty()).then_some(profiles)
}

fn failures(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<String>>> {
    let mut failures = Vec::new();
    let mut seen = HashMap::new();
    for v in elements(v, p) {
        if let Some(name) = v.string(p)
            && is_first(&mut seen, name.to_owned(), &v, p)
        {
            failures.push(At { value: name.to_owned(), place: v.place.clone() });
        }
    }
    Some(failures)
}

fn seeds(v: &Value<'_>, p: &mut Problems) -> Option<Vec<u64>> {
    let mut seeds = Vec::new();
    let mut seen = HashMap::new();
    for v in elements(v, p) {
        if let Some(seed) = v.integer(0..=u64::MAX, p)
            && is_first(&mut seen, seed.to_string(), &v, p)
        {
            seeds.push(seed);
        }
    }
    (!seeds.is_empty()).then_some(seeds)
}

fn loads(v: &Value<'_>, p: &mut Problems) -> Option<Vec<LoadOf>> {
    let mut loads = Vec::new();
    let mut seen = HashMap::new();
    for v in elements(v, p) {
        if let Some(load) = load(&v, p)
            && is_first(&mut seen, load.label(), &v, p)
        {
            loads.push(load);
        }
    }
    (!loads.is_empty()).then_some(loads)
}

fn load(v: &Value<'_>, p: &mut Problems) -> Option<LoadOf> {
    let Some(text) = v.as_text() else {
        let number = v.number("more than 0 and at most 1000000000", |n| n > 0.0 && n <= MAX_BHCC, p);
        return number.map(LoadOf::Bhcc);
    };
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let percent = percent.filter(|percent| *percent > 0.0 && *percent <= 100_000.0);
    if percent.is_none() {
        let problem = Problem::error(format!("{text:?} is no load")).at(&v.place);
        p.push(problem.help("calls an hour such as 20000, or a share of the profile's own such as \"120%\""));
    }
    percent.map(LoadOf::Percent)
}

/// Whether a value has not been there before; otherwise that is reported.
fn is_first(
    seen: &mut HashMap<String, crate::text::Place>,
    label: String,
    v: &Value<'_>,
    p: &mut Problems,
) -> bool {
    let Some(first) = seen.get(&label) else {
        seen.insert(label, v.place.clone());
        return true;
    };
    p.push(Problem::error(format!("{label:?} is there twice")).at(&v.place).also(first, "the first"));
    false
}

fn read_parameter(mut t: Table<'_>, p: &mut Problems) -> Option<Parameter> {
    let name = t.opt("name", p, name);
    let profile = t.opt("profile", p, path);
    let solution = t.opt("solution", p, path);
    let values = t.req("values", p, values);
    let place = t.place().clone();
    let is_slip = t.has("profile") || t.has("solution");
    t.finish(p);
    let (of, path) = match (profile, solution) {
        (Some(path), None) => (ParameterFile::Profile, path),
        (None, Some(path)) => (ParameterFile::Solution, path),
        (Some(first), Some(second)) => {
            let problem = Problem::error("a parameter is one key, of the profile or of the solution");
            p.push(problem.at(&second.place).also(&first.place, "here is another"));
            return None;
        }
        (None, None) => {
            if !is_slip {
                let problem = Problem::error("a parameter says which key has these values").at(&place);
                p.push(
                    problem.help("as in profile = \"load.ring\" or solution = \"line[number=1].channels\""),
                );
            }
            return None;
        }
    };
    let (written, path, place) = (path.value.0, path.value.1, path.place);
    let name = name.map_or_else(|| path.last().to_owned(), |at| at.value);
    if TAKEN.contains(&name.as_str()) {
        let problem = Problem::error(format!("{name:?} means something else in the key of a shard"));
        p.push(problem.at(&place).help("give the parameter another name: name = \"...\""));
    }
    Some(Parameter { name, of, path, written, place, values: values?.value })
}

fn path(v: &Value<'_>, p: &mut Problems) -> Option<(String, KeyPath)> {
    let text = v.string(p)?;
    match KeyPath::parse(text) {
        Ok(path) => Some((text.to_owned(), path)),
        Err(error) => {
            let place = v.place_within(error.span);
            let problem = Problem::error(format!("{text:?} is no path of a key: {}", error.message));
            p.push(
                problem.at(&place).help("as in \"load.ring\" or \"line[system=primary, number=1].channels\""),
            );
            None
        }
    }
}

/// A list of values of any kind, or `{ from = 10, to = 50, step = 5 }`.
fn values(v: &Value<'_>, p: &mut Problems) -> Option<Vec<ParameterValue>> {
    if v.is_table() {
        return range(v, p);
    }
    let source = p.text(v.place.source);
    let mut values = Vec::new();
    let mut seen = HashMap::new();
    for v in elements(v, p) {
        let literal = source.get(v.place.span.clone()).unwrap_or("").trim().to_owned();
        let label = v.as_text().map_or_else(|| literal.clone(), str::to_owned);
        if is_first(&mut seen, label.clone(), &v, p) {
            values.push(ParameterValue { label, literal, place: v.place.clone() });
        }
    }
    (!values.is_empty()).then_some(values)
}

fn range(v: &Value<'_>, p: &mut Problems) -> Option<Vec<ParameterValue>> {
    let mut t = v.table(p)?;
    let any = |v: &Value<'_>, p: &mut Problems| v.integer(0..=u64::from(u32::MAX), p);
    let from = t.req("from", p, any);
    let to = t.req("to", p, any);
    let step = t.opt("step", p, |v, p| v.integer(1..=u64::from(u32::MAX), p));
    t.finish(p);
    let (from, to, step) = (from?.value, to?, step.map_or(1, |at| at.value));
    if to.value < from {
        p.push(Problem::error(format!("from {from} to {} is no value", to.value)).at(&to.place));
        return None;
    }
    if (to.value - from) / step >= MAX_LIST as u64 {
        p.push(Problem::error(format!("these are more than {MAX_LIST} values")).at(&v.place));
        return None;
    }
    let numbers = (from..=to.value).step_by(usize::try_from(step).unwrap_or(usize::MAX));
    let value =
        |n: u64| ParameterValue { label: n.to_string(), literal: n.to_string(), place: v.place.clone() };
    Some(numbers.map(value).collect())
}

fn check_names(parameters: &[Parameter], p: &mut Problems) {
    if parameters.len() > MAX_PARAMETERS {
        let problem = Problem::error(format!("more than {MAX_PARAMETERS} parameters"));
        p.push(problem.at(&parameters[MAX_PARAMETERS].place));
    }
    let mut seen: HashMap<&str, &Parameter> = HashMap::new();
    for parameter in parameters {
        let name = parameter.name.as_str();
        if let Some(first) = seen.insert(name, parameter) {
            let problem = Problem::error(format!("two parameters are called {name:?}"));
            let problem = problem.at(&parameter.place).also(&first.place, "the first");
            p.push(problem.help("give one of them another name: name = \"...\""));
        }
    }
}
