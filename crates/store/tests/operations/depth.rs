//! Queue depth: how much waits, and for how long.

use std::time::Duration;

use mailroom_store::queue::{self, Depth};

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

#[tokio::test]
async fn an_empty_queue_has_no_depth() {
    assert_eq!(
        queue::depth(&Stage::new().await.pool).await.unwrap(),
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
    stage
        .execute(
            "with numbered as (select lane, id, row_number() over (order by arrival) as n from messaging.inbound_events)
             update messaging.inbound_events e
             set status = case when n <= 5 then 'error' else 'dead_letter' end, error_code = 'unavailable',
                 next_attempt_at = case when n <= 5 then now() + interval '1 hour' end,
                 claim_token = null, processor_id = null, claimed_at = null, created_at = now() - interval '2 days'
             from numbered d where d.id = e.id and n between 3 and 8",
        )
        .await;
    let depth = queue::depth(&stage.pool).await.unwrap();
    assert_eq!(
        (depth.received, depth.processing, depth.error, depth.dead_letter),
        (0, 3, 3, 3)
    );
    assert_eq!(depth.oldest_due, Duration::ZERO, "nothing is due");
    stage.execute("update messaging.inbound_events set next_attempt_at = now() - interval '1 minute' where status = 'error'").await;
    assert_eq!(queue::depth(&stage.pool).await.unwrap().oldest_due.as_secs(), 60);
    stage.record(&[talks[0].says(&stage, "waiting")]).await;
    stage.execute("update messaging.inbound_events set created_at = now() - interval '1 hour' where status = 'received'").await;
    let depth = queue::depth(&stage.pool).await.unwrap();
    assert_eq!((depth.received, depth.oldest_due.as_secs()), (1, 3600));
}
