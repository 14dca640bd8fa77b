//! Everything that comes from SNS, from the request to its meaning.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ErrorCode, EventKind, MessageStatus, Payload};

use super::Sns;
use crate::{
    Delivery, Provider,
    replay::{ENDPOINT, body, meaning, message, one, request, split, status},
};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:front-desk";
const MAIL: &str = "0102018f3a5b7c9d-61b59c11-9236-11e6-8f96-7be8aexample-000000";

macro_rules! fixture {
    ($name:literal) => {
        body(include_str!(concat!("../../tests/fixtures/sns/", $name, ".http")))
    };
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn a_notification_is_a_message_from_its_topic() {
    let event = one(&Sns, fixture!("notification"));
    assert_eq!(event.kind, EventKind::Message);
    assert_eq!(
        event.provider_message_id,
        "sns:front-desk/22b80b92-fdea-4c2c-8f9d-bdfb0c7b0001"
    );
    let message = message(&Sns, &event);
    assert_eq!((message.from.as_str(), message.to.as_str()), (TOPIC, ENDPOINT));
    assert_eq!(message.channel, Channel::Webhook);
    assert!(
        message
            .body
            .starts_with("Boiler\nThe boiler in room 12 is cold again.\n")
    );
    assert_eq!(message.timestamp, time("2026-05-02T00:54:06.655Z"));
    assert_eq!(
        message.reference.unwrap().id,
        "22b80b92-fdea-4c2c-8f9d-bdfb0c7b0001"
    );
}

#[test]
fn without_subject_the_message_is_all_there_is() {
    let event = one(&Sns, fixture!("notification_without_subject"));
    assert!(message(&Sns, &event).body.starts_with("Door 3 was opened"));
    let other = split(&Sns, fixture!("notification_with_attributes"));
    assert_eq!(
        message(&Sns, &other.events[0]).body,
        r#"{"order":4711,"state":"ready"}"#
    );
    assert!(other.drift.fields.is_empty(), "{:?}", other.drift);
}

#[test]
fn what_is_signed_anew_does_not_make_another_event() {
    let text = String::from_utf8(fixture!("notification").to_vec()).unwrap();
    let again = text.replace("\"SignatureVersion\" : \"2\"", "\"SignatureVersion\" : \"1\"");
    assert_ne!(text, again);
    let hash = |text: &str| one(&Sns, text.as_bytes()).body_hash;
    assert_eq!(hash(&text), hash(&again));
    assert_ne!(hash(&text), hash(&text.replace("room 12", "room 13")));
    assert_ne!(hash(&text), hash(&text.replace("Boiler", "boiler")));
}

#[test]
fn a_subscription_is_confirmed_only_at_sns_and_for_its_topic() {
    let text = std::str::from_utf8(fixture!("subscription")).unwrap();
    match Sns.split(&request(text.as_bytes()), ENDPOINT) {
        Delivery::Confirm(url) => {
            assert!(
                url.starts_with("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=")
            );
        }
        other => panic!("{other:?}"),
    }
    for (from, to) in [
        (
            "https://sns.eu-west-1.amazonaws.com/?",
            "https://169.254.169.254/?",
        ),
        (
            "https://sns.eu-west-1.amazonaws.com/?",
            "https://sns.eu-west-1.amazonaws.com.example.org/?",
        ),
        ("Action=ConfirmSubscription", "Action=Unsubscribe"),
        ("TopicArn=arn:aws:sns:eu-west-1", "TopicArn=arn:aws:sns:eu-west-2"),
        ("SubscribeURL", "SubscribeUrl"),
    ] {
        let changed = text.replace(from, to);
        let event = one(&Sns, changed.as_bytes());
        assert_eq!(event.kind, EventKind::Quarantined, "{to}");
        assert_eq!(event.quarantine.unwrap().code, ErrorCode::Unreadable);
    }
}

#[test]
fn an_end_of_subscription_and_a_set_up_are_notices() {
    for body in [fixture!("unsubscription"), fixture!("mail_set_up")] {
        let event = one(&Sns, body);
        assert_eq!(event.kind, EventKind::Notice);
        assert!(event.conversation_key.as_str().starts_with("sns:front-desk:"));
    }
}

#[test]
fn mail_events_tell_how_far_a_mail_got() {
    for (body, word, expected, error, at) in [
        (
            fixture!("mail_send"),
            "Send",
            MessageStatus::Sent,
            None,
            "2026-05-02T00:53:02.012Z",
        ),
        (
            fixture!("mail_delivery"),
            "Delivery",
            MessageStatus::Delivered,
            None,
            "2026-05-02T00:53:04.401Z",
        ),
        (
            fixture!("mail_open"),
            "Open",
            MessageStatus::Read,
            None,
            "2026-05-02T01:00:19.652Z",
        ),
        (
            fixture!("mail_bounce"),
            "Bounce",
            MessageStatus::Failed,
            Some("5.1.1"),
            "2026-05-02T00:53:05.669Z",
        ),
        (
            fixture!("mail_reject"),
            "Reject",
            MessageStatus::Failed,
            Some("Bad content"),
            "2026-05-02T00:53:02.012Z",
        ),
    ] {
        let split = split(&Sns, body);
        assert_eq!(split.drift, crate::Drift::default());
        let event = &split.events[0];
        assert_eq!(
            (event.kind, event.channel),
            (EventKind::Status, Channel::Email),
            "{word}"
        );
        assert_eq!(event.sender, "Front Desk <desk@example.com>");
        assert_eq!(event.recipient, "ines.okafor@example.org");
        let status = status(&Sns, event);
        assert_eq!((status.word.as_str(), status.status), (word, expected));
        assert_eq!(status.reference.id, MAIL);
        assert_eq!(status.error.as_deref(), error);
        assert_eq!(status.at, time(at));
    }
}

#[test]
fn what_does_not_settle_a_mail_is_a_notice() {
    for body in [fixture!("mail_bounce_transient"), fixture!("mail_complaint")] {
        assert_eq!(one(&Sns, body).kind, EventKind::Notice);
    }
}

#[test]
fn mail_that_came_in_is_a_message() {
    let event = one(&Sns, fixture!("mail_received"));
    assert!(message(&Sns, &event).body.contains("I lost my key."));
}

#[test]
fn what_is_not_known_is_put_aside_and_counted() {
    for (body, word) in [
        (fixture!("unknown_type"), "TopicArchived"),
        (fixture!("mail_unknown"), "Teleported"),
    ] {
        let split = split(&Sns, body);
        let event = &split.events[0];
        assert_eq!(event.quarantine.as_ref().unwrap().code, ErrorCode::Unsupported);
        assert!(
            split.drift.types.iter().any(|name| name == word),
            "{:?}",
            split.drift
        );
        assert!(meaning(&Sns, event, event.kind).is_err());
    }
    let text = std::str::from_utf8(fixture!("notification")).unwrap();
    let odd = text.replacen('{', "{\"Priority\":1,", 1);
    assert_eq!(split(&Sns, odd.as_bytes()).drift.fields, ["Priority"]);
}

#[test]
fn what_lacks_an_id_or_is_no_envelope_is_put_aside() {
    let text = std::str::from_utf8(fixture!("notification")).unwrap();
    let long = text.replace("22b80b92", &"x".repeat(500));
    let controlled = text.replace("22b80b92", "\\u0007");
    let numeric = text.replace("\"Message\" : \"", "\"Message\" : 5, \"Massage\" : \"");
    for body in [
        fixture!("no_message_id"),
        long.as_bytes(),
        controlled.as_bytes(),
        numeric.as_bytes(),
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"raw message delivery",
    ] {
        let event = one(&Sns, body);
        assert_eq!(event.kind, EventKind::Quarantined);
        assert_eq!(event.quarantine.unwrap().code, ErrorCode::Unreadable);
    }
}

#[test]
fn a_nul_is_kept_and_shown_as_a_replacement() {
    let event = one(&Sns, fixture!("nul"));
    assert!(matches!(event.payload, Payload::Bytes(_)));
    assert_eq!(message(&Sns, &event).body, "before\u{fffd}after");
}

#[test]
fn an_endpoint_needs_topics_and_a_certificate_that_is_one() {
    let mut endpoint = crate::Endpoint::default();
    assert_eq!(Sns.lacks(&endpoint).unwrap().0, "topics");
    endpoint.topics = vec![TOPIC.to_owned()];
    assert_eq!(Sns.lacks(&endpoint), None);
    endpoint.certificate = Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned());
    assert_eq!(Sns.lacks(&endpoint).unwrap().0, "certificate");
    endpoint.certificate = Some(include_str!("genuine/certificate.pem").to_owned());
    assert_eq!(Sns.lacks(&endpoint), None);
}

#[test]
fn a_certificate_is_fetched_for_the_topics_region_only() {
    let text = std::str::from_utf8(fixture!("notification")).unwrap();
    let endpoint = crate::Endpoint {
        topics: vec![TOPIC.to_owned()],
        ..crate::Endpoint::default()
    };
    let url = |text: &str| Sns.certificate_url(&request(text.as_bytes()), &endpoint);
    assert_eq!(
        url(text).as_deref(),
        Some(
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
        )
    );
    assert_eq!(
        url(&text.replace("https://sns.eu-west-1", "https://sns.us-east-1")),
        None
    );
    assert_eq!(url(&text.replace("SigningCertURL", "SigningCertUrl")), None);
    assert_eq!(url("raw message delivery"), None);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let endpoint = crate::Endpoint::default();
        let mut request = request(&bytes);
        request.certificate = Some(&bytes);
        let _ = (Sns.certificate_url(&request, &endpoint), Sns.verify(&request, &endpoint), Sns.split(&request, ENDPOINT));
    }

    #[test]
    fn no_field_makes_it_panic(
        name in proptest::sample::select(super::KNOWN.to_vec()),
        value in "\\PC{0,20}|\\{\"eventType\":\"(Bounce|Send)\",\"(mail|bounce)\":\\{\\}\\}|https://sns\\.\\PC{0,30}",
    ) {
        let mut fields: serde_json::Map<_, _> = serde_json::from_slice(fixture!("mail_bounce")).unwrap();
        fields.insert(name.to_owned(), value.into());
        let body = serde_json::Value::Object(fields).to_string();
        let request = request(body.as_bytes());
        let endpoint = crate::Endpoint::default();
        let _ = (Sns.certificate_url(&request, &endpoint), Sns.verify(&request, &endpoint));
        if let Delivery::Events(split) = Sns.split(&request, ENDPOINT) {
            let _ = meaning(&Sns, &split.events[0], split.events[0].kind);
        }
    }
}
