//! Postmark's requests from splitting to reading, on the fixtures and around them.

mod inbound;

use chrono::DateTime;
use mailroom_domain::{
    ClaimToken, ClaimedEvent, ErrorCode, EventId, EventKind, MessageStatus, Payload, StatusChange,
};
use proptest::prelude::*;

use self::inbound::message;
use super::Postmark;
use crate::{
    Delivery, Endpoint, Incoming, Key, Provider, Reading, Request, Split, Verified,
    signing::{Outgoing, Signer},
};

const ENDPOINT: &str = "shop";

/// A fixture's body.
pub(super) fn body(file: &[u8]) -> &[u8] {
    let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
    &file[end + 2..]
}

macro_rules! fixture {
    ($case:literal) => {
        $crate::postmark::tests::body(include_bytes!(concat!(
            "../../../tests/fixtures/postmark/",
            $case,
            ".http"
        )))
    };
}

pub(super) fn split(body: &[u8]) -> Split {
    let request = Request {
        is_get: false,
        query: "",
        headers: std::iter::empty().collect(),
        body,
        certificate: None,
        now: DateTime::UNIX_EPOCH,
    };
    match Postmark.split(&request, ENDPOINT) {
        Delivery::Events(split) => split,
        other => panic!("{other:?}"),
    }
}

/// The one event of a request, after checking that what is kept of it would come out as the same one.
pub(super) fn one(body: &[u8]) -> Incoming {
    let mut events = split(body).events;
    assert_eq!(events.len(), 1);
    assert_eq!(split(events[0].payload.as_bytes()).events, events);
    events.remove(0)
}

pub(super) fn claimed(event: &Incoming) -> ClaimedEvent {
    ClaimedEvent {
        id: EventId::new(mailroom_domain::Lane::of(&event.conversation_key), [0; 16]),
        arrival: 1,
        token: ClaimToken::new([0; 16]),
        channel: event.channel,
        provider: "postmark".to_owned(),
        endpoint: ENDPOINT.to_owned(),
        kind: event.kind,
        conversation_key: event.conversation_key.clone(),
        payload: event.payload.clone(),
        headers: event.headers.clone(),
        attempt: 1,
        created_at: DateTime::UNIX_EPOCH,
        trace_context: None,
    }
}

use fixture;

fn status(event: &Incoming) -> StatusChange {
    match Postmark.read(&claimed(event)) {
        Ok(Reading::Status(status)) => {
            assert_eq!(status.reference.line(), event.conversation_key);
            status
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn events_tell_how_far_a_message_got() {
    for (body, word, expected, error) in [
        (fixture!("delivery"), "Delivery", MessageStatus::Delivered, None),
        (fixture!("open"), "Open", MessageStatus::Read, None),
        (fixture!("click"), "Click", MessageStatus::Read, None),
        (
            fixture!("bounce_hard"),
            "Bounce",
            MessageStatus::Failed,
            Some("1"),
        ),
    ] {
        let status = status(&one(body));
        assert_eq!((&*status.word, status.status), (word, expected));
        assert_eq!(status.error.as_deref(), error);
        assert_eq!(status.reference.id, "883953f4-6105-42a2-a16a-77a8eac79483");
        assert!(status.at > DateTime::UNIX_EPOCH);
        assert_eq!(split(body).drift, crate::Drift::default());
    }
}

#[test]
fn an_event_is_known_by_its_own_id_or_by_message_recipient_and_time() {
    let bounce = one(fixture!("bounce_hard"));
    assert_eq!(bounce.provider_message_id, "postmark:Bounce/4323372036854775807");
    assert_eq!(
        (&*bounce.sender, &*bounce.recipient),
        ("shop@example.org", "nobody@example.com")
    );
    assert_eq!(
        one(fixture!("delivery")).provider_message_id,
        "postmark:Delivery/883953f4-6105-42a2-a16a-77a8eac79483/ada@example.com/2026-11-05T16:33:54.9070259Z"
    );
}

#[test]
fn what_moves_no_message_is_a_notice_in_a_line_of_its_own() {
    for body in [
        fixture!("bounce_transient"),
        fixture!("spam_complaint"),
        fixture!("subscription_change"),
    ] {
        let event = one(body);
        assert_eq!(event.kind, EventKind::Notice);
        assert_eq!(
            event.conversation_key.as_str(),
            format!("postmark:shop:{}", event.provider_message_id)
        );
        assert_eq!(split(body).drift, crate::Drift::default());
    }
}

#[test]
fn what_is_not_known_or_broken_is_put_aside_whole() {
    for (body, code, types) in [
        (
            fixture!("unknown_record"),
            ErrorCode::Unsupported,
            vec!["Teleportation"],
        ),
        (
            fixture!("bounce_unknown_type"),
            ErrorCode::Unsupported,
            vec!["Teleported"],
        ),
        (fixture!("no_id"), ErrorCode::Unreadable, vec![]),
        (fixture!("broken"), ErrorCode::Unreadable, vec![]),
        (b"", ErrorCode::Unreadable, vec![]),
        (b"[]", ErrorCode::Unreadable, vec![]),
        (b"{}", ErrorCode::Unreadable, vec![]),
        (br#"{"RecordType":7}"#, ErrorCode::Unreadable, vec![]),
        (
            br#"{"RecordType":"Open","Tag":"\ud800"}"#,
            ErrorCode::Unreadable,
            vec![],
        ),
    ] {
        let event = one(body);
        assert_eq!(event.kind, EventKind::Quarantined);
        assert_eq!(event.payload.as_bytes(), body);
        assert_eq!(event.quarantine.unwrap().code, code);
        assert_eq!(split(body).drift.types, types);
    }
}

#[test]
fn new_fields_are_counted_and_spacing_is_not() {
    let body =
        br#"{"RecordType":"Open","MessageID":"m","Recipient":"a@example.com","ReceivedAt":"x","New":1}"#;
    assert_eq!(split(body).drift.fields, ["New"]);
    let spaced = String::from_utf8_lossy(body).replace(',', ", ");
    assert_eq!(one(body).body_hash, one(spaced.as_bytes()).body_hash);
    assert_eq!(
        status(&one(body)).at,
        DateTime::UNIX_EPOCH,
        "the time it was recorded"
    );
}

#[test]
fn a_nul_is_kept_as_bytes() {
    let body =
        br#"{"RecordType":"Bounce","Type":"Blocked","ID":1,"MessageID":"m","Email":"a\u0000@example.com"}"#;
    let event = one(body);
    assert!(matches!(event.payload, Payload::Bytes(_)));
    assert_eq!(event.recipient, "a\u{fffd}@example.com");
    assert_eq!(status(&event).status, MessageStatus::Failed);
}

#[test]
fn what_the_signer_shows_is_taken() {
    let (shown, configured) = Postmark.demo_keys();
    let endpoint = Endpoint {
        keys: vec![Key::new(configured)],
        ..Endpoint::default()
    };
    let signed = Postmark.sign(Outgoing::default(), shown, DateTime::UNIX_EPOCH, [0; 16]);
    let headers = signed.headers.iter();
    let request = Request {
        is_get: false,
        query: "",
        headers: headers
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect(),
        body: b"",
        certificate: None,
        now: DateTime::UNIX_EPOCH,
    };
    assert_eq!(Postmark.verify(&request, &endpoint), Ok(Verified::by(0)));
}

fn any_event() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("\"Open\"".to_owned()),
        Just("\"Bounce\"".to_owned()),
        Just("\"Inbound\"".to_owned()),
        Just("\"HardBounce\"".to_owned()),
        Just("[{}, {\"Email\":\"a@b\"}]".to_owned()),
        Just("18446744073709551615".to_owned()),
        Just("\"ada@example.com\"".to_owned()),
        Just("{\"Email\":\"ada@example.com\"}".to_owned()),
        "\"[A-Za-z0-9.<>@ ]{0,12}\"",
    ];
    let names = [
        super::fields::EVENT,
        super::fields::INBOUND,
        super::fields::LOAD_BEARING,
    ]
    .concat();
    let name = proptest::sample::select(names);
    proptest::collection::vec((name, value), 0..16).prop_map(|fields| {
        let fields = fields.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    })
}

proptest! {
    #[test]
    fn nothing_panics_on_arbitrary_bytes(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Postmark.read(&claimed(&one(&body)));
    }

    #[test]
    fn every_event_can_be_read_and_split_again(body in any_event()) {
        let event = one(body.as_bytes());
        match event.kind {
            EventKind::Status => drop(status(&event)),
            EventKind::Message => drop(message(&event)),
            _ => {}
        }
    }
}
