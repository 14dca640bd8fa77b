//! Record: a row that the database refuses fails alone, never its neighbours.

use mailroom_domain::{NewEvent, Payload};
use mailroom_store::{StoreError, event, event::Recorded};

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

/// Records 12 events of which the one at `at` was spoilt, and gives back why it was refused.
async fn refusal(at: usize, spoil: impl FnOnce(&mut NewEvent)) -> StoreError {
    let stage = Stage::new().await;
    let mut events = in_turn(&stage, &[Talk::number(1), Talk::number(2)], 12);
    spoil(&mut events[at]);
    let mut recording = event::record(&mut stage.connection().await, &events)
        .await
        .unwrap();
    let refusal = recording.remove(at).unwrap_err();
    events.remove(at);
    for (recorded, event) in recording.into_iter().zip(&events) {
        assert_eq!(recorded.unwrap(), Recorded::Recorded(event.id));
    }
    let line: Vec<(uuid::Uuid,)> = stage
        .rows("select id from messaging.inbound_events order by arrival")
        .await;
    let given: Vec<_> = events.iter().map(|event| (event.id.uuid(),)).collect();
    assert_eq!(line, given, "the others are all there, in order");
    refusal
}

fn is(refusal: &StoreError, expected: &str) -> bool {
    matches!(refusal, StoreError::Refused { code, .. } if code == expected)
}

#[tokio::test]
async fn a_broken_rule_is_named() {
    let refusal = refusal(0, |event| event.provider.clear()).await;
    assert!(
        matches!(&refusal, StoreError::Refused { code, constraint: Some(name) }
            if code == "23514" && name == "inbound_events_provider_check"),
        "{refusal:?}"
    );
}

#[tokio::test]
async fn a_payload_too_large() {
    let refusal = refusal(11, |event| event.payload = Payload::Bytes(vec![0; 262_145])).await;
    assert!(is(&refusal, "23514"), "{refusal:?}");
}

#[tokio::test]
async fn json_that_is_none() {
    let refusal = refusal(5, |event| event.payload = Payload::Json("{".to_owned())).await;
    assert!(is(&refusal, "22P02"), "{refusal:?}");
}

#[tokio::test]
async fn a_nul_in_an_address_is_refused_without_being_told() {
    let refusal = refusal(7, |event| event.sender = "secret\0address".to_owned()).await;
    assert!(
        !refusal.is_transient() && !refusal.to_string().contains("secret"),
        "{refusal:?}"
    );
}

#[tokio::test]
async fn twins_share_their_refusal() {
    let stage = Stage::new().await;
    let talk = Talk::number(1);
    let mut set = [
        talk.says(&stage, "bad"),
        talk.says(&stage, "good"),
        talk.says(&stage, "bad"),
    ];
    set[0].provider.clear();
    let recording = event::record(&mut stage.connection().await, &set).await.unwrap();
    let recorded: Vec<_> = recording.iter().map(Result::is_ok).collect();
    assert_eq!(recorded, [false, true, false]);
}
