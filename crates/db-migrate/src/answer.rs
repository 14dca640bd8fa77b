//! What a command has to say, as text or as JSON, and with which exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use mailroom_store::migration::Moved;
use serde_json::{Value, json};

use crate::cli::Output;

/// The answer of a command that ran.
pub(crate) struct Answer {
    /// For people; without a line break at its end.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
    /// 0 unless the answer itself is bad news.
    pub(crate) exit: u8,
}

impl Answer {
    /// Prints it on stdout.
    pub(crate) fn print(&self, output: Output) -> ExitCode {
        match output {
            Output::Text => say(&self.text),
            Output::Json => say(&self.json),
        }
        ExitCode::from(self.exit)
    }
}

/// One line on stdout. What was done is done, whether or not somebody still reads.
pub(crate) fn say(line: impl std::fmt::Display) {
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// One line on stderr, under the same condition.
pub(crate) fn tell(line: impl std::fmt::Display) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// Migrations that were applied or undone.
pub(crate) fn moved_json(moved: &[Moved]) -> Value {
    let steps = moved.iter().map(|step| {
        json!({
            "version": step.version,
            "name": step.name,
            "milliseconds": u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
        })
    });
    steps.collect()
}
