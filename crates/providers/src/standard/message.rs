//! What a Standard Webhook tells, as a message in the conversation about its kind of thing.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ClaimedEvent, ConversationKey, ErrorCode, EventKind, Headers, IncomingMessage, MessageReference,
    Payload, displayable, participant,
};
use serde_json::Value;

use super::{
    NAME,
    fields::Problem,
    metadata::{self, ID, Metadata, TIMESTAMP, verified},
};
use crate::{
    Incoming, Request,
    incoming::{fit, hash, shown},
};

/// What to write down of a request. Its id is the same however often it is sent, and unique to its sender; its time is
/// that of the attempt.
pub(super) fn incoming(request: &Request<'_>, endpoint: &str) -> Result<Incoming, Problem> {
    let metadata = verified(request).ok_or(Problem::BadId)?;
    let value = crate::json::parse(request.body).map_err(|_| Problem::NotJson)?;
    let message = read(&value, metadata, endpoint, DateTime::UNIX_EPOCH)?;
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
        provider_message_id: format!("{NAME}:{endpoint}/{}", metadata.id),
        payload: Payload::new(request.body),
        headers: kept(metadata),
        body_hash: hash(value.to_string().as_bytes()),
        quarantine: None,
    })
}

/// What to write down of a request that cannot be read.
pub(super) fn quarantined(request: &Request<'_>, endpoint: &str, problem: Problem) -> Incoming {
    let headers = verified(request).map(kept).unwrap_or_default();
    let why = (ErrorCode::Unreadable, &*problem.to_string());
    Incoming::quarantined(NAME, endpoint, Channel::Webhook, headers, request.body, why)
}

/// Reads a kept request.
pub(super) fn reread(event: &ClaimedEvent) -> Result<IncomingMessage, Problem> {
    let header = |name| event.headers.get(name).map(String::as_str);
    let metadata = Metadata {
        id: header(ID).and_then(fit).ok_or(Problem::BadId)?,
        timestamp: header(TIMESTAMP).unwrap_or_default(),
    };
    let value = crate::json::parse(event.payload.as_bytes()).map_err(|_| Problem::NotJson)?;
    read(&value, metadata, &event.endpoint, event.created_at)
}

fn kept(metadata: Metadata<'_>) -> Headers {
    [(ID, metadata.id), (TIMESTAMP, metadata.timestamp)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The message is from its type as sent; its conversation is about what the type begins with, since `contact.created`
/// and `contact.deleted` are both about contacts.
fn read(
    value: &Value,
    metadata: Metadata<'_>,
    endpoint: &str,
    recorded_at: DateTime<Utc>,
) -> Result<IncomingMessage, Problem> {
    let kind = value["type"].as_str().unwrap_or_default();
    let subject = kind.rsplit_once('.').map_or(kind, |(subject, _)| subject);
    let (from, from_participant) = match participant(Channel::Webhook, subject) {
        Ok(subject) => (kind.to_owned(), subject),
        // A type is only recommended, and so is its form.
        Err(_) => ("events".to_owned(), "events".to_owned()),
    };
    let to_participant = participant(Channel::Webhook, endpoint).map_err(|_| Problem::BadName("endpoint"))?;
    Ok(IncomingMessage {
        channel: Channel::Webhook,
        from: displayable(from),
        to: endpoint.to_owned(),
        from_participant,
        to_participant,
        body: displayable(body(value)),
        attachments: None,
        files: Vec::new(),
        email: None,
        reference: Some(MessageReference::new(
            NAME,
            &format!("{endpoint}/{}", metadata.id),
        )),
        timestamp: happened(value)
            .or_else(|| metadata::time(metadata.timestamp))
            .unwrap_or(recorded_at),
    })
}

/// Text where the data obviously is one, else the data as JSON, or all there is where no data is set apart.
fn body(value: &Value) -> String {
    let data = match &value["data"] {
        Value::Null => value,
        data => data,
    };
    let text = [data, &data["text"], &data["body"]]
        .into_iter()
        .find_map(|text| text.as_str().filter(|text| !text.is_empty()));
    text.map_or_else(|| data.to_string(), str::to_owned)
}

/// When it happened, by the payload: RFC 3339, or seconds since 1970 as some write them.
fn happened(value: &Value) -> Option<DateTime<Utc>> {
    ["timestamp", "created_at"]
        .iter()
        .find_map(|name| match &value[*name] {
            Value::String(text) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
            Value::Number(seconds) => {
                let seconds = u32::try_from(seconds.as_u64()?).ok()?;
                DateTime::from_timestamp(seconds.into(), 0)
            }
            _ => None,
        })
}
