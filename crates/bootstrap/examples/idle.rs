//! The smallest service: ready at once, idle until it is asked to stop. Its tests use the odd settings.

use std::process::ExitCode;
use std::time::Duration;

use mailroom_bootstrap::Service;
use mailroom_bootstrap::config::{AdminConfig, ConfigError, DatabaseConfig, ServiceConfig, ShutdownConfig};
use mailroom_bootstrap::process::{self, Context};
use serde::{Deserialize, Serialize};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    admin: AdminConfig,
    database: DatabaseConfig,
    shutdown: ShutdownConfig,
    idle: Idle,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Idle {
    /// Takes no notice of being asked to stop.
    stubborn: bool,
    /// Panics in a task, saying this.
    panic: String,
    /// Ends with an error, saying this.
    error: String,
    /// Writes this many log lines.
    lines: u32,
}

impl ServiceConfig for Settings {
    fn admin(&self) -> &AdminConfig {
        &self.admin
    }

    fn shutdown(&self) -> &ShutdownConfig {
        &self.shutdown
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.database.check()
    }
}

fn main() -> ExitCode {
    let service = Service {
        name: "idle",
        version: env!("CARGO_PKG_VERSION"),
        about: "Does nothing, properly",
    };
    process::run(service, idle)
}

async fn idle(settings: Settings, context: Context) -> Result<(), String> {
    let check = context.health.check("idle");
    let Idle {
        stubborn,
        panic,
        error,
        lines,
    } = settings.idle;
    if !error.is_empty() {
        return Err(error);
    }
    if !panic.is_empty() {
        // The handle says that it ended, not why: the panic's own line does.
        let _ = tokio::spawn(async move { panic!("{panic}") }).await;
    }
    tracing::info_span!("begin").in_scope(|| {
        for line in 0..lines {
            tracing::info!(line, "{:1024}", "");
        }
    });
    check.pass();
    context.stop.drained().await;
    if stubborn {
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
    tracing::info_span!("end").in_scope(|| Ok(()))
}
