//! The connections of a worker: what each kind is for, and what it may hold up.

use mailroom_bootstrap::config::Secret;
use mailroom_store::{Plans, Pool, PoolSettings, StoreError, Way, pool};

use crate::config::WorkerConfig;

/// All of them. Those of one connection serve one duty, which no other work can hold up.
pub(crate) struct Pools {
    /// Results of large sets, and whatever else is done to lanes and events.
    pub(crate) work: Pool,
    /// Claims: one connection a hand. They need not outlive a crash of the server.
    pub(crate) claims: Pool,
    /// Results of small sets: one connection a hand.
    pub(crate) few: Pool,
    pub(crate) heartbeats: Pool,
    /// For gauges.
    pub(crate) looks: Pool,
    pub(crate) wakes: Pool,
}

impl Pools {
    /// None of them connects before it is used.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`] when a URL cannot be read.
    pub(crate) fn new(config: &WorkerConfig) -> Result<Self, StoreError> {
        let database = &config.database;
        let make = |(url, pooled): (&Secret, bool), application_name, max_connections, plans, durable| {
            pool(PoolSettings {
                url: url.expose(),
                application_name,
                max_connections,
                min_connections: 0,
                acquire_timeout: database.acquire_timeout(),
                plans,
                way: Way::new(pooled, database.prepared_statements),
                durable,
                writes: true,
            })
        };
        let url = (&database.url, database.pooled);
        let hands = config.work.hands;
        Ok(Self {
            work: make(
                url,
                "mailroom-worker",
                database.max_connections,
                Plans::Fresh,
                true,
            )?,
            claims: make(url, "mailroom-worker claims", hands, Plans::Fixed, false)?,
            few: make(url, "mailroom-worker few", hands, Plans::Fixed, true)?,
            heartbeats: make(url, "mailroom-worker heartbeat", 1, Plans::Fresh, true)?,
            looks: make(url, "mailroom-worker gauges", 1, Plans::Fresh, true)?,
            wakes: make(
                (database.direct_url(), database.direct_is_pooled()),
                "mailroom-worker wake-ups",
                1,
                Plans::Fresh,
                true,
            )?,
        })
    }
}
