//! The database drops connections, and comes back.

use std::time::Duration;

use tokio::time::sleep;

use crate::letters::letters;
use crate::mailroom::Mailroom;

const DROP_ALL: &str = "select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'mailroom-worker%'";

#[tokio::test]
async fn workers_recover_by_themselves() {
    let mut mailroom = Mailroom::new().await;
    let workers = mailroom.workers(2).await;
    let letters = letters(&mut mailroom.chance, 50, 3_000);
    for part in letters.chunks(300) {
        mailroom.record(part).await;
        mailroom.execute(DROP_ALL).await;
        sleep(Duration::from_millis(150)).await;
    }
    mailroom.until_done(Duration::from_mins(1)).await;
    mailroom.assert_all_processed(3_000).await;
    for worker in &workers {
        worker.wait_ready().await;
        assert!(worker.ended().is_none());
    }
    mailroom.until_shared(2).await;
}

/// As when the server restarts: for a while nobody gets in.
#[tokio::test]
async fn workers_outlive_a_database_that_lets_nobody_in() {
    let mut mailroom = Mailroom::new().await;
    let workers = mailroom.workers(2).await;
    let letters = letters(&mut mailroom.chance, 50, 2_000);
    mailroom.record(&letters[..1_000]).await;
    mailroom.let_in(false).await;
    mailroom.execute(DROP_ALL).await;
    sleep(Duration::from_secs(3)).await;
    for worker in &workers {
        let readyz = format!("{}/readyz", worker.admin_url().await);
        assert_eq!(reqwest::get(readyz).await.unwrap().status(), 503);
        assert!(worker.ended().is_none());
    }
    mailroom.let_in(true).await;
    mailroom.record(&letters[1_000..]).await;
    mailroom.until_done(Duration::from_mins(1)).await;
    mailroom.assert_all_processed(2_000).await;
    for worker in &workers {
        worker.wait_ready().await;
    }
}
