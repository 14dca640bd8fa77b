//! Slack's events: which of them are messages, and what to write down of each.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, Headers, IncomingMessage, MessageReference, Payload,
};
use serde_json::Value;

use super::{
    NAME,
    fields::{Object, Problem, id, part, text},
    known,
    message::{Said, body, files},
    types,
};
use crate::{
    Drift, Incoming,
    incoming::{hash, hex, shown},
};

/// What to write down of an `event_callback`. Its `event_id` is the same however often it is delivered; the event's own
/// `ts` is not the event's but the message's, which edits share.
pub(super) fn incoming(
    envelope: &Object,
    kept: &[u8],
    endpoint: &str,
    drift: &mut Drift,
) -> Result<Incoming, Problem> {
    drift.note(envelope, known::ENVELOPE);
    let id = id(envelope, "event_id")?;
    let event = part(envelope, "event").ok_or(Problem::Missing("event"))?;
    let kind = kind(event, drift)?;
    let provider_message_id = format!("{NAME}:{id}");
    let (sender, recipient, conversation_key) = if kind == EventKind::Message {
        drift.note(event, known::MESSAGE);
        let message = read(envelope)?;
        let key =
            ConversationKey::between(Channel::Slack, &message.from_participant, &message.to_participant);
        (shown(&message.from), shown(&message.to), key)
    } else {
        let address = |name| shown(text(event, name).unwrap_or_default());
        let key = ConversationKey::alone(NAME, endpoint, &provider_message_id);
        (address("user"), address("channel"), key)
    };
    Ok(Incoming {
        channel: Channel::Slack,
        kind,
        sender,
        recipient,
        conversation_key,
        provider_message_id,
        payload: Payload::new(kept),
        headers: Headers::new(),
        // Around the event stand a token, which may be renewed, and who it is delivered for.
        body_hash: hash(Value::from(event.clone()).to_string().as_bytes()),
        quarantine: None,
    })
}

/// Some events were left out: there is one such notice a minute for each workspace.
pub(super) fn rate_limited(fields: &Object, kept: &[u8], endpoint: &str) -> Result<Incoming, Problem> {
    let team = id(fields, "team_id")?;
    let minute = fields.get("minute_rate_limited").and_then(Value::as_u64);
    let minute = minute.ok_or(Problem::Missing("minute_rate_limited"))?;
    let id = format!("app_rate_limited/{team}/{minute}");
    Ok(notice(
        &id,
        endpoint,
        kept,
        [text(fields, "api_app_id"), None],
        hash(id.as_bytes()),
    ))
}

/// What to write down of something that changes no conversation.
pub(super) fn notice(
    id: &str,
    endpoint: &str,
    kept: &[u8],
    [sender, recipient]: [Option<&str>; 2],
    body_hash: [u8; 32],
) -> Incoming {
    let provider_message_id = format!("{NAME}:{id}");
    Incoming {
        channel: Channel::Slack,
        kind: EventKind::Notice,
        sender: shown(sender.unwrap_or_default()),
        recipient: shown(recipient.unwrap_or_default()),
        conversation_key: ConversationKey::alone(NAME, endpoint, &provider_message_id),
        provider_message_id,
        payload: Payload::new(kept),
        headers: Headers::new(),
        body_hash,
        quarantine: None,
    }
}

/// The id of what has none: what it holds.
pub(super) fn by_content(content: [u8; 32]) -> String {
    format!("sha256:{}", hex(content))
}

/// Whether an event is a message. An `app_mention` is one too. An app subscribed to messages as well is told of a
/// mention twice, by two events that are the same to nobody but a reader of both: let it subscribe to either.
fn kind(event: &Object, drift: &mut Drift) -> Result<EventKind, Problem> {
    let name = text(event, "type").ok_or(Problem::Missing("event.type"))?;
    match (name, text(event, "subtype")) {
        ("app_mention", _) | ("message", None) => Ok(EventKind::Message),
        ("message", Some("message_changed")) if says_something_new(event) => Ok(EventKind::Message),
        ("message", Some(subtype)) if types::SAYING.contains(&subtype) => Ok(EventKind::Message),
        ("message", Some(subtype)) if types::SUBTYPES.contains(&subtype) => Ok(EventKind::Notice),
        ("message", Some(subtype)) => {
            drift.types.push(format!("message/{subtype}"));
            Err(Problem::Unknown("event.subtype"))
        }
        _ if types::TYPES.contains(&name) => Ok(EventKind::Notice),
        _ => {
            drift.types.push(name.to_owned());
            Err(Problem::Unknown("event.type"))
        }
    }
}

/// Slack also tells of a change when it shows a preview of a link, and when what was said is taken back but has
/// answers; neither says anything.
fn says_something_new(event: &Object) -> bool {
    let said = |name| part(event, name).and_then(|message| text(message, "text"));
    let gone = part(event, "message").and_then(|message| text(message, "subtype")) == Some("tombstone");
    !gone && said("message") != said("previous_message")
}

/// Reads an event into a message. Of a changed message it reads what it was changed to, at the time of the change.
pub(super) fn read(envelope: &Object) -> Result<IncomingMessage, Problem> {
    let event = part(envelope, "event").ok_or(Problem::Missing("event"))?;
    let said = if text(event, "subtype") == Some("message_changed") {
        part(event, "message").ok_or(Problem::Missing("event.message"))?
    } else {
        event
    };
    let by = if text(said, "user").is_some() {
        "user"
    } else {
        "bot_id"
    };
    let (team, channel, ts) = (id(envelope, "team_id")?, id(event, "channel")?, id(event, "ts")?);
    let said = Said {
        team,
        channel,
        app: id(envelope, "api_app_id")?,
        by: id(said, by)?,
        body: body(said),
        files: files(said),
        reference: MessageReference::new(NAME, &format!("{team}/{channel}/{ts}")),
        at: time(ts).ok_or(Problem::BadTime("event.ts"))?,
    };
    said.message()
}

/// Slack's `ts`: seconds, a point, and a counter that is as good as microseconds.
fn time(ts: &str) -> Option<DateTime<Utc>> {
    let (seconds, micros) = ts.split_once('.').unwrap_or((ts, "0"));
    let digits =
        |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds, 10) || !digits(micros, 6) {
        return None;
    }
    let nanos = micros.parse::<u32>().ok()? * 1_000;
    DateTime::from_timestamp(seconds.parse().ok()?, nanos)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_ts_is_a_time() {
        assert_eq!(
            time("1531420618.000100").unwrap().to_rfc3339(),
            "2018-07-12T18:36:58.000100+00:00"
        );
        assert_eq!(time("1531420618").unwrap().timestamp(), 1_531_420_618);
        for ts in [
            "",
            ".",
            "1531420618.",
            "1531420618.9999999",
            "-5.0",
            "+5.0",
            "soon",
            "99999999999.0",
        ] {
            assert_eq!(time(ts), None, "{ts}");
        }
    }
}
