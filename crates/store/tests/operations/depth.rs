//! Queue depth: how much waits, and for how long.

use std::time::Duration;

use mailroom_domain::{ErrorCode, Failure};
use mailroom_store::event;
use mailroom_store::queue::{self, Depth};

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

#[tokio::test]
async fn an_empty_queue_has_no_depth() {
    assert_eq!(
        queue::depth(&Stage::new().await.pool, 100).await.unwrap(),
        Depth::default()
    );
}

#[tokio::test]
async fn each_state_is_counted_and_the_longest_wait_is_told() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..10).map(Talk::number).collect();
    stage.record(&in_turn(&stage, &talks, 10)).await;
    let (token, events) = stage.claim(worker, 9).await;
    stage.finish(token, &events[..1]).await;
    let failure = Failure {
        code: ErrorCode::Unavailable,
        cause: "the test says so".to_owned(),
    };
    let later: Vec<_> = events[2..5]
        .iter()
        .map(|event| (event.id, Duration::from_hours(1), failure.clone()))
        .collect();
    let never: Vec<_> = events[5..8]
        .iter()
        .map(|event| (event.id, failure.clone()))
        .collect();
    let mut connection = stage.connection().await;
    event::retry(&mut connection, token, &later).await.unwrap();
    event::bury(&mut connection, token, &never).await.unwrap();
    let depth = queue::depth(&stage.pool, 100).await.unwrap();
    assert_eq!(
        (depth.received, depth.processing, depth.error, depth.dead_letter),
        (0, 3, 3, 3)
    );
    stage.execute("update messaging.inbound_events set next_attempt_at = now() - interval '1 minute' where status = 'error'").await;
    assert_eq!(
        queue::depth(&stage.pool, 100).await.unwrap().oldest_due.as_secs(),
        60
    );
    stage.record(&[talks[0].says(&stage, "waiting")]).await;
    stage.execute("update messaging.inbound_events set created_at = now() - interval '1 hour' where status = 'received'").await;
    let depth = queue::depth(&stage.pool, 100).await.unwrap();
    assert_eq!((depth.received, depth.oldest_due.as_secs()), (1, 3600));
}

#[tokio::test]
async fn the_longest_wait_is_told_where_more_wait_than_are_counted() {
    let stage = Stage::new().await;
    let talks: Vec<_> = (0..10).map(Talk::number).collect();
    stage.record(&in_turn(&stage, &talks, 10)).await;
    // The first of all stands in the lane that is looked at last.
    stage.execute("update messaging.inbound_events set arrival = 0, created_at = now() - interval '1 hour' where id = (select id from messaging.inbound_events order by lane desc limit 1)").await;
    for (counted_at_most, told) in [(1, 1), (10, 10), (11, 10)] {
        let depth = queue::depth(&stage.pool, counted_at_most).await.unwrap();
        assert_eq!(
            (depth.received, depth.oldest_due.as_secs()),
            (told, 3600),
            "{counted_at_most}"
        );
    }
}
