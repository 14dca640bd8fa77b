//! Retry, bury, release: fenced by the claim, and what they leave behind.

use std::time::Duration;

use mailroom_domain::{ClaimToken, ErrorCode, EventId, Failure, WorkerId};
use mailroom_store::event;

use crate::stage::{Stage, ids};
use crate::talk::{Talk, in_turn};

fn failure(code: ErrorCode) -> Failure {
    Failure {
        code,
        cause: "the test says so".to_owned(),
    }
}

/// Three claimed events, each of its own conversation.
async fn three() -> (Stage, WorkerId, ClaimToken, Vec<EventId>) {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..3).map(Talk::number).collect();
    let given = stage.record(&in_turn(&stage, &talks, 3)).await;
    let (token, _) = stage.claim(worker, 9).await;
    (stage, worker, token, given)
}

#[tokio::test]
async fn a_retry_waits_for_its_delay_with_its_cause() {
    let (stage, _, token, given) = three().await;
    let set = [
        (given[0], Duration::from_mins(1), failure(ErrorCode::Unavailable)),
        (given[1], Duration::from_mins(2), failure(ErrorCode::Unavailable)),
    ];
    assert_eq!(
        event::retry(&mut stage.connection().await, token, &set)
            .await
            .unwrap()
            .len(),
        2
    );
    for (id, seconds) in [(given[0], 60.0), (given[1], 120.0)] {
        let lying = stage.lying(id).await;
        assert!(lying.is("error", 1) && lying.token.is_none(), "{lying:?}");
        assert_eq!(lying.error_code.as_deref(), Some("unavailable"));
        assert_eq!(lying.error_message.as_deref(), Some("the test says so"));
        let due_in = lying.due_in.unwrap();
        assert!((seconds - 30.0..=seconds).contains(&due_in), "{due_in}");
    }
    assert!(stage.lying(given[2]).await.is("processing", 1));
}

#[tokio::test]
async fn a_buried_event_is_kept_with_its_cause_and_frees_its_conversation() {
    let (stage, worker, token, given) = three().await;
    let next = stage.record(&[Talk::number(0).says(&stage, "next")]).await;
    let buried = event::bury(
        &mut stage.connection().await,
        token,
        &[(given[0], failure(ErrorCode::Unreadable))],
    )
    .await;
    assert_eq!(buried.unwrap(), [given[0]]);
    let lying = stage.lying(given[0]).await;
    assert!(lying.is("dead_letter", 1) && lying.token.is_none(), "{lying:?}");
    assert_eq!(lying.error_code.as_deref(), Some("unreadable"));
    event::bury(
        &mut stage.connection().await,
        token,
        &[given[1], given[2]].map(|id| (id, failure(ErrorCode::Unreadable))),
    )
    .await
    .unwrap();
    assert_eq!(ids(&stage.claim(worker, 9).await.1), next);
}

#[tokio::test]
async fn a_release_spends_no_attempt() {
    let (stage, worker, token, given) = three().await;
    assert_eq!(
        event::release(&mut stage.connection().await, token, &given[..2])
            .await
            .unwrap()
            .len(),
        2
    );
    assert!(stage.lying(given[0]).await.is("received", 0));
    event::bury(
        &mut stage.connection().await,
        token,
        &[(given[2], failure(ErrorCode::Unreadable))],
    )
    .await
    .unwrap();
    let (_, again) = stage.claim(worker, 9).await;
    assert_eq!(ids(&again), given[..2]);
    assert!(again.iter().all(|event| event.attempt == 1));
}

#[tokio::test]
async fn a_released_retry_goes_back_to_waiting_due_at_once() {
    let (stage, worker, token, given) = three().await;
    let set = [(given[0], Duration::ZERO, failure(ErrorCode::Unavailable))];
    event::retry(&mut stage.connection().await, token, &set)
        .await
        .unwrap();
    let (token, events) = stage.claim_due(worker, 9).await;
    assert_eq!((ids(&events), events[0].attempt), (given[..1].to_vec(), 2));
    event::release(&mut stage.connection().await, token, &given[..1])
        .await
        .unwrap();
    let lying = stage.lying(given[0]).await;
    assert!(lying.is("error", 1) && lying.due_in.unwrap() <= 0.0, "{lying:?}");
    assert_eq!(stage.claim_due(worker, 9).await.1[0].attempt, 2);
}

#[tokio::test]
async fn without_the_claim_nothing_happens() {
    let (stage, worker, token, given) = three().await;
    let forged = ClaimToken::new(stage.random());
    let now = Duration::ZERO;
    let later: Vec<_> = given
        .iter()
        .map(|id| (*id, now, failure(ErrorCode::Unavailable)))
        .collect();
    let never: Vec<_> = given
        .iter()
        .map(|id| (*id, failure(ErrorCode::Unreadable)))
        .collect();
    assert!(
        event::retry(&mut stage.connection().await, forged, &later)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        event::bury(&mut stage.connection().await, forged, &never)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        event::release(&mut stage.connection().await, forged, &given)
            .await
            .unwrap()
            .is_empty()
    );
    for id in &given {
        assert!(stage.lying(*id).await.is("processing", 1));
    }
    // A claim that was settled once is over, even for its own token.
    event::retry(&mut stage.connection().await, token, &later)
        .await
        .unwrap();
    assert!(
        event::bury(&mut stage.connection().await, token, &never)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        event::retry(&mut stage.connection().await, token, &later)
            .await
            .unwrap()
            .is_empty()
    );
    let (second, events) = stage.claim_due(worker, 9).await;
    assert_eq!(events.len(), 3);
    assert!(
        event::release(&mut stage.connection().await, token, &given)
            .await
            .unwrap()
            .is_empty(),
        "an old claim's token"
    );
    assert_eq!(
        event::release(&mut stage.connection().await, second, &given)
            .await
            .unwrap()
            .len(),
        3
    );
}
