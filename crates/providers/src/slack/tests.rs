//! Slack's requests, from the signature to the message.

use mailroom_domain::{Channel, ErrorCode, EventKind, FilePlace, MessageReference, Payload};
use proptest::prelude::*;

use super::*;
use crate::{
    rehearsal::{ENDPOINT, fixture, message, now, only, received, request, split},
    signing::Outgoing,
};

fn event(case: &str) -> Incoming {
    only(&Slack, &fixture(NAME, case))
}

fn cause(event: Incoming) -> (ErrorCode, String) {
    assert_eq!(event.kind, EventKind::Quarantined);
    event.quarantine.map(|why| (why.code, why.cause)).unwrap()
}

#[test]
fn a_message_stands_in_the_room_s_conversation_with_the_app() {
    let event = event("message");
    assert_eq!(event.provider_message_id, "slack:Ev0MESSAGE01");
    assert_eq!(
        event.conversation_key.as_str(),
        "slack:A0MAILROOM<->T0EXAMPLE1/C0FRONTDSK"
    );
    assert_eq!((&*event.sender, &*event.recipient), ("U0MARISOL1", "C0FRONTDSK"));
    let message = message(&Slack, &event);
    assert_eq!(
        (message.channel, &*message.from, &*message.to),
        (Channel::Slack, "U0MARISOL1", "C0FRONTDSK")
    );
    assert_eq!(
        message.body,
        "Is the 10:15 delivery still on? <@U0MAILBOT1> &amp; co."
    );
    assert_eq!(message.timestamp.to_rfc3339(), "2025-11-21T11:59:58.000100+00:00");
    let reference = MessageReference::new("slack", "T0EXAMPLE1/C0FRONTDSK/1763726398.000100");
    assert_eq!(message.reference, Some(reference));
    assert_eq!(message.attachments, None);
}

#[test]
fn files_are_listed() {
    let message = message(&Slack, &event("file_share"));
    let [form, unknown] = &message.files[..] else {
        panic!("{:?}", message.files)
    };
    assert_eq!(form.name.as_deref(), Some("form.pdf"));
    assert_eq!(
        (form.content_type.as_deref(), form.size),
        (Some("application/pdf"), Some(48_213))
    );
    assert!(matches!(&form.place, Some(FilePlace::Url(url)) if url.ends_with("/form.pdf")));
    assert_eq!(unknown.place, Some(FilePlace::Provider("F0CONNECT1".to_owned())));
    assert!(message.attachments.is_some());
}

#[test]
fn whatever_says_something_is_a_message() {
    for (case, from, body) in [
        ("thread_broadcast", "U0JONAS001", "It is on its way."),
        ("message_changed", "U0MARISOL1", "Is the 10:45 delivery still on?"),
        ("bot_message", "B0BUILDS01", "Build 512 passed on main"),
        ("app_mention", "U0MARISOL1", "<@U0MAILBOT1> where is parcel 7?"),
        ("nul", "U0JONAS001", "waves\u{fffd}twice"),
        ("slash_command", "U0MARISOL1", "/parcel 7 to +15550100123 & back"),
    ] {
        let message = message(&Slack, &event(case));
        assert_eq!((&*message.from, &*message.body), (from, body), "{case}");
    }
    assert!(matches!(event("nul").payload, Payload::Bytes(_)));
}

#[test]
fn a_command_is_said_when_it_was_recorded() {
    let event = event("slash_command");
    assert_eq!(
        event.provider_message_id,
        "slack:13345224609.738474920.8088930838d88f008e0"
    );
    assert_eq!(
        event.conversation_key.as_str(),
        "slack:A0MAILROOM<->T0EXAMPLE1/C0FRONTDSK"
    );
    assert_eq!(message(&Slack, &event).timestamp, now());
}

#[test]
fn what_changes_no_conversation_is_a_notice_in_a_line_of_its_own() {
    for (case, id) in [
        ("message_deleted", "slack:Ev0DELETED01"),
        ("link_preview", "slack:Ev0PREVIEW01"),
        ("reaction_added", "slack:Ev0REACTION1"),
        ("app_rate_limited", "slack:app_rate_limited/T0EXAMPLE1/1763726340"),
        (
            "block_actions",
            "slack:block_actions/12466734323.1395872398.d8888",
        ),
    ] {
        let event = event(case);
        assert_eq!(
            (event.kind, &*event.provider_message_id),
            (EventKind::Notice, id),
            "{case}"
        );
        assert_eq!(event.conversation_key.as_str(), format!("slack:{ENDPOINT}:{id}"));
    }
    assert!(
        event("view_closed")
            .provider_message_id
            .starts_with("slack:view_closed/sha256:")
    );
}

#[test]
fn what_is_not_known_is_put_aside_and_counted() {
    for (case, cause_, counted) in [
        (
            "unknown_type",
            "`event.type` is not one that this release knows",
            "telepathy_received",
        ),
        (
            "unknown_subtype",
            "`event.subtype` is not one that this release knows",
            "message/hologram",
        ),
    ] {
        let mut split = split(&Slack, &fixture(NAME, case));
        assert_eq!(split.drift.types, [counted]);
        assert_eq!(
            cause(split.events.remove(0)),
            (ErrorCode::Unsupported, cause_.to_owned())
        );
    }
    let mut strange = split(&Slack, &request(&[], br#"{"type":"event_digest","surplus":1}"#));
    assert_eq!(strange.drift.types, ["event_digest"]);
    assert_eq!(cause(strange.events.remove(0)).0, ErrorCode::Unsupported);
}

#[test]
fn a_new_field_is_counted_and_read_around() {
    let mut outgoing = fixture(NAME, "message");
    let body = String::from_utf8(outgoing.body).unwrap();
    let body = body
        .replacen('{', r#"{"aura":"blue","#, 1)
        .replace(r#""event":{"#, r#""event":{"mood":1,"#);
    outgoing.body = body.into_bytes();
    let split = split(&Slack, &outgoing);
    assert_eq!(split.drift.fields, ["aura", "mood"]);
    assert_eq!(split.events[0].kind, EventKind::Message);
    for case in [
        "message",
        "file_share",
        "thread_broadcast",
        "message_changed",
        "bot_message",
        "slash_command",
    ] {
        assert_eq!(
            crate::rehearsal::split(&Slack, &fixture(NAME, case)).drift,
            Drift::default(),
            "{case}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_put_aside() {
    let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let long = "a=1&".repeat(1_001);
    let of = |headers: &[(&str, &str)], body: &str| cause(only(&Slack, &request(headers, body.as_bytes())));
    for (headers, body, why) in [
        (&[][..], "", "not JSON"),
        (&[], "[]", "not a JSON object"),
        (&[], r#"{"text":1e999999}"#, "not JSON"),
        (&[], "{}", "`type` is missing"),
        (
            &[],
            r#"{"type":"event_callback","event_id":"Ev1"}"#,
            "`event` is missing",
        ),
        (
            &[],
            r#"{"type":"event_callback","event_id":"Ev1","event":{}}"#,
            "`event.type` is missing",
        ),
        (
            &[],
            r#"{"type":"event_callback","event_id":"E\n","event":{}}"#,
            "`event_id` is not an id",
        ),
        (
            &[],
            r#"{"type":"url_verification"}"#,
            "`challenge` is not 1 to 512 visible ASCII characters",
        ),
        (
            &[],
            r#"{"type":"app_rate_limited","team_id":"T1"}"#,
            "`minute_rate_limited` is missing",
        ),
        (&form, "payload=%7B", "not JSON"),
        (&form, "a=b", "`type` is missing"),
        (
            &form,
            "command=%2Fx&team_id=T&channel_id=C&user_id=U&api_app_id=A",
            "`trigger_id` is missing",
        ),
        (&form, &long, "more than 1,000 fields"),
    ] {
        assert_eq!(
            of(headers, body),
            (ErrorCode::Unreadable, why.to_owned()),
            "{body:.60}"
        );
    }
    assert_eq!(cause(event("broken")).1, "not JSON");
    assert_eq!(cause(event("no_event_id")).1, "`event_id` is missing");
    let untimely = String::from_utf8(fixture(NAME, "message").body)
        .unwrap()
        .replace("1763726398.000100", "then");
    assert_eq!(of(&[], &untimely).1, "`event.ts` is not a time");
}

#[test]
fn a_question_is_answered_and_nothing_recorded() {
    let asked = |outgoing: &Outgoing| match Slack.split(&received(outgoing), ENDPOINT) {
        Delivery::Handshake(reply) => reply,
        other => panic!("{other:?}"),
    };
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
    assert_eq!(
        asked(&fixture(NAME, "url_verification")),
        Reply::text(challenge.to_owned())
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(
        asked(&request(&form, b"token=x&ssl_check=1")),
        Reply::text(String::new())
    );
    for challenge in ["", "a b", "é", &"a".repeat(513)] {
        let body = format!(r#"{{"type":"url_verification","challenge":"{challenge}"}}"#);
        only(&Slack, &request(&[], body.as_bytes()));
    }
}

#[test]
fn the_same_event_delivered_again_is_the_same_however_it_is_wrapped() {
    let first = event("message");
    let mut again = fixture(NAME, "message");
    let body = String::from_utf8(again.body).unwrap();
    again.body = body
        .replace(r#""token":"XXYYZZ""#, r#""token":"renewed""#)
        .into_bytes();
    again.set("x-slack-retry-num", "1".to_owned());
    let again = only(&Slack, &again);
    assert_eq!(again.provider_message_id, first.provider_message_id);
    assert_eq!(again.body_hash, first.body_hash);
    assert_ne!(again.payload, first.payload);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), as_form: bool) {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let outgoing = request(if as_form { &form } else { &[] }, &body);
        Slack.split(&received(&outgoing), ENDPOINT);
    }

    #[test]
    fn no_damage_to_a_fixture_makes_it_panic(position: prop::sample::Index, by in 1_u8..=255) {
        for case in ["message", "message_changed", "file_share", "slash_command", "block_actions"] {
            let mut outgoing = fixture(NAME, case);
            let position = position.index(outgoing.body.len());
            outgoing.body[position] ^= by;
            if let Delivery::Events(split) = Slack.split(&received(&outgoing), ENDPOINT) {
                for event in split.events.iter().filter(|event| event.kind == EventKind::Message) {
                    message(&Slack, event);
                }
            }
        }
    }
}
