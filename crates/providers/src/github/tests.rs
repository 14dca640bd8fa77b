//! GitHub's deliveries, from the request to the message.

use mailroom_domain::{ErrorCode, EventKind, IncomingMessage, MessageReference, Payload};
use proptest::prelude::*;

use super::*;
use crate::{
    Incoming,
    rehearsal::{ENDPOINT, endpoint, fixture, message, now, only, received, request, split},
    signing::Signer,
};

fn event(case: &str) -> Incoming {
    only(&GitHub, &fixture(NAME, case))
}

fn read(case: &str) -> IncomingMessage {
    message(&GitHub, &event(case))
}

#[test]
fn a_comment_stands_in_its_issue_s_conversation() {
    let (opened, comment) = (event("issues_opened"), event("issue_comment"));
    assert_eq!(opened.conversation_key, comment.conversation_key);
    assert_eq!(
        comment.conversation_key.as_str(),
        "webhook:example-org/hello-world#12<->front-desk"
    );
    assert_eq!(
        comment.provider_message_id,
        "github:front-desk/72d3162e-cc78-11e3-81ab-000000000004"
    );
    assert_eq!(
        (&*comment.sender, &*comment.recipient),
        ("jonas", "example-org/hello-world#12")
    );
    let message = message(&GitHub, &comment);
    assert_eq!(
        (&*message.from, &*message.to),
        ("jonas", "example-org/hello-world#12")
    );
    let reference = MessageReference::new("github", "72d3162e-cc78-11e3-81ab-000000000004");
    assert_eq!(message.reference, Some(reference));
}

#[test]
fn what_was_said_is_the_text_and_else_there_is_a_line() {
    for (case, about, body, at) in [
        (
            "issues_opened",
            "example-org/hello-world#12",
            "Parcel 7 is late\n\nIt should have been here at 10:15.\r\n\r\nSince then: nothing.",
            "2025-11-21T11:30:00+00:00",
        ),
        (
            "issues_closed",
            "example-org/hello-world#12",
            "issues closed by jonas",
            "2025-11-21T11:31:00+00:00",
        ),
        (
            "issue_comment",
            "example-org/hello-world#12",
            "Looking into it. :eyes: — 見ています",
            "2025-11-21T11:30:00+00:00",
        ),
        (
            "pull_request_opened",
            "example-org/hello-world#13",
            "Tell when a parcel is late",
            "2025-11-21T11:45:00+00:00",
        ),
        (
            "pull_request_review",
            "example-org/hello-world#13",
            "pull_request_review submitted approved by marisol",
            "2025-11-21T11:50:00+00:00",
        ),
        (
            "discussion_comment",
            "example-org/hello-world#4",
            "Ask the driver.",
            "2025-11-21T11:55:00+00:00",
        ),
        // Not the commit's own time, which lies in the year 2038.
        (
            "push",
            "example-org/hello-world",
            "push refs/heads/main by octocat",
            "2025-11-21T11:59:40+00:00",
        ),
        (
            "release_published",
            "example-org/hello-world",
            "Parcels 0.2\n\n* late parcels are told of",
            "2025-11-21T11:58:00+00:00",
        ),
        (
            "star_form",
            "example-org/hello-world",
            "star created by marisol",
            "2025-11-21T11:59:00+00:00",
        ),
        (
            "nul",
            "example-org/hello-world",
            "a \u{fffd} in it",
            "2025-11-21T11:20:00+00:00",
        ),
    ] {
        let message = read(case);
        assert_eq!((&*message.to, &*message.body), (about, body), "{case}");
        assert_eq!(message.timestamp.to_rfc3339(), at, "{case}");
        assert_eq!(
            split(&GitHub, &fixture(NAME, case)).drift,
            Drift::default(),
            "{case}"
        );
    }
    assert!(matches!(event("nul").payload, Payload::Bytes(_)));
    assert!(
        matches!(event("star_form").payload, Payload::Json(_)),
        "a form is kept as the JSON in it"
    );
}

#[test]
fn without_a_repository_it_is_about_the_account() {
    let message = read("installation");
    assert_eq!((&*message.from, &*message.to), ("octocat", "example-org"));
    assert_eq!(
        (&*message.body, message.timestamp),
        ("installation created by octocat", now())
    );
    let advisory = request(
        &[
            ("x-github-event", "security_advisory"),
            ("x-github-delivery", "1"),
        ],
        br#"{"action":"published","security_advisory":{"summary":"mind the gap"}}"#,
    );
    let message = crate::rehearsal::message(&GitHub, &only(&GitHub, &advisory));
    assert_eq!(
        (&*message.from, &*message.to, &*message.body),
        ("github", "github", "security_advisory published")
    );
}

#[test]
fn an_event_without_a_name_here_is_read_all_the_same_and_counted() {
    let split = split(&GitHub, &fixture(NAME, "unknown_event"));
    assert_eq!(split.drift.types, ["teleportation"]);
    assert_eq!(
        message(&GitHub, &split.events[0]).body,
        "teleportation begun by octocat"
    );
    assert_eq!(split.events[0].kind, EventKind::Message);
}

#[test]
fn a_new_field_is_counted() {
    let mut outgoing = fixture(NAME, "issue_comment");
    outgoing.body.splice(..1, *br#"{"aura":"blue","#);
    assert_eq!(split(&GitHub, &outgoing).drift.fields, ["aura"]);
}

#[test]
fn a_ping_is_answered_and_not_recorded() {
    let ping = fixture(NAME, "ping");
    assert_eq!(
        GitHub.split(&received(&ping), ENDPOINT),
        Delivery::Handshake(GitHub.answer())
    );
}

#[test]
fn what_cannot_be_read_is_put_aside() {
    let named = [("x-github-event", "issues"), ("x-github-delivery", "1")];
    let form = [
        named[0],
        named[1],
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let long = "a=1&".repeat(1_001);
    let unnamed = r#"{"repository":{"full_name":"a\nb"}}"#;
    for (headers, body, why) in [
        (
            &named[..1],
            "{}",
            "the header `x-github-delivery` is missing or no name",
        ),
        (
            &named[1..],
            "{}",
            "the header `x-github-event` is missing or no name",
        ),
        (
            &[named[0], ("x-github-delivery", " ")],
            "{}",
            "the header `x-github-delivery` is missing or no name",
        ),
        (&named, "", "not a JSON object"),
        (&named, "[]", "not a JSON object"),
        (&named, r#"{"a":1e999999}"#, "not a JSON object"),
        (&named, unnamed, "`repository.full_name` is not a name"),
        (&form, "a=b", "`payload` is missing"),
        (&form, "payload=%7B", "not a JSON object"),
        (&form, &long, "more than 1,000 fields"),
    ] {
        let event = only(&GitHub, &request(headers, body.as_bytes()));
        let quarantine = event.quarantine.unwrap();
        assert_eq!(
            (quarantine.code, &*quarantine.cause),
            (ErrorCode::Unreadable, why)
        );
        assert_eq!(event.kind, EventKind::Quarantined);
    }
    assert!(event("broken").quarantine.is_some() && event("no_event").quarantine.is_some());
}

#[test]
fn a_delivery_sent_again_is_the_same() {
    let (key, configured) = GitHub.demo_keys();
    let [first, again] =
        [[1; 16], [2; 16]].map(|nonce| GitHub.sign(fixture(NAME, "push"), key, now(), nonce));
    assert_eq!(first, again);
    let verified = GitHub.verify(&received(&first), &endpoint(&["new", configured]));
    assert_eq!(verified, Ok(Verified::by(1)));
    let fresh = GitHub.sign(request(&[], b"{}"), key, now(), [0xab; 16]);
    let id = received(&fresh)
        .headers
        .get("x-github-delivery")
        .map(str::to_owned);
    assert_eq!(id.as_deref(), Some("abababab-abab-abab-abab-abababababab"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), name in "[ -~]{0,20}") {
        let headers = [("x-github-event", &*name), ("x-github-delivery", "1")];
        GitHub.split(&received(&request(&headers, &body)), ENDPOINT);
    }

    #[test]
    fn no_damage_to_a_fixture_makes_it_panic(position: prop::sample::Index, by in 1_u8..=255) {
        for case in ["issues_opened", "push", "star_form", "installation", "pull_request_review"] {
            let mut outgoing = fixture(NAME, case);
            let position = position.index(outgoing.body.len());
            outgoing.body[position] ^= by;
            let event = only(&GitHub, &outgoing);
            if event.kind == EventKind::Message {
                message(&GitHub, &event);
            }
        }
    }
}
