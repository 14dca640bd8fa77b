//! The connections of a gateway: what each kind is for, and what it may hold up.

use mailroom_bootstrap::config::{DatabaseConfig, Secret};
use mailroom_store::{PgPool, Plans, PoolSettings, StoreError, pool};

use crate::config::GatewayConfig;

/// All of them. Those of one connection serve one duty, which no other work can hold up.
pub(crate) struct Pools {
    /// For writing events down.
    pub(crate) recording: PgPool,
    /// For what requests ask.
    pub(crate) reads: PgPool,
    /// The same of a standby.
    pub(crate) replica: Option<PgPool>,
    pub(crate) replica_watch: Option<PgPool>,
    pub(crate) health: PgPool,
    pub(crate) announcements: PgPool,
}

impl Pools {
    /// None of them connects before it is used.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`] when a URL cannot be read.
    pub(crate) fn new(config: &GatewayConfig) -> Result<Self, StoreError> {
        let database = &config.database;
        let (recording, reads) = shares(config);
        let replica = |name, connections| {
            let url = config.reads.replica_url.as_ref()?;
            Some(pool(PoolSettings {
                plans: Plans::Fixed,
                writes: false,
                ..own(database, (url, config.reads.replica_pooled), name, connections)
            }))
        };
        let url = (&database.url, database.pooled);
        let direct = (database.direct_url(), database.direct_is_pooled());
        Ok(Self {
            recording: pool(PoolSettings {
                min_connections: needed(config),
                ..own(database, url, "mailroom-gateway", recording)
            })?,
            reads: pool(PoolSettings {
                plans: Plans::Fixed,
                ..own(database, url, "mailroom-gateway reads", reads)
            })?,
            replica: replica("mailroom-gateway reads", reads).transpose()?,
            replica_watch: replica("mailroom-gateway replica", 1).transpose()?,
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
        pooled,
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
/// the pool still waits for the first; what reads have is enough for one at least.
fn shares(config: &GatewayConfig) -> (u32, u32) {
    let (all, needed) = (config.database.max_connections, needed(config));
    let recording = (2 * needed).min(all.saturating_sub(1)).max(needed);
    (recording, all.saturating_sub(recording).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_shared_and_none_is_had_twice() {
        for (all, writers, shared) in [
            (10, 2, (4, 6)),
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
