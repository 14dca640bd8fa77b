//! What requests ask the database: of the database itself, or of a standby that is not too far behind.

mod freshness;
mod measures;
mod watch;

use std::time::{Duration, Instant};

use mailroom_store::{PgConnection, Shelf, StoreError, within};

pub(crate) use freshness::Freshness;
pub(crate) use watch::watch;

/// Nothing is read for longer.
pub(crate) const LONGEST_READ: Duration = Duration::from_secs(5);
/// A standby is not waited for as long: there is another to ask.
const PATIENCE_WITH_REPLICA: Duration = Duration::from_secs(1);

/// Whom to ask.
#[derive(Debug)]
pub(crate) struct Reads {
    pub(crate) primary: Shelf,
    replica: Option<Replica>,
}

/// A standby.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) shelf: Shelf,
    pub(crate) freshness: Freshness,
    /// It is not asked when it is further behind.
    pub(crate) bound: Duration,
}

impl Reads {
    /// Of the database, and of a standby where there is one.
    pub(crate) fn new(primary: Shelf, replica: Option<Replica>) -> Self {
        measures::describe(replica.is_some());
        Self { primary, replica }
    }

    /// Reads something, waiting for it, but not for ever: a line that went silent would keep connection and caller. What a
    /// standby does not know, or cannot say, the database is asked.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub(crate) async fn find<T>(
        &self,
        reading: impl AsyncFn(&mut PgConnection) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        if let Some(replica) = &self.replica
            && replica.is_fresh(Instant::now())
        {
            match ask(&replica.shelf, PATIENCE_WITH_REPLICA, &reading).await {
                Ok(Some(found)) => {
                    measures::read("replica");
                    return Ok(Some(found));
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the replica did not answer; asking the database"),
            }
        }
        measures::read("primary");
        ask(&self.primary, LONGEST_READ, &reading).await
    }

    /// Gives back connections that nobody asked for lately.
    pub(crate) fn tidy(&self) {
        self.primary.tidy();
        if let Some(replica) = &self.replica {
            replica.shelf.tidy();
        }
    }
}

impl Replica {
    fn is_fresh(&self, now: Instant) -> bool {
        self.freshness
            .as_of()
            .is_some_and(|as_of| now.duration_since(as_of) <= self.bound)
    }
}

async fn ask<T>(
    shelf: &Shelf,
    patience: Duration,
    asking: &impl AsyncFn(&mut PgConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    within(patience, async {
        let mut connection = shelf.take().await?;
        let answer = asking(&mut connection).await?;
        connection.keep();
        Ok(answer)
    })
    .await
}
