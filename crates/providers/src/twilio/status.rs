//! Twilio's status callbacks.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, EventKind, Headers, MessageReference, MessageStatus, Payload, StatusChange, displayable,
};

use super::{
    NAME,
    fields::Problem,
    message::{id, timestamp},
};
use crate::{
    Drift, Incoming,
    form::Form,
    incoming::{hash, shown},
};

/// Inbound messages say `received`, or nothing; anything else tells how far one of ours got.
pub(super) fn is_status(form: &Form) -> bool {
    form.get("MessageStatus")
        .is_some_and(|status| status != "received" && status != "receiving")
}

/// twilio.com/docs/messaging/api/message-resource, "Message Status values".
fn meaning(word: &str) -> Option<MessageStatus> {
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => MessageStatus::Pending,
        "sent" | "partially_delivered" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        "read" => MessageStatus::Read,
        "undelivered" | "failed" | "canceled" => MessageStatus::Failed,
        _ => return None,
    })
}

/// What to write down of a form that holds a status.
pub(super) fn incoming(form: &Form, drift: &mut Drift) -> Result<Incoming, Problem> {
    let id = id(form)?;
    let word = form.get("MessageStatus").unwrap_or_default();
    if meaning(word).is_none() {
        drift.types.push(word.to_owned());
        return Err(Problem::UnknownStatus);
    }
    let shown = |name| shown(form.get(name).unwrap_or_default());
    Ok(Incoming {
        channel: Channel::Sms,
        kind: EventKind::Status,
        sender: shown("From"),
        recipient: shown("To"),
        conversation_key: MessageReference::new(NAME, id).line(),
        provider_message_id: format!("{id}/{word}"),
        payload: Payload::new(form.to_json().as_bytes()),
        headers: Headers::new(),
        body_hash: hash(form.to_json().as_bytes()),
        quarantine: None,
    })
}

/// Reads a form into a status. Twilio's form holds no time, so it is when it was recorded.
pub(super) fn read(form: &Form, recorded_at: DateTime<Utc>) -> Result<StatusChange, Problem> {
    let word = form
        .get("MessageStatus")
        .ok_or(Problem::Missing("MessageStatus"))?;
    Ok(StatusChange {
        reference: MessageReference::new(NAME, id(form)?),
        status: meaning(word).ok_or(Problem::UnknownStatus)?,
        word: word.to_owned(),
        error: form.get("ErrorCode").map(|code| displayable(code.to_owned())),
        at: timestamp(form).unwrap_or(recorded_at),
    })
}
