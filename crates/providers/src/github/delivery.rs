//! One delivery: what its headers say it is, and what to write down of it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ClaimedEvent, ConversationKey, ErrorCode, EventKind, Headers, IncomingMessage, Payload,
};
use serde_json::Value;

use super::{
    NAME, events,
    fields::Problem,
    known,
    message::{self, Told},
};
use crate::{
    Drift, Incoming, Request,
    form::{FORM, Form, is_form},
    incoming::{fit, hash, shown},
};

/// The header that names the event.
pub(super) const EVENT: &str = "x-github-event";
/// The header that holds the delivery's id, the same when it is delivered again.
const DELIVERY: &str = "x-github-delivery";
/// More fields than this are no delivery.
const MOST_FIELDS: usize = 1_000;

/// What to write down of a delivery. Everything is a message, also what this release has no name for: how GitHub tells
/// of things is the same for all of them.
pub(super) fn incoming(
    request: &Request<'_>,
    endpoint: &str,
    drift: &mut Drift,
) -> Result<Incoming, Problem> {
    let header = |name| {
        request
            .headers
            .get(name)
            .and_then(fit)
            .ok_or(Problem::Header(name))
    };
    let (event, delivery) = (header(EVENT)?, header(DELIVERY)?);
    let kept = json(request)?;
    let value = parse(&kept)?;
    let fields = value.as_object().ok_or(Problem::NotAnObject)?;
    if events::EVENTS.contains(&event) {
        drift.note(fields, known::FIELDS);
    } else {
        drift.types.push(event.to_owned());
    }
    let message = message::read(&told(event, delivery, endpoint, DateTime::UNIX_EPOCH), fields)?;
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
        // One delivery goes to every webhook that wants the event, and each endpoint has a line of its own.
        provider_message_id: format!("{NAME}:{endpoint}/{delivery}"),
        payload: Payload::new(&kept),
        headers: [(EVENT, event), (DELIVERY, delivery)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body_hash: hash(value.to_string().as_bytes()),
        quarantine: None,
    })
}

/// Whether it holds what GitHub sends to see whether somebody is there, and nothing else does.
pub(super) fn is_ping(request: &Request<'_>) -> bool {
    let value = json(request).and_then(|kept| parse(&kept));
    value.is_ok_and(|value| value["zen"].is_string() && value["hook_id"].is_u64())
}

/// What to write down of a delivery that cannot be read.
pub(super) fn quarantined(request: &Request<'_>, endpoint: &str, problem: Problem) -> Incoming {
    let given = [EVENT, DELIVERY]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), request.headers.get(name)?.to_owned())));
    let mut headers: Headers = given.collect();
    // Without the form around it, in which secrets are not seen.
    let kept = json(request).unwrap_or_else(|_| {
        headers.insert("content-type".to_owned(), FORM.to_owned());
        Cow::Borrowed(request.body)
    });
    let why = (ErrorCode::Unreadable, &*problem.to_string());
    Incoming::quarantined(NAME, endpoint, Channel::Webhook, headers, &kept, why)
}

/// Reads a kept delivery.
pub(super) fn read(event: &ClaimedEvent) -> Result<IncomingMessage, Problem> {
    let header = |name| event.headers.get(name).ok_or(Problem::Header(name));
    let value = parse(event.payload.as_bytes())?;
    let fields = value.as_object().ok_or(Problem::NotAnObject)?;
    let told = told(
        header(EVENT)?,
        header(DELIVERY)?,
        &event.endpoint,
        event.created_at,
    );
    message::read(&told, fields)
}

const fn told<'a>(
    event: &'a str,
    delivery: &'a str,
    endpoint: &'a str,
    recorded_at: DateTime<Utc>,
) -> Told<'a> {
    Told {
        event,
        delivery,
        endpoint,
        recorded_at,
    }
}

/// The JSON of a delivery, bare or in a form's `payload`.
fn json<'a>(request: &Request<'a>) -> Result<Cow<'a, [u8]>, Problem> {
    if !is_form(request) {
        return Ok(Cow::Borrowed(request.body));
    }
    let form = Form::decode(request.body);
    if form.len() > MOST_FIELDS {
        return Err(Problem::TooManyFields);
    }
    let payload = form.get("payload").ok_or(Problem::Missing("payload"))?;
    Ok(Cow::Owned(payload.as_bytes().to_vec()))
}

fn parse(kept: &[u8]) -> Result<Value, Problem> {
    crate::json::parse(kept).map_err(|_| Problem::NotAnObject)
}
