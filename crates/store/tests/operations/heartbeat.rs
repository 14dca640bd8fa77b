//! Heartbeat: what is renewed, what is lost, who lives.

use std::time::Duration;

use mailroom_domain::{LANES, WorkerId};
use mailroom_store::lane::{self, Pulse};
use tokio::task::JoinSet;

use crate::stage::{LEASE, Stage};

async fn beat(stage: &Stage, worker: WorkerId) -> Pulse {
    lane::heartbeat(&stage.pool, worker, LEASE).await.unwrap()
}

#[tokio::test]
async fn it_renews_every_lane_and_nothing_else() {
    let stage = Stage::new().await;
    let (first, second) = (WorkerId::new(stage.random()), WorkerId::new(stage.random()));
    let of_first = stage.take(first, 60).await;
    stage.take(second, 60).await;
    stage
        .execute(
            "update messaging.lanes set lease_until = now() + interval '1 second' where owner is not null",
        )
        .await;
    let mut renewed: Vec<_> = beat(&stage, first)
        .await
        .held
        .into_iter()
        .map(|(lane, _)| lane)
        .collect();
    renewed.sort_unstable();
    assert_eq!(renewed, of_first);
    let long = "select count(*) from messaging.lanes where lease_until > now() + interval '5 minutes'";
    assert_eq!(stage.number(long).await, 60);
}

#[tokio::test]
async fn a_lane_that_another_took_is_not_brought_back() {
    let stage = Stage::new().await;
    let late = stage.owner().await;
    beat(&stage, late).await;
    stage
        .execute("update messaging.lanes set lease_until = now() - interval '1 ms' where lane < 6")
        .await;
    let heir = WorkerId::new(stage.random());
    stage.take(heir, 4).await;
    let pulse = beat(&stage, late).await;
    assert_eq!(pulse.held.len(), LANES - 4);
    assert!(pulse.held.iter().all(|(lane, _)| lane.index() >= 4));
    assert_eq!(beat(&stage, heir).await.held.len(), 4, "the heir keeps them");
}

#[tokio::test]
async fn it_tells_the_tenure_of_each_lane() {
    let stage = Stage::new().await;
    let worker = WorkerId::new(stage.random());
    stage.take(worker, 2).await;
    let first = beat(&stage, worker).await.held[0].1;
    stage.take(worker, 1).await;
    let held = beat(&stage, worker).await.held;
    assert_eq!(held.iter().filter(|(_, token)| *token == first).count(), 2);
    assert_eq!(held.iter().filter(|(_, token)| *token != first).count(), 1);
}

#[tokio::test]
async fn it_counts_the_living() {
    let stage = Stage::new().await;
    let workers: Vec<_> = (0..3).map(|_| WorkerId::new(stage.random())).collect();
    for (before, worker) in workers.iter().enumerate() {
        assert_eq!(beat(&stage, *worker).await.workers, before + 1);
        assert!(beat(&stage, *worker).await.held.is_empty());
    }
    stage
        .execute(&format!(
            "update messaging.workers set lease_until = now() - interval '1 ms' where id = '{}'",
            workers[2].uuid()
        ))
        .await;
    assert_eq!(beat(&stage, workers[0]).await.workers, 2);
    assert_eq!(beat(&stage, workers[2]).await.workers, 3, "it is back");
    stage
        .execute(&format!(
            "update messaging.workers set lease_until = now() - interval '2 minutes' where id = '{}'",
            workers[1].uuid()
        ))
        .await;
    beat(&stage, workers[0]).await;
    assert_eq!(
        stage.number("select count(*) from messaging.workers").await,
        2,
        "the long dead are forgotten"
    );
}

#[tokio::test]
async fn a_lease_ends_by_itself() {
    let stage = Stage::new().await;
    let (first, second) = (WorkerId::new(stage.random()), WorkerId::new(stage.random()));
    lane::heartbeat(&stage.pool, first, Duration::from_millis(50))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(beat(&stage, second).await.workers, 1);
}

/// All workers were away for minutes (the database was), and return in the same instant.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_herd_that_returns_does_not_deadlock() {
    let stage = Stage::new().await;
    let workers: Vec<_> = (0..6).map(|_| WorkerId::new(stage.random())).collect();
    for round in 0..40 {
        for worker in &workers {
            beat(&stage, *worker).await;
        }
        stage
            .execute("update messaging.workers set lease_until = now() - interval '2 minutes'")
            .await;
        let mut herd = JoinSet::new();
        for worker in workers.clone() {
            let pool = stage.pool.clone();
            herd.spawn(async move { lane::heartbeat(&pool, worker, LEASE).await });
        }
        for pulse in herd.join_all().await {
            assert!(pulse.is_ok(), "round {round}: {pulse:?}");
        }
        assert_eq!(
            beat(&stage, workers[0]).await.workers,
            6,
            "none was forgotten, round {round}"
        );
    }
}
