//! The `[shutdown]` section: how long stopping may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The `[shutdown]` section. Both times count from the signal.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShutdownConfig {
    /// How long to go on serving while already not ready, so that load balancers notice. Milliseconds.
    pub drain_delay_ms: u64,
    /// When work that is not finished is cut off and the process exits with an error. Milliseconds; keep it a
    /// second below the orchestrator's own limit.
    pub deadline_ms: u64,
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self {
            drain_delay_ms: 2_000,
            deadline_ms: 9_000,
        }
    }
}

impl ShutdownConfig {
    /// How long to go on serving while already not ready.
    pub const fn drain_delay(&self) -> Duration {
        Duration::from_millis(self.drain_delay_ms)
    }

    /// When unfinished work is cut off.
    pub const fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}
