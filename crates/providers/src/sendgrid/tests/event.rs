//! Delivery events.

use mailroom_domain::{ErrorCode, EventKind, MessageReference, MessageStatus, Payload, StatusChange};
use proptest::prelude::*;

use super::{super::SendGrid, again, claimed, fixture, split};
use crate::{Incoming, Provider, Reading, Split};

fn status(event: &Incoming) -> StatusChange {
    match SendGrid.read(&claimed(event)) {
        Ok(Reading::Status(status)) => {
            assert_eq!(status.reference.line(), event.conversation_key);
            status
        }
        other => panic!("{other:?}"),
    }
}

fn words(split: &Split) -> Vec<(String, MessageStatus, Option<String>)> {
    let statuses = split
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Status);
    statuses
        .map(|event| {
            let status = status(event);
            (status.word, status.status, status.error)
        })
        .collect()
}

#[test]
fn a_batch_comes_apart_into_statuses_and_notices() {
    let (headers, body) = fixture!("events_batch");
    let split = split(&headers, body);
    let told = |word: &str, status| (word.to_owned(), status, None);
    assert_eq!(
        words(&split),
        [
            told("processed", MessageStatus::Sent),
            told("delivered", MessageStatus::Delivered),
            told("open", MessageStatus::Read),
            told("click", MessageStatus::Read),
        ]
    );
    assert_eq!(split.events.len(), 5);
    assert_eq!(
        split.events[1].kind,
        EventKind::Notice,
        "a deferred message is tried again"
    );
    let first = &split.events[0];
    assert_eq!(first.provider_message_id, "sendgrid:cHJvY2Vzc2VkLTI5MTkwNDEtYTE");
    assert_eq!(first.recipient, "ada@example.com");
    let read = status(first);
    assert_eq!(
        read.reference,
        MessageReference::new("sendgrid", "kS1ezNVvT5CwXz0TUPYtTw")
    );
    assert_eq!(read.at.timestamp(), 1_692_967_410);
    assert!(split.drift.fields.is_empty() && split.drift.types.is_empty());
}

#[test]
fn failures_tell_their_code_and_never_their_reason() {
    let (headers, body) = fixture!("failures");
    let failed =
        |word: &str, code: Option<&str>| (word.to_owned(), MessageStatus::Failed, code.map(str::to_owned));
    assert_eq!(
        words(&split(&headers, body)),
        [
            failed("bounce", Some("5.1.1")),
            failed("bounce", Some("5.2.2")),
            failed("dropped", None)
        ]
    );
}

#[test]
fn what_moves_no_message_is_a_notice_in_a_line_of_its_own() {
    let (headers, body) = fixture!("notices");
    let split = split(&headers, body);
    assert_eq!(split.events.len(), 5);
    for event in &split.events {
        assert_eq!(event.kind, EventKind::Notice);
        assert_eq!(
            event.conversation_key.as_str(),
            format!("sendgrid:shop:{}", event.provider_message_id)
        );
    }
    assert!(split.drift.types.is_empty());
}

#[test]
fn a_late_bounce_is_of_the_message_its_smtp_id_names_or_of_none() {
    let (headers, body) = fixture!("late_bounces");
    let split = split(&headers, body);
    assert_eq!(status(&split.events[0]).reference.id, "kS1ezNVvT5CwXz0TUPYtTw");
    assert_eq!(split.events[1].kind, EventKind::Notice);
    let own = r#"[{"event":"bounce","sg_event_id":"x","smtp-id":"<order-1@shop.example.org>"}]"#;
    let own = super::split(&[], own.as_bytes());
    assert_eq!(status(&own.events[0]).reference.id, "order-1@shop.example.org");
}

#[test]
fn a_machine_that_opens_a_message_has_not_read_it() {
    let (headers, body) = fixture!("machine_open");
    let split = split(&headers, body);
    assert_eq!(status(&split.events[0]).status, MessageStatus::Delivered);
}

#[test]
fn new_fields_are_counted_and_change_nothing() {
    let (headers, body) = fixture!("custom_args");
    let split = split(&headers, body);
    assert_eq!(split.drift.fields, ["customer", "order"]);
    assert_eq!(words(&split).len(), 1);
}

#[test]
fn a_bad_item_is_put_aside_alone() {
    for (case, aside) in [
        (fixture!("batch_with_bad_items"), vec![false, true, true, false]),
        (fixture!("lone_surrogate"), vec![false, true]),
    ] {
        let split = split(&case.0, case.1);
        let quarantined = |event: &Incoming| event.kind == EventKind::Quarantined;
        assert_eq!(split.events.iter().map(quarantined).collect::<Vec<_>>(), aside);
        for event in split.events.iter().filter(|event| quarantined(event)) {
            assert!(event.payload.as_bytes().starts_with(b"[") && event.payload.as_bytes().ends_with(b"]"));
            assert_eq!(event.quarantine.as_ref().unwrap().code, ErrorCode::Unreadable);
        }
    }
}

#[test]
fn what_is_not_known_or_broken_is_put_aside_whole() {
    let (headers, body) = fixture!("unknown_type");
    let unknown = split(&headers, body);
    assert_eq!(unknown.drift.types, ["teleported"]);
    let why = unknown.events[0].quarantine.as_ref().unwrap();
    assert_eq!(why.code, ErrorCode::Unsupported);
    assert!(!why.cause.contains("teleported"));

    let (headers, body) = fixture!("broken");
    let broken = split(&headers, body);
    assert_eq!(broken.events.len(), 1);
    assert_eq!(broken.events[0].payload.as_bytes(), body);
    for body in [
        b"{}".as_slice(),
        b"7",
        b"{\"a\":1}",
        b"",
        b"\xff",
        b"[1e999]",
        b"null",
    ] {
        let split = split(&[], body);
        assert_eq!(split.events.len(), 1, "{body:?}");
        assert_eq!(split.events[0].kind, EventKind::Quarantined);
    }
}

#[test]
fn what_was_kept_of_an_event_is_a_request_that_holds_it_alone() {
    for (headers, body) in [
        fixture!("events_batch"),
        fixture!("failures"),
        fixture!("notices"),
        fixture!("late_bounces"),
        fixture!("batch_with_bad_items"),
        fixture!("lone_surrogate"),
        fixture!("unknown_type"),
        fixture!("broken"),
    ] {
        for event in split(&headers, body).events {
            assert_eq!(again(&event).events, [event]);
        }
    }
}

#[test]
fn the_same_event_in_another_batch_has_the_same_id_and_hash() {
    let one = br#"[{"event":"processed","sg_event_id":"a","email":"ada@example.com","sg_message_id":"m.1"}]"#;
    let other = br#"[{"event":"open","sg_event_id":"b"},
        {"sg_message_id":"m.1", "email":"ada@example.com","sg_event_id":"a","event":"processed"}]"#;
    assert_eq!(split(&[], one).events[0], split(&[], other).events[1]);
}

#[test]
fn a_nul_is_kept_as_bytes() {
    let body = br#"[{"event":"open","sg_event_id":"a","sg_message_id":"m","email":"ada\u0000@example.com"}]"#;
    let event = &split(&[], body).events[0];
    assert!(matches!(event.payload, Payload::Bytes(_)));
    assert_eq!(event.recipient, "ada\u{fffd}@example.com");
    assert_eq!(status(event).word, "open");
    let body = br#"[{"event":"open","sg_event_id":"a\u0000","sg_message_id":"m"}]"#;
    assert_eq!(split(&[], body).events[0].kind, EventKind::Quarantined);
}

fn any_event() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("\"open\"".to_owned()),
        Just("\"bounce\"".to_owned()),
        Just("true".to_owned()),
        Just("-9223372036854775808".to_owned()),
        Just("\"<@ismtpd>\"".to_owned()),
        Just("\"..\"".to_owned()),
        "\"[a-z0-9.<>@]{0,12}\"",
    ];
    let name = proptest::sample::select(super::super::fields::KNOWN);
    proptest::collection::vec((name, value), 0..12).prop_map(|fields| {
        let fields = fields.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    })
}

proptest! {
    #[test]
    fn nothing_panics_on_arbitrary_bytes(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for event in split(&[], &body).events {
            let _ = SendGrid.read(&claimed(&event));
            prop_assert_eq!(again(&event).events, [event]);
        }
    }

    #[test]
    fn every_event_can_be_read_and_split_again(items in proptest::collection::vec(any_event(), 0..4)) {
        let body = format!("[{}]\r\n", items.join(",\r\n"));
        let events = split(&[], body.as_bytes()).events;
        prop_assert_eq!(events.len(), items.len());
        for event in events {
            if event.kind == EventKind::Status {
                status(&event);
            }
            prop_assert_eq!(again(&event).events, [event]);
        }
    }
}
