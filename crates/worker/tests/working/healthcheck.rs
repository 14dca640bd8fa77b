//! `healthcheck`: what a container's health check hears of a worker, with no database asked.

use std::time::Duration;

use mailroom_test_support::{RunningProgram, TestDatabase, TestProgram};
use tokio::time::sleep;

use crate::mailroom::Mailroom;
use crate::tool::Called;

async fn healthcheck(worker: &RunningProgram) -> Called {
    let listen = worker.admin_url().await.replace("http://", "");
    // Whoever connected to this one would not come back within the time.
    let nowhere = "postgres://nobody@192.0.2.1/none";
    let program = TestProgram::worker(nowhere).env("MAILROOM__ADMIN__LISTEN", listen);
    Called::of(program.arg("healthcheck").output().await)
}

#[tokio::test]
async fn it_says_what_readyz_says() {
    let mailroom = Mailroom::at(TestDatabase::create_empty().await);
    let worker = mailroom.worker().spawn().before_its_rights();
    let mut called = healthcheck(&worker).await;
    for _ in 0..100 {
        if called.complained.contains("migrations are pending") {
            break;
        }
        sleep(Duration::from_millis(50)).await;
        called = healthcheck(&worker).await;
    }
    assert_eq!(called.code, Some(1), "{called:?}");
    assert_eq!(
        called.complained,
        "mailroom-worker: not ready: schema: migrations are pending or damaged; run `db-migrate status`\n"
    );
    TestProgram::migrate(mailroom.url()).await;
    worker.wait_ready().await;
    let called = healthcheck(&worker).await;
    assert_eq!((called.code, called.complained.as_str()), (Some(0), ""));
    worker.pause();
    let called = healthcheck(&worker).await;
    worker.resume();
    assert_eq!(called.code, Some(1), "{called:?}");
    assert!(
        called.complained.contains("does not answer within 2 s"),
        "{called:?}"
    );
}
