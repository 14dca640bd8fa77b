//! Standard Webhooks, from the request to the message.

use mailroom_domain::{ErrorCode, EventKind, MessageReference, Payload};
use proptest::prelude::*;

use super::*;
use crate::{
    Incoming,
    rehearsal::{ENDPOINT, endpoint, fixture, message, now, only, received, request},
    signing::Signer,
};

/// A fixture after it was signed, split.
fn event(case: &str) -> Incoming {
    let (key, _) = Standard.demo_keys();
    only(
        &Standard,
        &Standard.sign(fixture(NAME, case), key, now(), [3; 16]),
    )
}

#[test]
fn what_happens_to_one_kind_of_thing_is_one_conversation() {
    let (created, deleted) = (event("contact_created"), event("contact_deleted"));
    assert_eq!(created.conversation_key.as_str(), "webhook:contact<->front-desk");
    assert_eq!(created.conversation_key, deleted.conversation_key);
    assert_eq!(
        created.provider_message_id,
        "standard:front-desk/msg_2KWPBgLlAfxdpx2AI54pPJ80001"
    );
    assert_eq!(
        (&*created.sender, &*created.recipient),
        ("contact.created", ENDPOINT)
    );
    let message = message(&Standard, &deleted);
    assert_eq!((&*message.from, &*message.to), ("contact.deleted", ENDPOINT));
    let reference = MessageReference::new("standard", "front-desk/msg_2KWPBgLlAfxdpx2AI54pPJ80002");
    assert_eq!(message.reference, Some(reference));
}

#[test]
fn text_is_shown_as_text_and_data_as_json() {
    for (case, from, about, body, at) in [
        (
            "contact_deleted",
            "contact.deleted",
            "contact",
            r#"{"id":"1f81eb52-5198-4599-803e-771906343485"}"#,
            "2025-11-21T11:27:00+00:00",
        ),
        (
            "text",
            "chat.message.created",
            "chat.message",
            "Parcel 7 is at the desk 📦",
            "2025-11-21T11:28:00+00:00",
        ),
        (
            "svix_email_delivered",
            "email.delivered",
            "email",
            r#"{"created_at":"2025-11-21T11:28:58.126Z","email_id":"56761188-7520-42d8-8898-ff6fc54ce618","from":"Desk <desk@example.com>","subject":"Your parcel","to":["marisol@example.org"]}"#,
            "2025-11-21T11:29:00.894719+00:00",
        ),
        (
            "seconds",
            "response.completed",
            "response",
            r#"{"id":"resp_abc123"}"#,
            "2025-11-21T11:30:00+00:00",
        ),
        (
            "no_type",
            "events",
            "events",
            r#"{"invoice":{"id":"in_1","total":1250},"paid":true}"#,
            "2025-11-21T12:00:00+00:00",
        ),
        (
            "array",
            "events",
            "events",
            r#"[{"id":1},{"id":2}]"#,
            "2025-11-21T12:00:00+00:00",
        ),
        (
            "nul",
            "note",
            "note",
            "a \u{fffd} in it",
            "2025-11-21T12:00:00+00:00",
        ),
        (
            "odd_type",
            "events",
            "events",
            "all there is",
            "2025-11-21T12:00:00+00:00",
        ),
    ] {
        let message = message(&Standard, &event(case));
        assert_eq!(
            (&*message.from, &*message.from_participant),
            (from, about),
            "{case}"
        );
        assert_eq!(
            (&*message.body, &*message.timestamp.to_rfc3339()),
            (body, at),
            "{case}"
        );
    }
    assert!(matches!(event("nul").payload, Payload::Bytes(_)));
}

#[test]
fn what_cannot_be_read_is_put_aside_with_its_headers() {
    for case in ["broken", "not_json"] {
        let event = event(case);
        let quarantine = event.quarantine.unwrap();
        assert_eq!(
            (event.kind, quarantine.code),
            (EventKind::Quarantined, ErrorCode::Unreadable)
        );
        assert_eq!(quarantine.cause, "not JSON");
        assert_eq!(event.headers.len(), 2);
    }
    for id in ["", " ", &"x".repeat(401)] {
        let outgoing = request(&[("webhook-id", id), ("webhook-timestamp", "1763726400")], b"{}");
        let cause = only(&Standard, &outgoing).quarantine.unwrap().cause;
        assert_eq!(cause, "the header `webhook-id` is missing or not an id");
    }
}

#[test]
fn a_later_attempt_is_the_same_event() {
    let (key, _) = Standard.demo_keys();
    let first = event("contact_created");
    let later = now() + chrono::TimeDelta::hours(2);
    let again = only(
        &Standard,
        &Standard.sign(fixture(NAME, "contact_created"), key, later, [9; 16]),
    );
    assert_eq!(again.provider_message_id, first.provider_message_id);
    assert_eq!(
        (again.body_hash, &again.payload),
        (first.body_hash, &first.payload)
    );
    assert_ne!(again.headers, first.headers);
}

#[test]
fn the_id_that_is_kept_is_the_one_that_was_signed() {
    let (key, configured) = Standard.demo_keys();
    let mut outgoing = Standard.sign(fixture(NAME, "svix_email_delivered"), key, now(), [0; 16]);
    let signed = only(&Standard, &outgoing);
    outgoing.set("webhook-id", "msg_slipped_in".to_owned());
    outgoing.set("webhook-timestamp", "1".to_owned());
    assert_eq!(
        Standard.verify(&received(&outgoing), &endpoint(&[configured])),
        Ok(Verified::by(0))
    );
    assert_eq!(only(&Standard, &outgoing), signed);
}

#[test]
fn an_endpoint_lacks_keys_that_are_too_short_or_of_no_kind() {
    let lacks = |keys: &[&str]| Standard.lacks(&endpoint(keys)).map(|(name, _)| name);
    let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let public = "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=";
    assert_eq!(lacks(&[good, public]), None);
    for bad in [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=",
        &format!("whsec_{}", "AAAA".repeat(22)),
    ] {
        assert_eq!(lacks(&[good, bad]), Some("secret"), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), id in "[ -~]{0,20}") {
        let outgoing = request(&[("webhook-id", &id), ("webhook-timestamp", "1763726400")], &body);
        only(&Standard, &outgoing);
    }

    #[test]
    fn no_damage_to_a_fixture_makes_it_panic(position: prop::sample::Index, by in 1_u8..=255) {
        for case in ["contact_created", "seconds", "array"] {
            let mut outgoing = fixture(NAME, case);
            outgoing.set("webhook-timestamp", "1763726400".to_owned());
            let position = position.index(outgoing.body.len());
            outgoing.body[position] ^= by;
            let event = only(&Standard, &outgoing);
            if event.kind == EventKind::Message {
                message(&Standard, &event);
            }
        }
    }
}
