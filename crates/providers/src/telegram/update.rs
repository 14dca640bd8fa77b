//! Updates: what to write down of one, and what it means when it is read back.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ConversationKey, EventKind, Headers, IncomingMessage, Payload};
use serde_json::{Map, Value};

use super::{
    NAME, callback,
    fields::{self, Object, Problem},
    message,
};
use crate::{
    Drift, Incoming,
    incoming::{hash, shown},
};

/// Updates that are a message; an edit is a message of its own that carries the whole new one.
const MESSAGES: &[&str] = &[
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
    "guest_message",
];

/// Updates that say nothing in a conversation.
const NOTICES: &[&str] = &[
    "business_connection",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
];

/// An update: its number, and the one thing that it tells.
pub(super) struct Update<'a> {
    pub(super) id: i64,
    kind: &'a str,
    told: &'a Object,
}

impl<'a> Update<'a> {
    pub(super) fn of(received: &'a Value) -> Result<Self, Problem> {
        let update = received.as_object().ok_or(Problem::NotAnObject)?;
        let id = update.get("update_id").and_then(Value::as_i64);
        let id = id.ok_or(Problem::Missing("update_id"))?;
        let mut kinds = update.iter().filter(|(name, _)| is_known(name));
        let (kind, told) = kinds.next().ok_or(Problem::UnknownKind)?;
        if kinds.next().is_some() {
            return Err(Problem::Several);
        }
        let told = told.as_object().ok_or(Problem::NotAnObject)?;
        Ok(Self { id, kind, told })
    }

    /// The message that it is or makes, if it does.
    pub(super) fn read(
        &self,
        endpoint: &str,
        recorded_at: DateTime<Utc>,
    ) -> Result<Option<IncomingMessage>, Problem> {
        if MESSAGES.contains(&self.kind) {
            let edit = self.kind.starts_with("edited_").then_some(self.id);
            message::read(self.told, endpoint, edit)
        } else if self.kind == callback::KIND {
            callback::read(self.told, endpoint, recorded_at)
        } else {
            Ok(None)
        }
    }

    fn note(&self, drift: &mut Drift) {
        if MESSAGES.contains(&self.kind) {
            drift.note(self.told, &[fields::MESSAGE, fields::SERVICE].concat());
        } else if self.kind == callback::KIND {
            drift.note(self.told, fields::CALLBACK);
        }
    }
}

fn is_known(kind: &str) -> bool {
    MESSAGES.contains(&kind) || NOTICES.contains(&kind) || kind == callback::KIND
}

/// What to write down of a verified body.
pub(super) fn incoming(body: &[u8], endpoint: &str, drift: &mut Drift) -> Incoming {
    understood(body, endpoint, drift).unwrap_or_else(|problem| {
        let why = (problem.code(), &*problem.to_string());
        Incoming::quarantined(NAME, endpoint, Channel::Telegram, Headers::new(), body, why)
    })
}

fn understood(body: &[u8], endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    let received = crate::json::parse(body).map_err(|_| Problem::NotJson)?;
    let new = received.as_object().into_iter().flat_map(Map::keys);
    let mut new: Vec<String> = new
        .filter(|name| *name != "update_id" && !is_known(name))
        .cloned()
        .collect();
    let update = match Update::of(&received) {
        Err(Problem::UnknownKind) => {
            drift.types.append(&mut new);
            return Err(Problem::UnknownKind);
        }
        update => update?,
    };
    drift.fields.append(&mut new);
    update.note(drift);
    let message = update.read(endpoint, DateTime::UNIX_EPOCH)?;
    let id = format!("{NAME}:{endpoint}/{}", update.id);
    let incoming = Incoming {
        channel: Channel::Telegram,
        kind: EventKind::Notice,
        sender: String::new(),
        recipient: endpoint.to_owned(),
        conversation_key: ConversationKey::alone(NAME, endpoint, &id),
        provider_message_id: id,
        payload: Payload::new(body),
        headers: Headers::new(),
        body_hash: hash(received.to_string().as_bytes()),
        quarantine: None,
    };
    Ok(match message {
        None => incoming,
        Some(message) => Incoming {
            kind: EventKind::Message,
            sender: shown(&message.from),
            conversation_key: ConversationKey::between(
                message.channel,
                &message.from_participant,
                &message.to_participant,
            ),
            ..incoming
        },
    })
}
