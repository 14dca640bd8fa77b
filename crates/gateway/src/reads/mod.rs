//! What requests ask the database: of the database itself, or of a standby that is not too far behind.

mod apart;
mod looks;
mod measures;
mod replica;
mod rest;
mod watch;

use std::time::{Duration, Instant};

use apart::apart;
use mailroom_store::{Connection, Shelf, StoreError, within};

pub(crate) use looks::Looks;
pub(crate) use replica::Replica;
pub(crate) use watch::watch;

/// Nothing is read for longer.
const LONGEST_READ: Duration = Duration::from_secs(5);

/// Whom to ask.
#[derive(Debug)]
pub(crate) struct Reads {
    primary: Shelf,
    replica: Option<Replica>,
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
        reading: impl AsyncFn(&mut Connection) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let reading = async |connection: &mut Connection| apart(reading(connection)).await;
        if let Some(replica) = &self.replica
            && let Some(found) = replica.find(Instant::now(), &reading).await
        {
            measures::read("replica");
            return Ok(Some(found));
        }
        measures::read("primary");
        within(LONGEST_READ, async {
            let mut connection = self.primary.take().await?;
            let found = reading(&mut connection).await?;
            connection.keep();
            Ok(found)
        })
        .await
    }

    /// All connections, by whom they are to.
    pub(crate) fn shelves(&self) -> impl Iterator<Item = (&'static str, &Shelf)> {
        let replica = self.replica.iter().map(|replica| ("replica", replica.shelf()));
        [("reads", &self.primary)].into_iter().chain(replica)
    }
}
