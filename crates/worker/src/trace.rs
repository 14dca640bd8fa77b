//! Ties the processing of an event to the request that brought it.

use std::collections::HashMap;

use mailroom_domain::ClaimedEvent;
use opentelemetry::{global, trace::TraceContextExt};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// A span for one event: part of the trace of its request, and linked to the span that recorded it.
pub(crate) fn processing(event: &ClaimedEvent) -> Span {
    let span = tracing::info_span!(
        "process",
        otel.kind = "consumer",
        event_id = %event.id,
        provider = event.provider,
        channel = event.channel.as_str(),
        attempt = event.attempt,
    );
    if let Some(traceparent) = &event.trace_context {
        let carrier = HashMap::from([("traceparent".to_owned(), traceparent.clone())]);
        let recorded = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
        let link = recorded.span().span_context().clone();
        // Fails only where no tracer is installed; then there is no trace to join.
        let _ = span.set_parent(recorded);
        span.add_link(link);
    }
    span
}
