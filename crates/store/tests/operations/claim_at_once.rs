//! Claim: several at the same time, and one whose note comes too late.

use std::sync::Arc;

use mailroom_domain::{ClaimToken, ErrorCode, Failure, Lane};
use mailroom_store::event;
use sqlx::Connection;
use tokio::task::JoinSet;

use crate::history::assert_in_order;
use crate::stage::{Stage, ids, lock};
use crate::talk::{Talk, in_turn};

/// A redelivery that is being counted holds nothing up.
#[tokio::test]
async fn a_claim_waits_for_nobody() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = stage.record(&in_turn(&stage, &Talk::in_one_lane(2), 6)).await;
    let mut session = stage.session().await;
    let mut holding = session.begin().await.unwrap();
    lock(&mut holding, given[0]).await;
    assert_eq!(ids(&stage.claim(worker, 9).await.1), given);
}

/// A worker looks at a lane, and stalls before its note is there. Meanwhile its lease ends, and another takes the lane, reaps
/// and claims: no note was to be seen. What the first one has then settles nothing.
#[tokio::test]
async fn a_note_that_comes_too_late_is_worth_nothing() {
    let stage = Arc::new(Stage::new().await);
    let late = stage.owner().await;
    let given = stage.record(&in_turn(&stage, &Talk::in_one_lane(1), 2)).await;
    let token = ClaimToken::new(stage.random());
    // Whoever writes the same token waits for this one's end.
    let mut session = stage.session().await;
    let mut holding = session.begin().await.unwrap();
    sqlx::query("insert into messaging.claims (token, worker, lanes, events) values ($1, $1, '{0}', '{}')")
        .bind(token.uuid())
        .execute(&mut *holding)
        .await
        .unwrap();
    let stalled = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move {
            let lanes: Vec<_> = Lane::all().map(|lane| (lane, 0)).collect();
            event::claim(&mut stage.connection().await, late, &lanes, 9, token, &[])
                .await
                .unwrap()
        }
    });
    stage.until_somebody_waits().await;
    stage.all_leases_end().await;
    let heir = stage.owner().await;
    let lanes: Vec<_> = Lane::all().collect();
    let reaped = event::reap(&stage.pool, heir, &lanes, &[], &[]).await.unwrap();
    assert_eq!((reaped.retried, reaped.lanes.len()), (0, 256));
    let (heirs, events) = stage.claim(heir, 9).await;
    assert_eq!(ids(&events), given);
    holding.rollback().await.unwrap();
    assert_eq!(ids(&stalled.await.unwrap().events), given, "it has its note now");
    let failure = Failure {
        code: ErrorCode::Unavailable,
        cause: "the test says so".to_owned(),
    };
    let set = [(given[0], std::time::Duration::ZERO, failure)];
    let retried = event::retry(&mut stage.connection().await, token, &set)
        .await
        .unwrap();
    assert!(retried.is_empty(), "the second would pass the first");
    assert!(stage.finish(token, &events).await.is_empty());
    assert_eq!(stage.finish(heirs, &events).await, given);
    assert_in_order(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claimers_each_in_lanes_of_their_own_keep_every_conversation_in_line() {
    const CLAIMERS: usize = 4;
    let stage = Arc::new(Stage::new().await);
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..12).map(Talk::number).collect();
    let given = stage.record(&in_turn(&stage, &talks, 600)).await;
    let mut claimers = JoinSet::new();
    for number in 0..CLAIMERS {
        let stage = Arc::clone(&stage);
        let lanes: Vec<_> = Lane::all()
            .skip(number)
            .step_by(CLAIMERS)
            .map(|lane| (lane, 0))
            .collect();
        claimers.spawn(async move {
            let mut over = Vec::new();
            let mut finished = 0;
            loop {
                let token = ClaimToken::new(stage.random());
                let claim = event::claim(&mut stage.connection().await, worker, &lanes, 3, token, &over)
                    .await
                    .unwrap();
                if claim.events.is_empty() {
                    return finished;
                }
                finished += finish_in_order(&stage, token, &claim.events).await;
                over = vec![token];
            }
        });
    }
    let finished = claimers.join_all().await.into_iter().sum::<usize>();
    assert_eq!(finished, given.len());
    assert_eq!(
        stage
            .number("select max(attempt_count)::int8 from messaging.inbound_events")
            .await,
        1
    );
    assert_eq!(
        stage.number("select count(*) from messaging.claims").await,
        0,
        "the notes go with the next claim"
    );
    assert_in_order(&stage).await;
}

async fn finish_in_order(
    stage: &Stage,
    token: ClaimToken,
    events: &[mailroom_domain::ClaimedEvent],
) -> usize {
    let mut finished = 0;
    for event in events {
        let done = stage.finish(token, std::slice::from_ref(event)).await;
        assert_eq!(done, [event.id], "somebody else has it");
        finished += done.len();
    }
    finished
}
