//! Updates as a whole: the token they come with, notices, and what is broken.

use chrono::DateTime;
use mailroom_domain::{ErrorCode, EventKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::update;
use crate::{
    Drift, Endpoint, Key, Provider, Unverified, Verified,
    replay::{body, meaning, one, request, split},
    signing::{Outgoing, Signer},
    telegram::Telegram,
};

fn verified(keys: &[&str], token: Option<&str>) -> Result<Verified, Unverified> {
    let endpoint = Endpoint {
        keys: keys.iter().map(|key| Key::new(key)).collect(),
        ..Endpoint::default()
    };
    let mut request = request(b"{}");
    let headers = token.map(|token| ("x-telegram-bot-api-secret-token", token.as_bytes()));
    request.headers = headers.into_iter().collect();
    Telegram.verify(&request, &endpoint)
}

#[test]
fn either_of_two_tokens_will_do_and_no_other() {
    let key = Telegram.demo_keys().0;
    let signed = Telegram.sign(Outgoing::default(), key, DateTime::UNIX_EPOCH, [0; 16]);
    let token = Some(signed.headers[0].1.as_str());
    assert_eq!(verified(&[key], token), Ok(Verified::by(0)));
    assert_eq!(verified(&["new", key], token), Ok(Verified::by(1)));
    assert_eq!(verified(&["new"], token), Err(Unverified::Mismatch));
    assert_eq!(verified(&[], token), Err(Unverified::Mismatch));
    assert_eq!(verified(&[key], None), Err(Unverified::Missing));
    assert_eq!(verified(&[key], Some(&key[..16])), Err(Unverified::Mismatch));
    assert_eq!(verified(&[""], Some("")), Err(Unverified::Malformed));
    for token in [" a", "a b", "\u{e9}", &"a".repeat(257)] {
        assert!(verified(&[token], Some(token)).is_err(), "{token}");
    }
}

#[test]
fn what_says_nothing_in_a_conversation_is_a_notice() {
    for fixture in [
        include_str!("../../../tests/fixtures/telegram/blocked.http"),
        include_str!("../../../tests/fixtures/telegram/member_joined.http"),
        include_str!("../../../tests/fixtures/telegram/inline_callback_query.http"),
    ] {
        let event = one(&Telegram, body(fixture));
        assert_eq!(event.kind, EventKind::Notice);
        let line = format!("telegram:front-desk:{}", event.provider_message_id);
        assert_eq!(event.conversation_key.as_str(), line);
        assert_eq!(split(&Telegram, body(fixture)).drift, Drift::default());
    }
}

#[test]
fn what_is_not_understood_is_kept() {
    let fixture = include_str!("../../../tests/fixtures/telegram/unknown_update.http");
    let split_up = split(&Telegram, body(fixture));
    assert_eq!(
        split_up.events[0].quarantine.as_ref().unwrap().code,
        ErrorCode::Unsupported
    );
    assert_eq!(split_up.drift.types, ["telepathy"]);
    let lone = |changed: Value| update("message", changed);
    let cases: [(Vec<u8>, &str); 11] = [
        (
            body(include_str!("../../../tests/fixtures/telegram/no_update_id.http")).to_vec(),
            "`update_id`",
        ),
        (
            body(include_str!("../../../tests/fixtures/telegram/broken.http")).to_vec(),
            "not JSON",
        ),
        (b"[]".to_vec(), "not an object"),
        (br#"{"update_id":1,"message":7}"#.to_vec(), "not an object"),
        (br#"{"update_id":1.5,"message":{}}"#.to_vec(), "`update_id`"),
        (
            br#"{"update_id":1,"message":{},"poll":{}}"#.to_vec(),
            "more than one",
        ),
        (lone(json!({ "message_id": null })), "`message_id`"),
        (lone(json!({ "chat": {} })), "`chat`"),
        (lone(json!({ "date": -1 })), "`date`"),
        (lone(json!({ "business_connection_id": "a\0" })), "address"),
        (
            br#"{"update_id":1,"callback_query":{"data":"x"}}"#.to_vec(),
            "`id`",
        ),
    ];
    for (received, cause) in cases {
        let quarantine = one(&Telegram, &received).quarantine.unwrap();
        assert_eq!(quarantine.code, ErrorCode::Unreadable);
        assert!(quarantine.cause.contains(cause), "{cause}: {}", quarantine.cause);
    }
}

#[test]
fn new_fields_are_noted() {
    let drift = split(&Telegram, &update("message", json!({ "mood": "good" }))).drift;
    assert_eq!((drift.fields, drift.types), (vec!["mood".to_owned()], vec![]));
    let received = br#"{"update_id":1,"poll":{},"mood":{}}"#;
    assert_eq!(split(&Telegram, received).drift.fields, ["mood"]);
}

proptest! {
    #[test]
    fn nothing_received_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(split(&Telegram, &bytes).events.len(), 1);
    }

    #[test]
    fn nothing_kept_makes_it_panic(position in 0_usize..500, byte in any::<u8>()) {
        let mut kept = update("message", json!({ "photo": [{ "file_id": "f", "width": 1, "height": 1 }] }));
        let position = position % kept.len();
        kept[position] = byte;
        for kind in [EventKind::Message, EventKind::Status, EventKind::Notice, EventKind::Quarantined] {
            let _ = meaning(&Telegram, &one(&Telegram, &kept), kind);
        }
    }
}
