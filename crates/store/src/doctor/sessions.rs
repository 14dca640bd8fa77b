//! Who is connected to this database, and what takes them so long.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Session, answered};
use crate::StoreError;

/// A transaction that has been open for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The process of the server.
    pub pid: i32,
    /// What the session calls itself.
    pub application_name: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether nothing is being done in it.
    pub is_idle: bool,
    /// How many transactions began since its snapshot; `None` when it holds none.
    pub holds_back: Option<i32>,
}

/// A statement that runs for long.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The process of the server.
    pub pid: i32,
    /// What the session calls itself.
    pub application_name: String,
    /// How long it has run, in seconds.
    pub seconds: f64,
    /// The processes whose locks it waits for.
    pub blocked_by: Vec<i32>,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Of clients, of all databases.
    pub used: i64,
    /// As many as ordinary roles can have.
    pub most: i64,
    /// Sessions at this database of which this role may not see what they do.
    pub hidden: i64,
}

impl Session {
    /// Transactions that have been open for longer than this, the oldest first, at most ten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transactions(&mut self, longer_than: Duration) -> Result<Vec<Transaction>, StoreError> {
        let found = sqlx::query_as!(
            Transaction,
            r#"
            select pid as "pid!", coalesce(application_name, '') as "application_name!", xact_start as "since!",
                   state in ('idle in transaction', 'idle in transaction (aborted)') as "is_idle!",
                   age(backend_xmin) as holds_back
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
              and xact_start < clock_timestamp() - $1 * interval '1 second'
            order by xact_start
            limit 10
            "#,
            longer_than.as_secs_f64(),
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }

    /// Statements that have run for longer than this, the longest first, at most ten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statements(&mut self, longer_than: Duration) -> Result<Vec<Statement>, StoreError> {
        let found = sqlx::query_as!(
            Statement,
            r#"
            select pid as "pid!", coalesce(application_name, '') as "application_name!",
                   extract(epoch from clock_timestamp() - query_start)::float8 as "seconds!",
                   pg_blocking_pids(pid) as "blocked_by!"
            from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
              and state = 'active' and query_start < clock_timestamp() - $1 * interval '1 second'
            order by query_start
            limit 10
            "#,
            longer_than.as_secs_f64(),
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }

    /// Counts connections.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connections(&mut self) -> Result<Connections, StoreError> {
        // Of the sessions of others a role without pg_read_all_stats sees the name, and no kind.
        let found = sqlx::query_as!(
            Connections,
            r#"
            select count(*) filter (where backend_type = 'client backend' or backend_type is null and datid is not null) as "used!",
                   current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
                       as "most!",
                   count(*) filter (where backend_type is null and datname = current_database()) as "hidden!"
            from pg_stat_activity
            "#,
        );
        answered(async { Ok(found.fetch_one(&mut self.0).await?) }).await
    }
}
