//! The log layer: JSON lines off a terminal, compact ones on it, through a queue that loses rather than waits.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, fmt};

use super::TelemetryError;
use super::json_line::JsonLine;

/// A second or two of a loud process. Beyond it lines are dropped and counted: a stuck reader of our output
/// must not stall ingest.
const QUEUED_LINES: usize = 8_192;

/// Logs what callers send that is no HTTP as an error of ours; the gateway counts it instead.
const TALKS_OF_CALLERS: &str = "actix_http";

type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

pub(super) fn layer<S>(
    filter: Option<&str>,
) -> Result<(BoxedLayer<S>, ErrorCounter, WorkerGuard), TelemetryError>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let filter = filter_of(filter.unwrap_or_default())?;
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(QUEUED_LINES)
        .thread_name("log")
        .finish(std::io::stderr());
    let lines_dropped = writer.error_counter();
    let lines = fmt::layer().with_writer(writer);
    let layer: BoxedLayer<S> = if std::io::stderr().is_terminal() {
        lines.compact().with_filter(filter).boxed()
    } else {
        lines
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine)
            .with_filter(filter)
            .boxed()
    };
    Ok((layer, lines_dropped, guard))
}

fn filter_of(given: &str) -> Result<EnvFilter, TelemetryError> {
    let mut filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse(given)?;
    if !given.contains(TALKS_OF_CALLERS) {
        filter = filter.add_directive(format!("{TALKS_OF_CALLERS}=off").parse()?);
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_send_is_told_only_if_asked_for() {
        for (given, directive) in [
            ("", "actix_http=off"),
            ("debug", "actix_http=off"),
            ("info,actix_http=debug", "actix_http=debug"),
        ] {
            let filter = filter_of(given).unwrap().to_string();
            assert!(filter.split(',').any(|one| one == directive), "{given}: {filter}");
        }
        assert!(filter_of("a=b=c").is_err());
    }
}
