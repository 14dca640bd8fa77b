//! Lanes: shares taken, taken over, given back.

use std::collections::HashSet;

use mailroom_domain::{LANES, WorkerId, fair_share};
use mailroom_store::lane;
use sqlx::Connection;
use tokio::task::JoinSet;

use crate::stage::{LEASE, Stage};

async fn held(stage: &Stage, worker: WorkerId) -> i64 {
    stage
        .number(&format!(
            "select count(*) from messaging.lanes where owner = '{}'",
            worker.uuid()
        ))
        .await
}

#[tokio::test]
async fn one_two_or_three_workers_share_all_lanes() {
    for workers in 1..=3 {
        let stage = Stage::new().await;
        let mut taken = Vec::new();
        for _ in 0..workers {
            let worker = WorkerId::new(stage.random());
            let lanes = stage.take(worker, fair_share(workers)).await;
            assert!(
                lanes.len() <= fair_share(workers) && lanes.len() >= 84,
                "{}",
                lanes.len()
            );
            taken.extend(lanes);
        }
        let distinct: HashSet<_> = taken.iter().collect();
        assert_eq!((taken.len(), distinct.len()), (LANES, LANES), "{workers} workers");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_that_start_together_never_share_a_lane() {
    let stage = Stage::new().await;
    for _ in 0..10 {
        let mut takers = JoinSet::new();
        for _ in 0..6 {
            let (pool, worker) = (stage.pool.clone(), WorkerId::new(stage.random()));
            let token = mailroom_domain::LaneToken::new(stage.random());
            takers.spawn(async move { lane::take(&pool, worker, token, 60, LEASE).await.unwrap().lanes });
        }
        let taken: Vec<_> = takers.join_all().await.into_iter().flatten().collect();
        let distinct: HashSet<_> = taken.iter().collect();
        assert_eq!(distinct.len(), taken.len());
        stage
            .execute("update messaging.lanes set owner = null, token = null, lease_until = null")
            .await;
    }
}

#[tokio::test]
async fn living_leases_are_left_alone_and_ended_ones_are_taken() {
    let stage = Stage::new().await;
    let first = stage.owner().await;
    let second = WorkerId::new(stage.random());
    assert!(stage.take(second, LANES).await.is_empty());
    stage
        .execute("update messaging.lanes set lease_until = now() - interval '1 ms' where lane in (3, 77)")
        .await;
    let taken: Vec<_> = stage
        .take(second, LANES)
        .await
        .iter()
        .map(|lane| lane.index())
        .collect();
    assert_eq!(taken, [3, 77]);
    assert_eq!((held(&stage, first).await, held(&stage, second).await), (254, 2));
}

#[tokio::test]
async fn lanes_that_somebody_is_taking_are_left_to_it() {
    let stage = Stage::new().await;
    let mut session = stage.session().await;
    let mut taking = session.begin().await.unwrap();
    sqlx::query("select from messaging.lanes where lane < 100 for update")
        .execute(&mut *taking)
        .await
        .unwrap();
    let worker = WorkerId::new(stage.random());
    let lanes = stage.take(worker, LANES).await;
    assert_eq!(lanes.len(), 156);
    assert!(lanes.iter().all(|lane| lane.index() >= 100));
}

#[tokio::test]
async fn only_ones_own_lanes_are_given_back() {
    let stage = Stage::new().await;
    let (first, second) = (WorkerId::new(stage.random()), WorkerId::new(stage.random()));
    let of_first = stage.take(first, 100).await;
    let of_second = stage.take(second, 100).await;
    let mut both = of_first[..10].to_vec();
    both.extend(&of_second[..10]);
    lane::give_back(&stage.pool, first, &both).await.unwrap();
    assert_eq!((held(&stage, first).await, held(&stage, second).await), (90, 100));
    let free: HashSet<_> = stage.take(second, LANES).await.into_iter().collect();
    assert!(
        of_first[..10].iter().all(|lane| free.contains(lane)),
        "at once free for others"
    );
}

#[tokio::test]
async fn who_leaves_leaves_nothing() {
    let stage = Stage::new().await;
    let (first, second) = (WorkerId::new(stage.random()), WorkerId::new(stage.random()));
    for worker in [first, second] {
        stage.take(worker, 100).await;
        lane::heartbeat(&stage.pool, worker, LEASE).await.unwrap();
    }
    lane::leave(&stage.pool, first).await.unwrap();
    assert_eq!((held(&stage, first).await, held(&stage, second).await), (0, 100));
    assert_eq!(
        lane::heartbeat(&stage.pool, second, LEASE).await.unwrap().workers,
        1
    );
    assert_eq!(stage.number("select count(*) from messaging.workers").await, 1);
}
