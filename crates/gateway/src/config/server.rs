//! `[server]`: the public listener, and how long and how much its callers may take.

use std::{net::SocketAddr, time::Duration};

use mailroom_bootstrap::config::ConfigError;
use serde::{Deserialize, Serialize};

/// The public listener.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Where it listens; port 0 takes a free one and logs it.
    pub listen: SocketAddr,
    /// Whether `/api` takes calls without a signature; by default only in the development profile.
    pub allow_unsigned: Option<bool>,
    /// Threads that handle requests; 0 means one for each core.
    pub threads: usize,
    /// Connections it holds at once, over all threads.
    pub max_connections: usize,
    /// Connections that the system holds until they are accepted; it may allow fewer.
    pub backlog: u32,
    /// How long a connection may be idle between two requests, in milliseconds.
    pub keep_alive_ms: u64,
    /// How long a request's head may take, and a new connection be silent, in milliseconds.
    pub head_timeout_ms: u64,
    /// How long a request's body may take, and an answer stay unread, in milliseconds.
    pub body_timeout_ms: u64,
    /// The least bytes a second that a body must come with, once it had time to begin; 0 for any.
    pub min_body_rate: u32,
    /// For how long the rate does not count, in milliseconds.
    pub body_grace_ms: u64,
    /// Bytes of bodies that are held at once, from the first that arrived to the answer; more get 503. A quarter is kept for
    /// bodies of at most 32 KiB.
    pub max_bytes_in_flight: u32,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            allow_unsigned: None,
            threads: 0,
            max_connections: 10_000,
            backlog: 1_024,
            keep_alive_ms: 5_000,
            head_timeout_ms: 5_000,
            body_timeout_ms: 10_000,
            min_body_rate: 1_024,
            body_grace_ms: 5_000,
            max_bytes_in_flight: 48 << 20,
        }
    }
}

impl ServerConfig {
    /// How many threads handle requests.
    pub fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }

    /// How long a connection may be idle between two requests.
    pub const fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.keep_alive_ms)
    }

    /// How long a request's head may take.
    pub const fn head_timeout(&self) -> Duration {
        Duration::from_millis(self.head_timeout_ms)
    }

    /// How long a request's body may take.
    pub const fn body_timeout(&self) -> Duration {
        Duration::from_millis(self.body_timeout_ms)
    }

    /// Refuses what cannot work with bodies of up to `largest_body` bytes.
    pub(super) fn check(&self, largest_body: usize) -> Result<(), ConfigError> {
        for (path, is_zero) in [
            ("server.max_connections", self.max_connections == 0),
            ("server.backlog", self.backlog == 0),
            ("server.keep_alive_ms", self.keep_alive_ms == 0),
            ("server.head_timeout_ms", self.head_timeout_ms == 0),
            ("server.body_timeout_ms", self.body_timeout_ms == 0),
        ] {
            if is_zero {
                return Err(ConfigError::refused(path, "at least 1"));
            }
        }
        if (self.max_bytes_in_flight as usize) < largest_body {
            let expected = format!("at least {largest_body}, the largest body that is taken");
            return Err(ConfigError::refused("server.max_bytes_in_flight", expected));
        }
        Ok(())
    }
}
