//! No wake-ups: polling finds everything.

use std::time::Duration;

use tokio::time::sleep;

use crate::letters::letters;
use crate::mailroom::Mailroom;

#[tokio::test]
async fn without_a_direct_connection_everything_is_found_by_polling() {
    let mut mailroom = Mailroom::new().await;
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    let _worker = mailroom
        .worker()
        .env("MAILROOM_DIRECT_DATABASE_URL", nowhere)
        .start()
        .await;
    mailroom.until_shared(1).await;
    let letters = letters(&mut mailroom.chance, 50, 500);
    for part in letters.chunks(100) {
        mailroom.record(part).await;
        let took = mailroom.until_done(Duration::from_secs(10)).await;
        assert!(took < Duration::from_secs(3), "{took:?}");
    }
    mailroom.assert_all_processed(500).await;
}

#[tokio::test]
async fn a_listener_that_is_cut_off_again_and_again_costs_no_event() {
    let mut mailroom = Mailroom::new().await;
    let _worker = mailroom.worker().start().await;
    mailroom.until_shared(1).await;
    let letters = letters(&mut mailroom.chance, 50, 1_000);
    for part in letters.chunks(100) {
        mailroom
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and application_name = 'mailroom-worker wake-ups'",
            )
            .await;
        mailroom.record(part).await;
        sleep(Duration::from_millis(100)).await;
    }
    mailroom.until_done(Duration::from_secs(10)).await;
    mailroom.assert_all_processed(1_000).await;
}
