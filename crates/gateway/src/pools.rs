//! The connections of a gateway: what each kind is for, and what it may hold up.

use mailroom_bootstrap::config::{DatabaseConfig, Secret};
use mailroom_store::{Plans, Pool, PoolSettings, StoreError, Way, pool};

use crate::config::GatewayConfig;

/// A URL cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PoolsError {
    /// That of the database.
    #[error(transparent)]
    Database(#[from] StoreError),
    /// That of its standby.
    #[error("reads.replica_url cannot be read; expected postgres://user:password@host:port/database")]
    Replica,
}

/// All of them. Those of one connection serve one duty, which no other work can hold up.
pub(crate) struct Pools {
    /// For writing events down.
    pub(crate) recording: Pool,
    /// For the tokens that some providers' requests bring: of recording, where that has connections to spare.
    pub(crate) tokens: Pool,
    /// For what applications read.
    pub(crate) reads: Pool,
    /// The same of a standby.
    pub(crate) replica: Option<Pool>,
    /// For looking how far the log is, for those who read from a standby.
    pub(crate) log: Pool,
    pub(crate) health: Pool,
    pub(crate) announcements: Pool,
}

impl Pools {
    /// None of them connects before it is used.
    ///
    /// # Errors
    /// [`PoolsError`] when a URL cannot be read.
    pub(crate) fn new(config: &GatewayConfig) -> Result<Self, PoolsError> {
        let database = &config.database;
        let (recording, reads) = shares(config);
        let url = (&database.url, database.pooled);
        let direct = (database.direct_url(), database.direct_is_pooled());
        let recording_pool = pool(PoolSettings {
            min_connections: needed(config),
            ..own(database, url, "mailroom-gateway", recording)
        })?;
        let reads_pool = pool(PoolSettings {
            plans: Plans::Fixed,
            ..own(database, url, "mailroom-gateway reads", reads)
        })?;
        let has_spare = recording > needed(config);
        Ok(Self {
            tokens: if has_spare { &recording_pool } else { &reads_pool }.clone(),
            recording: recording_pool,
            reads: reads_pool,
            replica: config
                .reads
                .replica_url
                .as_ref()
                .map(|standby| {
                    let standby = (standby, config.reads.replica_pooled);
                    pool(PoolSettings {
                        plans: Plans::Fixed,
                        writes: false,
                        ..own(database, standby, "mailroom-gateway reads", reads)
                    })
                })
                .transpose()
                .map_err(|_| PoolsError::Replica)?,
            log: pool(own(database, url, "mailroom-gateway log", 1))?,
            health: pool(own(database, url, "mailroom-gateway health", 1))?,
            announcements: pool(PoolSettings {
                durable: false,
                ..own(database, direct, "mailroom-gateway announcer", 1)
            })?,
        })
    }
}

fn own<'s>(
    database: &DatabaseConfig,
    (url, pooled): (&'s Secret, bool),
    application_name: &'s str,
    max_connections: u32,
) -> PoolSettings<'s> {
    PoolSettings {
        url: url.expose(),
        application_name,
        max_connections,
        min_connections: 0,
        acquire_timeout: database.acquire_timeout(),
        plans: Plans::Usual,
        way: Way::new(pooled, database.prepared_statements),
        durable: true,
        writes: true,
    }
}

/// Connections that recording needs at any moment.
pub(crate) fn needed(config: &GatewayConfig) -> u32 {
    u32::try_from(config.recording.writers)
        .unwrap_or(u32::MAX)
        .min(config.database.max_connections)
}

/// How the connections are shared by recording and reads. A writer whose connection went silent needs another at once, while
/// the pool still waits for the first; but before writers have a second each, reads have two.
fn shares(config: &GatewayConfig) -> (u32, u32) {
    let (all, needed) = (config.database.max_connections, needed(config));
    let spare = all.saturating_sub(needed).saturating_sub(2).min(needed);
    let recording = needed + spare;
    (recording, all.saturating_sub(recording).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_shared_and_none_is_had_twice() {
        for (all, writers, shared) in [
            (10, 2, (4, 6)),
            (5, 2, (3, 2)),
            (3, 2, (2, 1)),
            (2, 1, (1, 1)),
            (50, 16, (32, 18)),
        ] {
            let mut config = GatewayConfig::default();
            config.database.max_connections = all;
            config.recording.writers = writers;
            assert_eq!(shares(&config), shared);
        }
    }
}
