//! A worker stands still for longer than its lease, and comes back.

use std::time::Duration;

use mailroom_test_support::RunningProgram;
use tokio::time::sleep;

use crate::letters::{letter, letters};
use crate::mailroom::{LEASE, Mailroom, metric};

const ON_THE_WAY: &str =
    "select count(*) from pg_stat_activity where state in ('active', 'idle in transaction')
     and datname = current_database() and application_name like 'mailroom-worker%'";

/// Whether nothing more arrives of a frozen worker. What it sent may lie at a server process that has not begun to read.
async fn stands_still(mailroom: &Mailroom, in_hand: i64) -> bool {
    for _ in 0..10 {
        sleep(Duration::from_millis(20)).await;
        if mailroom.number(ON_THE_WAY).await > 0 || mailroom.in_work().await != in_hand {
            return false;
        }
    }
    true
}

/// Freezes the worker between its claim and its finish: events are in its hands, and no statement of its is on
/// the way.
async fn freeze_with_work_in_hand(mailroom: &Mailroom, worker: &RunningProgram) -> i64 {
    for _ in 0..400 {
        worker.pause();
        // What was on the way arrives.
        while mailroom.number(ON_THE_WAY).await > 0 {
            sleep(Duration::from_millis(2)).await;
        }
        let in_hand = mailroom.in_work().await;
        if in_hand > 0 && stands_still(mailroom, in_hand).await {
            return in_hand;
        }
        worker.resume();
        sleep(Duration::from_millis(3)).await;
    }
    panic!("it was never caught with work in hand");
}

#[tokio::test]
async fn what_another_did_meanwhile_is_not_done_twice() {
    let mut mailroom = Mailroom::new().await;
    let frozen = mailroom.workers(1).await.remove(0);
    let letters = letters(&mut mailroom.chance, 30, 6_000);
    mailroom.record(&letters).await;
    let owner: Vec<(uuid::Uuid,)> = mailroom.rows("select distinct owner from messaging.lanes").await;
    let in_hand = freeze_with_work_in_hand(&mailroom, &frozen).await;
    sleep(LEASE).await;
    let heir = mailroom.worker().start().await;
    // No longer than a worker waits for an answer: the one on the way to it must still count.
    let taken_over = format!(
        "select not exists (select from messaging.in_work where worker = '{}')",
        owner[0].0
    );
    mailroom.until(&taken_over, Duration::from_secs(8)).await;
    // It counts what it reaped when it has heard that it is done, which is a moment after everybody can see it.
    let mut reaped = 0.0;
    for _ in 0..100 {
        reaped = metric(&heir, "mailroom_events_reaped_total").await;
        if reaped > 0.0 {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(reaped > 0.0);
    frozen.resume();
    mailroom.until_shared(2).await;
    let (mut lost, expected) = (0.0, f64::from(i32::try_from(in_hand).unwrap()));
    for _ in 0..100 {
        lost = metric(&frozen, "mailroom_claims_lost_total").await;
        if lost >= expected {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert!((lost - expected).abs() < 0.5, "{lost} claims lost of {in_hand}");
    assert!(metric(&frozen, "mailroom_lanes_lost_total").await > 0.0);
    mailroom.until_done(Duration::from_mins(1)).await;
    mailroom.assert_all_processed(6_000).await;
    // It works again.
    let more: Vec<_> = (0..60)
        .map(|n| letter(&mut mailroom.chance, n, 9_000 + n, "again"))
        .collect();
    mailroom.record(&more).await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(6_060).await;
}
