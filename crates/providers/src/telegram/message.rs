//! Messages and posts, new or edited.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, IncomingMessage, MessageReference, attachments, displayable, participant};
use serde_json::Value;

use super::{
    NAME,
    fields::{self, Object, Problem},
    files, text,
};

/// Reads a message; `edit` is the number of the update that edits it. What only tells of the chat itself (somebody
/// joined, its title changed) is none.
pub(super) fn read(
    message: &Object,
    endpoint: &str,
    edit: Option<i64>,
) -> Result<Option<IncomingMessage>, Problem> {
    let chat = chat(message)?;
    let id = integer(message, "message_id")?;
    if fields::SERVICE.iter().any(|name| message.contains_key(*name)) {
        return Ok(None);
    }
    // With the message's own id only, what it said at first and what it says now could not be told apart.
    let edited = edit.map(|update| format!("/edit/{update}")).unwrap_or_default();
    let sent_at = match edit {
        Some(_) if message.contains_key("edit_date") => time(message, "edit_date"),
        _ => time(message, "date"),
    };
    let files = files::of(message);
    Ok(Some(IncomingMessage {
        channel: Channel::Telegram,
        from: sender(message, &chat),
        to: endpoint.to_owned(),
        from_participant: party(&chat)?,
        to_participant: party(endpoint)?,
        body: text::of(message),
        attachments: attachments(&files),
        files,
        email: None,
        reference: Some(MessageReference::new(
            NAME,
            &format!("{endpoint}/{chat}/{id}{edited}"),
        )),
        timestamp: sent_at?,
    }))
}

/// The chat: everybody in it is one party, the bot the other. A business account's chats are apart from the bot's own
/// ones, though they may have the same ids.
pub(super) fn chat(message: &Object) -> Result<String, Problem> {
    let chat = message.get("chat").and_then(|chat| chat["id"].as_i64());
    let chat = chat.ok_or(Problem::Missing("chat"))?;
    Ok(
        match message.get("business_connection_id").and_then(Value::as_str) {
            Some(connection) => format!("{chat}@{connection}"),
            None => chat.to_string(),
        },
    )
}

/// One of the two between whom the conversation is.
pub(super) fn party(name: &str) -> Result<String, Problem> {
    participant(Channel::Telegram, name).map_err(|_| Problem::BadAddress)
}

/// Who sent it, as shown: by name, where it has one, else by id. In channels nobody does.
fn sender(message: &Object, chat: &str) -> String {
    ["sender_chat", "from"]
        .iter()
        .find_map(|name| shown_as(message.get(*name)?))
        .unwrap_or_else(|| chat.to_owned())
}

/// A user or chat: `@name`, or its id.
pub(super) fn shown_as(who: &Value) -> Option<String> {
    match who["username"].as_str() {
        Some(name) if !name.is_empty() => Some(displayable(format!("@{name}"))),
        _ => Some(who["id"].as_i64()?.to_string()),
    }
}

fn integer(object: &Object, name: &'static str) -> Result<i64, Problem> {
    object
        .get(name)
        .and_then(Value::as_i64)
        .ok_or(Problem::Missing(name))
}

fn time(message: &Object, name: &'static str) -> Result<DateTime<Utc>, Problem> {
    let seconds = u32::try_from(integer(message, name)?).ok();
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0))
        .ok_or(Problem::BadTime(name))
}
