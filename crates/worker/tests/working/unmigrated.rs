//! A worker that is there before its schema is.

use std::time::Duration;

use mailroom_test_support::{TestDatabase, TestProgram};
use tokio::time::sleep;

use crate::letters::letters;
use crate::mailroom::{Mailroom, metrics};

#[tokio::test]
async fn it_is_not_ready_until_db_migrate_has_run() {
    let mut mailroom = Mailroom::at(TestDatabase::create_empty().await);
    let worker = mailroom.worker().spawn().before_its_rights();
    let readyz = format!("{}/readyz", worker.admin_url().await);
    let mut why = String::new();
    for _ in 0..100 {
        let answer = reqwest::get(&readyz).await.unwrap();
        assert_eq!(answer.status(), 503);
        why = answer.text().await.unwrap();
        if why.contains("migrations are pending") {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert!(why.contains("db-migrate"), "{why}");
    assert!(
        metrics(&worker)
            .await
            .contains("mailroom_events_processed_total 0")
    );
    TestProgram::migrate(mailroom.url()).await;
    worker.wait_ready().await;
    let letters = letters(&mut mailroom.chance, 5, 50);
    mailroom.record(&letters).await;
    mailroom.until_done(Duration::from_secs(10)).await;
    mailroom.assert_all_processed(50).await;
}
