//! The one session that may migrate: direct, patient, and holder of the lock for as long as it lives.
//!
//! The lock is polled and never waited for: whoever waits inside a statement holds a snapshot, which
//! `create index concurrently` in the other migration would wait for in turn, a deadlock. And it belongs to the
//! session that migrates, so it cannot be lost while the work goes on, nor outlive it.

use std::time::Duration;

use sqlx::migrate::Migration;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor, Row};
use tokio::time::Instant;

use super::error::MigrationError;
use super::pooler;
use super::progress::{Options, Progress, Watch};
use super::session::Session;
use super::target::Target;

/// The key of the lock: the word itself. Advisory locks are counted in each database apart.
const KEY: i64 = i64::from_be_bytes(*b"mailroom");
const POLL_MILLIS: u64 = 100;
const LONGEST_CONCURRENT_WAIT: Duration = Duration::from_mins(20);

/// Opens the session, refuses a pooler, and waits for the lock.
pub(super) async fn open(
    target: &Target,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<PgConnection, MigrationError> {
    let mut session = target.connect().await?;
    pooler::refuse(target, &mut session).await?;
    settle(&mut session, options).await?;
    lock(target, &mut session, options, watch).await?;
    Ok(session)
}

/// Ends the session, and the lock with it.
pub(super) async fn close(session: PgConnection) {
    // The work is committed; the server releases the lock whichever way the session ends.
    drop(session.close().await);
}

async fn settle(session: &mut PgConnection, options: &Options) -> Result<(), MigrationError> {
    wait_at_most(session, options.table_lock_timeout).await?;
    session
        .execute(sqlx::raw_sql("set statement_timeout = 0"))
        .await?;
    // A killed migrator's statement ends with it and does not keep the lock to its end. Not every system can
    // watch a connection while it works: where it is refused, the statement runs out first.
    drop(
        session
            .execute(sqlx::raw_sql("set client_connection_check_interval = '1s'"))
            .await,
    );
    Ok(())
}

/// How long a migration may wait for a lock. One that runs in a transaction holds up whoever comes after it at that table,
/// so it is to be short. One without builds or drops an index concurrently: it waits for transactions that are older than
/// itself, holds nobody up, and given up half-way it would leave an index that is no use.
pub(super) async fn settle_for(
    session: &mut PgConnection,
    file: &Migration,
    options: &Options,
) -> Result<(), sqlx::Error> {
    let most = if file.no_tx {
        LONGEST_CONCURRENT_WAIT
    } else {
        options.table_lock_timeout
    };
    wait_at_most(session, most).await
}

async fn wait_at_most(session: &mut PgConnection, most: Duration) -> Result<(), sqlx::Error> {
    let setting = format!("set lock_timeout = {}", most.as_millis().clamp(1, 3_600_000));
    session.execute(sqlx::raw_sql(AssertSqlSafe(setting))).await?;
    Ok(())
}

async fn lock(
    target: &Target,
    session: &mut PgConnection,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<(), MigrationError> {
    let start = Instant::now();
    let mut told = false;
    loop {
        let row = session
            .fetch_one(sqlx::query("select pg_try_advisory_lock($1), pg_backend_pid()").bind(KEY))
            .await?;
        if row.try_get(0)? {
            return ours(target, session).await;
        }
        let waited = start.elapsed();
        if waited >= options.lock_timeout {
            return Err(MigrationError::LockTimeout {
                waited,
                holder: holder(session).await?,
            });
        }
        if !told {
            told = true;
            watch(&Progress::Waiting {
                holder: holder(session).await?.as_ref(),
            });
        }
        // The process number spreads those that were started together.
        let spread = u64::from(row.try_get::<i32, _>(1)?.unsigned_abs() % 64);
        let pause = Duration::from_millis(POLL_MILLIS + spread);
        tokio::time::sleep(pause.min(options.lock_timeout.saturating_sub(waited))).await;
    }
}

/// The lock must be seen to be held by the process that answers us; else somebody stands in between.
async fn ours(target: &Target, session: &mut PgConnection) -> Result<(), MigrationError> {
    let held = session
        .fetch_one(
            sqlx::query(
                "select exists (select from pg_locks where locktype = 'advisory' and granted \
                 and pid = pg_backend_pid() and (classid::bigint << 32 | objid::bigint) = $1)",
            )
            .bind(KEY),
        )
        .await?
        .try_get(0)?;
    if held {
        Ok(())
    } else {
        Err(MigrationError::Pooled {
            place: target.to_string(),
        })
    }
}

async fn holder(session: &mut PgConnection) -> Result<Option<Session>, MigrationError> {
    let row = session
        .fetch_optional(
            sqlx::query(
                "select l.pid, a.application_name, \
                 to_char(a.backend_start at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as since \
                 from pg_locks l left join pg_stat_activity a on a.pid = l.pid \
                 where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
                 and l.database = (select oid from pg_database where datname = current_database()) \
                 and (l.classid::bigint << 32 | l.objid::bigint) = $1",
            )
            .bind(KEY),
        )
        .await?;
    Ok(row.as_ref().map(Session::from_row).transpose()?)
}

/// The other sessions with the oldest open transactions: whoever keeps a table is likely among them.
pub(super) async fn oldest_transactions(session: &mut PgConnection) -> Result<Vec<Session>, MigrationError> {
    let rows = session
        .fetch_all(sqlx::query(
            "select pid, application_name, \
             to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as since \
             from pg_stat_activity where datname = current_database() and xact_start is not null \
             and pid <> pg_backend_pid() order by xact_start limit 3",
        ))
        .await?;
    Ok(rows.iter().map(Session::from_row).collect::<Result<_, _>>()?)
}
