//! Messages: what to write down of one, and what it means when it is read back.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, IncomingMessage, MessageReference, Payload, attachments,
    displayable, participant,
};
use serde_json::Value;

use super::{
    NAME, content,
    envelope::{Item, Object},
    fields::{self, Problem},
    notice,
};
use crate::{
    Drift, Incoming,
    incoming::{fit, hash, shown},
};

/// What to write down of an envelope that holds one message.
pub(super) fn incoming(envelope: &Value, endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    let item = Item::of(envelope, "messages")?;
    note(item.object, drift);
    let id = id(&item)?;
    let kind = item.text("type").ok_or(Problem::Missing("type"))?;
    if content::WITHOUT_WORDS.contains(&kind) {
        let from = sender(&item).unwrap_or_default();
        let to = item.business().unwrap_or_default();
        return Ok(notice::of_item(envelope, item.object, endpoint, id, (from, to)));
    }
    let message = read(&item)?;
    Ok(Incoming {
        channel: Channel::Whatsapp,
        kind: EventKind::Message,
        sender: shown(&message.from),
        recipient: shown(&message.to),
        conversation_key: ConversationKey::between(
            message.channel,
            &message.from_participant,
            &message.to_participant,
        ),
        provider_message_id: format!("{NAME}:{id}"),
        payload: Payload::new(envelope.to_string().as_bytes()),
        headers: Headers::new(),
        // The contact beside it may be called otherwise the next time.
        body_hash: hash(item.written().as_bytes()),
        quarantine: None,
    })
}

/// Reads a message.
pub(super) fn read(item: &Item<'_>) -> Result<IncomingMessage, Problem> {
    let id = id(item)?;
    let from = sender(item).ok_or(Problem::Missing("from"))?;
    let to = item.business().ok_or(Problem::Missing("metadata"))?;
    // What is said in a group is a conversation with the group.
    let (named, with) = match item.text("group_id") {
        Some(group) => ("group_id", group),
        None => ("from", from),
    };
    let address =
        |name, address| participant(Channel::Whatsapp, address).map_err(|_| Problem::BadAddress(name));
    let content = content::read(item)?;
    Ok(IncomingMessage {
        channel: Channel::Whatsapp,
        from: displayable(from.to_owned()),
        to: displayable(to.to_owned()),
        from_participant: address(named, with)?,
        to_participant: address("metadata", to)?,
        body: content.body,
        attachments: attachments(&content.files),
        files: content.files,
        email: None,
        reference: Some(MessageReference::new(NAME, id)),
        timestamp: sent_at(item.object)?,
    })
}

/// Meta's id for a message, ours or theirs.
pub(super) fn id<'a>(item: &Item<'a>) -> Result<&'a str, Problem> {
    let id = item.text("id").ok_or(Problem::Missing("id"))?;
    fit(id).filter(|id| id.len() <= 256).ok_or(Problem::BadId("id"))
}

/// Seconds since 1970, as text.
pub(super) fn sent_at(object: &Object) -> Result<DateTime<Utc>, Problem> {
    let seconds = match object.get("timestamp").ok_or(Problem::Missing("timestamp"))? {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    };
    seconds
        .and_then(|seconds| u32::try_from(seconds).ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0))
        .ok_or(Problem::BadTime)
}

/// The user's number; who shows none has an id that is only good with this business.
fn sender<'a>(item: &Item<'a>) -> Option<&'a str> {
    item.text("from")
        .or_else(|| item.contact("wa_id"))
        .or_else(|| item.text("from_user_id"))
        .or_else(|| item.contact("user_id"))
}

fn note(message: &Object, drift: &mut Drift) {
    let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
    let known: Vec<&str> = fields::MESSAGE.iter().copied().chain([kind]).collect();
    drift.note(message, &known);
    if let Some(content) = message.get(kind).and_then(Value::as_object) {
        drift.note(content, fields::CONTENT);
    }
    if !content::is_known(kind) && !kind.is_empty() {
        drift.types.push(kind.to_owned());
    }
}
