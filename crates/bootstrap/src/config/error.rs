//! What can be wrong with settings, said without ever repeating a value: it may be a secret.

use std::fmt;
use std::path::PathBuf;

use super::variable::variable_for;

/// Why settings could not be loaded. Every message ends in what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting is unknown, missing or not what was expected.
    #[error("setting `{key}` {}", describe(key, origin, problem))]
    Setting {
        /// The setting, as in `shutdown.deadline_ms`.
        key: String,
        /// Where its value came from.
        origin: Origin,
        /// What is wrong with it.
        problem: Problem,
    },

    /// The settings file or a file named by a `_FILE` variable cannot be read.
    #[error("cannot read {} (named by {named_by}): {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The flag or variable that names it.
        named_by: String,
        /// What the system said.
        source: std::io::Error,
    },

    /// The settings file is not TOML.
    #[error("{} is not valid TOML: {place}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Line and column.
        place: String,
    },

    /// Two variables give the same setting, or one gives a value where the other gives a section.
    #[error("{first} and {second} contradict each other: unset one of them")]
    Conflict {
        /// One variable.
        first: String,
        /// The other.
        second: String,
    },

    /// A variable's value is not text.
    #[error("{variable} is not valid UTF-8: correct it or name a file in {variable}_FILE")]
    NotText {
        /// The variable.
        variable: String,
    },

    /// The program's own defaults cannot be layered: a fault of the program.
    #[error("the built-in defaults cannot be layered; this is a fault of the program, please report it")]
    Layering,

    /// The settings cannot be printed: a fault of the program.
    #[error("the settings cannot be printed; this is a fault of the program, please report it")]
    Unprintable,
}

impl ConfigError {
    /// A required setting (such as `database.url`) that nothing gives.
    pub fn missing(key: &str) -> Self {
        Self::Setting {
            key: key.to_owned(),
            origin: Origin::Default,
            problem: Problem::Missing,
        }
    }

    /// A setting whose value will not do; `expected` finishes the sentence "expected ...", without the value.
    pub fn refused(key: &str, expected: impl Into<String>) -> Self {
        let problem = Problem::Refused(expected.into());
        Self::Setting {
            key: key.to_owned(),
            origin: Origin::Default,
            problem,
        }
    }
}

/// Where a setting's value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This environment variable.
    Variable(String),
    /// This file.
    File(PathBuf),
    /// The program's defaults, or not known any more.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, " (from {name})"),
            Self::File(file) => write!(f, " (in {})", file.display()),
            Self::Default => Ok(()),
        }
    }
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no such setting; holds those there are.
    Unknown(String),
    /// It has no default and nothing gives it.
    Missing,
    /// Its value will not do; holds what was expected.
    Refused(String),
}

fn describe(key: &str, origin: &Origin, problem: &Problem) -> String {
    let variable = variable_for(key);
    match problem {
        Problem::Unknown(known) => format!("is unknown{origin}: expected {known}; correct or remove it"),
        Problem::Missing => format!("is missing: set {variable}, or {variable}_FILE to a file that holds it"),
        Problem::Refused(expected) => match origin {
            Origin::Variable(_) => format!("is refused{origin}: expected {expected}"),
            _ => format!("is refused{origin}: expected {expected}; correct it or set {variable}"),
        },
    }
}
