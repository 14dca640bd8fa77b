//! Plays a request through as the service does, for tests: split, split again from what was kept, read.

use chrono::DateTime;
use mailroom_domain::{
    ClaimToken, ClaimedEvent, ConversationKey, EventId, EventKind, Failure, IncomingMessage, Lane,
    StatusChange,
};

use crate::{Delivery, Incoming, Provider, Reading, Request, RequestHeaders, Split, read::read};

/// The endpoint of everything replayed.
pub(crate) const ENDPOINT: &str = "front-desk";

/// A POST with this body and nothing else.
pub(crate) fn request(body: &[u8]) -> Request<'_> {
    Request {
        is_get: false,
        query: "",
        headers: RequestHeaders::default(),
        body,
        certificate: None,
        now: DateTime::UNIX_EPOCH,
    }
}

/// What a body is split into; each kept payload, split again, must give its one event again.
pub(crate) fn split(provider: &dyn Provider, body: &[u8]) -> Split {
    let once = |body: &[u8]| match provider.split(&request(body), ENDPOINT) {
        Delivery::Events(split) => split,
        other => panic!("{other:?}"),
    };
    let split = once(body);
    for event in &split.events {
        assert_eq!(once(event.payload.as_bytes()).events, std::slice::from_ref(event));
    }
    split
}

/// The one event of a body.
pub(crate) fn one(provider: &dyn Provider, body: &[u8]) -> Incoming {
    let mut events = split(provider, body).events;
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

/// What an event means, as a worker reads it.
pub(crate) fn meaning(
    provider: &dyn Provider,
    event: &Incoming,
    kind: EventKind,
) -> Result<Reading, Failure> {
    read(&ClaimedEvent {
        id: EventId::new(Lane::of(&event.conversation_key), [0; 16]),
        arrival: 1,
        token: ClaimToken::new([0; 16]),
        channel: event.channel,
        provider: provider.name().to_owned(),
        endpoint: ENDPOINT.to_owned(),
        kind,
        conversation_key: event.conversation_key.clone(),
        payload: event.payload.clone(),
        headers: event.headers.clone(),
        attempt: 1,
        created_at: DateTime::UNIX_EPOCH,
        trace_context: None,
    })
}

/// The message that an event is, which must stand in the conversation that the event was put into.
pub(crate) fn message(provider: &dyn Provider, event: &Incoming) -> IncomingMessage {
    match meaning(provider, event, event.kind) {
        Ok(Reading::Message(message)) => {
            let (one, other) = message.participants();
            let key = ConversationKey::between(message.channel, one, other);
            assert_eq!(key, event.conversation_key);
            message
        }
        other => panic!("{other:?}"),
    }
}

/// The status that an event is, which must stand in its message's line.
pub(crate) fn status(provider: &dyn Provider, event: &Incoming) -> StatusChange {
    match meaning(provider, event, event.kind) {
        Ok(Reading::Status(status)) => {
            assert_eq!(status.reference.line(), event.conversation_key);
            status
        }
        other => panic!("{other:?}"),
    }
}

/// The body of a fixture: what stands after the empty line.
pub(crate) fn body(fixture: &'static str) -> &'static [u8] {
    let (_, body) = fixture.split_once("\n\n").expect("a head and a body");
    body.as_bytes()
}
