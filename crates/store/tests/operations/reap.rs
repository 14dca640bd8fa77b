//! Reap: which stale claims come back, when, and as what.

use std::sync::Arc;
use std::time::Duration;

use mailroom_domain::{ClaimToken, EventId, Lane, WorkerId};
use mailroom_store::event::{self, Reaped};
use sqlx::Connection;
use tokio::time::timeout;

use crate::history::assert_exactly_once;
use crate::stage::{Stage, ids, lock};
use crate::talk::{Talk, in_turn};

const DELAYS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

async fn reap(stage: &Stage, worker: WorkerId, in_flight: &[ClaimToken]) -> Reaped {
    let lanes: Vec<_> = Lane::all().collect();
    event::reap(&stage.pool, worker, &lanes, in_flight, &DELAYS)
        .await
        .unwrap()
}

fn reaped(retried: u64, buried: u64) -> Reaped {
    Reaped {
        retried,
        buried,
        lanes: Lane::all().collect(),
    }
}

/// Two events, each of its own conversation, claimed by a worker whose lease then ended.
async fn left_behind() -> (Stage, ClaimToken, Vec<EventId>) {
    let stage = Stage::new().await;
    let dead = stage.owner().await;
    let given = stage
        .record(&in_turn(&stage, &[Talk::number(0), Talk::number(1)], 2))
        .await;
    let (token, events) = stage.claim(dead, 9).await;
    assert_eq!(ids(&events), given);
    stage.all_leases_end().await;
    (stage, token, given)
}

#[tokio::test]
async fn the_heir_brings_back_what_a_dead_worker_held() {
    let (stage, token, given) = left_behind().await;
    let heir = stage.owner().await;
    assert_eq!(reap(&stage, heir, &[]).await, reaped(2, 0));
    let lying = stage.lying(given[0]).await;
    assert!(lying.is("error", 1) && lying.token.is_none(), "{lying:?}");
    assert_eq!(lying.error_code.as_deref(), Some("reaped"));
    assert!((30.0..=60.0).contains(&lying.due_in.unwrap()), "{lying:?}");
    assert_eq!(reap(&stage, heir, &[]).await, reaped(0, 0));
    // Whoever comes back from the dead keeps nothing.
    stage.all_fall_due().await;
    let (second, events) = stage.claim_due(heir, 9).await;
    assert!(stage.finish(token, &events).await.is_empty());
    assert_eq!(stage.number("select count(*) from messaging.messages").await, 0);
    assert_eq!(
        stage.finish(second, &events).await.len(),
        1,
        "suspects come alone"
    );
    assert_exactly_once(&stage).await;
}

#[tokio::test]
async fn each_attempt_has_its_delay_and_the_last_one_ends_in_the_dead_letter() {
    let (stage, _, given) = left_behind().await;
    let heir = stage.owner().await;
    stage
        .execute(&format!(
            "update messaging.inbound_events set attempt_count = 1 where id = '{}'",
            given[0]
        ))
        .await;
    stage
        .execute(&format!(
            "update messaging.inbound_events set attempt_count = 2 where id = '{}'",
            given[1]
        ))
        .await;
    assert_eq!(reap(&stage, heir, &[]).await, reaped(1, 1));
    let second = stage.lying(given[0]).await;
    assert!(
        second.is("error", 2) && (90.0..=120.0).contains(&second.due_in.unwrap()),
        "{second:?}"
    );
    let third = stage.lying(given[1]).await;
    assert!(
        third.is("dead_letter", 3) && third.error_code.as_deref() == Some("reaped"),
        "{third:?}"
    );
}

#[tokio::test]
async fn a_killer_runs_out_of_attempts() {
    let stage = Stage::new().await;
    let id = stage.record(&[Talk::number(0).says(&stage, "killer")]).await[0];
    let first = stage.owner().await;
    assert_eq!(stage.claim(first, 1).await.1.len(), 1);
    for _ in 0..DELAYS.len() {
        stage.all_leases_end().await;
        let next = stage.owner().await;
        assert_eq!(reap(&stage, next, &[]).await, reaped(1, 0));
        stage.all_fall_due().await;
        assert_eq!(stage.claim_due(next, 9).await.1.len(), 1);
    }
    stage.all_leases_end().await;
    let last = stage.owner().await;
    assert_eq!(reap(&stage, last, &[]).await, reaped(0, 1));
    assert!(stage.lying(id).await.is("dead_letter", 3));
}

#[tokio::test]
async fn only_lanes_that_are_held_are_reaped() {
    let (stage, _, given) = left_behind().await;
    let nobody = WorkerId::new(stage.random());
    assert_eq!(reap(&stage, nobody, &[]).await, Reaped::default());
    let heir = stage.owner().await;
    let one = [given[0].lane()];
    let some = event::reap(&stage.pool, heir, &one, &[], &DELAYS).await.unwrap();
    assert_eq!((some.retried, some.lanes.as_slice()), (1, one.as_slice()));
    assert!(stage.lying(given[1]).await.is("processing", 1));
    stage.all_leases_end().await;
    assert_eq!(
        reap(&stage, heir, &[]).await,
        Reaped::default(),
        "its own lease has ended"
    );
}

#[tokio::test]
async fn a_workers_own_claims_in_flight_are_spared() {
    let (stage, _, given) = left_behind().await;
    let heir = stage.owner().await;
    let own = Talk::number(7);
    assert!(given.iter().all(|id| id.lane() != own.lane()));
    let own = stage.record(&[own.says(&stage, "own")]).await;
    let token = ClaimToken::new(stage.random());
    let places = [(own[0].lane(), 0)];
    let claim = event::claim(&mut stage.connection().await, heir, &places, 9, token, &[]).await;
    assert_eq!(ids(&claim.unwrap().events), own);
    assert_eq!(reap(&stage, heir, &[token]).await, reaped(2, 0));
    assert!(stage.lying(own[0]).await.is("processing", 1));
    assert!(stage.lying(given[0]).await.is("error", 1));
    assert_eq!(reap(&stage, heir, &[]).await, reaped(1, 0));
}

/// A claim that is being settled is waited for by nobody, and its lanes are nobody else's until it is over.
#[tokio::test]
async fn a_claim_that_somebody_is_settling_is_left_to_him() {
    let stage = Arc::new(Stage::new().await);
    let late = stage.owner().await;
    let given = stage
        .record(&in_turn(&stage, &[Talk::number(0), Talk::number(1)], 2))
        .await;
    let (token, events) = stage.claim(late, 9).await;
    // He has looked what is his, and waits for this in the middle of his statement.
    let mut session = stage.session().await;
    let mut holding = session.begin().await.unwrap();
    lock(&mut holding, given[0]).await;
    let settling = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.finish(token, &events).await }
    });
    stage.until_somebody_waits().await;
    stage.all_leases_end().await;
    let heir = stage.owner().await;
    let meanwhile = timeout(Duration::from_secs(5), reap(&stage, heir, &[])).await;
    let meanwhile = meanwhile.expect("it waits for what is being settled");
    assert_eq!((meanwhile.retried, meanwhile.lanes.len()), (0, 254));
    assert!(given.iter().all(|id| !meanwhile.lanes.contains(&id.lane())));
    holding.rollback().await.unwrap();
    assert_eq!(settling.await.unwrap().len(), 2);
    assert_eq!(reap(&stage, heir, &[]).await, reaped(0, 0));
    assert_exactly_once(&stage).await;
}

/// Of a claim in lanes that two take over each brings back his own part.
#[tokio::test]
async fn two_heirs_share_a_claim() {
    let (stage, token, given) = left_behind().await;
    let (one, other) = (WorkerId::new(stage.random()), WorkerId::new(stage.random()));
    let first_lane = usize::try_from(i16::from(given[0].lane().min(given[1].lane()))).unwrap();
    let ours = stage.take(one, first_lane + 1).await;
    stage.take(other, 256).await;
    assert_eq!(reap(&stage, one, &[]).await.retried, 1);
    let (his, not_his): (Vec<EventId>, Vec<_>) =
        given.iter().copied().partition(|id| ours.contains(&id.lane()));
    assert!(stage.lying(his[0]).await.is("error", 1));
    assert!(stage.lying(not_his[0]).await.is("processing", 1));
    assert_eq!(stage.lying(not_his[0]).await.token, Some(token.uuid()));
    assert_eq!(reap(&stage, other, &[]).await.retried, 1);
    assert!(stage.lying(not_his[0]).await.is("error", 1));
    assert_eq!(stage.number("select count(*) from messaging.claims").await, 0);
}

/// Reapers and late finishers at the same rows, many times: each event ends exactly one way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reaping_and_finishing_at_once_have_one_winner() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..30).map(Talk::number).collect();
    let mut won = (0, 0);
    for round in 0..30 {
        let said: Vec<_> = talks
            .iter()
            .map(|talk| talk.says(&stage, &format!("{round} {}", talk.from)))
            .collect();
        stage.record(&said).await;
        let (token, events) = stage.claim(worker, 9).await;
        assert_eq!(events.len(), 30);
        let (finished, back) = tokio::join!(stage.finish(token, &events), reap(&stage, worker, &[]));
        let finished_now = finished.len();
        // What the reaper skipped because it was being settled must have been settled.
        assert_eq!(
            u64::try_from(finished_now).unwrap() + back.retried,
            30,
            "round {round}"
        );
        won = (won.0 + finished_now, won.1 + back.retried);
        stage
            .execute("update messaging.inbound_events set conversation_key = id::text where status = 'error'")
            .await;
    }
    assert_exactly_once(&stage).await;
    assert!(won.0 > 0, "the finishers never won: {won:?}");
}
