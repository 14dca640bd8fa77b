//! Connections for short statements, lent to many at once and put back without asking whether they still answer: a pool asks
//! before and after, which is more round trips than a read is.

use std::{
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{Connection, Pool, StoreError, read_only};

/// What lies here for longer goes back to the pool, which asks whether it still answers before it lends it again.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// The pool gets each back so often, and sees to its age.
const KEPT_FOR: Duration = Duration::from_mins(1);

/// All connections of a pool that nobody else uses.
#[derive(Debug)]
pub struct Shelf {
    pool: Pool,
    idle: Mutex<Vec<Idle>>,
    /// One permit for each connection that the pool may have, so that nobody waits for one which lies here.
    room: Semaphore,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    begun: Instant,
    since: Instant,
}

impl Shelf {
    /// Of this pool.
    pub fn of(pool: Pool) -> Self {
        let most = usize::try_from(pool.max_connections()).unwrap_or(usize::MAX);
        Self {
            pool,
            idle: Mutex::default(),
            room: Semaphore::new(most.min(Semaphore::MAX_PERMITS)),
        }
    }

    /// Lends a connection. Whoever does not [keep](Lent::keep) it afterwards leaves it to the pool: so after an error, and
    /// when nobody waits for the statement any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none in time.
    pub async fn take(&self) -> Result<Lent<'_>, StoreError> {
        let permit = timeout(self.pool.acquire_timeout(), self.room.acquire())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let now = Instant::now();
        let (connection, begun) = match self.trusted() {
            Some(idle) => (idle.connection, idle.begun),
            None => (self.pool.acquire().await?, now),
        };
        Ok(Lent {
            shelf: self,
            connection,
            begun,
            _permit: permit,
        })
    }

    /// Gives back to the pool what was not asked for lately.
    pub fn tidy(&self) {
        self.idle().retain(|idle| idle.since.elapsed() < TRUSTED_FOR);
    }

    /// The pool.
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// How many of the pool's connections lie here.
    pub fn len(&self) -> usize {
        self.idle().len()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn trusted(&self) -> Option<Idle> {
        let idle = self.idle().pop()?;
        (idle.since.elapsed() < TRUSTED_FOR && read_only::is_right_since(idle.begun)).then_some(idle)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // Every change is whole before the lock is let go.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that was lent.
#[derive(Debug)]
pub struct Lent<'s> {
    shelf: &'s Shelf,
    connection: Connection,
    begun: Instant,
    _permit: SemaphorePermit<'s>,
}

impl Lent<'_> {
    /// Puts it back for the next: everything that was asked on it was answered.
    pub fn keep(self) {
        if self.begun.elapsed() < KEPT_FOR {
            self.shelf.idle().push(Idle {
                connection: self.connection,
                begun: self.begun,
                since: Instant::now(),
            });
        }
    }
}

impl Lent<'_> {
    /// Ends the connection: it leads where it should not.
    pub fn close(mut self) {
        self.connection.close_on_drop();
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
