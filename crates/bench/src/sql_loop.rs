//! The plain SQL loop: claim a batch with `skip locked`, write messages and conversations, finish; what a pipeline by
//! hand looks like at its best, since nothing but ids leaves the server.

mod lean;
mod usual;

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::types::Uuid;
use sqlx::{Connection, PgPool};
use tokio::task::JoinSet;

use crate::error::BenchError;

/// Messages and conversations of what was claimed, alike in all tables.
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

/// What differs by its tables.
struct Script {
    tables: &'static str,
    fill: &'static str,
    claim: &'static str,
}

/// Its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// The least that does it.
    Lean,
    /// With the keys and indexes that applications have.
    Usual,
}

impl Tables {
    const fn script(self) -> &'static Script {
        match self {
            Self::Lean => &lean::SCRIPT,
            Self::Usual => &usual::SCRIPT,
        }
    }
}

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
    /// In which tables.
    pub tables: Tables,
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
        let script = self.tables.script();
        let pool = PgPoolOptions::new()
            .max_connections(self.clients)
            .acquire_timeout(Duration::from_secs(10))
            .connect(database)
            .await?;
        sqlx::raw_sql(script.tables).execute(&pool).await?;
        sqlx::query(script.fill)
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
        let script = self.tables.script();
        let mut connection = pool.acquire().await?;
        loop {
            let claimed = if self.one_transaction {
                let mut transaction = connection.begin().await?;
                let claimed = self.claim(script, &mut transaction).await?;
                claimed.write(&mut transaction).await?;
                transaction.commit().await?;
                claimed
            } else {
                let claimed = self.claim(script, &mut connection).await?;
                let mut transaction = connection.begin().await?;
                claimed.write(&mut transaction).await?;
                transaction.commit().await?;
                claimed
            };
            if claimed.is_empty() {
                return Ok(());
            }
        }
    }

    async fn claim(self, script: &Script, connection: &mut PgConnection) -> Result<Claimed, BenchError> {
        let batch = i64::from(self.batch);
        Ok(match self.tables {
            Tables::Lean => {
                let claim = sqlx::query_scalar(script.claim).bind(batch);
                Claimed::Numbers(claim.fetch_all(connection).await?)
            }
            Tables::Usual => {
                let claim = sqlx::query_scalar(script.claim).bind(batch);
                Claimed::Uuids(claim.fetch_all(connection).await?)
            }
        })
    }
}

/// The keys of what was claimed.
enum Claimed {
    Numbers(Vec<i64>),
    Uuids(Vec<Uuid>),
}

impl Claimed {
    const fn is_empty(&self) -> bool {
        match self {
            Self::Numbers(keys) => keys.is_empty(),
            Self::Uuids(keys) => keys.is_empty(),
        }
    }

    async fn write(&self, connection: &mut PgConnection) -> Result<(), BenchError> {
        for statement in [WRITE, FINISH] {
            let query = sqlx::query(statement);
            let query = match self {
                Self::Numbers(keys) => query.bind(keys),
                Self::Uuids(keys) => query.bind(keys),
            };
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }
}
