//! Traces across processes: joined from the provider's request, handed on with the event.

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Makes a span part of the trace that these headers tell of, if they do.
pub(crate) fn join(span: &Span, headers: &HeaderMap) {
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Carrier(headers)));
    // Fails only where no tracer is installed; then there is no trace to join.
    let _ = span.set_parent(parent);
}

/// The current span as a W3C traceparent, to be kept with an event.
pub(crate) fn traceparent() -> Option<String> {
    let mut carrier = Kept(None);
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut carrier));
    carrier.0
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

struct Kept(Option<String>);

impl Injector for Kept {
    fn set(&mut self, key: &str, value: String) {
        if key == "traceparent" && !value.is_empty() {
            self.0 = Some(value);
        }
    }
}
