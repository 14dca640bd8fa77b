//! Postmark's inbound e-mails: already taken apart, in one JSON object.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, IncomingMessage, MessageReference, Payload,
};
use serde_json::{Map, Value};

use super::{
    NAME,
    attachment::{file, objects},
    fields::{ADDRESS, ATTACHMENT, HEADER, INBOUND, Problem, id, text},
};
use crate::{
    Drift, Incoming,
    email::{Mail, headers},
    incoming::{hash, shown},
};

/// Whether an object without a `RecordType` is an e-mail.
pub(super) fn is_inbound(fields: &Map<String, Value>) -> bool {
    ["FromFull", "MailboxHash", "OriginalRecipient"]
        .iter()
        .any(|name| fields.contains_key(*name))
}

/// What to write down of an e-mail.
pub(super) fn incoming(
    fields: &Map<String, Value>,
    received: &[u8],
    drift: &mut Drift,
) -> Result<Incoming, Problem> {
    note(fields, drift);
    let id = id(fields, "MessageID")?;
    let parties = message(Mail::default(), fields, DateTime::UNIX_EPOCH)?;
    Ok(Incoming {
        channel: Channel::Email,
        kind: EventKind::Message,
        sender: shown(&parties.from),
        recipient: shown(&parties.to),
        conversation_key: ConversationKey::between(
            Channel::Email,
            &parties.from_participant,
            &parties.to_participant,
        ),
        provider_message_id: format!("{NAME}:{id}"),
        payload: Payload::new(received),
        headers: Headers::new(),
        body_hash: hash(Value::Object(fields.clone()).to_string().as_bytes()),
        quarantine: None,
    })
}

/// Reads an e-mail.
pub(super) fn read(
    fields: &Map<String, Value>,
    recorded_at: DateTime<Utc>,
) -> Result<IncomingMessage, Problem> {
    let owned = |name| text(fields, name).map(str::to_owned);
    let headers = objects(fields, "Headers").filter_map(|(_, header)| {
        let value = text(header, "Value").unwrap_or_default();
        Some((text(header, "Name")?.to_owned(), value.to_owned()))
    });
    let mail = Mail {
        subject: owned("Subject"),
        text: owned("TextBody"),
        html: owned("HtmlBody"),
        headers: headers.collect(),
        files: objects(fields, "Attachments").map(file).collect(),
        // As the sender wrote it, which need not be a date.
        date: text(fields, "Date").and_then(headers::date),
    };
    message(mail, fields, recorded_at)
}

fn message(
    mail: Mail,
    fields: &Map<String, Value>,
    recorded_at: DateTime<Utc>,
) -> Result<IncomingMessage, Problem> {
    let full = fields.get("FromFull").and_then(Value::as_object);
    let from = full
        .and_then(|full| text(full, "Email"))
        .or_else(|| text(fields, "From"));
    // Where it was delivered, which a blind copy's `To` does not say.
    let to = text(fields, "OriginalRecipient").or_else(|| {
        let (_, first) = objects(fields, "ToFull").next()?;
        text(first, "Email")
    });
    let reference = MessageReference::new(NAME, id(fields, "MessageID")?);
    let message = mail.into_message(
        from.ok_or(Problem::Missing("From"))?,
        to.ok_or(Problem::Missing("OriginalRecipient"))?,
        Some(reference),
        recorded_at,
    )?;
    Ok(message)
}

fn note(fields: &Map<String, Value>, drift: &mut Drift) {
    drift.note(fields, INBOUND);
    if let Some(from) = fields.get("FromFull").and_then(Value::as_object) {
        drift.note(from, ADDRESS);
    }
    for (name, known) in [
        ("ToFull", ADDRESS),
        ("Attachments", ATTACHMENT),
        ("Headers", HEADER),
    ] {
        for (_, object) in objects(fields, name) {
            drift.note(object, known);
        }
    }
}
