//! Settings: defaults in the program < TOML file < environment, unknown keys refused, secrets never shown.
//!
//! | variable | setting |
//! |---|---|
//! | `DATABASE_URL` | `database.url` |
//! | `MAILROOM_DIRECT_DATABASE_URL` | `database.direct_url` |
//! | `MAILROOM__SECTION__KEY` | `section.key` (lower-cased, any depth) |
//! | any of these with `_FILE` appended | the same, read from the file it names |
//!
//! An empty variable counts as unset. A setting's own name must therefore not end in `_file`, and map keys
//! that the environment is to reach must be lower case. Put `#[serde(default, deny_unknown_fields)]` on every
//! section. Enums with data do not survive the layering: two layers would name two variants.

mod admin;
mod database;
mod environment;
mod error;
mod layer;
pub mod list;
mod reader;
mod refusal;
mod secret;
mod shutdown;
mod variable;

use std::path::Path;

use ::config::{Config, Source};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use admin::AdminConfig;
pub use database::DatabaseConfig;
pub use environment::of_process;
pub use error::{ConfigError, Origin, Problem};
pub use secret::Secret;
pub use shutdown::ShutdownConfig;

use environment::Environment;
use layer::Layer;

/// The settings of a long-running service, as [`crate::process::run`] wants them.
pub trait ServiceConfig: Serialize + DeserializeOwned + Default {
    /// Where the admin listener stands.
    fn admin(&self) -> &AdminConfig;

    /// How long stopping may take.
    fn shutdown(&self) -> &ShutdownConfig;

    /// Tests what no single setting can tell: required ones, and those that contradict each other.
    ///
    /// # Errors
    /// The first setting at fault; see [`ConfigError::missing`] and [`ConfigError::refused`].
    fn check(&self) -> Result<(), ConfigError>;
}

/// Loads settings: `T::default()`, then `file`, then `env`, each over the one before, key by key.
///
/// # Errors
/// Names the setting at fault, where it came from and what was expected, never its value.
pub fn load<T>(file: Option<&Path>, env: impl IntoIterator<Item = (String, String)>) -> Result<T, ConfigError>
where
    T: Serialize + DeserializeOwned + Default,
{
    let defaults = Layer::of_defaults(&T::default())?;
    let from_file = file.map(Layer::of_file).transpose()?.unwrap_or_default();
    let environment = Environment::collect(env, defaults.has_section("database"))?;

    let tree = Config::builder()
        .add_source(defaults)
        .add_source(from_file.clone())
        .add_source(environment.layer.clone())
        .build()
        .and_then(|merged| merged.collect())
        .map_err(|_| ConfigError::Layering)?;

    reader::read(tree).map_err(|fault| {
        let origin = match (environment.variable_at(&fault.path), file) {
            (Some(variable), _) => Origin::Variable(variable.to_owned()),
            (None, Some(file)) if from_file.holds(&fault.path) => Origin::File(file.to_owned()),
            _ => Origin::Default,
        };
        fault.explain(origin)
    })
}

/// The settings in effect as JSON, secrets redacted: what `--print-config` prints.
///
/// # Errors
/// [`ConfigError::Unprintable`] when a setting cannot be written as JSON: a fault of the program.
pub fn print<T: Serialize>(config: &T) -> Result<String, ConfigError> {
    serde_json::to_string_pretty(config).map_err(|_| ConfigError::Unprintable)
}

#[cfg(test)]
mod tests;
