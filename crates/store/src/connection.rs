//! Pools and their connections, on which each statement travels as what is in between can bear it.

use futures_util::{
    FutureExt, StreamExt, TryStreamExt,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use sqlx::{
    Describe, Error, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{PgRow, PgStatement, PgTypeInfo},
};

use crate::{
    Way,
    whole::{self, Step},
};

/// Connections that are lent. Clones share them.
#[derive(Debug, Clone)]
pub struct Pool {
    pool: PgPool,
    way: Way,
}

/// A connection of a [`Pool`], which has it again when it is dropped.
#[derive(Debug)]
pub struct Connection {
    lent: PoolConnection<Postgres>,
    way: Way,
}

impl Pool {
    pub(crate) const fn new(pool: PgPool, way: Way) -> Self {
        Self { pool, way }
    }

    /// Borrows a connection.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn acquire(&self) -> Result<Connection, Error> {
        Ok(Connection {
            lent: self.pool.acquire().await?,
            way: self.way,
        })
    }

    /// How many connections there are, lent ones as well.
    pub fn size(&self) -> u32 {
        self.pool.size()
    }

    /// How many of them are not lent.
    pub fn idle(&self) -> u32 {
        u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX)
    }

    /// How many there may be.
    pub fn max_connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// How long one is waited for.
    #[cfg(feature = "queries")]
    pub(crate) fn acquire_timeout(&self) -> std::time::Duration {
        self.pool.options().get_acquire_timeout()
    }

    /// For what needs sessions of its own, without a pooler between.
    #[cfg(feature = "queries")]
    pub(crate) const fn direct(&self) -> &PgPool {
        &self.pool
    }
}

/// One that leads to PostgreSQL itself.
impl From<PgPool> for Pool {
    fn from(pool: PgPool) -> Self {
        Self::new(pool, Way::Direct)
    }
}

impl Connection {
    /// Has it closed instead of lent again.
    #[cfg(feature = "queries")]
    pub(crate) fn close_on_drop(&mut self) {
        self.lent.close_on_drop();
    }

    /// The session itself, for what is not prepared.
    pub(crate) fn session(&mut self) -> &mut PgConnection {
        &mut self.lent
    }
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        match self.way {
            Way::Direct | Way::Pooler => self.session().fetch_many(query),
            Way::PlainPooler => one_by_one(whole::run(&mut self.lent, query)),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        match self.way {
            Way::Direct | Way::Pooler => self.session().fetch_optional(query),
            Way::PlainPooler => async {
                let steps = whole::run(&mut self.lent, query).await?;
                Ok(steps.into_iter().find_map(Step::right))
            }
            .boxed(),
        }
    }

    fn prepare_with<'e>(self, _: SqlStr, _: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        not_by_hand()
    }

    fn describe<'e>(self, _: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        not_by_hand()
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        one_by_one(async { self.acquire().await?.fetch_many(query).try_collect().await })
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        async { self.acquire().await?.fetch_optional(query).await }.boxed()
    }

    fn prepare_with<'e>(self, _: SqlStr, _: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        not_by_hand()
    }

    fn describe<'e>(self, _: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        not_by_hand()
    }
}

/// sqlx prepares what is run, by itself. What somebody prepares and keeps would be unknown, or another's, behind a pooler.
fn not_by_hand<'e, T: Send + 'e>() -> BoxFuture<'e, Result<T, Error>> {
    let why = "statements are not prepared by hand";
    ready(Err(Error::Configuration(why.into()))).boxed()
}

fn one_by_one<'e>(
    steps: impl Future<Output = Result<Vec<Step>, Error>> + Send + 'e,
) -> BoxStream<'e, Result<Step, Error>> {
    stream::once(steps)
        .map_ok(|steps| stream::iter(steps.into_iter().map(Ok)))
        .try_flatten()
        .boxed()
}
