//! What is said of dead letters, as text or as JSON, a line each.

use mailroom_domain::{EventId, Payload};
use mailroom_store::letter::{Content, Letter};
use serde_json::{Value, json};

use super::{
    deed::Deed,
    sweep::{Counts, Swept},
};
use crate::tools::output::{Output, say, time};

pub(super) fn list(letters: &[Letter], more: bool, output: Output) {
    let next = letters.last().filter(|_| more).map(|last| last.arrival);
    if output == Output::Json {
        let items: Vec<Value> = letters.iter().map(as_json).collect();
        return say(json!({"items": items, "next": next}));
    }
    if letters.is_empty() {
        return say("no dead letters");
    }
    say(format_args!(
        "{:36}  {:11}  {:12}  {:10}  {:>8}  {:20}  {}",
        "id", "kind", "code", "provider", "attempts", "recorded", "cause"
    ));
    for letter in letters {
        say(format_args!(
            "{:36}  {:11}  {:12}  {:10}  {:>8}  {:20}  {}",
            letter.id,
            letter.kind.as_str(),
            letter.code,
            letter.provider,
            letter.attempts,
            time(letter.created_at),
            letter.cause.as_deref().unwrap_or_default(),
        ));
    }
    if let Some(next) = next {
        say(format_args!("more: --after {next}"));
    }
}

pub(super) fn show(content: &Content, output: Output) {
    let payload = match &content.payload {
        Payload::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())),
        Payload::Bytes(bytes) => Value::from(String::from_utf8_lossy(bytes)),
    };
    let mut shown = as_json(&content.letter);
    shown["conversation_key"] = json!(content.conversation_key);
    shown["duplicates"] = json!(content.duplicates);
    shown["conflicts"] = json!(content.conflicts);
    shown["headers"] = json!(content.headers);
    shown["payload"] = payload;
    match (output, shown.as_object()) {
        (Output::Text, Some(fields)) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) => say(format_args!("{name}: {text}")),
                    Value::Object(_) | Value::Array(_) => say(format_args!("{name}: {value:#}")),
                    other => say(format_args!("{name}: {other}")),
                }
            }
        }
        _ => say(shown),
    }
}

/// What became of letters that were named one by one.
pub(super) fn named(deed: Deed, wanted: &[EventId], done: &[EventId], output: Output) {
    let missing: Vec<&EventId> = wanted.iter().filter(|id| !done.contains(id)).collect();
    if output == Output::Json {
        return say(json!({deed.word(): done, "no_dead_letters": missing}));
    }
    say(format_args!("{} {}", done.len(), deed.word()));
    for id in missing {
        say(format_args!("{id} is {}", deed.not_one()));
    }
}

/// What a deed would touch.
pub(super) fn counts(deed: Deed, counts: &Counts, output: Output) {
    if output == Output::Json {
        return say(json!({"dry_run": true, "matched": counts.total(), "counts": counts_json(counts)}));
    }
    for counted in &counts.0 {
        say(format_args!(
            "{:10}  {:12}  {:>8}",
            counted.provider, counted.code, counted.letters
        ));
    }
    say(format_args!(
        "{} would be {}; nothing was touched",
        counts.total(),
        deed.word()
    ));
}

/// What a sweep did.
pub(super) fn swept(deed: Deed, counts: &Counts, swept: &Swept, output: Output) {
    if output == Output::Json {
        return say(json!({
            "command": swept.command, "matched": counts.total(), deed.word(): swept.done,
            "interrupted": swept.interrupted, "counts": counts_json(counts),
        }));
    }
    say(format_args!("{} {}", swept.done, deed.word()));
    if swept.interrupted {
        say("interrupted; call it again to go on");
    }
}

fn counts_json(counts: &Counts) -> Vec<Value> {
    let counted = counts.0.iter();
    counted
        .map(|it| json!({"provider": it.provider, "code": it.code, "letters": it.letters}))
        .collect()
}

fn as_json(letter: &Letter) -> Value {
    json!({
        "id": letter.id,
        "channel": letter.channel,
        "provider": letter.provider,
        "endpoint": letter.endpoint,
        "kind": letter.kind.as_str(),
        "provider_message_id": letter.provider_message_id,
        "code": letter.code,
        "cause": letter.cause,
        "attempts": letter.attempts,
        "recorded_at": letter.created_at,
        "changed_at": letter.updated_at,
        "discarded_at": letter.discarded.as_ref().map(|(at, _)| at),
        "discarded_reason": letter.discarded.as_ref().map(|(_, reason)| reason),
    })
}
