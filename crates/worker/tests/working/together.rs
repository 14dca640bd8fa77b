//! Three workers share the work: all of it, once, in order.

use std::time::Duration;

use crate::letters::letters;
use crate::mailroom::{Mailroom, metric};

#[tokio::test]
async fn three_workers_turn_every_event_into_one_message_in_order() {
    let mut mailroom = Mailroom::new().await;
    let workers = mailroom.workers(3).await;
    let letters = letters(&mut mailroom.chance, 50, 2_000);
    mailroom.record(&letters).await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(2_000).await;
    assert_eq!(
        mailroom
            .number("select count(*) from messaging.conversations")
            .await,
        50
    );
    let first_attempt = "select count(*) from messaging.inbound_events where attempt_count = 1";
    assert_eq!(mailroom.number(first_attempt).await, 2_000);
    let mut processed = 0.0;
    for worker in &workers {
        let own = metric(worker, "mailroom_events_processed_total").await;
        assert!(own > 0.0, "a worker stood by");
        processed += own;
    }
    assert!((processed - 2_000.0).abs() < 0.5, "{processed}");
}

#[tokio::test]
async fn what_waited_before_anybody_worked_is_worked_on() {
    let mut mailroom = Mailroom::new().await;
    let letters = letters(&mut mailroom.chance, 7, 700);
    mailroom.record(&letters).await;
    let _worker = mailroom.worker().start().await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(700).await;
}
