//! Settings of the gateway. Each has a default, a place in the file, and a variable:
//! `[server] listen` is `MAILROOM__SERVER__LISTEN`.

mod endpoint;
mod reads;
mod server;

use std::{collections::BTreeMap, time::Duration};

use mailroom_bootstrap::config::{AdminConfig, ConfigError, DatabaseConfig, ServiceConfig, ShutdownConfig};
use mailroom_providers::{ONE_EVENT, Redaction, RedactionSettings};
use serde::{Deserialize, Serialize};

pub use endpoint::{EndpointConfig, ProviderName, RefusalStatuses};
pub use reads::ReadsConfig;
pub use server::ServerConfig;

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// How trusting the defaults are.
    pub profile: Profile,
    /// The public listener.
    pub server: ServerConfig,
    /// How events are written down.
    pub recording: RecordingConfig,
    /// Where conversations and messages are read from.
    pub reads: ReadsConfig,
    /// What mailroom's own `/api/webhooks` take.
    pub direct: DirectConfig,
    /// What providers call, by the name in their URL: `/webhooks/{provider}/{name}`.
    pub endpoints: BTreeMap<String, EndpointConfig>,
    /// The database.
    pub database: DatabaseConfig,
    /// The admin listener.
    pub admin: AdminConfig,
    /// How stopping goes.
    pub shutdown: ShutdownConfig,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            server: ServerConfig::default(),
            recording: RecordingConfig::default(),
            reads: ReadsConfig::default(),
            direct: DirectConfig::default(),
            endpoints: BTreeMap::new(),
            // A provider that waits hangs up soon: better an early 503 that it retries.
            database: DatabaseConfig {
                acquire_timeout_ms: 500,
                ..DatabaseConfig::default()
            },
            admin: AdminConfig::default(),
            shutdown: ShutdownConfig::default(),
        }
    }
}

/// How trusting the defaults are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Unsigned calls to `/api` are refused unless `server.allow_unsigned` says otherwise.
    #[default]
    Production,
    /// Unsigned calls to `/api` are taken.
    Development,
}

/// How events are written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordingConfig {
    /// Sets written at the same time, each on a connection of its own.
    pub writers: usize,
    /// The most events in one set.
    pub max_events: usize,
    /// The most requests waiting to be written; more get 503.
    pub max_waiting: usize,
    /// How long those before a request may have waited, in milliseconds; when it is longer the request gets 503 at
    /// once. A burst of so much work is taken whole, a gateway that is asked for more than it can do answers in time.
    pub max_wait_ms: u64,
    /// How long a request waits for its commit before it gets 503, in milliseconds. The event may be recorded
    /// all the same; the provider's retry then meets itself.
    pub timeout_ms: u64,
}

impl Default for RecordingConfig {
    fn default() -> Self {
        Self {
            writers: 2,
            max_events: 500,
            max_waiting: 4_096,
            max_wait_ms: 1_000,
            timeout_ms: 5_000,
        }
    }
}

impl RecordingConfig {
    /// How long those before a request may have waited.
    pub const fn longest_wait(&self) -> Duration {
        Duration::from_millis(self.max_wait_ms)
    }

    /// How long a request waits for its commit.
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

/// What mailroom's own `/api/webhooks` take.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DirectConfig {
    /// What is taken out before anything is written down.
    pub redact: RedactionSettings,
}

impl GatewayConfig {
    /// How many bytes the largest body may have that is taken anywhere.
    pub(crate) fn largest_body(&self) -> usize {
        let bodies = self.endpoints.values().map(EndpointConfig::body_limit);
        bodies.max().unwrap_or_default().max(ONE_EVENT)
    }

    /// Whether `/api` takes calls without a signature.
    pub fn allows_unsigned(&self) -> bool {
        self.server
            .allow_unsigned
            .unwrap_or(self.profile == Profile::Development)
    }
}

impl ServiceConfig for GatewayConfig {
    fn admin(&self) -> &AdminConfig {
        &self.admin
    }

    fn shutdown(&self) -> &ShutdownConfig {
        &self.shutdown
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.database.check()?;
        self.reads.check()?;
        for (path, number) in [
            ("recording.writers", self.recording.writers),
            ("recording.max_events", self.recording.max_events),
            ("recording.max_waiting", self.recording.max_waiting),
        ] {
            if number == 0 {
                return Err(ConfigError::refused(path, "at least 1"));
            }
        }
        // They keep theirs: with none to spare, whatever else is asked of the database would wait for ever.
        if self.recording.writers >= self.database.max_connections as usize {
            return Err(ConfigError::refused(
                "recording.writers",
                "fewer than database.max_connections",
            ));
        }
        self.server.check(self.largest_body())?;
        Redaction::new(&self.direct.redact)
            .map_err(|problem| ConfigError::refused("direct.redact", problem.to_string()))?;
        for (name, endpoint) in &self.endpoints {
            endpoint.check(name)?;
        }
        Ok(())
    }
}
