//! `down`: undoes migrations of one set, or says what it would undo.

use mailroom_store::migration::{self, Entry, Options, Set, Target};
use serde_json::{Value, json};

use crate::answer::{Answer, moved_json};
use crate::failure::{Failure, USAGE};
use crate::progress::watch;

pub(crate) async fn down(
    (target, set): (&Target, &'static Set),
    to: i64,
    yes: bool,
    options: &Options,
) -> Result<Answer, Failure> {
    if !yes {
        return Ok(preview(set, &migration::would_undo(target, set, to).await?));
    }
    let undone = migration::down(target, set, to, options, &mut watch).await?;
    Ok(Answer {
        text: format!("{}: {} undone", set.name(), undone.len()),
        json: json!({ "command": "down", "set": set.name(), "undone": moved_json(&undone) }),
        exit: 0,
    })
}

/// Nothing to undo is done already; otherwise the consent is missing.
fn preview(set: &Set, entries: &[Entry]) -> Answer {
    let name = set.name();
    let would_undo: Vec<Value> = entries
        .iter()
        .map(|entry| json!({ "version": entry.version, "name": entry.name }))
        .collect();
    let json = json!({ "command": "down", "set": name, "would_undo": would_undo });
    if entries.is_empty() {
        return Answer {
            text: format!("{name}: nothing to undo"),
            json,
            exit: 0,
        };
    }
    let mut text = vec![format!(
        "{name}: this would be undone, with the data in it; add --yes to do it"
    )];
    text.extend(
        entries
            .iter()
            .map(|entry| format!("  {} {}", entry.version, entry.name)),
    );
    Answer {
        text: text.join("\n"),
        json,
        exit: USAGE,
    }
}
