//! Why a value was refused, as serde tells it, kept apart from the value itself.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::error::{ConfigError, Origin, Problem};

/// A refusal and the place in the tree where it happened.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) path: Vec<String>,
    pub(super) problem: Problem,
}

impl Fault {
    pub(super) fn explain(self, origin: Origin) -> ConfigError {
        ConfigError::Setting {
            key: self.path.join("."),
            origin,
            problem: self.problem,
        }
    }
}

/// serde's error, without what it found: only what it expected.
#[derive(Debug)]
pub(super) enum Refusal {
    Unknown {
        field: String,
        known: String,
    },
    Missing {
        field: &'static str,
    },
    Expected(String),
    /// Said by a type of its own; may repeat the value and is looked through before anybody sees it.
    Custom(String),
}

impl Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Expected(one_of(expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::Unknown {
            field: field.to_owned(),
            known: one_of(expected),
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing { field }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Expected(format!("`{field}` once"))
    }
}

fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing here".to_owned(),
        [only] => format!("`{only}`"),
        names => format!("one of `{}`", names.join("`, `")),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a setting was refused")
    }
}

impl std::error::Error for Refusal {}
