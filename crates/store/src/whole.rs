//! A statement in a transaction of its own, for poolers that do not know what their clients prepared.
//!
//! sqlx prepares a statement in one exchange and runs it in another. In between, a pooler in transaction mode may go on to
//! another server connection, where there is no such statement, or somebody else's of the same name. Within a transaction
//! it stays where it is. Columns must be of built-in types: to learn of others, sqlx asks in between, and that takes the
//! statement away.

use futures_util::TryStreamExt;
use sqlx::{
    Either, Error, Execute, Executor, PgConnection, Postgres, SqlStr,
    error::BoxDynError,
    pool::PoolConnection,
    postgres::{PgArguments, PgQueryResult, PgRow, PgStatement},
    raw_sql,
};

/// A program that stands still before it ends a transaction would keep everybody from what that has locked. Running a statement,
/// the server is not idle.
const BEGIN: &str = "begin; set local idle_in_transaction_session_timeout = '3s'";

/// What a statement brings: rows, and how many it touched.
pub(crate) type Step = Either<PgQueryResult, PgRow>;

/// Runs a statement; it is committed when this returns. A connection on which the transaction may still be open is closed when it
/// is let go: so after trouble on the way, and when nobody waits for the statement any more.
pub(crate) async fn run<'q, E>(
    connection: &mut PoolConnection<Postgres>,
    mut query: E,
) -> Result<Vec<Step>, Error>
where
    E: 'q + Execute<'q, Postgres>,
{
    let Some(arguments) = query.take_arguments().map_err(Error::Encode)? else {
        // In one exchange, so where the pooler likes.
        return (**connection).fetch_many(query.sql()).try_collect().await;
    };
    let mut open = Open {
        connection,
        ended: false,
    };
    open.say(BEGIN).await?;
    let unnamed = Unnamed(query.sql(), Some(arguments));
    let steps: Result<Vec<Step>, Error> = open.session().fetch_many(unnamed).try_collect().await;
    match &steps {
        Ok(_) => {
            open.say("commit").await?;
            open.ended = true;
        }
        // What it says of the statement counts, not what becomes of the connection.
        Err(Error::Database(_)) => open.ended = open.say("rollback").await.is_ok(),
        Err(_) => {}
    }
    steps
}

struct Open<'c> {
    connection: &'c mut PoolConnection<Postgres>,
    ended: bool,
}

impl Open<'_> {
    fn session(&mut self) -> &mut PgConnection {
        self.connection
    }

    async fn say(&mut self, word: &'static str) -> Result<(), Error> {
        self.session().execute(raw_sql(word)).await.map(drop)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.connection.close_on_drop();
        }
    }
}

/// A statement that is not given a name on the server.
struct Unnamed(SqlStr, Option<PgArguments>);

impl Execute<'_, Postgres> for Unnamed {
    fn sql(self) -> SqlStr {
        self.0
    }

    fn statement(&self) -> Option<&PgStatement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        Ok(self.1.take())
    }

    fn persistent(&self) -> bool {
        false
    }
}
