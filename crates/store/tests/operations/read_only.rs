//! Connections that cannot write are not kept, as after a failover that left the old name where it was.

use std::time::Duration;

use mailroom_store::{Plans, Pool, PoolSettings, StoreError, Way, reconnect};
use mailroom_test_support::TestDatabase;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

fn pool(database: &TestDatabase) -> Pool {
    mailroom_store::pool(PoolSettings {
        url: database.url(),
        application_name: "test",
        max_connections: 3,
        min_connections: 0,
        acquire_timeout: Duration::from_secs(2),
        plans: Plans::Fresh,
        way: Way::Direct,
        durable: true,
        writes: true,
    })
    .unwrap()
}

async fn set(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn those_that_became_read_only_are_made_anew() {
    let database = TestDatabase::create().await;
    let pool = pool(&database);
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut connection = pool.acquire().await.unwrap();
        sqlx::raw_sql("set default_transaction_read_only = on")
            .execute(&mut connection)
            .await
            .unwrap();
        held.push(connection);
    }
    drop(held);
    let refused = reconnect::ping(&pool).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unwell { code } if code == "25006"),
        "{refused}"
    );
    for _ in 0..3 {
        reconnect::ping(&pool).await.unwrap();
    }
}

#[tokio::test]
async fn none_is_kept_to_a_server_that_cannot_write() {
    let database = TestDatabase::create().await;
    // No pool's, which would not keep it.
    let mut operator = PgConnection::connect(database.url()).await.unwrap();
    let read_only = format!(
        "alter database {} set default_transaction_read_only",
        database.name()
    );
    set(&mut operator, &format!("{read_only} = on")).await;
    let gateway = pool(&database);
    assert!(reconnect::ping(&gateway).await.unwrap_err().is_transient());
    // The operator's connection still may write.
    set(&mut operator, &format!("{read_only} = off")).await;
    reconnect::ping(&gateway).await.unwrap();
}
