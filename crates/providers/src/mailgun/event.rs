//! Mailgun's events: how far a mail of ours got, and what else happened to it.

use std::time::Duration;

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, MessageReference, MessageStatus, Payload, StatusChange,
    displayable,
};
use serde_json::{Value, json};

use super::{
    NAME,
    fields::{KNOWN_OF_EVENTS, Problem},
};
use crate::{
    Drift, Incoming,
    incoming::{fit, hash, shown},
};

/// What an event does to a conversation.
enum Meaning {
    /// A mail got further.
    Status(MessageStatus),
    /// Nothing.
    Notice,
}

/// documentation.mailgun.com, "Event types".
fn meaning(data: &Value) -> Option<Meaning> {
    Some(match data["event"].as_str()? {
        "accepted" => Meaning::Status(MessageStatus::Sent),
        "delivered" => Meaning::Status(MessageStatus::Delivered),
        "opened" | "clicked" => Meaning::Status(MessageStatus::Read),
        "rejected" => Meaning::Status(MessageStatus::Failed),
        "failed" => match data["severity"].as_str()? {
            "permanent" => Meaning::Status(MessageStatus::Failed),
            // Mailgun tries on by itself.
            "temporary" => Meaning::Notice,
            _ => return None,
        },
        "complained" | "unsubscribed" | "stored" => Meaning::Notice,
        word if word.starts_with("list_") => Meaning::Notice,
        _ => return None,
    })
}

/// What to keep of a request: everything but its signature.
pub(super) fn kept(body: &Value) -> String {
    let mut kept = body.clone();
    if let Some(object) = kept.as_object_mut() {
        object.remove("signature");
    }
    kept.to_string()
}

/// What to write down of a request with an event.
pub(super) fn incoming(body: &Value, endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    let data = &body["event-data"];
    for (object, known) in [(body, &["event-data", "signature"][..]), (data, KNOWN_OF_EVENTS)] {
        if let Some(object) = object.as_object() {
            drift.note(object, known);
        }
    }
    let id = data["id"].as_str().ok_or(Problem::Missing("event-data.id"))?;
    let id = fit(id).ok_or(Problem::BadId("event-data.id"))?;
    let word = data["event"]
        .as_str()
        .ok_or(Problem::Missing("event-data.event"))?;
    let Some(meaning) = meaning(data) else {
        drift.types.push(word.to_owned());
        return Err(Problem::UnknownEvent);
    };
    let (kind, conversation_key) = match meaning {
        Meaning::Status(_) => (EventKind::Status, reference(data)?.line()),
        Meaning::Notice => (EventKind::Notice, ConversationKey::alone(NAME, endpoint, id)),
    };
    let text = |value: &Value| shown(value.as_str().unwrap_or_default());
    Ok(Incoming {
        channel: Channel::Email,
        kind,
        sender: text(&data["message"]["headers"]["from"]),
        recipient: text(&data["recipient"]),
        conversation_key,
        provider_message_id: format!("{NAME}:{id}"),
        payload: Payload::new(json!({ "event-data": data }).to_string().as_bytes()),
        headers: Headers::new(),
        body_hash: hash(data.to_string().as_bytes()),
        quarantine: None,
    })
}

/// Reads an event into a status.
pub(super) fn read(kept: &Value, recorded_at: DateTime<Utc>) -> Result<StatusChange, Problem> {
    let data = &kept["event-data"];
    let Some(Meaning::Status(status)) = meaning(data) else {
        return Err(Problem::UnknownEvent);
    };
    let word = data["event"].as_str().unwrap_or_default();
    Ok(StatusChange {
        reference: reference(data)?,
        status,
        word: displayable(word.to_owned()),
        error: (status == MessageStatus::Failed).then(|| error(data)).flatten(),
        at: time(&data["timestamp"]).unwrap_or(recorded_at),
    })
}

/// The mail's own Message-Id, under which Mailgun's API knows it, too.
fn reference(data: &Value) -> Result<MessageReference, Problem> {
    let name = "event-data.message.headers.message-id";
    let id = data["message"]["headers"]["message-id"]
        .as_str()
        .ok_or(Problem::Missing(name))?;
    let bare = id.trim_start_matches('<').trim_end_matches('>');
    let id = fit(bare).ok_or(Problem::BadId(name))?;
    Ok(MessageReference::new(NAME, id))
}

/// The receiving server's code, or one of Mailgun's own (605: not delivered to an address that bounced before); mail
/// that was rejected never got that far and only has a reason.
fn error(data: &Value) -> Option<String> {
    let code = match &data["delivery-status"]["code"] {
        Value::Number(code) => Some(code.to_string()),
        Value::String(code) => Some(code.clone()),
        _ => data["reject"]["reason"].as_str().map(str::to_owned),
    };
    code.filter(|code| !code.is_empty()).map(displayable)
}

/// Seconds since 1970 with a fraction, which the database keeps to the microsecond.
fn time(seconds: &Value) -> Option<DateTime<Utc>> {
    let since = Duration::try_from_secs_f64(seconds.as_f64()?).ok()?;
    let time = DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::from_std(since).ok()?)?;
    (time.year() <= 9999).then(|| time.round_subsecs(6))
}
