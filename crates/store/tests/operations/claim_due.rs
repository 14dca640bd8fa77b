//! Claim what falls due: when, in which order, and the suspect alone.

use std::time::Duration;

use mailroom_domain::{ClaimToken, ErrorCode, EventId, Failure, Lane, WorkerId};
use mailroom_store::event;

use crate::stage::{Stage, ids};
use crate::talk::{Talk, in_turn};

/// Records one event of each conversation, claims all and has each tried again after a delay.
async fn failed(stage: &Stage, worker: WorkerId, delays: &[u64]) -> Vec<EventId> {
    let talks: Vec<_> = (0..).take(delays.len()).map(Talk::number).collect();
    let given = stage.record(&in_turn(stage, &talks, delays.len())).await;
    let (token, _) = stage.claim(worker, 9).await;
    let set: Vec<_> = given
        .iter()
        .zip(delays)
        .map(|(id, delay)| (*id, Duration::from_secs(*delay), unavailable()))
        .collect();
    assert_eq!(
        event::retry(&mut stage.connection().await, token, &set)
            .await
            .unwrap()
            .len(),
        given.len()
    );
    given
}

fn unavailable() -> Failure {
    Failure {
        code: ErrorCode::Unavailable,
        cause: "the test says so".to_owned(),
    }
}

#[tokio::test]
async fn only_what_is_due_is_taken_and_only_once() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = failed(&stage, worker, &[0, 3600, 0]).await;
    let (token, events) = stage.claim_due(worker, 9).await;
    assert_eq!(ids(&events), [given[0], given[2]]);
    assert!(
        events
            .iter()
            .all(|event| event.attempt == 2 && event.token == token)
    );
    let lying = stage.lying(given[0]).await;
    assert!(lying.is("processing", 2), "{lying:?}");
    assert!(stage.lying(given[1]).await.is("error", 1));
    assert_eq!(stage.finish(token, &events).await.len(), 2);
    let lying = stage.lying(given[0]).await;
    assert!(
        lying.error_code.is_none() && lying.error_message.is_none(),
        "{lying:?}"
    );
}

#[tokio::test]
async fn the_longest_due_comes_first() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = failed(&stage, worker, &[0, 0, 0]).await;
    stage
        .execute(&format!(
            "update messaging.inbound_events set next_attempt_at = now() - interval '1 hour' where id = '{}'",
            given[2]
        ))
        .await;
    for expected in [&given[2..], &given[..1]] {
        let (token, events) = stage.claim_due(worker, 1).await;
        assert_eq!(ids(&events), expected);
        stage.finish(token, &events).await;
    }
}

#[tokio::test]
async fn a_conversation_stays_in_line() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talk = [Talk::number(0)];
    let given = stage.record(&in_turn(&stage, &talk, 3)).await;
    let (token, _) = stage.claim(worker, 9).await;
    let hour = Duration::from_hours(1);
    let set = [
        (given[0], hour, unavailable()),
        (given[1], Duration::ZERO, unavailable()),
        (given[2], Duration::ZERO, unavailable()),
    ];
    event::retry(&mut stage.connection().await, token, &set)
        .await
        .unwrap();
    assert!(
        stage.claim_due(worker, 9).await.1.is_empty(),
        "the first of them is not due"
    );
    stage.all_fall_due().await;
    for id in given {
        let (token, events) = stage.claim_due(worker, 9).await;
        assert_eq!(ids(&events), [id], "one after the other");
        stage.finish(token, &events).await;
    }
}

#[tokio::test]
async fn what_may_have_killed_its_worker_is_taken_alone() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = failed(&stage, worker, &[0, 0, 0, 0]).await;
    let due = |at: usize, hours: usize, code: &str| {
        format!(
            "update messaging.inbound_events set error_code = '{code}', next_attempt_at = now() - interval '{hours} hours'
             where id = '{}';",
            given[at]
        )
    };
    let order = [
        due(0, 4, "reaped"),
        due(1, 3, "unavailable"),
        due(2, 2, "reaped"),
        due(3, 1, "unavailable"),
    ];
    stage.execute(&order.concat()).await;
    // The second without the suspect that stands between.
    for expected in [&given[..1], &[given[1], given[3]], &given[2..3]] {
        let (token, events) = stage.claim_due(worker, 9).await;
        assert_eq!(ids(&events), expected);
        stage.finish(token, &events).await;
    }
}

#[tokio::test]
async fn those_that_may_have_are_taken_in_groups_that_shrink() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    failed(&stage, worker, &[0; 40]).await;
    for (attempts, most) in [(1, 12), (2, 1), (5, 1)] {
        stage
            .execute(&format!(
                "update messaging.inbound_events set error_code = 'reaped', attempt_count = {attempts}
                 where status = 'error'"
            ))
            .await;
        assert_eq!(
            stage.claim_due(worker, 100).await.1.len(),
            most,
            "{attempts} attempts"
        );
    }
}

#[tokio::test]
async fn lanes_of_others_are_left_alone() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = failed(&stage, worker, &[0, 0]).await;
    let stranger = WorkerId::new(stage.random());
    assert!(stage.claim_due(stranger, 9).await.1.is_empty());
    let token = ClaimToken::new(stage.random());
    let elsewhere: Vec<_> = Lane::all()
        .filter(|lane| !given.iter().any(|id| id.lane() == *lane))
        .collect();
    assert!(
        event::claim_due(&mut stage.connection().await, worker, &elsewhere, &[], 9, token)
            .await
            .unwrap()
            .is_empty()
    );
    stage.all_leases_end().await;
    assert!(
        stage.claim_due(worker, 9).await.1.is_empty(),
        "the lease has ended"
    );
}
