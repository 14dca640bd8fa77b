//! The one place where connection pools are made.

use std::{io, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;
use tracing::log::LevelFilter;

use crate::{
    Pool, StoreError, Way,
    hosts::{self, Kind},
    read_only,
};

/// No statement is waited for nearly as long; what still says nothing then is not the server at work.
const SILENT_FOR: Duration = Duration::from_secs(30);

/// A connection that answered so lately is not asked again before it is used: that took as long as the statement.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How a pool is to be made.
#[derive(Debug, Clone, Copy)]
pub struct PoolSettings<'a> {
    /// `postgres://user:password@host:port/database?...`; there may be several hosts, `one:5432,two:5432`.
    pub url: &'a str,
    /// Shown in `pg_stat_activity`.
    pub application_name: &'a str,
    /// The most connections it may hold.
    pub max_connections: u32,
    /// So many that were idle for long are opened again when they are closed for that.
    pub min_connections: u32,
    /// How long to wait for one.
    pub acquire_timeout: Duration,
    /// How statements are planned.
    pub plans: Plans,
    /// What the URL leads to.
    pub way: Way,
    /// Whether a commit waits until it is on disk, and where the server is set so, on a standby. What a crash of
    /// the server may take back without harm need not: a claim (the event is claimed again) or a wake-up.
    pub durable: bool,
    /// Whether what it is for writes. Then a connection to a server that cannot is not kept.
    pub writes: bool,
}

/// How statements are planned. A queue's tables swing between empty and millions of rows faster than they are analysed: a plan
/// kept from the empty table read a whole index for every claimed event, 22 s for 2,048 of them instead of 0.06 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plans {
    /// As the server likes.
    Usual,
    /// Each statement for the values and the tables as they are, which takes a millisecond or two. No table is read from one
    /// end to the other where an index leads to the rows, however small the table seems.
    Fresh,
    /// Once, row by row through indexes, whatever the tables hold: for a claim, and for small sets.
    Fixed,
}

impl Plans {
    const fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Usual => &[],
            Self::Fresh => &[
                ("plan_cache_mode", "force_custom_plan"),
                ("enable_seqscan", "off"),
                ("jit", "off"),
            ],
            Self::Fixed => &[
                ("plan_cache_mode", "force_generic_plan"),
                ("enable_seqscan", "off"),
                ("enable_bitmapscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("jit", "off"),
            ],
        }
    }
}

/// Makes a pool. It connects when first used, so a database that is away does not keep a process from starting.
///
/// A connection that cannot write is not kept: one that a stale name led to a standby is closed at once, and after any
/// statement that met a read-only server all connections of the process are made anew. The name leads to the server
/// that writes sooner or later; a kept connection never would. Where the URL names several servers, [`crate::follow`] leads there.
///
/// Each operation of this crate is one statement, and nothing in it begins a transaction through sqlx: a
/// cancelled `begin()` of sqlx 0.9.0 would hand the next borrower a connection inside a transaction
/// (transact-rs/sqlx#4393), and a client that hangs up at the wrong moment is enough to cancel one.
///
/// # Errors
/// [`StoreError::BadUrl`] when the URL cannot be read.
pub fn pool(settings: PoolSettings<'_>) -> Result<Pool, StoreError> {
    // sqlx would take any scheme.
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| settings.url.starts_with(scheme))
    {
        return Err(StoreError::BadUrl);
    }
    let servers = hosts::servers(settings.url).ok_or(StoreError::BadUrl)?;
    let servers = servers.into_iter().map(|server| configured(server, settings));
    let writes = settings.writes;
    let options = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .min_connections(settings.min_connections)
        .acquire_timeout(settings.acquire_timeout)
        .acquire_slow_level(LevelFilter::Off)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if writes {
                    refuse_read_only(connection).await?;
                }
                Ok(())
            })
        })
        .test_before_acquire(false) // not for what answered a moment ago
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                Ok(read_only::is_younger_than_the_latest(meta.age)
                    && (meta.idle_for < TRUSTED_FOR || answers(connection).await?))
            })
        })
        .after_release(|connection, meta| {
            Box::pin(async move {
                Ok(read_only::is_younger_than_the_latest(meta.age) && answers(connection).await?)
            })
        });
    let kind = if writes { Kind::Writers } else { Kind::Standbys };
    let pool = hosts::connect_lazy(options, servers.collect(), kind).ok_or(StoreError::BadUrl)?;
    Ok(Pool::new(pool, settings.way))
}

fn configured(server: PgConnectOptions, settings: PoolSettings<'_>) -> PgConnectOptions {
    let mut options = server
        .application_name(settings.application_name)
        .log_statements(LevelFilter::Off)
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(1));
    if settings.way == Way::Direct {
        // Told back by `Wakes`, which asks whether settings arrive.
        options = options.options([("mailroom.direct", "on")]);
        options = options.options(settings.plans.options().iter().copied());
        if !settings.durable {
            options = options.options([("synchronous_commit", "off")]);
        }
    } else {
        options = options.extra_float_digits(None);
    }
    options
}

/// Whether a connection still answers. sqlx asks as well, but would wait for as long as TCP does: a quarter
/// of an hour on a line that went silent, in which the connection counts as one of the pool's.
async fn answers(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match timeout(SILENT_FOR, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())),
    }
}

async fn refuse_read_only(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if hosts::is_read_only(connection).await? {
        return Err(sqlx::Error::Io(io::Error::new(
            io::ErrorKind::ReadOnlyFilesystem,
            "this server cannot write: it is a standby, or set to read only",
        )));
    }
    Ok(())
}
