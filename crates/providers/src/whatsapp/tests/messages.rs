//! Messages of every kind.

use mailroom_domain::{Channel, ErrorCode, EventKind, FilePlace, Payload};
use serde_json::{Value, json};

use super::{change, message, request, with_message};
use crate::{
    replay::{self, body, one, split},
    whatsapp::Whatsapp,
};

#[test]
fn a_text_is_a_message_between_two_numbers() {
    let event = one(
        &Whatsapp,
        body(include_str!("../../../tests/fixtures/whatsapp/text.http")),
    );
    let message = replay::message(&Whatsapp, &event);
    assert_eq!(
        event.conversation_key.as_str(),
        "whatsapp:+15550100100<->+15550100201"
    );
    assert!(event.provider_message_id.starts_with("whatsapp:wamid."));
    assert_eq!(message.body, "\u{bf}Tienen m\u{e1}s en azul? \u{1f600}");
    assert_eq!(
        (message.channel, message.from.as_str()),
        (Channel::Whatsapp, "15550100201")
    );
    assert_eq!(message.timestamp.timestamp(), 1_760_000_001);
    let id = event.provider_message_id.strip_prefix("whatsapp:").unwrap();
    assert_eq!(message.reference.unwrap().id, id);
    assert_eq!((message.attachments, message.files.len()), (None, 0));
}

#[test]
fn who_shows_no_number_is_known_by_an_id() {
    let fixture = include_str!("../../../tests/fixtures/whatsapp/text_without_number.http");
    let event = one(&Whatsapp, body(fixture));
    let said = replay::message(&Whatsapp, &event);
    assert_eq!(said.from_participant, "US.13491208655302741918");
    // Older requests have the id beside the message only.
    let nameless = message(json!({ "from": null }));
    let people = json!([{ "profile": { "name": "S" }, "user_id": "US.13491208655302741918" }]);
    let event = one(
        &Whatsapp,
        &request(&[change(json!({ "contacts": people, "messages": [nameless] }))]),
    );
    assert_eq!(replay::message(&Whatsapp, &event).from, "US.13491208655302741918");
}

#[test]
fn what_is_said_in_a_group_is_a_conversation_with_the_group() {
    let event = one(
        &Whatsapp,
        body(include_str!("../../../tests/fixtures/whatsapp/group.http")),
    );
    let message = replay::message(&Whatsapp, &event);
    assert_eq!(message.from, "15550100202");
    assert_eq!(message.from_participant, "Y2FwaV9ncm91cDoxNTU1MDEwMDEwMDox");
}

#[test]
fn media_are_files_with_their_caption_as_text() {
    let split = split(
        &Whatsapp,
        body(include_str!("../../../tests/fixtures/whatsapp/media.http")),
    );
    assert_eq!(split.drift, crate::Drift::default());
    let read: Vec<_> = split
        .events
        .iter()
        .map(|event| replay::message(&Whatsapp, event))
        .collect();
    let bodies: Vec<_> = read.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["The broken one", "", "", "Receipt", ""]);
    let file = &read[3].files[0];
    assert_eq!(file.name.as_deref(), Some("receipt.pdf"));
    assert_eq!(file.content_type.as_deref(), Some("application/pdf"));
    assert_eq!(
        file.place,
        Some(FilePlace::Provider("1003383421387259".to_owned()))
    );
    assert_eq!(file.sha256, Some(crate::incoming::hash(b"document")));
    assert!(read.iter().all(|message| message.attachments.is_some()));
}

#[test]
fn a_digest_may_be_in_hex_and_any_other_is_left_out() {
    let hex = crate::incoming::hex(crate::incoming::hash(b"x"));
    for (sha256, known) in [
        (hex.as_str(), true),
        ("AAAA", false),
        ("", false),
        (&hex[..63], false),
    ] {
        let media = json!({ "type": "image", "text": null, "image": { "id": "1", "sha256": sha256 } });
        let event = one(&Whatsapp, &with_message(media));
        let files = replay::message(&Whatsapp, &event).files;
        assert_eq!(files[0].sha256.is_some(), known, "{sha256}");
    }
}

#[test]
fn every_kind_says_what_it_can() {
    let split = split(
        &Whatsapp,
        body(include_str!("../../../tests/fixtures/whatsapp/kinds.http")),
    );
    assert_eq!(split.drift, crate::Drift::default());
    let (messages, notices): (Vec<_>, Vec<_>) = split
        .events
        .iter()
        .partition(|event| event.kind == EventKind::Message);
    let bodies: Vec<_> = messages
        .iter()
        .map(|event| replay::message(&Whatsapp, event).body)
        .collect();
    assert_eq!(
        bodies,
        [
            "Museum\n1071 5th Ave, New York, NY 10128\ngeo:40.7829,-73.959",
            "Carla Example +1 555-010-0203",
            "Stop offers",
            "Priority Mail Express",
            "Cancel",
            "Sent",
            "Love these!",
            "Anna P\u{e9}rez changed from 15550100201 to 15550100211",
            "",
            "in dark blue",
        ]
    );
    assert_eq!(notices.len(), 2);
    for notice in notices {
        assert_eq!(notice.kind, EventKind::Notice);
        assert!(
            notice
                .conversation_key
                .as_str()
                .starts_with("whatsapp:front-desk:")
        );
        assert_eq!(notice.sender, "15550100201");
    }
}

#[test]
fn text_with_nul_is_kept_as_bytes_and_shown_without() {
    let event = one(&Whatsapp, &with_message(json!({ "text": { "body": "a\0b" } })));
    assert!(matches!(event.payload, Payload::Bytes(_)));
    assert_eq!(replay::message(&Whatsapp, &event).body, "a\u{fffd}b");
}

#[test]
fn what_cannot_be_a_message_is_put_aside() {
    use ErrorCode::{Unreadable, Unsupported};
    let cases: [(Value, ErrorCode, &str); 13] = [
        (json!({ "id": null }), Unreadable, "`id`"),
        (json!({ "id": "" }), Unreadable, "`id`"),
        (json!({ "id": 7 }), Unreadable, "`id`"),
        (json!({ "id": "a\0" }), Unreadable, "`id`"),
        (json!({ "id": "x".repeat(257) }), Unreadable, "`id`"),
        (json!({ "from": null }), Unreadable, "`from`"),
        (json!({ "from": "a\0" }), Unreadable, "`from`"),
        (json!({ "timestamp": null }), Unreadable, "`timestamp`"),
        (json!({ "timestamp": "-1" }), Unreadable, "`timestamp`"),
        (json!({ "timestamp": 1e300 }), Unreadable, "`timestamp`"),
        (json!({ "text": null }), Unreadable, "`text`"),
        (json!({ "type": null }), Unreadable, "`type`"),
        (json!({ "type": "hologram" }), Unsupported, "`type`"),
    ];
    for (changed, code, field) in cases {
        let event = one(&Whatsapp, &with_message(changed.clone()));
        let quarantine = event.quarantine.unwrap();
        assert_eq!(
            (event.kind, quarantine.code),
            (EventKind::Quarantined, code),
            "{changed}"
        );
        assert!(
            quarantine.cause.contains(field),
            "{changed}: {}",
            quarantine.cause
        );
    }
}

#[test]
fn new_fields_and_types_are_noted() {
    let drifted = json!({ "mood": "good", "text": { "body": "x", "font": "serif" } });
    let drift = split(&Whatsapp, &with_message(drifted)).drift;
    assert_eq!(
        (drift.fields.concat().as_str(), drift.types.len()),
        ("moodfont", 0)
    );
    let drift = split(&Whatsapp, &with_message(json!({ "type": "hologram" }))).drift;
    assert_eq!(drift.types, ["hologram"]);
}

#[test]
fn the_same_message_has_the_same_hash_in_any_batch() {
    let alone = one(&Whatsapp, &with_message(json!({})));
    let other = message(json!({ "id": "wamid.2", "from": "15550100202" }));
    let people = json!([{ "profile": { "name": "New name" }, "wa_id": "15550100201" }]);
    let batch = change(json!({ "contacts": people, "messages": [other, message(json!({}))] }));
    let events = split(&Whatsapp, &request(&[batch])).events;
    assert_eq!(events[1].provider_message_id, alone.provider_message_id);
    assert_eq!(events[1].body_hash, alone.body_hash);
    assert_ne!(events[0].body_hash, alone.body_hash);
}
