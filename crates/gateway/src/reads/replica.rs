//! Reading from a standby: on each connection it is asked whether it is one and fresh, since behind a balancer each may lead to
//! another server.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use mailroom_store::{
    PgConnection, Shelf, StoreError,
    replica::{self, Fitness},
    within,
};

use super::{looks::Looks, measures};

/// It is not waited for as long as the database: there is another to ask.
const PATIENCE: Duration = Duration::from_secs(1);
/// So long it is left alone when it could not be read from: nobody else should wait for it.
const REST: Duration = Duration::from_secs(2);

/// A standby.
#[derive(Debug)]
pub(crate) struct Replica {
    shelf: Shelf,
    looks: Looks,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rests_until: Option<Instant>,
    /// Why it was passed over the last time.
    trouble: Option<String>,
}

/// Its URL may name several. Nobody waits for that.
fn look_for_another() {
    tokio::spawn(mailroom_store::follow());
}

/// Why it was passed over.
enum PassedOver {
    Unfit(Fitness),
    Failed(StoreError),
}

impl Replica {
    pub(crate) fn new(shelf: Shelf, looks: Looks) -> Self {
        Self {
            shelf,
            looks,
            state: Mutex::default(),
        }
    }

    /// Reads something; `None` where it does not know it, is not fresh, or cannot say.
    pub(super) async fn find<T>(
        &self,
        now: Instant,
        reading: &impl AsyncFn(&mut PgConnection) -> Result<Option<T>, StoreError>,
    ) -> Option<T> {
        if self.rests(now) {
            return None;
        }
        let Some(position) = self.looks.required(now) else {
            self.passed_over(
                now,
                "unknown",
                "it is not known what the database has written",
                None,
            );
            return None;
        };
        match self.try_find(position, reading).await {
            Ok(found) => {
                if self.recovered() {
                    tracing::info!("pages are read from the replica");
                }
                found
            }
            Err(PassedOver::Unfit(Fitness::NotAStandby)) => {
                let why = "reads.replica_url leads to a server that is no standby, or no longer";
                self.passed_over(now, "not_a_standby", why, Some(REST));
                look_for_another();
                None
            }
            Err(PassedOver::Unfit(_)) => {
                self.passed_over(
                    now,
                    "behind",
                    "it is further behind than reads.max_staleness_ms",
                    None,
                );
                None
            }
            Err(PassedOver::Failed(error)) => {
                self.passed_over(now, "failed", &error.to_string(), Some(REST));
                look_for_another();
                None
            }
        }
    }

    async fn try_find<T>(
        &self,
        position: i64,
        reading: &impl AsyncFn(&mut PgConnection) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, PassedOver> {
        let read = within(PATIENCE, async {
            let mut connection = self.shelf.take().await?;
            let fitness = replica::fitness(&mut connection, position).await?;
            let found = if fitness == Fitness::Fresh {
                Ok(reading(&mut connection).await?)
            } else {
                Err(PassedOver::Unfit(fitness))
            };
            connection.keep();
            Ok(found)
        });
        read.await.unwrap_or_else(|error| Err(PassedOver::Failed(error)))
    }

    pub(super) const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    fn rests(&self, now: Instant) -> bool {
        self.state().rests_until.is_some_and(|until| now < until)
    }

    /// Whether there was trouble before.
    fn recovered(&self) -> bool {
        self.state().trouble.take().is_some()
    }

    fn passed_over(&self, now: Instant, cause: &'static str, why: &str, rest: Option<Duration>) {
        measures::passed_over(cause);
        let mut state = self.state();
        state.rests_until = rest.map(|rest| now + rest);
        if state.trouble.as_deref() != Some(why) {
            tracing::warn!(why, "pages are read from the database, not from the replica"); // once for each reason
            state.trouble = Some(why.to_owned());
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Every change is whole before the lock is let go.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
