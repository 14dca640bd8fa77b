//! A database for one test, workers at it, and what must be true in the end.

use std::time::{Duration, Instant};

use mailroom_domain::NewEvent;
use mailroom_store::event::{self, Recorded};
use mailroom_store::{Plans, Pool, PoolSettings, wake};
use mailroom_test_support::{RunningProgram, TestDatabase, TestProgram, server_url};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection};
use tokio::time::sleep;

/// How long a killed worker's lanes stay its own.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// A database with what a test does to it.
pub(crate) struct Mailroom {
    pub(crate) pool: Pool,
    pub(crate) chance: StdRng,
    database: TestDatabase,
}

impl Mailroom {
    pub(crate) async fn new() -> Self {
        Self::at(TestDatabase::create().await)
    }

    pub(crate) fn at(database: TestDatabase) -> Self {
        let (url, way) = database.way();
        let pool = mailroom_store::pool(PoolSettings {
            url: &url,
            application_name: "test",
            max_connections: 4,
            min_connections: 0,
            acquire_timeout: Duration::from_secs(30),
            plans: Plans::Fresh,
            way,
            durable: false,
            writes: true,
        });
        Self {
            pool: pool.unwrap(),
            chance: StdRng::seed_from_u64(7),
            database,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    /// A worker with a short lease.
    pub(crate) fn worker(&self) -> TestProgram {
        TestProgram::worker(self.url())
            .env("MAILROOM__WORK__LEASE_MS", LEASE.as_millis().to_string())
            .env("MAILROOM__RETRY__BASE_MS", "50")
    }

    /// Workers that are ready and hold all lanes between them.
    pub(crate) async fn workers(&self, count: i64) -> Vec<RunningProgram> {
        let running: Vec<_> = (0..count).map(|_| self.worker().spawn()).collect();
        for worker in &running {
            worker.wait_ready().await;
        }
        self.until_shared(count).await;
        running
    }

    /// Waits until this many workers hold a fair share each, and all lanes together.
    pub(crate) async fn until_shared(&self, workers: i64) {
        let shares = "select count(*) from (select owner from messaging.lanes
             where lease_until > now() group by owner having count(*) <= (255 + {n}) / {n}) s
             having (select count(*) from messaging.lanes where lease_until > now()) = 256"
            .replace("{n}", &workers.to_string());
        self.until(
            &format!("select coalesce(({shares}), 0) = {workers}"),
            Duration::from_secs(20),
        )
        .await;
    }

    /// Records events in sets, as a gateway does, and tells the workers.
    pub(crate) async fn record(&self, events: &[NewEvent]) {
        for set in events.chunks(100) {
            for (event, recorded) in set.iter().zip(
                event::record(&mut self.pool.acquire().await.unwrap(), set)
                    .await
                    .unwrap(),
            ) {
                assert_eq!(recorded.unwrap(), Recorded::Recorded(event.id));
            }
            let lanes: Vec<_> = set.iter().map(|event| event.id.lane()).collect();
            wake::notify(&self.pool, &lanes).await.unwrap();
        }
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.pool)
            .await;
        done.unwrap();
    }

    /// Whether the database takes new connections; those that stand are not touched.
    pub(crate) async fn let_in(&self, anybody: bool) {
        // No database can be told so from within.
        let mut session = PgConnection::connect(&server_url()).await.unwrap();
        let sql = format!(
            "alter database \"{}\" with allow_connections {anybody}",
            self.database.name()
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut session)
            .await
            .unwrap();
    }

    pub(crate) async fn rows<T>(&self, sql: &str) -> Vec<T>
    where
        T: for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        let rows = sqlx::query_as(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&self.pool)
            .await;
        rows.unwrap()
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows::<(i64,)>(sql).await[0].0
    }

    /// How many events are in these states.
    /// How many events are in somebody's hands.
    pub(crate) async fn in_work(&self) -> i64 {
        self.number("select count(*) from messaging.in_work").await
    }

    pub(crate) async fn events(&self, statuses: &str) -> i64 {
        self.number(&format!(
            "select count(*) from messaging.inbound_events where status = any('{{{statuses}}}')"
        ))
        .await
    }

    /// Waits until a question is answered with true, and gives back how long that took.
    pub(crate) async fn until(&self, question: &str, within: Duration) -> Duration {
        let since = Instant::now();
        while !self.rows::<(bool,)>(question).await[0].0 {
            assert!(
                since.elapsed() < within,
                "not within {within:?}: {question}\n{}",
                self.standing().await
            );
            sleep(Duration::from_millis(10)).await;
        }
        since.elapsed()
    }

    /// Waits until every event is a message or a dead letter.
    pub(crate) async fn until_done(&self, within: Duration) -> Duration {
        let done = "select not exists (select from messaging.inbound_events
             where status in ('received', 'processing', 'error'))";
        self.until(done, within).await
    }

    async fn standing(&self) -> String {
        let states: Vec<(String, Option<String>, i64)> = self
            .rows("select status, error_code, count(*) from messaging.inbound_events group by 1, 2")
            .await;
        format!("{states:?}")
    }

    /// Every event is one message, in order of arrival within its conversation, and counted once.
    pub(crate) async fn assert_all_processed(&self, events: usize) {
        assert_eq!(
            usize::try_from(self.events("processed").await).unwrap(),
            events,
            "{}",
            self.standing().await
        );
        self.assert_consistent().await;
    }

    pub(crate) async fn assert_consistent(&self) {
        self.assert_once().await;
        self.assert_in_order().await;
    }

    /// Every finished event is one message, and counted once.
    pub(crate) async fn assert_once(&self) {
        let wrong = "select count(*) from messaging.inbound_events e full join messaging.messages m
                on m.lane = e.lane and m.event_id = e.id
             where (e.status is not distinct from 'processed') <> (m.id is not null) or m.arrival <> e.arrival";
        assert_eq!(self.number(wrong).await, 0, "events and messages do not agree");
        let miscounted = "select count(*) from messaging.conversations c where c.message_count <>
             (select count(*) from messaging.messages m where m.lane = c.lane and m.conversation_id = c.id)";
        assert_eq!(self.number(miscounted).await, 0, "a conversation is miscounted");
    }

    async fn assert_in_order(&self) {
        // `now()` of a finishing statement: one that began before an earlier event was finished has passed it.
        let passed: Vec<(String, i64)> = self
            .rows(
                "select conversation_key, arrival from (
                    select conversation_key, arrival, processed_at,
                           max(processed_at) over (partition by conversation_key order by arrival
                                                   rows between unbounded preceding and 1 preceding) as before
                    from messaging.inbound_events where status = 'processed') line
                 where processed_at < before",
            )
            .await;
        assert!(passed.is_empty(), "these passed an earlier one: {passed:?}");
    }
}

/// What a worker counts, by series.
pub(crate) async fn metrics(worker: &RunningProgram) -> String {
    let url = format!("{}/metrics", worker.admin_url().await);
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

/// The value of a series.
pub(crate) async fn metric(worker: &RunningProgram, series: &str) -> f64 {
    let text = metrics(worker).await;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value
        .unwrap_or_else(|| panic!("{series} is not in\n{text}"))
        .parse()
        .unwrap()
}
