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

#[cfg(test)]
mod tests {
    use super::*;
    use mailroom_domain::{Channel, ClaimToken, ConversationKey, EventId, EventKind, Lane, Payload};
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::{
        propagation::TraceContextPropagator,
        trace::{InMemorySpanExporter, SdkTracerProvider},
    };
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn processing_joins_and_links_the_trace_of_its_request() {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let key = ConversationKey::between(Channel::Sms, "+1", "+2");
        let event = ClaimedEvent {
            id: EventId::new(Lane::of(&key), [1; 16]),
            arrival: 1,
            token: ClaimToken::new([1; 16]),
            channel: Channel::Sms,
            provider: "direct".to_owned(),
            endpoint: "sms".to_owned(),
            headers: mailroom_domain::Headers::new(),
            kind: EventKind::Message,
            conversation_key: key,
            payload: Payload::new(b"{}"),
            attempt: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            trace_context: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            drop(processing(&event));
        });
        let spans = exporter.get_finished_spans().unwrap();
        assert_eq!(spans.len(), 1);
        assert_eq!(
            spans[0].span_context.trace_id().to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert_eq!(spans[0].parent_span_id.to_string(), "b7ad6b7169203331");
        let links = &spans[0].links.links;
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].span_context.span_id().to_string(), "b7ad6b7169203331");
    }
}
