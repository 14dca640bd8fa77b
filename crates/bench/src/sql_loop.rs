//! The plain SQL loop: claim a batch with `skip locked`, write messages and conversations, finish; what a pipeline by
//! hand looks like at its best, since nothing but ids leaves the server.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::{Connection, PgPool};
use tokio::task::JoinSet;

use crate::error::BenchError;

const TABLES: &str = "
    drop schema if exists sql_loop cascade;
    create schema sql_loop;
    create table sql_loop.events (
        id bigint primary key, conversation text not null, payload jsonb not null, status text not null default 'received',
        attempts int not null default 0, provider_message_id text not null unique, created_at timestamptz not null default now(),
        updated_at timestamptz
    ) with (fillfactor = 80);
    create index on sql_loop.events (id) where status = 'received';
    create table sql_loop.conversations (
        id bigint generated always as identity primary key, key text not null unique, messages bigint not null,
        last_activity_at timestamptz not null
    ) with (fillfactor = 70);
    create table sql_loop.messages (
        id bigint generated always as identity primary key, conversation_id bigint not null references sql_loop.conversations,
        event_id bigint not null unique, sender text not null, recipient text not null, body text not null,
        sent_at timestamptz not null
    );
    create index on sql_loop.messages (conversation_id, sent_at)";
const FILL: &str = "
    insert into sql_loop.events (id, conversation, payload, provider_message_id)
    select n, 'sms:' || n % $2, jsonb_build_object('from', '+1555' || n % $2, 'to', '+15550199000', 'type', 'sms',
           'messaging_provider_id', 'e-' || n, 'timestamp', '2024-11-01T14:00:00Z', 'body', repeat('Your parcel is at the door. ', 30)),
           'e-' || n
    from generate_series(1, $1) n";
const CLAIM: &str = "
    update sql_loop.events set status = 'processing', attempts = attempts + 1, updated_at = now()
    where id in (select id from sql_loop.events where status = 'received' order by id limit $1 for update skip locked)
    returning id";
const WRITE: &str = "
    with given as materialized (
        select id, conversation, payload from sql_loop.events where id = any($1)
    ),
    talk as (
        insert into sql_loop.conversations as c (key, messages, last_activity_at)
        select conversation, count(*), max((payload->>'timestamp')::timestamptz) from given group by conversation
        order by conversation
        on conflict (key) do update set messages = c.messages + excluded.messages,
            last_activity_at = greatest(c.last_activity_at, excluded.last_activity_at)
        returning id, key
    )
    insert into sql_loop.messages (conversation_id, event_id, sender, recipient, body, sent_at)
    select t.id, g.id, payload->>'from', payload->>'to', payload->>'body', (payload->>'timestamp')::timestamptz
    from given g join talk t on t.key = g.conversation";
const FINISH: &str = "update sql_loop.events set status = 'processed', updated_at = now() where id = any($1)";

/// How it runs.
#[derive(Debug, Clone, Copy)]
pub struct SqlLoop {
    /// Events that wait at the beginning.
    pub events: u32,
    /// Their conversations.
    pub conversations: u32,
    /// Loops at once.
    pub clients: u32,
    /// Events of a turn.
    pub batch: u32,
    /// Claim and result in one transaction instead of two: faster, but what kills a worker is never seen by another.
    pub one_transaction: bool,
}

/// How fast it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Drained {
    /// Events.
    pub events: u32,
    /// From the first claim to the last end.
    pub seconds: f64,
}

impl SqlLoop {
    /// Makes the tables anew, fills them, and drains them.
    ///
    /// # Errors
    /// [`BenchError`].
    pub async fn run(self, database: &str) -> Result<Drained, BenchError> {
        let pool = PgPoolOptions::new()
            .max_connections(self.clients)
            .acquire_timeout(Duration::from_secs(10))
            .connect(database)
            .await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        sqlx::query(FILL)
            .bind(i64::from(self.events))
            .bind(i64::from(self.conversations))
            .execute(&pool)
            .await?;
        sqlx::raw_sql("vacuum analyze sql_loop.events")
            .execute(&pool)
            .await?;
        sqlx::raw_sql("checkpoint").execute(&pool).await?;
        let begin = Instant::now();
        let mut loops = JoinSet::new();
        for _ in 0..self.clients {
            let pool = pool.clone();
            loops.spawn(async move { self.drain(&pool).await });
        }
        while let Some(ended) = loops.join_next().await {
            ended??;
        }
        Ok(Drained {
            events: self.events,
            seconds: begin.elapsed().as_secs_f64(),
        })
    }

    async fn drain(self, pool: &PgPool) -> Result<(), BenchError> {
        let mut connection = pool.acquire().await?;
        loop {
            let done = if self.one_transaction {
                let mut transaction = connection.begin().await?;
                let done = self.claim(&mut transaction).await?;
                write(&mut transaction, &done).await?;
                transaction.commit().await?;
                done
            } else {
                let done = self.claim(&mut connection).await?;
                let mut transaction = connection.begin().await?;
                write(&mut transaction, &done).await?;
                transaction.commit().await?;
                done
            };
            if done.is_empty() {
                return Ok(());
            }
        }
    }

    async fn claim(self, connection: &mut PgConnection) -> Result<Vec<i64>, BenchError> {
        let claim = sqlx::query_scalar(CLAIM).bind(i64::from(self.batch));
        Ok(claim.fetch_all(connection).await?)
    }
}

async fn write(connection: &mut PgConnection, claimed: &[i64]) -> Result<(), BenchError> {
    sqlx::query(WRITE).bind(claimed).execute(&mut *connection).await?;
    sqlx::query(FINISH).bind(claimed).execute(connection).await?;
    Ok(())
}
