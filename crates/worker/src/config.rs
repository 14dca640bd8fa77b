//! Settings of the worker. Each has a default, a place in the file, and a variable:
//! `[work] batch` is `MAILROOM__WORK__BATCH`.

use std::time::Duration;

use mailroom_bootstrap::config::{AdminConfig, ConfigError, DatabaseConfig, ServiceConfig, ShutdownConfig};
use mailroom_domain::{RetryPolicy, SnippetLength};
use serde::{Deserialize, Serialize};

/// Everything that can be set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerConfig {
    /// How events are worked on.
    pub work: WorkConfig,
    /// How failed events are tried again.
    pub retry: RetryConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// The admin listener.
    pub admin: AdminConfig,
    /// How stopping goes.
    pub shutdown: ShutdownConfig,
}

/// How events are worked on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkConfig {
    /// About how many events a hand claims, reads and writes together.
    pub batch: u32,
    /// How many do so at once when this worker has fallen behind, each in lanes of its own: two keep the database busy while it
    /// reads.
    pub hands: u32,
    /// How often to look for events that no wake-up told of, in milliseconds, give or take half.
    pub poll_ms: u64,
    /// How long lanes stay this worker's after a heartbeat, in milliseconds: what a killed worker's
    /// conversations wait at most. Heartbeats go out five times as often.
    pub lease_ms: u64,
    /// Characters in a message's snippet, 1 to 4096.
    pub snippet: SnippetLength,
}

impl Default for WorkConfig {
    fn default() -> Self {
        Self {
            batch: 500,
            hands: 2,
            poll_ms: 250,
            lease_ms: 10_000,
            snippet: SnippetLength::default(),
        }
    }
}

impl WorkConfig {
    /// How long lanes stay this worker's after a heartbeat.
    pub const fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    /// How often to look unasked.
    pub const fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }
}

/// How failed events are tried again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// The bound of the first delay, in milliseconds; it doubles with each retry and is drawn from nothing up.
    pub base_ms: u64,
    /// No bound grows beyond this, in milliseconds.
    pub cap_ms: u64,
    /// How often an event is tried again before it is buried.
    pub max_retries: u32,
}

impl Default for RetryConfig {
    fn default() -> Self {
        let policy = RetryPolicy::default();
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            base_ms: millis(policy.base),
            cap_ms: millis(policy.cap),
            max_retries: policy.max_retries,
        }
    }
}

impl RetryConfig {
    /// The same as a rule.
    pub const fn policy(&self) -> RetryPolicy {
        RetryPolicy {
            base: Duration::from_millis(self.base_ms),
            cap: Duration::from_millis(self.cap_ms),
            max_retries: self.max_retries,
        }
    }
}

impl ServiceConfig for WorkerConfig {
    fn admin(&self) -> &AdminConfig {
        &self.admin
    }

    fn shutdown(&self) -> &ShutdownConfig {
        &self.shutdown
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.database.check()?;
        if self.database.direct_is_pooled() {
            // It would have somebody else's session listen, and whoever has that next hear what he does not expect.
            return Err(ConfigError::missing("database.direct_url"));
        }
        if !(1..=10_000).contains(&self.work.batch) {
            return Err(ConfigError::refused("work.batch", "1 to 10000"));
        }
        if !(1..=64).contains(&self.work.hands) {
            return Err(ConfigError::refused("work.hands", "1 to 64"));
        }
        if self.work.hands >= self.database.max_connections {
            return Err(ConfigError::refused(
                "work.hands",
                "less than database.max_connections",
            ));
        }
        if self.work.poll_ms == 0 {
            return Err(ConfigError::refused("work.poll_ms", "at least 1"));
        }
        if self.work.lease_ms < 1_000 {
            return Err(ConfigError::refused("work.lease_ms", "at least 1000"));
        }
        if self.retry.max_retries > 100 {
            return Err(ConfigError::refused("retry.max_retries", "at most 100"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mailroom_bootstrap::config::Secret;

    use super::*;

    #[test]
    fn wake_ups_need_a_way_around_a_pooler() {
        let mut config = WorkerConfig::default();
        config.database.url = Secret::from("postgres://pooler/mailroom");
        config.check().unwrap();
        config.database.pooled = true;
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("database.direct_url"), "{said}");
        config.database.direct_url = Some(Secret::from("postgres://server/mailroom"));
        config.check().unwrap();
    }
}
