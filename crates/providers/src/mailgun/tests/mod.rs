//! What Mailgun sends, split and read: with the requests that all its tests are made of.

mod events;
mod messages;
mod signatures;

use chrono::{DateTime, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, ConversationKey, EventId, EventKind, IncomingMessage, Lane};
use proptest::prelude::*;

use super::*;
use crate::{
    Key,
    signing::{Outgoing, Signer},
};

const KEY: &str = "key-current";
const FORM: &str = "application/x-www-form-urlencoded";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_730_900_000, 0).unwrap()
}

fn endpoint(keys: &[&str]) -> Endpoint {
    Endpoint {
        keys: keys.iter().map(|key| Key::new(key)).collect(),
        ..Endpoint::default()
    }
}

fn fixture(name: &str) -> Outgoing {
    let path = format!(
        "{}/tests/fixtures/mailgun/{name}.http",
        env!("CARGO_MANIFEST_DIR")
    );
    let file = std::fs::read(path).unwrap();
    let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let head = std::str::from_utf8(&file[..end]).unwrap();
    let headers = head.lines().map(|line| line.split_once(": ").unwrap());
    Outgoing {
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: file[end + 2..].to_vec(),
        ..Outgoing::default()
    }
}

fn signed(name: &str, nonce: u8) -> Outgoing {
    Mailgun.sign(fixture(name), KEY, now(), [nonce; 16])
}

fn request(outgoing: &Outgoing) -> Request<'_> {
    let headers = outgoing.headers.iter();
    Request {
        is_get: false,
        query: "",
        headers: headers
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect(),
        body: &outgoing.body,
        certificate: None,
        now: now(),
    }
}

fn split(outgoing: &Outgoing) -> (Incoming, Drift) {
    let Delivery::Events(mut split) = Mailgun.split(&request(outgoing), "mail") else {
        panic!("a handshake")
    };
    assert_eq!(split.events.len(), 1);
    (split.events.remove(0), split.drift)
}

fn form(pairs: &[(&str, &str)]) -> Outgoing {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Outgoing {
        headers: vec![("content-type".to_owned(), FORM.to_owned())],
        body: body.into_bytes(),
        ..Outgoing::default()
    }
}

fn json(body: &str) -> Outgoing {
    Outgoing {
        body: body.into(),
        ..Outgoing::default()
    }
}

fn claimed(incoming: &Incoming) -> ClaimedEvent {
    ClaimedEvent {
        id: EventId::new(Lane::of(&incoming.conversation_key), [7; 16]),
        arrival: 1,
        token: ClaimToken::new([1; 16]),
        channel: incoming.channel,
        provider: NAME.to_owned(),
        endpoint: "mail".to_owned(),
        kind: incoming.kind,
        conversation_key: incoming.conversation_key.clone(),
        payload: incoming.payload.clone(),
        headers: incoming.headers.clone(),
        attempt: 1,
        created_at: now(),
        trace_context: None,
    }
}

/// The message it is; read as it was split.
fn message(incoming: &Incoming) -> IncomingMessage {
    assert_eq!(incoming.kind, EventKind::Message, "{:?}", incoming.quarantine);
    let Reading::Message(message) = crate::read(&claimed(incoming)).unwrap() else {
        panic!("no message")
    };
    let (one, other) = message.participants();
    assert_eq!(
        ConversationKey::between(message.channel, one, other),
        incoming.conversation_key
    );
    message
}

const FIXTURES: [&str; 13] = [
    "inbound",
    "inbound_attachments",
    "inbound_bounce",
    "inbound_mime",
    "stored",
    "no_recipient",
    "accepted",
    "delivered",
    "opened",
    "failed_permanent",
    "failed_temporary",
    "complained",
    "unknown_event",
];

#[test]
fn what_is_kept_splits_into_the_same_event_whoever_signed_it() {
    for name in FIXTURES {
        let (incoming, _) = split(&signed(name, 1));
        assert_eq!(split(&signed(name, 2)).0, incoming, "{name} delivered again");
        let kept = Outgoing {
            headers: incoming.headers.clone().into_iter().collect(),
            body: incoming.payload.as_bytes().to_vec(),
            ..Outgoing::default()
        };
        assert_eq!(split(&kept).0, incoming, "{name}");
        let text = String::from_utf8_lossy(incoming.payload.as_bytes());
        assert!(
            !text.contains("\"token\""),
            "{name} keeps what it was signed with"
        );
    }
}

#[test]
fn what_is_not_understood_is_put_aside_once() {
    let (unknown, drift) = split(&signed("unknown_event", 1));
    assert_eq!(
        (drift.types, drift.fields),
        (vec!["forwarded-by-pigeon".to_owned()], vec!["pigeon".to_owned()])
    );
    assert_eq!(unknown.quarantine.unwrap().code, ErrorCode::Unsupported);
    let cases = [
        (signed("no_recipient", 1), "`recipient` is missing"),
        (form(&[("recipient", "b@x"), ("sender", "")]), "`from` is missing"),
        (
            form(&[("recipient", "b@x"), ("from", "nobody")]),
            "`from` is missing",
        ),
        (
            form(&[("recipient", "nobody"), ("from", "a@x")]),
            "the recipient is not an e-mail address",
        ),
        (
            form(&[("recipient", "b@x"), ("sender", "a b@x")]),
            "the sender is not an e-mail address",
        ),
        (
            form(&[("recipient", "b@x"), ("sender", "a@x"), ("body-mime", "nothing")]),
            "`body-mime` is not an e-mail",
        ),
        (
            form(&[("event", "delivered"), ("recipient", "b@x")]),
            "`event` or `severity` is not one that this release knows",
        ),
        (
            form(&vec![("a", "1"); MOST_PARTS + 1]),
            "neither a form nor an event",
        ),
        (json("{"), "neither a form nor an event"),
        (json(r#"{"signature":{}}"#), "neither a form nor an event"),
        (json(r#"{"event-data":[]}"#), "`event-data.id` is missing"),
        (
            json(r#"{"event-data":{"id":"\u0000","event":"x"}}"#),
            "`event-data.id` is not an id",
        ),
        (
            json(r#"{"event-data":{"id":"1"}}"#),
            "`event-data.event` is missing",
        ),
        (
            json(r#"{"event-data":{"id":"1","event":"failed","severity":"odd"}}"#),
            "`event` or `severity` is not one that this release knows",
        ),
        (
            json(r#"{"event-data":{"id":"1","event":"opened"}}"#),
            "`event-data.message.headers.message-id` is missing",
        ),
    ];
    for (outgoing, cause) in cases {
        let (incoming, _) = split(&outgoing);
        assert_eq!(
            (incoming.kind, &*incoming.quarantine.unwrap().cause),
            (EventKind::Quarantined, cause)
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_split_into_one_event(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        content_type in proptest::sample::select(vec![FORM, "application/json", "multipart/form-data; boundary=b", ""]),
    ) {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let outgoing = Outgoing { headers, body, ..Outgoing::default() };
        let (incoming, _) = split(&outgoing);
        let _ = crate::read(&claimed(&incoming));
        let _ = Mailgun.verify(&request(&outgoing), &endpoint(&[KEY]));
    }

    #[test]
    fn any_fields_split_into_one_event(fields in proptest::collection::vec((
        proptest::sample::select(vec!["recipient", "from", "sender", "body-mime", "message-headers", "attachments", "Message-Id"]),
        "\\PC{0,20}|[a-c]@x|<[a-c]@x>|\\[\\]|Subject: .{0,9}",
    ), 0..9)) {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (incoming, _) = split(&form(&fields));
        if incoming.kind == EventKind::Message {
            message(&incoming);
        }
    }
}
