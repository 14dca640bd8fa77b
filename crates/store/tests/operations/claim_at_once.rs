//! Claim: several at the same time never take an event twice and never let one pass another.

use std::sync::Arc;

use mailroom_domain::ClaimToken;
use mailroom_store::event;
use sqlx::Connection;
use tokio::task::JoinSet;

use crate::history::assert_in_order;
use crate::stage::{Stage, ids};
use crate::talk::{Talk, in_turn};

#[tokio::test]
async fn behind_an_event_that_is_locked_its_conversation_waits_and_no_other() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks = Talk::in_one_lane(2);
    let given = stage.record(&in_turn(&stage, &talks, 6)).await;
    let mut session = stage.session().await;
    let mut holding = session.begin().await.unwrap();
    sqlx::query("select from messaging.inbound_events where id = $1 for update")
        .bind(given[0].uuid())
        .execute(&mut *holding)
        .await
        .unwrap();
    let token = ClaimToken::new(stage.random());
    let claimed = event::claim(
        &mut *stage.connection().await,
        worker,
        &[(talks[0].lane(), 0)],
        9,
        token,
    )
    .await
    .unwrap();
    assert_eq!(ids(&claimed.events), [given[1], given[3], given[5]]);
    assert_eq!(
        claimed.reached[0].up_to,
        claimed.events[0].arrival - 2,
        "the next claim begins with the one that was locked"
    );
    holding.rollback().await.unwrap();
    let (_, rest) = stage.claim(worker, 9).await;
    assert_eq!(ids(&rest), [given[0], given[2], given[4]]);
}

#[tokio::test]
async fn a_lock_in_the_middle_stops_what_is_behind_it_only() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = stage.record(&in_turn(&stage, &Talk::in_one_lane(1), 4)).await;
    let mut session = stage.session().await;
    let mut holding = session.begin().await.unwrap();
    sqlx::query("select from messaging.inbound_events where id = $1 for update")
        .bind(given[2].uuid())
        .execute(&mut *holding)
        .await
        .unwrap();
    assert_eq!(ids(&stage.claim(worker, 9).await.1), given[..2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claimers_in_the_same_lanes_keep_every_conversation_in_line() {
    let stage = Arc::new(Stage::new().await);
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..12).map(Talk::number).collect();
    let given = stage.record(&in_turn(&stage, &talks, 600)).await;
    let mut claimers = JoinSet::new();
    for _ in 0..4 {
        let stage = Arc::clone(&stage);
        // One worker never claims twice at once; nor does a lease keep two apart when one of them is late.
        claimers.spawn(async move {
            let (mut finished, mut vain) = (0, 0);
            while vain < 40 {
                let (token, events) = stage.claim(worker, 3).await;
                vain = if events.is_empty() { vain + 1 } else { 0 };
                finished += finish_in_order(&stage, token, &events).await;
            }
            finished
        });
    }
    let finished = claimers.join_all().await.into_iter().sum::<usize>();
    let (_, rest) = stage.claim(worker, 600).await;
    assert_eq!((finished, rest.len()), (given.len(), 0));
    assert_eq!(
        stage
            .number("select max(attempt_count)::int8 from messaging.inbound_events")
            .await,
        1
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
