//! Workers come and go.

use std::time::{Duration, Instant};

use crate::letters::letters;
use crate::mailroom::{LEASE, Mailroom};

#[tokio::test]
async fn a_newcomer_gets_its_share_and_gives_it_back() {
    let mut mailroom = Mailroom::new().await;
    let mut workers = mailroom.workers(1).await;
    let letters = letters(&mut mailroom.chance, 50, 3_000);
    for (more, part) in letters.chunks(1_500).enumerate() {
        workers.push(mailroom.worker().start().await);
        mailroom.record(part).await;
        mailroom.until_shared(2 + i64::try_from(more).unwrap()).await;
    }
    let leaving = workers.remove(0);
    leaving.terminate();
    assert!(leaving.wait_exit(Duration::from_secs(8)).await.success());
    mailroom.until_shared(2).await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(3_000).await;
    let spent = "select count(*) from messaging.inbound_events where attempt_count > 1";
    assert_eq!(
        mailroom.number(spent).await,
        0,
        "lanes changed hands with work in them"
    );
}

#[tokio::test]
async fn lanes_of_a_killed_worker_run_elsewhere_within_its_lease_and_three_seconds() {
    let mailroom = Mailroom::new().await;
    let mut workers = mailroom.workers(3).await;
    workers.remove(0).kill();
    let killed = Instant::now();
    mailroom.until_shared(2).await;
    let took = killed.elapsed();
    eprintln!("lanes of a killed worker ran elsewhere after {took:?}, its lease was {LEASE:?}");
    assert!(took < LEASE + Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn lanes_of_one_that_stops_run_elsewhere_within_a_second() {
    let mailroom = Mailroom::new().await;
    let mut workers = mailroom.workers(3).await;
    let leaving = workers.remove(0);
    leaving.terminate();
    assert!(leaving.wait_exit(Duration::from_secs(8)).await.success());
    let left = Instant::now();
    mailroom.until_shared(2).await;
    let took = left.elapsed();
    eprintln!("lanes of a worker that stopped ran elsewhere after {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}
