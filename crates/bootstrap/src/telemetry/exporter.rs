//! A span exporter that is told of when it starts failing and when it works again, and counted in between.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::metrics::{SPANS_EXPORTED, SPANS_LOST};

#[derive(Debug)]
pub(super) struct Watched<E> {
    inner: E,
    failing: AtomicBool,
}

impl<E> Watched<E> {
    pub(super) const fn new(inner: E) -> Self {
        Self {
            inner,
            failing: AtomicBool::new(false),
        }
    }

    fn note(&self, spans: u64, result: &OTelSdkResult) {
        let failed = result.is_err();
        metrics::counter!(if failed { SPANS_LOST } else { SPANS_EXPORTED }).increment(spans);
        let failed_before = self.failing.swap(failed, Ordering::Relaxed);
        if failed == failed_before {
            return; // not a line for every failure
        }
        if let Err(error) = result {
            tracing::warn!(%error, "the trace collector does not take our spans");
        } else {
            tracing::info!("the trace collector takes our spans again");
        }
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let result = self.inner.export(batch).await;
        self.note(spans, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use metrics_exporter_prometheus::PrometheusBuilder;
    use opentelemetry_sdk::error::OTelSdkError;

    use super::Watched;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn counts_every_failure_and_tells_of_the_change_only() {
        let (log, recorder) = (Log::default(), PrometheusBuilder::new().build_recorder());
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();
        let _metrics = metrics::set_default_local_recorder(&recorder);
        let watched = Watched::new(());
        let down = || Err(OTelSdkError::InternalFailure("down".to_owned()));
        tracing::subscriber::with_default(subscriber, || {
            for (spans, result) in [(1, Ok(())), (2, down()), (3, down()), (4, Ok(())), (5, Ok(()))] {
                watched.note(spans, &result);
            }
        });
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            (log.lines().count(), log.matches("does not take").count()),
            (2, 1),
            "{log}"
        );
        let counted = recorder.handle().render();
        assert!(
            counted.contains("trace_spans_exported_total 10") && counted.contains("trace_spans_lost_total 5")
        );
    }
}
