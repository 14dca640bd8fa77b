//! The announcer: after the commit, tells workers in which lanes something waits. At most one notification is
//! under way; what comes meanwhile goes with the next, so a flood costs no more than a trickle.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mailroom_domain::Lane;
use mailroom_store::{Kept, Kind, LONGEST_STATEMENT, Pool, wake, within};
use tokio::sync::Notify;

/// A notification takes a lock that all notifying commits share: a pause after each bounds what it costs them.
const PAUSE: Duration = Duration::from_millis(2);

/// Cheap to clone; the task that announces ends with its runtime.
#[derive(Debug, Clone, Default)]
pub(crate) struct Announcer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lanes: Mutex<BTreeSet<Lane>>,
    some: Notify,
}

impl Announcer {
    /// Notes lanes to be announced soon.
    pub(crate) fn announce(&self, lanes: impl Iterator<Item = Lane>) {
        let mut waiting = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend(lanes);
        if !waiting.is_empty() {
            self.0.some.notify_one();
        }
    }

    /// Announces for ever, on a connection of `pool`. A failed announcement is not repeated: workers poll.
    pub(crate) async fn run(self, pool: Pool) {
        let mut database = Kept::of(pool);
        loop {
            self.0.some.notified().await;
            let lanes: Vec<Lane> = {
                let mut waiting = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *waiting).into_iter().collect()
            };
            if lanes.is_empty() {
                continue;
            }
            let announced = within(LONGEST_STATEMENT, async {
                let mut connection = database.take().await?;
                wake::notify(&mut connection, &lanes).await?;
                database.keep(connection);
                Ok(())
            });
            if let Err(error) = announced.await {
                tracing::debug!(%error, "workers were not woken; they will find the events by polling");
                mailroom_store::look(Kind::Writers); // its URL may be another than the one that others use
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
