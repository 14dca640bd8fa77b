//! Statuses: of one person, of a group, and what is none.

use mailroom_domain::{ErrorCode, EventKind, MessageStatus};
use serde_json::{Value, json};

use super::{change, request};
use crate::{
    Drift,
    replay::{self, body, one, split},
    whatsapp::Whatsapp,
};

fn with_status(changed: Value) -> Vec<u8> {
    let mut status = json!({
        "id": "wamid.1", "status": "sent", "timestamp": "1760000001", "recipient_id": "15550100201",
    });
    let (Value::Object(fields), Value::Object(changed)) = (&mut status, changed) else {
        panic!("fields are an object");
    };
    fields.extend(changed);
    fields.retain(|_, value| !value.is_null());
    request(&[change(json!({ "statuses": [status] }))])
}

#[test]
fn statuses_stand_in_the_line_of_their_message() {
    let split = split(
        &Whatsapp,
        body(include_str!("../../../tests/fixtures/whatsapp/statuses.http")),
    );
    assert_eq!(split.drift, Drift::default());
    let read = split
        .events
        .iter()
        .map(|event| replay::status(&Whatsapp, event).status);
    let expected = [MessageStatus::Sent, MessageStatus::Delivered, MessageStatus::Read];
    assert!(read.eq(expected));
    let event = &split.events[0];
    assert!(event.provider_message_id.ends_with("/sent"));
    assert_eq!(
        (event.sender.as_str(), event.recipient.as_str()),
        ("15550100100", "15550100201")
    );
}

#[test]
fn a_failure_tells_its_code() {
    let event = one(
        &Whatsapp,
        body(include_str!(
            "../../../tests/fixtures/whatsapp/status_failed.http"
        )),
    );
    let status = replay::status(&Whatsapp, &event);
    assert_eq!(
        (status.status, status.word.as_str()),
        (MessageStatus::Failed, "failed")
    );
    assert_eq!(status.error.as_deref(), Some("131026"));
}

#[test]
fn everybody_in_a_group_has_a_status() {
    let fixture = include_str!("../../../tests/fixtures/whatsapp/statuses_of_a_group.http");
    let events = split(&Whatsapp, body(fixture)).events;
    let ids: Vec<_> = events
        .iter()
        .map(|event| event.provider_message_id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "whatsapp:wamid.R1JPVVA=/delivered/15550100201",
            "whatsapp:wamid.R1JPVVA=/delivered/15550100202",
            "whatsapp:wamid.R1JPVVA=/read/15550100202",
        ]
    );
    assert!(events.iter().all(|event| event.kind == EventKind::Status));
}

#[test]
fn what_moves_no_message_is_a_notice() {
    for changed in [
        json!({ "status": "deleted" }),
        json!({ "status": "warning" }),
        json!({ "status": "failed", "type": "payment", "payment": { "reference_id": "1" } }),
        json!({ "status": "captured", "type": "payment", "payment": { "reference_id": "1" } }),
    ] {
        let event = one(&Whatsapp, &with_status(changed.clone()));
        assert_eq!(event.kind, EventKind::Notice, "{changed}");
    }
}

#[test]
fn what_cannot_be_a_status_is_put_aside() {
    use ErrorCode::{Unreadable, Unsupported};
    for (changed, code) in [
        (json!({ "id": null }), Unreadable),
        (json!({ "status": null }), Unreadable),
        (json!({ "status": 1 }), Unreadable),
        (json!({ "timestamp": "yesterday" }), Unreadable),
        (json!({ "recipient_participant_id": "a\nb" }), Unreadable),
        (json!({ "status": "twinkling" }), Unsupported),
    ] {
        let event = one(&Whatsapp, &with_status(changed.clone()));
        assert_eq!(event.quarantine.unwrap().code, code, "{changed}");
    }
    let drift = split(
        &Whatsapp,
        &with_status(json!({ "status": "twinkling", "mood": 1 })),
    )
    .drift;
    assert_eq!(
        (drift.types.concat().as_str(), drift.fields.concat().as_str()),
        ("twinkling", "mood")
    );
}
