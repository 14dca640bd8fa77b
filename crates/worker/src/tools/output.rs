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
    drop(writeln!(
        std::io::stdout().lock(),
        "{}",
        harmless(&line.to_string())
    ));
}

/// The same on a line of its own: what somebody wrote must not look like other lines.
pub(crate) fn on_a_line(text: &str) -> String {
    text.replace('\n', "\\n")
}

/// What was received must not steer the terminal: control characters are shown as JSON would escape them, so that an
/// object stays the same object.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && !['\n', '\t'].contains(&c) {
            shown.extend(format!("\\u{:04x}", u32::from(c)).chars());
        } else {
            shown.push(c);
        }
    }
    shown
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
