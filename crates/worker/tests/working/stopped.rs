//! A worker is told to stop in the middle of its work.

use std::time::{Duration, Instant};

use crate::letters::letters;
use crate::mailroom::Mailroom;

#[tokio::test]
async fn it_settles_what_it_holds_and_leaves_its_lanes_free() {
    let mut mailroom = Mailroom::new().await;
    // Small batches, so that the signal finds it in the middle.
    let stopping = mailroom.worker().env("MAILROOM__WORK__BATCH", "4").start().await;
    mailroom.until_shared(1).await;
    let letters = letters(&mut mailroom.chance, 50, 3_000);
    mailroom.record(&letters[..2_500]).await;
    let since = Instant::now();
    stopping.terminate();
    let status = stopping.wait_exit(Duration::from_secs(8)).await;
    assert!(
        status.success(),
        "{status}\n{}",
        stopping.stderr_lines().join("\n")
    );
    assert!(
        since.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        since.elapsed()
    );
    let held = "select count(*) from messaging.lanes where owner is not null";
    assert_eq!(mailroom.number(held).await, 0, "lanes are not free");
    assert_eq!(mailroom.number("select count(*) from messaging.workers").await, 0);
    assert_eq!(mailroom.in_work().await, 0);
    assert_eq!(mailroom.events("error,dead_letter").await, 0);
    assert!(
        mailroom.events("received").await > 0 && mailroom.events("processed").await > 0,
        "not in the middle"
    );
    mailroom.record(&letters[2_500..]).await;
    let _next = mailroom.worker().start().await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(3_000).await;
    let spent = "select count(*) from messaging.inbound_events where attempt_count > 1";
    assert_eq!(mailroom.number(spent).await, 0, "stopping spent attempts");
}

#[tokio::test]
async fn one_that_waits_for_its_database_stops_too() {
    let mailroom = Mailroom::new().await;
    let waiting = mailroom
        .worker()
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .spawn();
    waiting.admin_url().await;
    waiting.terminate();
    assert!(waiting.wait_exit(Duration::from_secs(8)).await.success());
}
