//! Which components of a profile's network a campaign lets fail.

use super::grid::NO_FAILURE;
use crate::each_failure::components;
use crate::profile::Profile;
use crate::text::{At, Problem, Problems, did_you_mean};
use engine::time::Duration;

/// The words that stand for several components.
const SEVERAL: [(&str, &str); 6] = [
    ("each", ""),
    ("each-system", "system:"),
    ("each-line", "line:"),
    ("each-link", "link:"),
    ("each-trunk", "trunk:"),
    ("each-voicemail", "voicemail:"),
];

/// The failures that `wanted` means in the network of `profile`, each once. A component that is named for one profile may be
/// missing in the network of another only by mistake.
pub(super) fn failures(
    wanted: &[At<String>],
    duration: Option<Duration>,
    profile: &Profile,
    p: &mut Problems,
) -> Vec<Option<String>> {
    let names: Vec<String> = components(&profile.solution).iter().map(ToString::to_string).collect();
    let mut failures: Vec<Option<String>> = Vec::new();
    for word in wanted {
        let several = SEVERAL.iter().find(|(name, _)| *name == word.value);
        let meant: Vec<Option<String>> = match several {
            Some((_, start)) => {
                names.iter().filter(|name| name.starts_with(start)).cloned().map(Some).collect()
            }
            None if word.value == NO_FAILURE => vec![None],
            None => names.iter().filter(|name| **name == word.value).cloned().map(Some).collect(),
        };
        if meant.is_empty() {
            let words = SEVERAL.iter().map(|(name, _)| *name).chain([NO_FAILURE]);
            let help = did_you_mean(&word.value, names.iter().map(String::as_str).chain(words));
            let message = format!("{}: nothing that can fail is called {:?}", profile.name, word.value);
            p.push(Problem::error(message).at(&word.place).maybe_help(help));
        }
        for one in meant {
            if !failures.contains(&one) {
                failures.push(one);
            }
        }
    }
    let length = duration.unwrap_or(profile.load.duration);
    let (at, _) = profile.each_failure.within(length);
    if let (Some(word), true) = (wanted.first(), at >= length) {
        let message = format!("{}: no failure at {at}: the measured part takes {length}", profile.name);
        let problem = Problem::error(message).at(&word.place);
        p.push(problem.help("another \"at\" in the profile's [each_failure], or a longer \"duration\""));
    }
    failures
}
