//! Reads from a standby: while it is fresh, never when it is further behind than it may be, and not without another to ask.

use std::time::Duration;

use mailroom_test_support::OwnServer;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::sleep;

use crate::own::{DATABASE, Mailroom, make_database};
use crate::talk::CONVERSATIONS;

/// How far behind the standby may be.
const BOUND: Duration = Duration::from_secs(2);

/// One that reads from a standby.
async fn mailroom(primary: &OwnServer, replica: &OwnServer) -> Mailroom {
    make_database(primary).await;
    let settings = [
        ("MAILROOM__READS__REPLICA_URL", replica.url(DATABASE)),
        ("MAILROOM__READS__MAX_STALENESS_MS", BOUND.as_millis().to_string()),
    ];
    Mailroom::open(&primary.url(DATABASE), &settings).await
}

async fn ask(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn applications_read_from_a_standby_that_is_fresh_and_from_no_other() {
    let Some(primary) = OwnServer::start(&[], |_| Vec::new()) else {
        return;
    };
    let Some(replica) = primary.follow() else {
        return;
    };
    let mailroom = mailroom(&primary, &replica).await;

    mailroom.until_read_from("replica").await;
    let first = mailroom.say(1).await;
    let messages = |id: &str| format!("{CONVERSATIONS}/{id}/messages");
    let (before, (status, page)) = (
        mailroom.read_from("replica").await,
        mailroom.get(&messages(&first)).await,
    );
    assert_eq!(
        (status, &page["items"][0]["body"]),
        (200, &"hello".into()),
        "{page}"
    );
    assert!(
        mailroom.read_from("replica").await > before,
        "the standby was asked"
    );

    // It stands still: what it does not know is asked elsewhere, and soon everything.
    ask(&replica.url(DATABASE), "select pg_wal_replay_pause()").await;
    let second = mailroom.say(2).await;
    assert_eq!(
        mailroom.get(&messages(&second)).await.0,
        200,
        "there is another to ask"
    );
    sleep(BOUND + Duration::from_secs(1)).await;
    let before = mailroom.read_from("replica").await;
    mailroom.say(3).await;
    assert_eq!(
        mailroom.read_from("replica").await,
        before,
        "it is too far behind"
    );

    ask(&replica.url(DATABASE), "select pg_wal_replay_resume()").await;
    mailroom.until_read_from("replica").await;

    // It goes away: nobody notices.
    drop(replica);
    for _ in 0..20 {
        assert_eq!(mailroom.get(&messages(&first)).await.0, 200);
    }
    mailroom.until_read_from("primary").await;
}

#[tokio::test]
async fn a_server_that_is_no_standby_is_not_read_from() {
    let Some(primary) = OwnServer::start(&[], |_| Vec::new()) else {
        return;
    };
    // Whoever was promoted goes its own way.
    let mailroom = mailroom(&primary, &primary).await;
    mailroom.say(1).await;
    assert_eq!(mailroom.read_from("replica").await, 0);
    let log = mailroom.gateway.stderr_lines();
    assert!(log.iter().any(|line| line.contains("no standby")), "{log:?}");
}
