//! A connection that is kept from statement to statement. A pool asks whether a connection still answers whenever it lends
//! one and whenever it gets it back; for a loop of statements these are more round trips than the statements are.

use std::time::{Duration, Instant};

use crate::{Connection, Pool, StoreError, read_only};

/// The pool gets it back so often, and sees to its age.
const KEPT_FOR: Duration = Duration::from_mins(1);

/// One connection of a pool at a time.
#[derive(Debug)]
pub struct Kept {
    pool: Pool,
    connection: Option<Connection>,
    since: Instant,
}

impl Kept {
    /// Of this pool, which is asked for one when the first is wanted.
    pub fn of(pool: Pool) -> Self {
        Self {
            pool,
            connection: None,
            since: Instant::now(),
        }
    }

    /// Takes the connection for a statement. Whoever does not [keep](Self::keep) it afterwards leaves it to the pool, which
    /// looks whether it still answers: so after an error, and when nobody waits for the statement any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none.
    pub async fn take(&mut self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.connection.take()
            && self.since.elapsed() < KEPT_FOR
            && read_only::is_right_since(self.since)
        {
            return Ok(connection);
        }
        self.since = Instant::now();
        Ok(self.pool.acquire().await?)
    }

    /// Keeps it for the next statement.
    pub fn keep(&mut self, connection: Connection) {
        self.connection = Some(connection);
    }
}
