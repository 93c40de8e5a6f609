//! A profile with certain values of the parameters: the files as they would be, read and checked.

use super::edit;
use super::grid::Coordinates;
use super::model::{Campaign, Parameter, ParameterFile};
use crate::profile::{self, Profile};
use crate::size::solution_of;
use crate::solution;
use crate::text::{Problem, Problems, ReadFile, did_you_mean};
use engine::plan::Plan;
use std::path::Path;
use std::sync::Arc;
use toml_edit::DocumentMut;

/// A profile and its compiled network.
pub(super) struct Variant {
    pub(super) profile: Profile,
    pub(super) plans: Vec<Arc<Plan>>,
}

impl Campaign {
    /// The variant at these coordinates. `Ok(None)`: the files do not validate, and `problems` says why.
    ///
    /// # Errors
    /// A parameter whose path does not fit its file.
    pub(super) fn variant(
        &self,
        at: &Coordinates,
        read: ReadFile<'_>,
        problems: &mut Problems,
    ) -> Result<Option<Variant>, Box<Problem>> {
        let path = self.folder.join(&self.profiles[at.profile].path);
        let whole =
            read(&path).map_err(|error| Box::new(Problem::error(format!("{}: {error}", path.display()))))?;
        let bytes = self.edited(whole, ParameterFile::Profile, at)?;
        let text = std::str::from_utf8(&bytes).unwrap_or("");
        let solution = solution_of(&path, text).unwrap_or_default();
        // A solution that is not there is found by the profile's own check.
        let changed = match read(&solution) {
            Ok(whole) => Some(self.edited(whole, ParameterFile::Solution, at)?),
            Err(_) => None,
        };
        let with_changes = |path: &Path| match &changed {
            Some(bytes) if path == solution => Ok(bytes.clone()),
            Some(_) | None => read(path),
        };
        let Some(mut profile) = profile::from_bytes(&path, &bytes, &with_changes, problems) else {
            return Ok(None);
        };
        profile.load.duration = self.duration.unwrap_or(profile.load.duration);
        match solution::compile(&profile.solution) {
            Ok(plans) => Ok(Some(Variant { profile, plans })),
            Err(faults) => {
                for fault in faults {
                    problems.push(Problem::error(format!("{}: {fault}", profile.solution.name)));
                }
                Ok(None)
            }
        }
    }

    /// A file with the values of its parameters in it. One without parameters, or that is no TOML, is as it was.
    fn edited(&self, bytes: Vec<u8>, of: ParameterFile, at: &Coordinates) -> Result<Vec<u8>, Box<Problem>> {
        let own: Vec<_> =
            self.parameters.iter().zip(&at.parameters).filter(|(parameter, _)| parameter.of == of).collect();
        let document = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<DocumentMut>().ok());
        let Some(mut document) = document.filter(|_| !own.is_empty()) else { return Ok(bytes) };
        for (parameter, value) in own {
            put(&mut document, parameter, *value)?;
        }
        Ok(document.to_string().into_bytes())
    }
}

fn put(document: &mut DocumentMut, parameter: &Parameter, value: usize) -> Result<(), Box<Problem>> {
    let value = &parameter.values[value];
    let parsed: toml_edit::Value = value
        .literal
        .parse()
        .map_err(|error| Box::new(Problem::error(format!("{:?}: {error}", value.label)).at(&value.place)))?;
    edit::set(document, &parameter.path, &parsed).map_err(|misfit| {
        let name = parameter.written.get(misfit.span.clone()).unwrap_or("");
        let help = did_you_mean(name, misfit.known.iter().map(String::as_str));
        let mut place = parameter.place.clone();
        // Inside the quotes, where the text is written as it is.
        if place.span.len() == parameter.written.len() + 2 {
            let start = place.span.start + 1;
            place.span = start + misfit.span.start..start + misfit.span.end;
        }
        let message = format!("{:?}: {}", parameter.written, misfit.message);
        Box::new(Problem::error(message).at(&place).maybe_help(help))
    })
}
