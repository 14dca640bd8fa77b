//! Logs to stderr and traces to a collector, neither of which can hold the service up.

mod exporter;
mod json_line;
mod log;
mod traces;

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_appender::non_blocking::{ErrorCounter, WorkerGuard};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::service::Service;

/// How long the last spans may take on their way out.
const FLUSH: Duration = Duration::from_secs(1);

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is not understood.
    #[error("the log filter is not understood ({0}): set --log or RUST_LOG to something like `info`")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// This process has a subscriber already.
    #[error("telemetry was started twice; this is a fault of the program, please report it")]
    AlreadyStarted,
}

/// Running telemetry. Dropping it sends off what is left, within about two seconds.
#[derive(Debug)]
#[must_use = "dropping it ends logging"]
pub struct Telemetry {
    traces: SdkTracerProvider,
    lines_dropped: ErrorCounter,
    _log: WorkerGuard,
}

/// Starts logs and traces for the whole process. `filter` is what `RUST_LOG` says; `info` without it.
///
/// Spans are exported when `OTEL_EXPORTER_OTLP_ENDPOINT` (or its `_TRACES_` form) is set; that needs a
/// multi-thread tokio runtime around the call. Spans have W3C ids in any case, so that log lines can be matched.
///
/// # Errors
/// A filter that is not understood, or a second start in one process.
pub fn start(service: &Service, filter: Option<&str>) -> Result<Telemetry, TelemetryError> {
    let (log_layer, lines_dropped, log) = log::layer(filter)?;
    let (traces, problem) = traces::provider(service);
    tracing_subscriber::registry()
        .with(traces::layer(&traces))
        .with(log_layer)
        .try_init()
        .map_err(|_| TelemetryError::AlreadyStarted)?;
    if let Some(problem) = problem {
        tracing::error!(problem, "traces are not exported");
    }
    Ok(Telemetry {
        traces,
        lines_dropped,
        _log: log,
    })
}

impl Telemetry {
    /// Counts the log lines that were lost because nobody read them fast enough.
    pub fn lines_dropped(&self) -> ErrorCounter {
        self.lines_dropped.clone()
    }

    /// Sends the last spans off, within a second, and ends tracing; logs go on. Blocks: not for async code.
    pub fn finish_traces(&self) {
        // A collector that is down has been told of already; a second call has nothing left to send.
        let _ = self.traces.shutdown_with_timeout(FLUSH);
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        self.finish_traces();
    }
}
