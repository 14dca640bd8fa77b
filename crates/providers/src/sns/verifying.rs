//! Tests of verification with requests signed by the demo key.

use chrono::{DateTime, TimeDelta, Utc};

use super::Sns;
use crate::{
    Endpoint, Provider, Request, Unverified, Verified,
    replay::{body, request},
    signing::{Outgoing, Signer},
};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:front-desk";
const NOTIFICATION: &str = include_str!("../../tests/fixtures/sns/notification.http");
const SUBSCRIPTION: &str = include_str!("../../tests/fixtures/sns/subscription.http");

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    time("2026-05-02T01:00:00Z")
}

fn demo() -> Endpoint {
    Endpoint {
        topics: vec![TOPIC.to_owned()],
        certificate: Some(Sns.demo_keys().1.to_owned()),
        ..Endpoint::default()
    }
}

fn signed(body: &[u8]) -> Vec<u8> {
    let outgoing = Outgoing {
        body: body.to_vec(),
        ..Outgoing::default()
    };
    Sns.sign(outgoing, Sns.demo_keys().0, now(), [0; 16]).body
}

fn verify(body: &[u8], endpoint: &Endpoint) -> Result<Verified, Unverified> {
    let request = Request {
        now: now(),
        ..request(body)
    };
    Sns.verify(&request, endpoint)
}

#[test]
fn only_pinned_topics_may_send() {
    let body = signed(body(NOTIFICATION));
    assert_eq!(verify(&body, &demo()), Ok(Verified::by(0)));
    let other = Endpoint {
        topics: vec![TOPIC.replace("front-desk", "back-door")],
        ..demo()
    };
    assert_eq!(verify(&body, &other), Err(Unverified::NotForUs));
    let none = Endpoint {
        topics: Vec::new(),
        ..demo()
    };
    assert_eq!(verify(&body, &none), Err(Unverified::NotForUs));
}

#[test]
fn every_type_is_signed_and_verified() {
    for fixture in [
        NOTIFICATION,
        SUBSCRIPTION,
        include_str!("../../tests/fixtures/sns/unsubscription.http"),
        include_str!("../../tests/fixtures/sns/notification_without_subject.http"),
        include_str!("../../tests/fixtures/sns/unknown_type.http"),
        include_str!("../../tests/fixtures/sns/no_message_id.http"),
        include_str!("../../tests/fixtures/sns/nul.http"),
    ] {
        assert_eq!(
            verify(&signed(body(fixture)), &demo()),
            Ok(Verified::by(0)),
            "{fixture}"
        );
    }
}

#[test]
fn raw_message_delivery_is_refused() {
    for body in [
        &b"plain"[..],
        b"",
        b"{}",
        b"[]",
        br#"{"Message":"x"}"#,
        body(NOTIFICATION),
    ] {
        let expected = if body.len() > 100 {
            Unverified::Mismatch
        } else {
            Unverified::Missing
        };
        assert_eq!(verify(body, &demo()), Err(expected));
    }
}

#[test]
fn what_is_no_signature_is_refused() {
    let good = String::from_utf8(signed(body(NOTIFICATION))).unwrap();
    let fields: serde_json::Value = serde_json::from_str(&good).unwrap();
    let signature = fields["Signature"].as_str().unwrap();
    for (bad, expected) in [
        ("", Unverified::Mismatch),
        ("AAAA", Unverified::Mismatch),
        (&signature[..signature.len() - 4], Unverified::Mismatch),
        (&signature[..signature.len() - 2], Unverified::Malformed),
        (&format!(" {signature}"), Unverified::Malformed),
        (&signature.replace('=', ""), Unverified::Malformed),
        ("not base64", Unverified::Malformed),
    ] {
        let body = good.replace(signature, bad);
        assert_eq!(verify(body.as_bytes(), &demo()), Err(expected), "{bad}");
    }
    for version in ["\"1\"", "\"3\"", "2", "\"\"", "null"] {
        let body = good.replace(
            "\"SignatureVersion\":\"2\"",
            &format!("\"SignatureVersion\":{version}"),
        );
        assert!(verify(body.as_bytes(), &demo()).is_err(), "{version}");
    }
}

#[test]
fn a_line_end_cannot_make_one_field_pass_for_two() {
    // Its publisher wrote a message that holds what would be another's id, to be delivered again under it.
    let text = "hello\\nMessageId\\nforged\\nSubject\\nx";
    let published = std::str::from_utf8(body(SUBSCRIPTION)).unwrap();
    assert!(verify(&signed(published.as_bytes()), &demo()).is_ok());
    let real = format!(
        r#"{{"Type":"Notification","MessageId":"real","TopicArn":"{TOPIC}","Message":"{text}","SignatureVersion":"2"}}"#
    );
    let real = String::from_utf8(signed(real.as_bytes())).unwrap();
    assert!(verify(real.as_bytes(), &demo()).is_ok());
    let forged = real
        .replace(text, "hello")
        .replace("\"real\"", "\"forged\",\"Subject\":\"x\\nMessageId\\nreal\"");
    assert_eq!(verify(forged.as_bytes(), &demo()), Err(Unverified::Malformed));
}

#[test]
fn times_out_of_tolerance_are_refused_both_ways() {
    let body = signed(body(NOTIFICATION));
    let at = |now| {
        Sns.verify(
            &Request {
                now,
                ..request(&body)
            },
            &demo(),
        )
    };
    assert_eq!(
        at(now() + TimeDelta::minutes(119)),
        Ok(Verified::by(0)),
        "SNS tries for an hour"
    );
    assert_eq!(at(now() + TimeDelta::minutes(121)), Err(Unverified::TooOld));
    assert_eq!(at(now() - TimeDelta::minutes(121)), Err(Unverified::TooNew));
    let changed = String::from_utf8(body.clone())
        .unwrap()
        .replace("2026-05-02T01:00", "2026-05-02T03:00");
    assert_eq!(verify(changed.as_bytes(), &demo()), Err(Unverified::Mismatch));
}
