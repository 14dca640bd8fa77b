//! A worker is killed in the middle of its work.

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use crate::letters::letters;
use crate::mailroom::{LEASE, Mailroom, metric};

#[tokio::test]
async fn the_others_bring_its_work_to_an_end() {
    let mut mailroom = Mailroom::new().await;
    let mut workers = mailroom.workers(3).await;
    for round in 0..3 {
        let mut letters = letters(&mut mailroom.chance, 50, 2_000);
        for letter in &mut letters {
            letter.provider_message_id = format!("{} {round}", letter.provider_message_id);
        }
        let (half, rest) = letters.split_at(1_000);
        mailroom.record(half).await;
        workers.remove(0).kill();
        mailroom.record(rest).await;
        // The lease, one second until the heirs look, and the suspects in groups.
        mailroom.until_done(LEASE + Duration::from_secs(10)).await;
        mailroom.assert_all_processed(2_000 * (round + 1)).await;
        workers.push(mailroom.worker().start().await);
    }
}

#[tokio::test]
async fn what_it_had_in_hand_is_reaped_and_processed_once() {
    let mut mailroom = Mailroom::new().await;
    let dying = mailroom.workers(1).await.remove(0);
    // Finishing waits for this lock, so that the kill surely finds work in hand.
    let mut session = PgConnection::connect(mailroom.url()).await.unwrap();
    sqlx::raw_sql("begin; lock table messaging.conversations in exclusive mode")
        .execute(&mut session)
        .await
        .unwrap();
    let letters = letters(&mut mailroom.chance, 20, 200);
    mailroom.record(&letters).await;
    let in_hand = "select count(*) > 0 from messaging.in_work";
    mailroom.until(in_hand, Duration::from_secs(5)).await;
    dying.kill();
    dying.wait_exit(Duration::from_secs(5)).await;
    // The last statement of the dead must not come through after all.
    mailroom
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and application_name like 'mailroom-worker%'",
        )
        .await;
    sqlx::raw_sql("rollback").execute(&mut session).await.unwrap();
    let in_hand = mailroom.in_work().await;
    assert!(in_hand > 0);
    let heir = mailroom.worker().start().await;
    mailroom.until_done(LEASE + Duration::from_secs(10)).await;
    mailroom.assert_all_processed(200).await;
    let second = "select count(*) from messaging.inbound_events where attempt_count = 2";
    assert_eq!(mailroom.number(second).await, in_hand);
    let reaped = metric(&heir, "mailroom_events_reaped_total").await;
    assert!(
        (reaped - f64::from(i32::try_from(in_hand).unwrap())).abs() < 0.5,
        "{reaped} of {in_hand}"
    );
}

#[tokio::test]
async fn what_a_crash_of_the_server_takes_back_keeps_its_place() {
    let mut mailroom = Mailroom::new().await;
    let _worker = mailroom.workers(1).await;
    let finished = "select count(*) from messaging.inbound_events where status = 'processed'";
    for round in 0..3 {
        let mut letters = letters(&mut mailroom.chance, 1, 2);
        for letter in &mut letters {
            letter.provider_message_id = format!("{} {round}", letter.provider_message_id);
        }
        // Finishing waits for this lock, and the claim is not written to disk before: a crash takes it back.
        let mut session = PgConnection::connect(mailroom.url()).await.unwrap();
        sqlx::raw_sql("begin; lock table messaging.conversations in exclusive mode")
            .execute(&mut session)
            .await
            .unwrap();
        mailroom.record(&letters[..1]).await;
        let claimed = "select count(*) = 1 from messaging.in_work";
        mailroom.until(claimed, Duration::from_secs(5)).await;
        mailroom
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock';
                 delete from messaging.claims",
            )
            .await;
        mailroom.record(&letters[1..]).await;
        sqlx::raw_sql("rollback").execute(&mut session).await.unwrap();
        drop(session);
        mailroom.until_done(Duration::from_secs(10)).await;
        assert_eq!(mailroom.number(finished).await, 2 * (round + 1));
        // By when each became visible, not by its place.
        let passed = "select count(*) from (
                 select processed_at < lag(processed_at) over (partition by conversation_key order by arrival) as passed
                 from messaging.inbound_events) e
             where passed";
        assert_eq!(mailroom.number(passed).await, 0, "round {round}");
    }
}
