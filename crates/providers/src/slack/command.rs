//! Slack's slash commands: what somebody typed to the app.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, IncomingMessage, MessageReference, Payload,
};
use serde_json::Value;

use super::{
    NAME,
    fields::{Object, Problem, id, text},
    known,
    message::Said,
};
use crate::{
    Drift, Incoming,
    incoming::{hash, shown},
};

/// What to write down of a command.
pub(super) fn incoming(fields: &Object, kept: &[u8], drift: &mut Drift) -> Result<Incoming, Problem> {
    drift.note(fields, known::COMMAND);
    let message = read(fields, DateTime::UNIX_EPOCH)?;
    let mut lasting = fields.clone();
    lasting.remove("token");
    Ok(Incoming {
        channel: Channel::Slack,
        kind: EventKind::Message,
        sender: shown(&message.from),
        recipient: shown(&message.to),
        conversation_key: ConversationKey::between(
            Channel::Slack,
            &message.from_participant,
            &message.to_participant,
        ),
        provider_message_id: format!("{NAME}:{}", id(fields, "trigger_id")?),
        payload: Payload::new(kept),
        headers: Headers::new(),
        body_hash: hash(Value::from(lasting).to_string().as_bytes()),
        quarantine: None,
    })
}

/// Reads a command into a message. It holds no time, so the message's is when it was recorded.
pub(super) fn read(fields: &Object, recorded_at: DateTime<Utc>) -> Result<IncomingMessage, Problem> {
    let command = text(fields, "command").ok_or(Problem::Missing("command"))?;
    let body = match text(fields, "text") {
        Some(text) => format!("{command} {text}"),
        None => command.to_owned(),
    };
    let said = Said {
        team: id(fields, "team_id")?,
        channel: id(fields, "channel_id")?,
        app: id(fields, "api_app_id")?,
        by: id(fields, "user_id")?,
        body,
        files: Vec::new(),
        reference: MessageReference::new(NAME, id(fields, "trigger_id")?),
        at: recorded_at,
    };
    said.message()
}
