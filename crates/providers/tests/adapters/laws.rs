//! What holds for every request of every provider.

use chrono::TimeDelta;
use mailroom_domain::{ConversationKey, EventKind};
use mailroom_providers::signing::Outgoing;
use mailroom_providers::{Delivery, Incoming, Reading, Redaction, RedactionSettings, read};

use crate::account::{accounts, now};

/// A kept event as the request it is: its payload and the headers kept with it.
fn request_of(event: &Incoming) -> Outgoing {
    let mut request = Outgoing {
        body: event.payload.as_bytes().to_vec(),
        ..Outgoing::default()
    };
    for (name, value) in &event.headers {
        request.set(name, value.clone());
    }
    request
}

#[test]
fn what_is_signed_is_taken() {
    for account in accounts() {
        for fixture in account.fixtures() {
            let verified = account.verify(&account.sign(&fixture.request, 1));
            assert_eq!(
                verified.map(|verified| verified.key),
                Ok(0),
                "{} {}",
                account.name(),
                fixture.name
            );
        }
    }
}

#[test]
fn splitting_gives_the_same_every_time() {
    for account in accounts() {
        for fixture in account.fixtures() {
            let signed = account.sign(&fixture.request, 1);
            let place = format!("{} {}", account.name(), fixture.name);
            assert_eq!(account.split(&signed), account.split(&signed), "{place}");
        }
    }
}

#[test]
fn an_events_payload_is_a_request_that_holds_this_event() {
    for account in accounts() {
        for fixture in account.fixtures() {
            let signed = account.sign(&fixture.request, 1);
            for event in account.events(&signed) {
                let again = account.events(&request_of(&event));
                assert_eq!(again, [event], "{} {}", account.name(), fixture.name);
            }
        }
    }
}

#[test]
fn events_are_fit_to_be_recorded() {
    for account in accounts() {
        for fixture in account.fixtures() {
            for event in account.events(&account.sign(&fixture.request, 1)) {
                let place = format!("{} {}: {event:?}", account.name(), fixture.name);
                assert!((1..=512).contains(&event.provider_message_id.len()), "{place}");
                assert!(!event.provider_message_id.contains(char::is_control), "{place}");
                assert!(event.payload.fits(fixture.request.body.len()), "{place}");
                assert_eq!(
                    event.quarantine.is_some(),
                    event.kind == EventKind::Quarantined,
                    "{place}"
                );
                assert!(
                    !event.sender.contains('\0') && !event.recipient.contains('\0'),
                    "{place}"
                );
                assert!(account.provider.channels().contains(&event.channel), "{place}");
                assert!(
                    event.headers.keys().all(|name| *name == name.to_lowercase()),
                    "{place}"
                );
            }
        }
    }
}

#[test]
fn delivered_again_and_signed_anew_it_is_the_same_event() {
    for account in accounts() {
        for fixture in account.fixtures() {
            let identity = |nonce: u8| -> Vec<_> {
                // Amazon SNS signs when a message was published, which stays the same.
                let minutes = if account.name() == "sns" { 0 } else { nonce.into() };
                let later = now() + TimeDelta::minutes(minutes);
                let events = account.events(&account.sign_at(&fixture.request, nonce, later));
                events
                    .into_iter()
                    .map(|event| (event.provider_message_id, event.body_hash))
                    .collect()
            };
            assert_eq!(identity(1), identity(2), "{} {}", account.name(), fixture.name);
        }
    }
}

#[test]
fn reading_agrees_with_splitting() {
    for account in accounts() {
        for fixture in account.fixtures() {
            for event in account.events(&account.sign(&fixture.request, 1)) {
                let place = format!("{} {}: {event:?}", account.name(), fixture.name);
                match (event.kind, read(&account.claimed(&event))) {
                    (EventKind::Message, Ok(Reading::Message(message))) => {
                        let (a, b) = message.participants();
                        assert_eq!(
                            ConversationKey::between(message.channel, a, b),
                            event.conversation_key,
                            "{place}"
                        );
                        assert!(!message.body.contains('\0'), "{place}");
                    }
                    (EventKind::Status, Ok(Reading::Status(change))) => {
                        assert_eq!(change.reference.line(), event.conversation_key, "{place}");
                        assert_eq!(change.reference.provider, account.name(), "{place}");
                    }
                    (EventKind::Notice, Ok(Reading::Notice)) => {}
                    (EventKind::Quarantined, Err(failure)) => {
                        assert_eq!(Some(failure), event.quarantine, "{place}");
                    }
                    (_, other) => panic!("{place}\nread as {other:?}"),
                }
            }
        }
    }
}

#[test]
fn redaction_leaves_alone_what_events_rest_on() {
    let redaction = Redaction::new(&RedactionSettings::default()).unwrap();
    for account in accounts() {
        for fixture in account.fixtures() {
            for event in account.events(&account.sign(&fixture.request, 1)) {
                let mut redacted = event.clone();
                redaction.apply(&mut redacted, account.provider.load_bearing());
                let place = format!("{} {}: {event:?}\n{redacted:?}", account.name(), fixture.name);
                match [event, redacted].map(|event| read(&account.claimed(&event))) {
                    [Ok(Reading::Message(one)), Ok(Reading::Message(other))] => {
                        assert_eq!(one.participants(), other.participants(), "{place}");
                        assert_eq!(
                            (one.reference, one.timestamp),
                            (other.reference, other.timestamp),
                            "{place}"
                        );
                        // Nothing in them is a secret.
                        assert_eq!(one.body, other.body, "{place}");
                    }
                    [Ok(Reading::Status(one)), Ok(Reading::Status(other))] => {
                        assert_eq!(one, other, "{place}");
                    }
                    [one, other] => assert_eq!(one, other, "{place}"),
                }
            }
        }
    }
}

#[test]
fn there_is_a_fixture_of_every_kind() {
    for account in accounts() {
        let fixtures = account.fixtures();
        let events: Vec<_> = fixtures
            .iter()
            .flat_map(|it| account.events(&account.sign(&it.request, 1)))
            .collect();
        for kind in [EventKind::Message, EventKind::Quarantined] {
            assert!(
                events.iter().any(|event| event.kind == kind),
                "{} {kind:?}",
                account.name()
            );
        }
        let handshake = fixtures
            .iter()
            .any(|it| !matches!(account.split(&it.request), Delivery::Events(_)));
        let expected = ["slack", "sns", "github"].contains(&account.name());
        assert!(handshake || !expected, "{} shakes hands", account.name());
    }
}
