//! A database for one test, and hands that act on it.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use mailroom_domain::{
    ClaimToken, ClaimedEvent, CommandId, ConversationId, EventId, EventKind, File, FileId, Lane, LaneToken,
    NewEvent, SnippetLength, WorkerId,
};
use mailroom_store::action::Act;
use mailroom_store::event::{self, Effect, Finishing, FinishingMessage, Recorded};
use mailroom_store::message::Message;
use mailroom_store::wake::Wakes;
use mailroom_store::{Plans, Pool, PoolSettings, Start, lane};
use mailroom_test_support::TestDatabase;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::talk::{Talk, change, content};

/// Long enough for any test.
pub(crate) const LEASE: Duration = Duration::from_mins(10);

/// An event as it lies in the database.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct Lying {
    pub(crate) status: String,
    pub(crate) attempt_count: i32,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) token: Option<Uuid>,
    pub(crate) worker: Option<Uuid>,
    pub(crate) duplicates: i32,
    /// Seconds from now until it is due.
    pub(crate) due_in: Option<f64>,
}

impl Lying {
    /// Its status and how often it was claimed.
    pub(crate) fn is(&self, status: &str, attempts: i32) -> bool {
        self.status == status && self.attempt_count == attempts
    }
}

/// A database for one test. Its randomness is the same in every run.
pub(crate) struct Stage {
    pub(crate) pool: Pool,
    randomness: Mutex<StdRng>,
    database: TestDatabase,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with_connections(8).await
    }

    pub(crate) async fn with_connections(max_connections: u32) -> Self {
        Self::with(max_connections, Plans::Fresh).await
    }

    pub(crate) async fn with(max_connections: u32, plans: Plans) -> Self {
        let database = TestDatabase::create().await;
        let (url, way) = database.way();
        let pool = mailroom_store::pool(PoolSettings {
            url: &url,
            application_name: "test",
            max_connections,
            min_connections: 0,
            acquire_timeout: Duration::from_secs(30),
            plans,
            way,
            durable: false,
            writes: true,
        });
        Self {
            pool: pool.unwrap(),
            randomness: Mutex::new(StdRng::seed_from_u64(7)),
            database,
        }
    }

    pub(crate) fn random<T>(&self) -> T
    where
        rand::distr::StandardUniform: rand::distr::Distribution<T>,
    {
        self.randomness.lock().unwrap().random()
    }

    /// A session of its own, for locks and for looks from outside.
    pub(crate) async fn session(&self) -> PgConnection {
        PgConnection::connect(self.database.url()).await.unwrap()
    }

    /// Listens to what is announced, without a pooler between.
    pub(crate) async fn wakes(&self) -> Wakes {
        let direct = PgPool::connect(self.database.url()).await.unwrap();
        Wakes::listen(&direct.into()).await.unwrap()
    }

    /// One of the pool's, as those who work with it have them.
    pub(crate) async fn connection(&self) -> mailroom_store::Connection {
        self.pool.acquire().await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.pool)
            .await;
        done.unwrap();
    }

    /// Waits until a statement waits for a lock.
    pub(crate) async fn until_somebody_waits(&self) {
        let waits = "select count(*) from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'";
        while self.number(waits).await == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// All rows that a question returns.
    pub(crate) async fn rows<T>(&self, sql: &str) -> Vec<T>
    where
        T: for<'row> FromRow<'row, PgRow> + Send + Unpin,
    {
        let rows = sqlx::query_as(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&self.pool)
            .await;
        rows.unwrap()
    }

    /// The number that a question returns.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.rows::<(i64,)>(sql).await[0].0
    }

    /// What is in work is `processing`, and counts the attempt that is made.
    pub(crate) async fn lying(&self, id: EventId) -> Lying {
        let rows: Vec<Lying> = self
            .rows(&format!(
                "select case when c.token is null then e.status else 'processing' end as status,
                        e.attempt_count + (c.token is not null)::int as attempt_count, error_code, error_message,
                        c.token, c.worker, duplicates, extract(epoch from next_attempt_at - now())::float8 as due_in
                 from messaging.inbound_events e
                 left join messaging.claims c on e.id = any(c.events) and e.status in ('received', 'error')
                 where e.id = '{id}'"
            ))
            .await;
        rows.into_iter().next().unwrap()
    }

    /// Records events that are all new.
    pub(crate) async fn record(&self, events: &[NewEvent]) -> Vec<EventId> {
        let recording = event::record(&mut self.connection().await, events).await.unwrap();
        let mut ids = Vec::with_capacity(events.len());
        for (event, recorded) in events.iter().zip(recording) {
            assert_eq!(recorded.unwrap(), Recorded::Recorded(event.id));
            ids.push(event.id);
        }
        ids
    }

    /// A worker that holds every lane.
    pub(crate) async fn owner(&self) -> WorkerId {
        let worker = WorkerId::new(self.random());
        self.take(worker, 256).await;
        worker
    }

    pub(crate) async fn take(&self, worker: WorkerId, most: usize) -> Vec<Lane> {
        let token = LaneToken::new(self.random());
        let tenure = lane::take(&self.pool, worker, token, most, LEASE).await.unwrap();
        assert_eq!(tenure.token, token);
        tenure.lanes
    }

    /// Claims from the beginning of every lane.
    pub(crate) async fn claim(&self, worker: WorkerId, depth: u32) -> (ClaimToken, Vec<ClaimedEvent>) {
        self.claim_after(worker, 0, depth).await
    }

    /// Claims after an arrival in every lane.
    pub(crate) async fn claim_after(
        &self,
        worker: WorkerId,
        after: i64,
        depth: u32,
    ) -> (ClaimToken, Vec<ClaimedEvent>) {
        let token = ClaimToken::new(self.random());
        let lanes: Vec<_> = Lane::all().map(|lane| (lane, after)).collect();
        let claim = event::claim(&mut self.connection().await, worker, &lanes, depth, token, &[])
            .await
            .unwrap();
        (token, claim.events)
    }

    /// Claims what is due in every lane.
    pub(crate) async fn claim_due(&self, worker: WorkerId, limit: u32) -> (ClaimToken, Vec<ClaimedEvent>) {
        let token = ClaimToken::new(self.random());
        let lanes: Vec<_> = Lane::all().collect();
        let events = event::claim_due(&mut self.connection().await, worker, &lanes, &[], limit, token).await;
        (token, events.unwrap())
    }

    /// Makes every waiting retry due.
    pub(crate) async fn all_fall_due(&self) {
        // What somebody else is at is left to him: waiting for it in an order of our own could be a deadlock.
        self.execute(
            "update messaging.inbound_events set next_attempt_at = now() where id in
                (select id from messaging.inbound_events where status = 'error' for update skip locked)",
        )
        .await;
    }

    /// What an event becomes; `minute` is its timestamp.
    pub(crate) fn finishing(&self, event: &ClaimedEvent, minute: i64) -> Finishing {
        let (lane, at) = (
            event.lane(),
            DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::minutes(minute),
        );
        let effect = match event.kind {
            EventKind::Message => Effect::Message(Box::new(FinishingMessage {
                conversation: ConversationId::new(lane, self.random()),
                key: event.conversation_key.clone(),
                content: content(event, at),
                files: Vec::new(),
            })),
            EventKind::Status => Effect::Status(change(event, at)),
            EventKind::Notice | EventKind::Quarantined => Effect::Nothing,
        };
        Finishing {
            event: event.id,
            effect,
        }
    }

    /// Attaches files to what an event becomes.
    pub(crate) fn attach(&self, finishing: &mut Finishing, files: Vec<File>) {
        let lane = finishing.event.lane();
        let message = message(finishing);
        message.files = files.iter().map(|_| FileId::new(lane, self.random())).collect();
        message.content.files = files;
    }

    /// Finishes events, of each conversation at most one, and gives back those that were still the token's.
    pub(crate) async fn finish(&self, token: ClaimToken, events: &[ClaimedEvent]) -> Vec<EventId> {
        let set: Vec<_> = events
            .iter()
            .map(|event| self.finishing(event, event.arrival))
            .collect();
        let outcome = event::finish(
            &mut self.connection().await,
            token,
            SnippetLength::default(),
            &set,
        )
        .await
        .unwrap();
        assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        outcome.finished.iter().map(|finished| finished.event).collect()
    }

    /// The messages of a conversation, as applications read them.
    pub(crate) async fn messages(&self, talk: &Talk) -> Vec<Message> {
        let key = talk.key.as_str();
        let found: Vec<(Uuid,)> = self
            .rows(&format!(
                "select id from messaging.conversations where key = '{key}'"
            ))
            .await;
        let conversation = ConversationId::from_uuid(found[0].0);
        let page = mailroom_store::message::list(
            &mut self.connection().await,
            conversation,
            Start::Skip(0),
            100,
            usize::MAX,
        )
        .await;
        page.unwrap().unwrap().0.rows
    }

    /// Ends every lease, as if all workers had been silent for long.
    pub(crate) async fn all_leases_end(&self) {
        self.execute(
            "update messaging.lanes set lease_until = now() - interval '1 second' where owner is not null;
             update messaging.workers set lease_until = now() - interval '1 second'",
        )
        .await;
    }
}

/// A command of an operator.
pub(crate) fn act(stage: &Stage) -> Act {
    Act {
        command: CommandId::new(stage.random()),
        actor: "anna".to_owned(),
        filter: serde_json::json!({"all": true}),
        reason: Some("a test".to_owned()),
    }
}

/// The message that an event becomes.
pub(crate) fn message(finishing: &mut Finishing) -> &mut FinishingMessage {
    match &mut finishing.effect {
        Effect::Message(message) => message,
        other => panic!("no message but {other:?}"),
    }
}

/// The ids of claimed events, in the order of the claim.
pub(crate) fn ids(events: &[ClaimedEvent]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}

/// Locks an event, as counting its redelivery does, for as long as the transaction lasts.
pub(crate) async fn lock(transaction: &mut PgConnection, event: EventId) {
    sqlx::query("select from messaging.inbound_events where id = $1 for update")
        .bind(event.uuid())
        .execute(transaction)
        .await
        .unwrap();
}
