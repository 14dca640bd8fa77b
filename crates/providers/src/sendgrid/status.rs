//! What SendGrid's events tell of a message that was sent.

use chrono::{DateTime, Datelike, Utc};
use mailroom_domain::{MessageReference, MessageStatus, StatusChange};
use serde_json::{Map, Value};

use super::{
    NAME,
    fields::{Problem, text},
};
use crate::incoming::fit;

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Its message got so far.
    Status(MessageStatus),
    /// Nothing to a message.
    Notice,
}

/// twilio.com/docs/sendgrid/for-developers/tracking-events/event; `None` for a type that is not known.
pub(super) fn meaning(word: &str, event: &Map<String, Value>) -> Option<Meaning> {
    Some(Meaning::Status(match word {
        "processed" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        // A mail program fetched the pictures by itself: the message is there, and nobody need have seen it.
        "open" if is_by_machine(event) => MessageStatus::Delivered,
        "open" | "click" => MessageStatus::Read,
        "bounce" | "dropped" => MessageStatus::Failed,
        // A deferred message is tried again.
        "deferred"
        | "spamreport"
        | "unsubscribe"
        | "group_unsubscribe"
        | "group_resubscribe"
        | "account_status_change" => return Some(Meaning::Notice),
        _ => return None,
    }))
}

fn is_by_machine(event: &Map<String, Value>) -> bool {
    event.get("sg_machine_open").and_then(Value::as_bool) == Some(true)
}

/// The message an event tells of. What stands before the first dot of `sg_message_id` is the `X-Message-Id` with which
/// sending was answered. Events that come days late may lack it; then there is the id that the message went in with,
/// which has SendGrid's own before the `@` where SendGrid made it.
pub(super) fn reference(event: &Map<String, Value>) -> Option<MessageReference> {
    let given = |name| text(event, name).ok();
    let before_dot = |id: &'static str| given(id)?.split('.').next().and_then(fit);
    let of_smtp = || {
        let id = given("smtp-id")?.trim_matches(['<', '>', ' ']);
        match id.split_once('@') {
            Some((ours, host)) if host.contains("ismtpd") => fit(ours),
            _ => fit(id),
        }
    };
    before_dot("sg_message_id")
        .or_else(of_smtp)
        .map(|id| MessageReference::new(NAME, id))
}

/// Reads an event into a status.
pub(super) fn read(event: &Map<String, Value>, recorded_at: DateTime<Utc>) -> Result<StatusChange, Problem> {
    let word = text(event, "event")?;
    let Some(Meaning::Status(status)) = meaning(word, event) else {
        return Err(Problem::UnknownType);
    };
    Ok(StatusChange {
        reference: reference(event).ok_or(Problem::Missing("sg_message_id"))?,
        status,
        word: word.to_owned(),
        error: (status == MessageStatus::Failed).then(|| code(event)).flatten(),
        at: time(event).unwrap_or(recorded_at),
    })
}

/// The code of a failure (RFC 3463, `5.1.1`). The `reason` beside it is free text that quotes addresses.
fn code(event: &Map<String, Value>) -> Option<String> {
    let code = text(event, "status").ok()?;
    let fits =
        (1..=16).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    fits.then(|| code.to_owned())
}

fn time(event: &Map<String, Value>) -> Option<DateTime<Utc>> {
    let time = DateTime::from_timestamp(event.get("timestamp")?.as_i64()?, 0)?;
    (1970..=9999).contains(&time.year()).then_some(time)
}
