//! Progress, one line each on stderr.

use mailroom_store::migration::{Moved, Progress};

use crate::answer::tell;

/// Tells what happens.
pub(crate) fn watch(progress: &Progress<'_>) {
    match progress {
        Progress::Waiting { holder: Some(holder) } => {
            tell(format_args!("waiting for another migration: {holder}"));
        }
        Progress::Waiting { holder: None } => tell("waiting for another migration"),
        Progress::Blocked {
            set,
            version,
            attempt,
        } => {
            tell(format_args!(
                "{set} {version} could not lock what it changes (attempt {attempt}), trying again"
            ));
        }
        Progress::Applied(moved) => tell(line(moved, "applied")),
        Progress::Undone(moved) => tell(line(moved, "undone")),
    }
}

fn line(moved: &Moved, done: &str) -> String {
    let Moved {
        set,
        version,
        name,
        took,
    } = moved;
    format!("{set} {version} {name} {done} in {} ms", took.as_millis())
}
