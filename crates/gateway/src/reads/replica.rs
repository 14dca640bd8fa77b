//! Reading from a standby: on each connection it is asked whether it is one and fresh, since behind a balancer each may lead to
//! another server.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use mailroom_store::{
    Connection, Kind, Shelf, StoreError,
    replica::{self, Fitness},
    within,
};

use super::{looks::Looks, measures, rest::Rest};

/// It is not waited for as long as the database: there is another to ask.
const PATIENCE: Duration = Duration::from_secs(1);
/// What is logged of it is not taken back sooner.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// A standby.
#[derive(Debug)]
pub(crate) struct Replica {
    shelf: Shelf,
    looks: Looks,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rest: Rest,
    /// What was logged of why it was passed over, and when.
    told: Option<(&'static str, Instant)>,
}

/// What follows from passing it over.
#[derive(Debug, Clone, Copy)]
enum Then {
    /// It is left alone for a while: nobody else should wait for it.
    Rest,
    /// The next may have more luck than who tried then.
    GoOn(Instant),
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
        reading: &impl AsyncFn(&mut Connection) -> Result<Option<T>, StoreError>,
    ) -> Option<T> {
        if !self.state().rest.lets_try(now) {
            return None;
        }
        let Some(position) = self.looks.required(now) else {
            measures::passed_over("unknown"); // the log says that the database is away
            return None;
        };
        match self.try_find(position, reading).await {
            Ok(found) => {
                self.recovered(now);
                found
            }
            Err(PassedOver::Unfit(Fitness::NotAStandby)) => {
                let why = "reads.replica_url leads to a server that is no standby, or no longer";
                self.passed_over("not_a_standby", why, Then::Rest);
                mailroom_store::look(Kind::Standbys); // its URL may name others
                None
            }
            Err(PassedOver::Unfit(_)) => {
                let why = "it is further behind than reads.max_staleness_ms";
                self.passed_over("behind", why, Then::GoOn(now));
                None
            }
            Err(PassedOver::Failed(error)) => {
                // A statement that it cancelled for its replay says nothing of the next.
                let then = match error {
                    StoreError::Unreachable | StoreError::Unavailable { .. } => Then::Rest,
                    _ => Then::GoOn(now),
                };
                self.passed_over("failed", &error.to_string(), then);
                mailroom_store::look(Kind::Standbys);
                None
            }
        }
    }

    async fn try_find<T>(
        &self,
        position: i64,
        reading: &impl AsyncFn(&mut Connection) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, PassedOver> {
        let read = within(PATIENCE, async {
            let mut connection = self.shelf.take().await?;
            let fitness = replica::fitness(&mut connection, position).await?;
            match fitness {
                Fitness::Fresh => {
                    let found = reading(&mut connection).await?;
                    connection.keep();
                    return Ok(Ok(found));
                }
                // Others of the pool may lead to another standby: they come first the next time.
                Fitness::Behind => drop(connection),
                Fitness::NotAStandby => connection.close(),
            }
            Ok(Err(PassedOver::Unfit(fitness)))
        });
        read.await.unwrap_or_else(|error| Err(PassedOver::Failed(error)))
    }

    pub(super) const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    fn recovered(&self, tried: Instant) {
        let mut state = self.state();
        state.rest.end(tried);
        if state.told.is_some_and(|(_, at)| at.elapsed() >= TELL_AGAIN) {
            tracing::info!("pages are read from the replica");
            state.told = None;
        }
    }

    fn passed_over(&self, cause: &'static str, why: &str, then: Then) {
        measures::passed_over(cause);
        let mut state = self.state();
        match then {
            Then::Rest => state.rest.begin(Instant::now()),
            Then::GoOn(tried) => state.rest.end(tried),
        }
        let is_news = match state.told {
            None => true,
            Some((told, at)) => told != cause && at.elapsed() >= TELL_AGAIN,
        };
        if is_news {
            tracing::warn!(why, "pages are read from the database, not from the replica");
            state.told = Some((cause, Instant::now()));
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Every change is whole before the lock is let go.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
