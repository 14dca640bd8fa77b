//! SendGrid's events: an array of JSON objects, each made an event of its own.

use mailroom_domain::{Channel, ConversationKey, EventKind, Headers, Payload};
use serde_json::{Map, Value, value::RawValue};

use super::{
    NAME,
    fields::{KNOWN, Problem, id, text},
    form, quarantined,
    status::{Meaning, meaning, reference},
};
use crate::{
    Drift, Incoming, MOST_EVENTS,
    incoming::{hash, shown},
};

/// The events of a JSON body. One that is an object holds no events: it is a form as kept.
pub(super) fn split(body: &[u8], endpoint: &str, drift: &mut Drift) -> Vec<Incoming> {
    match serde_json::from_slice(body) {
        Ok(Value::Array(items)) => items
            .iter()
            .take(MOST_EVENTS + 1)
            .map(|item| incoming(item, endpoint, drift))
            .collect(),
        Ok(form @ Value::Object(_)) => vec![form::kept(form, body, endpoint, drift)],
        Ok(_) => vec![unreadable(endpoint, body, Problem::NotAnArray)],
        Err(_) => one_by_one(body, endpoint, drift),
    }
}

/// An array in which an item is no JSON that can be held (a lone surrogate, a number beyond all bounds): it is put
/// aside alone, and the others are read.
fn one_by_one(body: &[u8], endpoint: &str, drift: &mut Drift) -> Vec<Incoming> {
    let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(body) else {
        return vec![unreadable(endpoint, body, Problem::NotJson)];
    };
    items
        .into_iter()
        .take(MOST_EVENTS + 1)
        .map(|item| match serde_json::from_str(item.get()) {
            Ok(item) => incoming(&item, endpoint, drift),
            Err(_) => unreadable(endpoint, format!("[{item}]").as_bytes(), Problem::NotJson),
        })
        .collect()
}

fn incoming(item: &Value, endpoint: &str, drift: &mut Drift) -> Incoming {
    // The array around it makes it a request that holds this event alone.
    let received = format!("[{item}]");
    event(item, &received, endpoint, drift)
        .unwrap_or_else(|problem| unreadable(endpoint, received.as_bytes(), problem))
}

fn event(item: &Value, received: &str, endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    let fields = item.as_object().ok_or(Problem::NotAnObject)?;
    drift.note(fields, KNOWN);
    let word = text(fields, "event")?;
    let Some(meaning) = meaning(word, fields) else {
        drift.types.push(word.to_owned());
        return Err(Problem::UnknownType);
    };
    let id = format!("{NAME}:{}", id(fields, "sg_event_id")?);
    let (kind, conversation_key) = match (meaning, reference(fields)) {
        (Meaning::Status(_), Some(reference)) => (EventKind::Status, reference.line()),
        // A status of nobody knows what moves nothing.
        _ => (EventKind::Notice, ConversationKey::alone(NAME, endpoint, &id)),
    };
    Ok(Incoming {
        channel: Channel::Email,
        kind,
        sender: String::new(),
        recipient: shown(text(fields, "email").unwrap_or_default()),
        conversation_key,
        provider_message_id: id,
        payload: Payload::new(received.as_bytes()),
        headers: Headers::new(),
        body_hash: hash(item.to_string().as_bytes()),
        quarantine: None,
    })
}

/// The one event of a kept payload.
pub(super) fn kept(payload: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(payload).map_err(|_| Problem::NotJson)? {
        Value::Array(mut items) => match items.pop() {
            Some(Value::Object(fields)) => Ok(fields),
            _ => Err(Problem::NotAnObject),
        },
        _ => Err(Problem::NotAnArray),
    }
}

fn unreadable(endpoint: &str, received: &[u8], problem: Problem) -> Incoming {
    quarantined(endpoint, Headers::new(), received, problem)
}
