//! Notifications: what a program published to a topic, as a message from that topic.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, IncomingMessage, MessageReference, Payload, displayable,
    participant,
};
use serde_json::json;

use super::{
    NAME,
    envelope::{Envelope, Problem},
};
use crate::{
    Incoming,
    incoming::{hash, shown},
};

/// What to write down of a notification.
pub(super) fn incoming(envelope: &Envelope, endpoint: &str) -> Result<Incoming, Problem> {
    let message = read(envelope, endpoint, DateTime::UNIX_EPOCH)?;
    Ok(Incoming {
        channel: Channel::Webhook,
        kind: EventKind::Message,
        sender: shown(&message.from),
        recipient: shown(&message.to),
        conversation_key: ConversationKey::between(
            Channel::Webhook,
            &message.from_participant,
            &message.to_participant,
        ),
        ..written(envelope, endpoint)?
    })
}

/// What to write down of an envelope that is no message: a notice, in a line of its own.
pub(super) fn written(envelope: &Envelope, endpoint: &str) -> Result<Incoming, Problem> {
    let id = envelope.id()?;
    let text = |name| envelope.text(name).ok();
    let content = json!([text("TopicArn"), text("Subject"), text("Message")]);
    Ok(Incoming {
        channel: Channel::Webhook,
        kind: EventKind::Notice,
        sender: shown(text("TopicArn").unwrap_or_default()),
        recipient: shown(endpoint),
        conversation_key: ConversationKey::alone(NAME, endpoint, id),
        // One publication goes to every subscription, and each endpoint has a line of its own.
        provider_message_id: format!("{NAME}:{endpoint}/{id}"),
        payload: Payload::new(&envelope.kept()),
        headers: Headers::new(),
        body_hash: hash(content.to_string().as_bytes()),
        quarantine: None,
    })
}

/// Reads a notification into a message. A subject is its first line.
pub(super) fn read(
    envelope: &Envelope,
    endpoint: &str,
    recorded_at: DateTime<Utc>,
) -> Result<IncomingMessage, Problem> {
    let id = envelope.id()?;
    let topic = envelope.text("TopicArn")?;
    let message = envelope.text("Message")?;
    let body = match envelope.text("Subject") {
        Ok(subject) if !subject.is_empty() => format!("{subject}\n{message}"),
        _ => message.to_owned(),
    };
    let name = |name| participant(Channel::Webhook, name);
    Ok(IncomingMessage {
        channel: Channel::Webhook,
        from: topic.to_owned(),
        to: endpoint.to_owned(),
        from_participant: name(topic).map_err(|_| Problem::Bad("TopicArn"))?,
        to_participant: name(endpoint).map_err(|_| Problem::Bad("endpoint"))?,
        body: displayable(body),
        attachments: None,
        files: Vec::new(),
        email: None,
        reference: Some(MessageReference::new(NAME, id)),
        timestamp: envelope.timestamp().unwrap_or(recorded_at),
    })
}
