//! The environment layer: which variables are settings, and which settings they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::ConfigError;
use super::layer::Layer;
use super::variable::{PREFIX, WELL_KNOWN};

const FILE_SUFFIX: &str = "_FILE";

#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) layer: Layer,
    variables: BTreeMap<Vec<String>, String>,
}

impl Environment {
    pub(super) fn collect(
        env: impl IntoIterator<Item = (String, String)>,
        has_database: bool,
    ) -> Result<Self, ConfigError> {
        let mut found = Self::default();
        // Sorted, so that the same environment always gives the same error.
        let env: BTreeMap<String, String> = env.into_iter().collect();
        for (variable, value) in env {
            if value.is_empty() {
                continue;
            }
            let direct = variable.strip_suffix(FILE_SUFFIX);
            let Some(path) = path_of(direct.unwrap_or(&variable), has_database) else {
                continue;
            };
            let value = if direct.is_some() {
                content(&variable, value)?
            } else {
                value
            };
            if !found.layer.put(&path, value) {
                let first = found.variable_at(&path).unwrap_or(PREFIX).to_owned();
                return Err(ConfigError::Conflict {
                    first,
                    second: variable,
                });
            }
            found.variables.insert(path, variable);
        }
        Ok(found)
    }

    /// The variable that gave the setting at `path`, a section above it, or one below it.
    pub(super) fn variable_at(&self, path: &[String]) -> Option<&str> {
        let related = |given: &Vec<String>| given.starts_with(path) || path.starts_with(given);
        self.variables
            .iter()
            .find(|(given, _)| related(given))
            .map(|(_, variable)| variable.as_str())
    }
}

/// The environment of this process: the variables that may be settings.
///
/// # Errors
/// [`ConfigError::NotText`] for a setting that is not UTF-8; other variables may hold what they like.
pub fn of_process() -> Result<Vec<(String, String)>, ConfigError> {
    let mut found = Vec::new();
    for (variable, value) in std::env::vars_os() {
        let Ok(variable) = variable.into_string() else {
            continue;
        };
        if path_of(variable.strip_suffix(FILE_SUFFIX).unwrap_or(&variable), true).is_none() {
            continue;
        }
        match value.into_string() {
            Ok(value) => found.push((variable, value)),
            Err(_) => return Err(ConfigError::NotText { variable }),
        }
    }
    Ok(found)
}

fn path_of(variable: &str, has_database: bool) -> Option<Vec<String>> {
    if let Some(nested) = variable.strip_prefix(PREFIX) {
        return Some(nested.split("__").map(str::to_lowercase).collect());
    }
    let (_, key) = WELL_KNOWN
        .iter()
        .find(|(own, _)| *own == variable && has_database)?;
    Some(key.split('.').map(str::to_owned).collect())
}

fn content(variable: &str, file: String) -> Result<String, ConfigError> {
    let file = PathBuf::from(file);
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let text = text
                .strip_suffix('\n')
                .map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
            Ok(text.to_owned())
        }
        Err(source) => Err(ConfigError::Unreadable {
            file,
            named_by: variable.to_owned(),
            source,
        }),
    }
}
