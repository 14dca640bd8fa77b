//! A URL that names several servers: mailroom works with the one that writes, and finds it again when it is another.

use std::time::{Duration, Instant};

use mailroom_store::server::standby;
use mailroom_test_support::{OwnServer, TestProgram};
use sqlx::{Connection, PgConnection};
use tokio::time::sleep;

use crate::own::{DATABASE, Mailroom, SOON, make_database};

/// The number that a server answers with.
async fn number(server: &OwnServer, sql: &'static str) -> i64 {
    let mut connection = PgConnection::connect(&server.url(DATABASE)).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

async fn until_it_has_everything(standby: &OwnServer, primary: &OwnServer) {
    let written = "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8";
    let replayed = "select pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::int8";
    let (there, until) = (number(primary, written).await, Instant::now() + SOON);
    while number(standby, replayed).await < there {
        assert!(Instant::now() < until, "the standby does not follow");
        sleep(Duration::from_millis(20)).await;
    }
}

/// `db-migrate` finds the one that has the schema.
async fn assert_migrated(url: &str) {
    let checked = TestProgram::db_migrate(url)
        .arg("status")
        .arg("--check")
        .output()
        .await;
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn work_goes_on_with_the_server_that_took_over() {
    let Some(primary) = OwnServer::start(&[], |_| Vec::new()) else {
        return;
    };
    make_database(&primary).await;
    let Some(other) = primary.follow() else {
        return;
    };
    // The one that cannot write comes first.
    let hosts = format!("localhost:{},localhost:{}", other.port(), primary.port());
    let url = (primary.url(DATABASE)).replace(&format!("localhost:{}", primary.port()), &hosts);
    let url = format!("{url}?target_session_attrs=read-write");

    assert_migrated(&url).await;
    let mailroom = Mailroom::open(&url, &[]).await;
    mailroom.say(1).await;

    until_it_has_everything(&other, &primary).await;
    drop(primary);
    standby::promote(&other.url("postgres")).await.unwrap();
    let until = Instant::now() + SOON;
    // As providers do: the same again until it is taken.
    while mailroom.send(2).await != 202 {
        assert!(Instant::now() < until, "the one that took over is not found");
        sleep(Duration::from_millis(100)).await;
    }
    mailroom.until_heard(2).await;
    mailroom.until_heard(1).await;
    assert_eq!(number(&other, "select count(*) from messaging.messages").await, 2);
    assert_migrated(&url).await;
}
