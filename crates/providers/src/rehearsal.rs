//! Plays a fixture to an adapter as the gateway and the worker would, for the tests of adapters.

use std::path::Path;

use chrono::{DateTime, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, EventId, IncomingMessage, Lane};

use crate::{Delivery, Endpoint, Incoming, Key, Provider, Reading, Request, Split, signing::Outgoing};

/// The endpoint everything comes to.
pub(crate) const ENDPOINT: &str = "front-desk";

/// When everything comes.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_726_400, 0).unwrap()
}

/// A request from `tests/fixtures/<provider>/<case>.http`, not yet signed.
pub(crate) fn fixture(provider: &str, case: &str) -> Outgoing {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(provider)
        .join(format!("{case}.http"));
    let bytes = std::fs::read(&file).unwrap_or_else(|_| panic!("no {}", file.display()));
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let headers = head.lines().map(|line| line.split_once(": ").unwrap());
    request(&headers.collect::<Vec<_>>(), &bytes[end + 2..])
}

/// A request with these headers and this body.
pub(crate) fn request(headers: &[(&str, &str)], body: &[u8]) -> Outgoing {
    let owned = headers
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Outgoing {
        headers: owned.collect(),
        body: body.to_vec(),
        ..Outgoing::default()
    }
}

/// The same as it arrives.
pub(crate) fn received(request: &Outgoing) -> Request<'_> {
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    Request {
        is_get: false,
        query: &request.query,
        headers: headers.collect(),
        body: &request.body,
        certificate: None,
        now: now(),
    }
}

/// An endpoint with these keys.
pub(crate) fn endpoint(keys: &[&str]) -> Endpoint {
    Endpoint {
        keys: keys.iter().map(|key| Key::new(key)).collect(),
        ..Endpoint::default()
    }
}

/// The events of a request that holds some. What is kept of each must come out as the same event again.
pub(crate) fn split(provider: &dyn Provider, outgoing: &Outgoing) -> Split {
    let split = events(provider.split(&received(outgoing), ENDPOINT));
    for event in &split.events {
        let headers: Vec<_> = event
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let kept = request(&headers, event.payload.as_bytes());
        let again = events(provider.split(&received(&kept), ENDPOINT)).events;
        assert_eq!(
            again,
            std::slice::from_ref(event),
            "what is kept is a request with this one event"
        );
    }
    split
}

/// The one event of a request.
pub(crate) fn only(provider: &dyn Provider, outgoing: &Outgoing) -> Incoming {
    let mut events = split(provider, outgoing).events;
    assert_eq!(events.len(), 1);
    events.remove(0)
}

/// The message an event becomes, which stands in the event's own conversation.
pub(crate) fn message(provider: &dyn Provider, event: &Incoming) -> IncomingMessage {
    match provider.read(&claimed(provider, event)) {
        Ok(Reading::Message(message)) => {
            let (one, other) = (&message.from_participant, &message.to_participant);
            let read = mailroom_domain::ConversationKey::between(message.channel, one, other);
            assert_eq!(read, event.conversation_key);
            assert_eq!(message.channel, event.channel);
            message
        }
        other => panic!("{other:?}"),
    }
}

/// The event in the hands of a worker.
pub(crate) fn claimed(provider: &dyn Provider, event: &Incoming) -> ClaimedEvent {
    ClaimedEvent {
        id: EventId::new(Lane::of(&event.conversation_key), [7; 16]),
        arrival: 1,
        token: ClaimToken::new([7; 16]),
        channel: event.channel,
        provider: provider.name().to_owned(),
        endpoint: ENDPOINT.to_owned(),
        kind: event.kind,
        conversation_key: event.conversation_key.clone(),
        payload: event.payload.clone(),
        headers: event.headers.clone(),
        attempt: 1,
        created_at: now(),
        trace_context: None,
    }
}

fn events(delivery: Delivery) -> Split {
    match delivery {
        Delivery::Events(split) => split,
        other => panic!("{other:?}"),
    }
}
