//! A line holds its own fields, its spans' and its trace, and stays one line.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde_json::Value;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;

use super::JsonLine;
use crate::telemetry::traces;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines(work: impl FnOnce()) -> Vec<Value> {
    let captured = Captured::default();
    let writer = captured.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .fmt_fields(JsonFields::new())
        .event_format(JsonLine);
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .build();
    let subscriber = tracing_subscriber::registry()
        .with(traces::layer(&provider))
        .with(layer);
    tracing::subscriber::with_default(subscriber, work);
    let bytes = captured.0.lock().unwrap().clone();
    String::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn holds_message_and_typed_fields() {
    let lines =
        lines(|| tracing::warn!(target: "spot", count = 3, ok = true, name = "a\nb", "it is {}", "so"));
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(
        (&line["level"], &line["target"], &line["message"]),
        (&"WARN".into(), &"spot".into(), &"it is so".into())
    );
    assert_eq!(
        (&line["count"], &line["ok"], &line["name"]),
        (&3.into(), &true.into(), &"a\nb".into())
    );
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(line.get("trace_id").is_none() && line.get("span").is_none());
}

#[test]
fn takes_the_fields_of_its_spans_the_innermost_first() {
    let lines = lines(|| {
        let outer =
            tracing::info_span!("outer", event_id = "e1", depth = 1, late = tracing::field::Empty).entered();
        outer.record("late", "now");
        let _inner = tracing::info_span!("inner", depth = 2, level = "mine").entered();
        tracing::info!("inside");
    });
    let line = &lines[0];
    assert_eq!(
        (&line["event_id"], &line["depth"], &line["late"]),
        (&"e1".into(), &2.into(), &"now".into())
    );
    assert_eq!((&line["span"], &line["level"]), (&"inner".into(), &"INFO".into()));
}

#[test]
fn names_the_trace_even_when_nothing_is_exported() {
    let lines = lines(|| {
        let _span = tracing::info_span!("outer").entered();
        tracing::info!("one");
        let _inner = tracing::info_span!("inner").entered();
        tracing::info!("two");
    });
    assert_eq!(lines[0]["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(lines[0]["trace_id"], lines[1]["trace_id"]);
    assert_ne!(lines[0]["span_id"], lines[1]["span_id"]);
}
