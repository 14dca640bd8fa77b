//! Callback queries: a button under one of the bot's messages was pressed.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, IncomingMessage, MessageReference, displayable};
use serde_json::Value;

use super::{
    NAME,
    fields::{Object, Problem},
    message::{chat, party, shown_as},
};
use crate::incoming::fit;

pub(super) const KIND: &str = "callback_query";

/// Reads a press of a button as what the button stands for. Buttons under inline messages are in chats that the bot
/// does not know; pressing them says nothing in a conversation. Telegram does not tell when it was pressed.
pub(super) fn read(
    query: &Object,
    endpoint: &str,
    recorded_at: DateTime<Utc>,
) -> Result<Option<IncomingMessage>, Problem> {
    let id = query.get("id").and_then(Value::as_str);
    let id = fit(id.ok_or(Problem::Missing("id"))?).ok_or(Problem::BadId("id"))?;
    let Some(message) = query.get("message").and_then(Value::as_object) else {
        return Ok(None);
    };
    let chat = chat(message)?;
    let stands_for = ["data", "game_short_name"]
        .iter()
        .find_map(|name| query.get(*name)?.as_str());
    Ok(Some(IncomingMessage {
        channel: Channel::Telegram,
        from: query
            .get("from")
            .and_then(shown_as)
            .unwrap_or_else(|| chat.clone()),
        to: endpoint.to_owned(),
        from_participant: party(&chat)?,
        to_participant: party(endpoint)?,
        body: displayable(stands_for.unwrap_or_default().to_owned()),
        attachments: None,
        files: Vec::new(),
        email: None,
        reference: Some(MessageReference::new(NAME, &format!("{endpoint}/callback/{id}"))),
        timestamp: recorded_at,
    }))
}
