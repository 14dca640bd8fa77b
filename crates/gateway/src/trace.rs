//! Traces across processes: joined from the provider's request, handed on with the event.

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::{global, propagation::Extractor, trace::TraceContextExt};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";

/// Makes a span part of the trace that these headers tell of, if they do.
pub(crate) fn join(span: &Span, headers: &HeaderMap) {
    if !headers.contains_key(TRACEPARENT) {
        return;
    }
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Carrier(headers)));
    // Fails only where no tracer is installed; then there is no trace to join.
    let _ = span.set_parent(parent);
}

/// The current span as a W3C traceparent (Trace Context, 3.2), to be kept with an event.
pub(crate) fn traceparent() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let ids = span.span_context();
    ids.is_valid().then(|| {
        let (trace, span, flags) = (ids.trace_id(), ids.span_id(), ids.trace_flags());
        format!("00-{trace}-{span}-{flags:02x}")
    })
}

struct Carrier<'a>(&'a HeaderMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
