//! What every fuzz target does, and the property tests in `tests/adapters/anything.rs` as well: whatever the bytes,
//! nothing panics, everything that is split can be recorded and reads as what it was split for, and what was split
//! splits the same again.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    ClaimToken, ClaimedEvent, ConversationKey, ErrorCode, EventId, EventKind, FilePlace, Headers,
    IncomingMessage, Lane, Payload,
};
use mailroom_providers::signing::{Outgoing, signer_named};
use mailroom_providers::{
    Delivery, Endpoint, Incoming, Key, Provider, Reading, Redaction, RedactionSettings, Request,
    provider_named, read,
};

const ENDPOINT: &str = "demo";
const URL: &str = "https://mailroom.example/webhooks/fuzz/demo";

/// Verifies, splits and reads a request of arbitrary bytes: a file like those in `tests/fixtures`, else a body alone.
pub(crate) fn adapter(name: &str, data: &[u8]) {
    let provider = provider_named(name).expect("the provider is known");
    let outgoing = Outgoing::from_file(URL, data).unwrap_or_else(|| Outgoing {
        body: data.to_vec(),
        ..Outgoing::default()
    });
    let headers: Vec<_> = outgoing
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let request = request(&headers, &outgoing.query, &outgoing.body);
    verify(provider, &request);
    let delivery = provider.split(&request, ENDPOINT);
    assert_eq!(delivery, provider.split(&request, ENDPOINT), "split twice");
    if let Delivery::Events(split) = delivery {
        for event in split.events {
            check(provider, &event);
        }
    }
    // What nobody split may come to be read as well, after somebody changed a row by hand.
    let why = (ErrorCode::Unreadable, "fuzzed");
    let (channel, headers) = (provider.channel(), Headers::new());
    let mut event = Incoming::quarantined(provider.name(), ENDPOINT, channel, headers, b"", why);
    event.payload = Payload::new(&outgoing.body);
    for kind in [EventKind::Message, EventKind::Status, EventKind::Quarantined] {
        event.kind = kind;
        let _ = read(&claimed(provider, &event));
    }
}

/// Verifying must not panic either, whatever the keys; and nobody can guess a signature.
fn verify(provider: &dyn Provider, request: &Request<'_>) {
    let key = signer_named(provider.name()).map_or("", |signer| signer.demo_keys().1);
    let endpoint = Endpoint {
        public_urls: vec![URL.to_owned()],
        keys: vec![Key::new("key"), Key::new(""), Key::new(key)],
        verify_token: Some(Key::new("token")),
        certificate: Some(key.to_owned()),
        topics: topic(request.body).into_iter().collect(),
        ..Endpoint::default()
    };
    let _ = provider.certificate_url(request, &endpoint);
    let mut request = request.clone();
    for is_get in [true, false] {
        request.is_get = is_get;
        assert!(provider.verify(&request, &endpoint).is_err(), "it was not signed");
    }
}

/// Past the check of Amazon SNS's topic there is more to try.
fn topic(body: &[u8]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(json["TopicArn"].as_str()?.to_owned())
}

fn check(provider: &dyn Provider, event: &Incoming) {
    assert!((1..=512).contains(&event.provider_message_id.len()));
    let key = event.conversation_key.as_str();
    // The most that an index of PostgreSQL takes is 2,704 bytes; NUL is the one character that no text of its holds.
    assert!(key.len() <= 2_000, "a key of {} bytes", key.len());
    let texts = [&event.sender, &event.recipient, &event.provider_message_id];
    let headers = event.headers.iter().flat_map(|(name, value)| [name, value]);
    let mut all = texts.into_iter().chain(headers).map(String::as_str).chain([key]);
    assert!(!all.any(|text| text.contains('\0')), "a NUL in {event:?}");
    reads_as_split(provider, event);

    let headers: Vec<(&str, &str)> = event
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match provider.split(&request(&headers, "", event.payload.as_bytes()), ENDPOINT) {
        Delivery::Events(again) => assert_eq!(again.events, std::slice::from_ref(event)),
        other => panic!("{event:?} splits into {other:?}"),
    }
    let mut redacted = event.clone();
    if let Ok(redaction) = Redaction::new(&RedactionSettings::default()) {
        redaction.apply(&mut redacted, provider.load_bearing());
    }
    let _ = read(&claimed(provider, &redacted));
}

fn reads_as_split(provider: &dyn Provider, event: &Incoming) {
    match (event.kind, read(&claimed(provider, event))) {
        (EventKind::Message, Ok(Reading::Message(message))) => {
            let (one, other) = message.participants();
            assert_eq!(
                event.conversation_key,
                ConversationKey::between(message.channel, one, other)
            );
            assert!(
                !texts(&message).iter().any(|text| text.contains('\0')),
                "a NUL in {message:?}"
            );
        }
        (EventKind::Status, Ok(Reading::Status(change))) => {
            assert_eq!(event.conversation_key, change.reference.line());
            let error = change.error.as_deref().unwrap_or_default();
            let texts = [&*change.reference.id, &*change.word, error];
            assert!(
                !texts.iter().any(|text| text.contains('\0')),
                "a NUL in {change:?}"
            );
        }
        (EventKind::Notice, Ok(Reading::Notice)) => {}
        (EventKind::Quarantined, Err(failure)) => assert_eq!(event.quarantine.as_ref(), Some(&failure)),
        (_, read) => panic!("{event:?} reads as {read:?}"),
    }
}

/// All texts of a message that PostgreSQL has to hold.
fn texts(message: &IncomingMessage) -> Vec<&str> {
    let mut texts = vec![&*message.from, &*message.to, &*message.body];
    texts.extend([&*message.from_participant, &*message.to_participant]);
    texts.extend(message.reference.iter().map(|reference| &*reference.id));
    for file in &message.files {
        texts.extend(file.name.as_deref());
        texts.extend(file.content_type.as_deref());
        texts.extend(file.place.iter().map(|place| match place {
            FilePlace::Url(place) | FilePlace::Provider(place) | FilePlace::Payload(place) => &**place,
        }));
    }
    if let Some(email) = &message.email {
        let single = [&email.subject, &email.html, &email.message_id];
        texts.extend(single.into_iter().filter_map(Option::as_deref));
        texts.extend(
            email
                .in_reply_to
                .iter()
                .chain(&email.references)
                .map(String::as_str),
        );
        let headers = email.headers.iter().flat_map(|(name, value)| [name, value]);
        texts.extend(headers.map(String::as_str));
    }
    texts
}

fn request<'a>(headers: &[(&'a str, &'a str)], query: &'a str, body: &'a [u8]) -> Request<'a> {
    Request {
        is_get: false,
        query,
        headers: headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect(),
        body,
        certificate: None,
        now: DateTime::UNIX_EPOCH,
    }
}

fn claimed(provider: &dyn Provider, event: &Incoming) -> ClaimedEvent {
    let recorded_at: DateTime<Utc> = DateTime::UNIX_EPOCH;
    ClaimedEvent {
        id: EventId::new(Lane::of(&event.conversation_key), [1; 16]),
        arrival: 1,
        token: ClaimToken::new([1; 16]),
        channel: event.channel,
        provider: provider.name().to_owned(),
        endpoint: ENDPOINT.to_owned(),
        kind: event.kind,
        conversation_key: event.conversation_key.clone(),
        payload: event.payload.clone(),
        headers: event.headers.clone(),
        attempt: 1,
        created_at: recorded_at,
        trace_context: None,
    }
}
