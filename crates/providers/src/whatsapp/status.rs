//! Statuses: how far a message of ours got.

use mailroom_domain::{
    Channel, EventKind, Headers, MessageReference, MessageStatus, Payload, StatusChange, displayable,
};
use serde_json::Value;

use super::{
    NAME,
    envelope::Item,
    fields::{self, Problem},
    message::{id, sent_at},
    notice,
};
use crate::{
    Drift, Incoming,
    incoming::{fit, hash, hex, shown},
};

/// Words that move no message: it was taken back, or the recipient's phone could not show it well.
const WITHOUT_EFFECT: &[&str] = &["deleted", "warning"];

fn meaning(word: &str) -> Option<MessageStatus> {
    Some(match word {
        "accepted" | "pending" => MessageStatus::Pending,
        "sent" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        // A voice message that was listened to.
        "read" | "played" => MessageStatus::Read,
        "failed" => MessageStatus::Failed,
        _ => return None,
    })
}

/// What to write down of an envelope that holds one status.
pub(super) fn incoming(envelope: &Value, endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    let item = Item::of(envelope, "statuses")?;
    drift.note(item.object, fields::STATUS);
    let (id, word) = (id(&item)?, word(&item)?);
    let told = item.written();
    let recipients = ["recipient_id", "recipient_user_id"];
    let recipient = recipients.iter().find_map(|name| item.text(name));
    let parties = (item.business().unwrap_or_default(), recipient.unwrap_or_default());
    let named = match item.text("type") {
        // How far a payment got, in the same words, of which several may be tried for one message.
        Some("payment") => Some(format!("{id}/payment/{}", hex(hash(told.as_bytes())))),
        _ if WITHOUT_EFFECT.contains(&word) => Some(format!("{id}/{word}")),
        _ => None,
    };
    if let Some(named) = named {
        return Ok(notice::of_item(envelope, item.object, endpoint, &named, parties));
    }
    if meaning(word).is_none() {
        drift.types.push(word.to_owned());
    }
    let status = read(&item)?;
    // In a group everybody has a status of their own.
    let whose = match item.text("recipient_participant_id") {
        Some(whose) => format!(
            "/{}",
            fit(whose).ok_or(Problem::BadId("recipient_participant_id"))?
        ),
        None => String::new(),
    };
    Ok(Incoming {
        channel: Channel::Whatsapp,
        kind: EventKind::Status,
        sender: shown(parties.0),
        recipient: shown(parties.1),
        conversation_key: status.reference.line(),
        provider_message_id: format!("{NAME}:{id}/{word}{whose}"),
        payload: Payload::new(envelope.to_string().as_bytes()),
        headers: Headers::new(),
        body_hash: hash(told.as_bytes()),
        quarantine: None,
    })
}

/// Reads a status.
pub(super) fn read(item: &Item<'_>) -> Result<StatusChange, Problem> {
    let word = word(item)?;
    let error = match item.object.get("errors").map(|errors| &errors[0]["code"]) {
        Some(Value::Number(code)) => Some(code.to_string()),
        Some(Value::String(code)) => Some(displayable(code.clone())),
        _ => None,
    };
    Ok(StatusChange {
        reference: MessageReference::new(NAME, id(item)?),
        status: meaning(word).ok_or(Problem::UnknownStatus)?,
        word: word.to_owned(),
        error,
        at: sent_at(item.object)?,
    })
}

fn word<'a>(item: &Item<'a>) -> Result<&'a str, Problem> {
    item.text("status").ok_or(Problem::Missing("status"))
}
