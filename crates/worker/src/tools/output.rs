//! How tools say what they have to say: text for people, or JSON for programs, a line each.

use std::io::Write;

use clap::ValueEnum;
use mailroom_store::pause::Scope;

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// One line. Whoever stopped reading has read enough.
pub(crate) fn say(line: impl std::fmt::Display) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// A time as people read it.
pub(crate) fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What is paused, as people say it.
pub(crate) fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Everything => "everything".to_owned(),
        Scope::Provider(name) => format!("provider {name}"),
    }
}
