//! The `[reads]` section: whether applications read from a standby.

use std::time::Duration;

use mailroom_bootstrap::config::{ConfigError, Secret};
use serde::{Deserialize, Serialize};

/// The `[reads]` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadsConfig {
    /// A standby of the database, for reading conversations and messages; all is read from the database without. It gets as
    /// many connections as the database for reads.
    pub replica_url: Option<Secret>,
    /// Whether that URL leads to a pooler in transaction mode.
    pub replica_pooled: bool,
    /// How far behind it may be, in milliseconds. While it is further, the database is asked.
    pub max_staleness_ms: u64,
}

impl Default for ReadsConfig {
    fn default() -> Self {
        Self {
            replica_url: None,
            replica_pooled: false,
            max_staleness_ms: 5_000,
        }
    }
}

impl ReadsConfig {
    /// How far behind the standby may be.
    pub const fn max_staleness(&self) -> Duration {
        Duration::from_millis(self.max_staleness_ms)
    }

    /// Tests that the bound is one that can be told from none.
    ///
    /// # Errors
    /// Names the setting at fault.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !(1_000..=240_000).contains(&self.max_staleness_ms) {
            return Err(ConfigError::refused("reads.max_staleness_ms", "1000 to 240000"));
        }
        Ok(())
    }
}
