//! Where spans go: to a collector when one is named, and otherwise nowhere, but with W3C ids all the same.
//!
//! Without an exporter the sampler is parent-based off: a span then costs its ids and no attributes, and in
//! return log lines of gateway and worker can be matched, and a provider's own sampled trace is kept on.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use super::exporter::Watched;
use crate::service::Service;

/// Those that the exporter itself stands on: their spans would beget spans.
const NOT_TRACED: [&str; 4] = ["h2", "hyper", "tonic", "tower"];

/// The provider, and what to tell if an exporter was asked for that cannot be had.
pub(super) fn provider(service: &Service) -> (SdkTracerProvider, Option<&'static str>) {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let exporter = match plan(variable) {
        Plan::Export if tokio::runtime::Handle::try_current().is_err() => Err("there is no runtime to export on"),
        // The builder's own error repeats the endpoint, which may hold a password.
        Plan::Export => SpanExporter::builder().with_tonic().build().map(Some).map_err(|_| {
            "OTEL_EXPORTER_OTLP_ENDPOINT is not usable: it must be http://host:port of an OTLP/gRPC collector"
        }),
        Plan::Nowhere => Ok(None),
        Plan::Cannot(why) => Err(why),
    };

    let builder = SdkTracerProvider::builder().with_resource(resource(service));
    let nowhere = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
    match exporter {
        Ok(Some(exporter)) => (builder.with_batch_exporter(Watched::new(exporter)).build(), None),
        Ok(None) => (builder.with_sampler(nowhere).build(), None),
        Err(problem) => (builder.with_sampler(nowhere).build(), Some(problem)),
    }
}

/// The layer that gives every span its place in a trace. What is logged does not decide what is traced.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let targets = Targets::new().with_default(LevelFilter::INFO);
    let targets = NOT_TRACED.into_iter().fold(targets, |targets, name| {
        targets.with_target(name, LevelFilter::OFF)
    });
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("mailroom"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(targets)
}

fn resource(service: &Service) -> Resource {
    let found = Resource::builder().build();
    let named = found
        .get(&"service.name".into())
        .is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let builder =
        Resource::builder().with_attribute(opentelemetry::KeyValue::new("service.version", service.version));
    if named {
        builder.build()
    } else {
        builder.with_service_name(service.name).build()
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Export,
    Nowhere,
    Cannot(&'static str),
}

/// What the standard variables ask for. The rest of them the SDK reads itself.
fn plan(variable: impl Fn(&str) -> Option<String>) -> Plan {
    let is = |name: &str, wanted: &str| {
        variable(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
    };
    let endpoint =
        variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| variable("OTEL_EXPORTER_OTLP_ENDPOINT"));
    if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") || endpoint.is_none() {
        return Plan::Nowhere;
    }
    if variable("OTEL_TRACES_EXPORTER").is_some() && !is("OTEL_TRACES_EXPORTER", "otlp") {
        return Plan::Cannot("OTEL_TRACES_EXPORTER must be `otlp` or `none`");
    }
    let protocol =
        variable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL").or_else(|| variable("OTEL_EXPORTER_OTLP_PROTOCOL"));
    if protocol.is_some_and(|protocol| protocol != "grpc") {
        return Plan::Cannot("OTEL_EXPORTER_OTLP_PROTOCOL must be `grpc`");
    }
    Plan::Export
}

#[cfg(test)]
mod tests {
    use super::{Plan, plan};

    fn planned(pairs: &[(&str, &str)]) -> Plan {
        plan(|name| {
            pairs
                .iter()
                .find(|(given, _)| *given == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");

    #[test]
    fn exports_only_where_an_endpoint_is_named() {
        assert_eq!(planned(&[]), Plan::Nowhere);
        assert_eq!(planned(&[ENDPOINT]), Plan::Export);
        assert_eq!(
            planned(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1")]),
            Plan::Export
        );
    }

    #[test]
    fn honours_the_switches_of_the_standard() {
        assert_eq!(planned(&[ENDPOINT, ("OTEL_SDK_DISABLED", "TRUE")]), Plan::Nowhere);
        assert_eq!(
            planned(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "none")]),
            Plan::Nowhere
        );
        assert_eq!(
            planned(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "otlp")]),
            Plan::Export
        );
        assert!(matches!(
            planned(&[ENDPOINT, ("OTEL_TRACES_EXPORTER", "zipkin")]),
            Plan::Cannot(_)
        ));
        assert!(matches!(
            planned(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]),
            Plan::Cannot(_)
        ));
    }
}
