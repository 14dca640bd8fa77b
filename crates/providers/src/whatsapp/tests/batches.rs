//! Requests as a whole: batches, notices, what is broken, and what is made to hurt.

use mailroom_domain::{ErrorCode, EventKind};
use proptest::prelude::*;
use serde_json::json;

use super::{change, message, request, with_message};
use crate::{
    Delivery, Drift, Endpoint, Incoming, Key, Provider, Unverified, Verified,
    replay::{self, ENDPOINT, body, meaning, one, split},
    signing::{Outgoing, Signer},
    whatsapp::Whatsapp,
};

fn kinds(events: &[Incoming]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

#[test]
fn one_bad_item_is_put_aside_alone() {
    use EventKind::{Message, Notice, Quarantined, Status};
    let split = split(
        &Whatsapp,
        body(include_str!("../../../tests/fixtures/whatsapp/batch.http")),
    );
    assert_eq!(
        kinds(&split.events),
        [
            Message,
            Message,
            Quarantined,
            Message,
            Status,
            Notice,
            Quarantined,
            Notice,
            Quarantined
        ]
    );
    assert_eq!(split.drift.types, ["twinkling", "hologram"]);
    let second = replay::message(&Whatsapp, &split.events[1]);
    assert_eq!(
        (second.body.as_str(), second.from.as_str()),
        ("Second", "15550100202")
    );
    // Each is kept with whom it is from and nobody else.
    let kept = String::from_utf8(split.events[1].payload.as_bytes().to_vec()).unwrap();
    assert!(kept.contains("Ben Okoro") && !kept.contains("Anna") && !kept.contains("First"));
}

#[test]
fn what_is_told_of_the_account_is_a_notice() {
    let fixture = include_str!("../../../tests/fixtures/whatsapp/account_notices.http");
    let split = split(&Whatsapp, body(fixture));
    assert_eq!(kinds(&split.events), [EventKind::Notice; 3]);
    assert_eq!(split.drift, Drift::default());
    assert!(
        split.events[0]
            .provider_message_id
            .starts_with("whatsapp:front-desk/sha256:")
    );
}

#[test]
fn what_is_not_understood_is_kept_whole() {
    use ErrorCode::{Unreadable, Unsupported};
    let object = |object: &str| format!(r#"{{"object":"{object}","entry":[]}}"#);
    for (received, code) in [
        ("", Unreadable),
        ("[]", Unreadable),
        ("{}", Unreadable),
        (r#"{"object":"whatsapp_business_account"}"#, Unreadable),
        (&object("whatsapp_business_account"), Unreadable),
        (&object("page"), Unsupported),
        (
            r#"{"object":"whatsapp_business_account","entry":[7]}"#,
            Unreadable,
        ),
        (
            r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[]}]}"#,
            Unreadable,
        ),
        (
            r#"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages"}]}]}"#,
            Unreadable,
        ),
        (
            r#"{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{}}]}]}"#,
            Unreadable,
        ),
        (
            include_str!("../../../tests/fixtures/whatsapp/broken.http")
                .split_once("\n\n")
                .unwrap()
                .1,
            Unreadable,
        ),
    ] {
        let event = one(&Whatsapp, received.as_bytes());
        assert_eq!(event.quarantine.unwrap().code, code, "{received}");
    }
    let fixture = include_str!("../../../tests/fixtures/whatsapp/unknown_field.http");
    let split = split(&Whatsapp, body(fixture));
    assert_eq!(split.events[0].quarantine.as_ref().unwrap().code, Unsupported);
    assert_eq!(split.drift.types, ["weather_update"]);
}

#[test]
fn a_list_that_is_none_is_put_aside_alone() {
    let broken = change(json!({ "messages": [message(json!({}))], "errors": 7, "statuses": {} }));
    let events = split(
        &Whatsapp,
        &request(&[broken, change(json!({ "messages": [message(json!({}))] }))]),
    )
    .events;
    let expected = [
        EventKind::Message,
        EventKind::Quarantined,
        EventKind::Quarantined,
        EventKind::Message,
    ];
    assert_eq!(kinds(&events), expected);
}

#[test]
fn a_request_does_not_grow_by_being_split() {
    let messages: Vec<_> = (0..50).map(|n| message(json!({ "id": n.to_string() }))).collect();
    let bulky = change(json!({ "padding": "x".repeat(100_000), "messages": messages }));
    assert_eq!(one(&Whatsapp, &request(&[bulky])).kind, EventKind::Quarantined);
    // A contact only lends its name: the messages are there without.
    let crowded = change(json!({
        "contacts": [{ "wa_id": "15550100201", "profile": { "name": "x".repeat(100_000) } }],
        "messages": messages,
    }));
    let events = split(&Whatsapp, &request(&[crowded])).events;
    assert_eq!(events.len(), 50);
    for event in events {
        assert!(event.kind == EventKind::Message && event.payload.as_bytes().len() < 1_000);
    }
    let many = vec![json!({}); 5_001];
    let event = one(&Whatsapp, &request(&[change(json!({ "messages": many }))]));
    assert_eq!(event.quarantine.unwrap().cause, "more than 5,000 items");
}

#[test]
fn a_signed_request_is_verified_and_the_question_answered() {
    let endpoint = Endpoint {
        keys: vec![Key::new("new"), Key::new("demo-whatsapp-app-secret")],
        verify_token: Some(Key::new("sesame")),
        ..Endpoint::default()
    };
    assert_eq!(Whatsapp.lacks(&endpoint), None);
    assert!(Whatsapp.lacks(&Endpoint::default()).is_some());
    let outgoing = Outgoing {
        body: with_message(json!({})),
        ..Outgoing::default()
    };
    let now = chrono::DateTime::UNIX_EPOCH;
    let signed = Whatsapp.sign(outgoing, Whatsapp.demo_keys().0, now, [0; 16]);
    let mut request = replay::request(&signed.body);
    assert_eq!(Whatsapp.verify(&request, &endpoint), Err(Unverified::Missing));
    let headers = signed.headers.iter();
    request.headers = headers
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    assert_eq!(Whatsapp.verify(&request, &endpoint), Ok(Verified::by(1)));
    request.is_get = true;
    request.query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=sesame";
    assert_eq!(Whatsapp.verify(&request, &endpoint), Ok(Verified::by(0)));
    match Whatsapp.split(&request, ENDPOINT) {
        Delivery::Handshake(reply) => assert_eq!(reply.body, "1158201444"),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn nothing_received_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(split(&Whatsapp, &bytes).events.len(), 1);
    }

    #[test]
    fn nothing_kept_makes_it_panic(position in 0_usize..500, byte in any::<u8>()) {
        let mut kept = with_message(json!({ "type": "contacts", "contacts": [{ "phones": [{}] }] }));
        let position = position % kept.len();
        kept[position] = byte;
        for event in split(&Whatsapp, &kept).events {
            for kind in [EventKind::Message, EventKind::Status, EventKind::Notice, EventKind::Quarantined] {
                let _ = meaning(&Whatsapp, &event, kind);
            }
        }
    }
}
