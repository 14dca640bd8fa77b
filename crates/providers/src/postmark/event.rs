//! Postmark's events: one a request, told apart by `RecordType`.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, MessageReference, MessageStatus, Payload, StatusChange,
};
use serde_json::{Map, Value};

use super::{
    NAME,
    fields::{EVENT, Problem, id, text},
};
use crate::{
    Drift, Incoming,
    incoming::{fit, hash, shown},
};

/// What a kind of event does, and where it has its recipient and its time.
#[derive(Debug)]
struct Record {
    meaning: Meaning,
    recipient: &'static str,
    at: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Status(MessageStatus),
    Notice,
}

/// postmarkapp.com/developer/webhooks; the error is for a kind that is not known.
fn record(word: &str, event: &Map<String, Value>) -> Result<Record, Problem> {
    let (meaning, recipient, at) = match word {
        "Delivery" => (
            Meaning::Status(MessageStatus::Delivered),
            "Recipient",
            "DeliveredAt",
        ),
        "Open" | "Click" => (Meaning::Status(MessageStatus::Read), "Recipient", "ReceivedAt"),
        "Bounce" => (bounce(event)?, "Email", "BouncedAt"),
        "SpamComplaint" => (Meaning::Notice, "Email", "BouncedAt"),
        "SubscriptionChange" => (Meaning::Notice, "Recipient", "ChangedAt"),
        _ => return Err(Problem::UnknownRecord),
    };
    Ok(Record {
        meaning,
        recipient,
        at,
    })
}

/// postmarkapp.com/developer/api/bounce-api, "Bounce types".
fn bounce(event: &Map<String, Value>) -> Result<Meaning, Problem> {
    match text(event, "Type").ok_or(Problem::Missing("Type"))? {
        "HardBounce"
        | "SpamNotification"
        | "Unknown"
        | "VirusNotification"
        | "BadEmailAddress"
        | "ManuallyDeactivated"
        | "Blocked"
        | "SMTPApiError"
        | "InboundError"
        | "DMARCPolicy"
        | "TemplateRenderingFailed" => Ok(Meaning::Status(MessageStatus::Failed)),
        // These may yet arrive, or are answers of programs that read the mail.
        "Transient"
        | "SoftBounce"
        | "DnsError"
        | "Unsubscribe"
        | "Subscribe"
        | "AutoResponder"
        | "AddressChange"
        | "OpenRelayTest"
        | "ChallengeVerification"
        | "Unconfirmed"
        | "SpamComplaint" => Ok(Meaning::Notice),
        _ => Err(Problem::UnknownBounce),
    }
}

/// What to write down of an event.
pub(super) fn incoming(
    word: &str,
    event: &Map<String, Value>,
    received: &[u8],
    endpoint: &str,
    drift: &mut Drift,
) -> Result<Incoming, Problem> {
    let record = record(word, event).inspect_err(|problem| match problem {
        Problem::UnknownRecord => drift.types.push(word.to_owned()),
        Problem::UnknownBounce => drift
            .types
            .push(text(event, "Type").unwrap_or_default().to_owned()),
        _ => {}
    })?;
    drift.note(event, EVENT);
    let provider_message_id = event_id(word, &record, event)?;
    let (kind, conversation_key) = match record.meaning {
        Meaning::Status(_) => (EventKind::Status, reference(event)?.line()),
        Meaning::Notice => (
            EventKind::Notice,
            ConversationKey::alone(NAME, endpoint, &provider_message_id),
        ),
    };
    Ok(Incoming {
        channel: Channel::Email,
        kind,
        sender: shown(text(event, "From").unwrap_or_default()),
        recipient: shown(text(event, record.recipient).unwrap_or_default()),
        conversation_key,
        provider_message_id,
        payload: Payload::new(received),
        headers: Headers::new(),
        body_hash: hash(Value::Object(event.clone()).to_string().as_bytes()),
        quarantine: None,
    })
}

/// A bounce has an id of its own; anything else is known by its message, recipient and time.
fn event_id(word: &str, record: &Record, event: &Map<String, Value>) -> Result<String, Problem> {
    if word == "Bounce"
        && let Some(id) = event.get("ID").and_then(Value::as_u64)
    {
        return Ok(format!("{NAME}:{word}/{id}"));
    }
    let message = id(event, "MessageID")?;
    let part = |name| text(event, name).ok_or(Problem::Missing(name));
    let id = format!(
        "{NAME}:{word}/{message}/{}/{}",
        part(record.recipient)?,
        part(record.at)?
    );
    fit(&id).map(str::to_owned).ok_or(Problem::BadId("MessageID"))
}

fn reference(event: &Map<String, Value>) -> Result<MessageReference, Problem> {
    Ok(MessageReference::new(NAME, id(event, "MessageID")?))
}

/// Reads an event into a status.
pub(super) fn read(event: &Map<String, Value>, recorded_at: DateTime<Utc>) -> Result<StatusChange, Problem> {
    let word = text(event, "RecordType").ok_or(Problem::Missing("RecordType"))?;
    let record = record(word, event)?;
    let Meaning::Status(status) = record.meaning else {
        return Err(Problem::UnknownRecord);
    };
    let code = event.get("TypeCode").and_then(Value::as_u64);
    let at = text(event, record.at).and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    Ok(StatusChange {
        reference: reference(event)?,
        status,
        word: word.to_owned(),
        error: code
            .filter(|_| status == MessageStatus::Failed)
            .map(|code| code.to_string()),
        at: at.map_or(recorded_at, |time| time.to_utc()),
    })
}
