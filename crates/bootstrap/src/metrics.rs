//! The Prometheus recorder of this process: its buckets, its own series and its text form.

use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::ErrorCounter;

use crate::service::Service;

/// From a fast statement to a stuck one; every `*_seconds` histogram has them. Seconds.
const SECONDS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

pub(crate) const PANICS: &str = "panics_total";
pub(crate) const SPANS_EXPORTED: &str = "trace_spans_exported_total";
pub(crate) const SPANS_LOST: &str = "trace_spans_lost_total";
const LINES_DROPPED: &str = "log_lines_dropped_total";
const BUILD_INFO: &str = "build_info";

/// The recorder cannot be installed: this process has one already.
#[derive(Debug, thiserror::Error)]
#[error("the metrics recorder was installed twice; this is a fault of the program, please report it")]
pub struct AlreadyInstalled;

/// What this process counts. Clones share it.
#[derive(Debug, Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    lines_dropped: Option<ErrorCounter>,
}

impl Metrics {
    /// Installs the recorder behind the macros of the `metrics` crate. `lines_dropped` counts lost log lines.
    ///
    /// # Errors
    /// [`AlreadyInstalled`] the second time in one process.
    pub fn install(service: &Service, lines_dropped: Option<ErrorCounter>) -> Result<Self, AlreadyInstalled> {
        let recorder = builder().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| AlreadyInstalled)?;
        describe(service);
        Ok(Self {
            handle,
            lines_dropped,
        })
    }

    /// A recorder of its own that nothing records to.
    #[cfg(test)]
    pub(crate) fn detached() -> Self {
        Self {
            handle: builder().build_recorder().handle(),
            lines_dropped: None,
        }
    }

    /// All series in the Prometheus text format.
    pub fn render(&self) -> String {
        if let Some(lines) = &self.lines_dropped {
            counter!(LINES_DROPPED).absolute(lines.dropped_lines() as u64);
        }
        self.handle.render()
    }

    /// Folds what histograms have gathered; without it they grow while nobody scrapes. Every few seconds.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

fn builder() -> PrometheusBuilder {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .expect("the buckets are not empty")
}

fn describe(service: &Service) {
    describe_gauge!(BUILD_INFO, "Always 1; the labels say which program this is");
    gauge!(BUILD_INFO, "service" => service.name, "version" => service.version).set(1.0);
    describe_counter!(
        LINES_DROPPED,
        "Log lines lost because nobody read them fast enough"
    );
    describe_counter!(PANICS, "Panics caught in any task or thread");
    describe_counter!(SPANS_EXPORTED, "Trace spans the collector has taken");
    describe_counter!(
        SPANS_LOST,
        "Trace spans lost because the collector did not take them"
    );
    for name in [LINES_DROPPED, PANICS, SPANS_EXPORTED, SPANS_LOST] {
        counter!(name).absolute(0); // a series that is there from the first scrape can be alarmed on
    }
}

#[cfg(test)]
mod tests {
    use metrics::{histogram, with_local_recorder};

    use super::{Metrics, builder, describe};
    use crate::service::Service;

    #[test]
    fn renders_its_series_and_buckets() {
        let recorder = builder().build_recorder();
        let metrics = Metrics {
            handle: recorder.handle(),
            lines_dropped: None,
        };
        with_local_recorder(&recorder, || {
            describe(&Service {
                name: "test",
                version: "1.2.3",
                about: "",
            });
            histogram!("claim_seconds").record(0.0007);
        });
        metrics.upkeep();
        let text = metrics.render();
        for line in [
            "build_info{service=\"test\",version=\"1.2.3\"} 1",
            "log_lines_dropped_total 0",
            "panics_total 0",
            "claim_seconds_bucket{le=\"0.0005\"} 0",
            "claim_seconds_bucket{le=\"0.001\"} 1",
            "claim_seconds_bucket{le=\"60\"} 1",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
    }
}
