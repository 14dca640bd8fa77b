//! What was said in Slack, however it came, as a message.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, File, FilePlace, IncomingMessage, MessageReference, attachments, displayable, participant,
};
use serde_json::Value;

use super::fields::{Object, Problem, text};

/// Something said in a room.
pub(super) struct Said<'a> {
    pub(super) team: &'a str,
    pub(super) channel: &'a str,
    pub(super) app: &'a str,
    /// The user or the bot.
    pub(super) by: &'a str,
    pub(super) body: String,
    pub(super) files: Vec<File>,
    pub(super) reference: MessageReference,
    pub(super) at: DateTime<Utc>,
}

impl Said<'_> {
    /// All that is said in a room is one conversation, the room's with the app, whoever says it. Ids of rooms are only
    /// unique within a workspace.
    pub(super) fn message(self) -> Result<IncomingMessage, Problem> {
        let room = format!("{}/{}", self.team, self.channel);
        let normalised =
            |address: &str, name| participant(Channel::Slack, address).map_err(|_| Problem::BadId(name));
        Ok(IncomingMessage {
            channel: Channel::Slack,
            from: self.by.to_owned(),
            to: self.channel.to_owned(),
            from_participant: normalised(&room, "channel")?,
            to_participant: normalised(self.app, "api_app_id")?,
            body: displayable(self.body),
            attachments: attachments(&self.files),
            files: self.files,
            email: None,
            reference: Some(self.reference),
            timestamp: self.at,
        })
    }
}

/// What a message says. Bots often leave `text` empty and say it in attachments of the older kind.
pub(super) fn body(said: &Object) -> String {
    if let Some(text) = text(said, "text") {
        return text.to_owned();
    }
    let attached = said.get("attachments").and_then(Value::as_array);
    let lines = attached.into_iter().flatten().filter_map(|attachment| {
        let attachment = attachment.as_object()?;
        text(attachment, "fallback").or_else(|| text(attachment, "text"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is attached to a message. Of a file in a channel shared with strangers Slack only tells the id.
pub(super) fn files(said: &Object) -> Vec<File> {
    let attached = said.get("files").and_then(Value::as_array);
    let files = attached.into_iter().flatten().filter_map(|file| {
        let file = file.as_object()?;
        let field = |name| text(file, name).map(|text| displayable(text.to_owned()));
        let place = field("url_private")
            .map(FilePlace::Url)
            .or_else(|| field("id").map(FilePlace::Provider));
        Some(File {
            name: field("name"),
            content_type: field("mimetype"),
            size: file.get("size").and_then(Value::as_u64),
            place: Some(place?),
            sha256: None,
        })
    });
    files.collect()
}
