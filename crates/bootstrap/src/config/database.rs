//! The `[database]` section: where PostgreSQL is and how much of it this process may use.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ConfigError;
use super::secret::Secret;

/// The `[database]` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host/database`; may lead through a connection pooler. `DATABASE_URL`.
    pub url: Secret,
    /// The same database without a pooler between, for LISTEN and migrations; `url` where it is not given.
    /// `MAILROOM_DIRECT_DATABASE_URL`.
    pub direct_url: Option<Secret>,
    /// Whether `url` leads to a pooler in transaction mode, as PgBouncer's. Then no settings are sent that it would refuse.
    pub pooled: bool,
    /// Whether that pooler, and the standby's, knows what its clients prepared: PgBouncer does from version 1.21 on, with
    /// `max_prepared_statements`. For others `false`: then each statement is prepared anew, in a transaction of its own.
    pub prepared_statements: bool,
    /// Connections this process may hold at once.
    pub max_connections: u32,
    /// How long to wait for a free connection, in milliseconds.
    pub acquire_timeout_ms: u64,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            direct_url: None,
            pooled: false,
            prepared_statements: true,
            max_connections: 10,
            acquire_timeout_ms: 3_000,
        }
    }
}

impl DatabaseConfig {
    /// How long to wait for a free connection.
    pub const fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }

    /// The URL that leads to the database itself, not to a pooler before it.
    pub fn direct_url(&self) -> &Secret {
        self.direct_url.as_ref().unwrap_or(&self.url)
    }

    /// Whether even [`direct_url`](Self::direct_url) leads to a pooler, for want of another.
    pub const fn direct_is_pooled(&self) -> bool {
        self.pooled && self.direct_url.is_none()
    }

    /// Tests that there is a URL and at least one connection.
    ///
    /// # Errors
    /// Names the setting at fault.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.url.is_empty() {
            return Err(ConfigError::missing("database.url"));
        }
        if self.max_connections == 0 {
            return Err(ConfigError::refused("database.max_connections", "at least 1"));
        }
        Ok(())
    }
}
