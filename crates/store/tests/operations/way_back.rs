//! The migration to every provider, on a database with rows, and the way back from it.

use std::time::Duration;

use mailroom_store::migration::{self, MigrationError, Options, Set, Target};
use mailroom_test_support::TestDatabase;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The last version without it.
const BEFORE: i64 = 20_261_121_000_001;
const OPTIONS: Options = Options {
    lock_timeout: Duration::from_secs(30),
    table_lock_timeout: Duration::from_secs(10),
    to: None,
};

struct Migrating {
    database: TestDatabase,
    target: Target,
    messaging: &'static Set,
}

impl Migrating {
    async fn new() -> Self {
        let database = TestDatabase::create_empty().await;
        Self {
            target: Target::parse(database.url(), "test").unwrap(),
            messaging: migration::set("messaging").unwrap(),
            database,
        }
    }

    async fn up(&self) {
        migration::up(&self.target, &[self.messaging], &OPTIONS, &mut |_| {})
            .await
            .unwrap();
    }

    async fn back(&self) -> Result<usize, MigrationError> {
        migration::down(&self.target, self.messaging, BEFORE, &OPTIONS, &mut |_| {})
            .await
            .map(|undone| undone.len())
    }

    async fn execute(&self, sql: &str) {
        let mut session = PgConnection::connect(self.database.url()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut session)
            .await
            .unwrap();
    }

    async fn record(&self, channel: &str, kind: &str) {
        self.execute(&format!(
            "insert into messaging.inbound_events (lane, id, arrival, channel, provider, endpoint, kind, sender, recipient,
                conversation_key, provider_message_id, payload, body_hash)
             values (7, overlay(gen_random_uuid()::text placing '07' from 1)::uuid, 1, '{channel}', 'direct', 'direct',
                '{kind}', '', '', '{channel}:{kind}', '{kind}', '{{}}', sha256('{kind}'))"
        ))
        .await;
    }

    async fn events(&self) -> i64 {
        let mut session = PgConnection::connect(self.database.url()).await.unwrap();
        sqlx::query_scalar("select count(*) from messaging.inbound_events")
            .fetch_one(&mut session)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn rows_from_before_outlive_the_way_there_and_back() {
    let migrating = Migrating::new().await;
    migrating.up().await;
    assert!(migrating.back().await.unwrap() >= 2);
    migrating.record("sms", "message").await;
    migrating.up().await;
    migrating.record("sms", "status").await;
    migrating.back().await.unwrap();
    migrating.up().await;
    assert_eq!(migrating.events().await, 2);
}

#[tokio::test]
async fn what_there_was_no_word_for_before_is_not_lost_on_the_way_back() {
    for (channel, kind) in [("slack", "message"), ("sms", "quarantined")] {
        let migrating = Migrating::new().await;
        migrating.up().await;
        migrating.record(channel, kind).await;
        let refusal = migrating.back().await.unwrap_err();
        assert!(matches!(refusal, MigrationError::Failed { .. }), "{refusal:?}");
        assert_eq!(migrating.events().await, 1);
        migrating
            .execute("select from messaging.files, messaging.message_status_history")
            .await;
        // What was undone before it stays undone, and can be done again.
        migrating.up().await;
        migrating.execute("delete from messaging.inbound_events").await;
        migrating.back().await.unwrap();
    }
}
