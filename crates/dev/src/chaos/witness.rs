//! Watches the metrics of all processes: whether rare paths were taken.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

/// How often it looks.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Counters that tell of rare paths, with what each is called here.
const PATHS: [(&str, &str); 6] = [
    ("mailroom_events_reaped_total", "reaped"),
    ("mailroom_claims_lost_total", "claims lost"),
    ("mailroom_lanes_lost_total", "lanes lost"),
    ("mailroom_events_duplicate_total", "duplicates"),
    ("mailroom_recordings_repeated_total", "recordings tried again"),
    ("mailroom_events_errored_total", "retries"),
];

/// What it saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// How often each rare path was taken.
    pub(super) paths: BTreeMap<&'static str, u64>,
    /// The latest value of each counter of each process.
    latest: BTreeMap<(u16, &'static str), f64>,
}

/// The one who watches.
pub(super) struct Witness {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Witness {
    /// Begins to watch these admin ports.
    pub(super) fn start(ports: Vec<u16>, client: reqwest::Client) -> Self {
        let seen = Arc::<Mutex<Seen>>::default();
        let watched = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                for &port in &ports {
                    let url = format!("http://127.0.0.1:{port}/metrics");
                    let Ok(answer) = client.get(url).send().await else {
                        continue;
                    };
                    if let Ok(text) = answer.text().await {
                        watched
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .note(port, &text);
                    }
                }
                sleep(LOOK_AGAIN).await;
            }
        });
        Self { seen, task }
    }

    /// What it saw so far.
    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seen {
    fn note(&mut self, port: u16, metrics: &str) {
        for (counter, path) in PATHS {
            let now = sum(metrics, counter);
            let before = self.latest.insert((port, path), now).unwrap_or_default();
            // A counter that fell is that of a new process.
            let more = if now < before { now } else { now - before };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "counters are whole and not negative"
            )]
            let more = more as u64;
            *self.paths.entry(path).or_default() += more;
        }
    }
}

/// The sum of all series of a metric, or of those with one label.
fn sum(metrics: &str, wanted: &str) -> f64 {
    let (name, label) = match wanted.split_once('{') {
        Some((name, label)) => (name, label.trim_end_matches('}')),
        None => (wanted, ""),
    };
    metrics
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter(|(series, _)| series.split('{').next() == Some(name) && series.contains(label))
        .filter_map(|(_, value)| value.parse::<f64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up_across_restarts() {
        let mut seen = Seen::default();
        for value in [3, 5, 2] {
            seen.note(1, &format!("# TYPE x\nmailroom_events_reaped_total {value}\n"));
        }
        seen.note(2, "mailroom_events_reaped_total 1\n");
        assert_eq!(seen.paths["reaped"], 3 + 2 + 2 + 1);
    }

    #[test]
    fn a_label_narrows_it_down() {
        let text = "m{reason=\"busy\"} 3\nm{reason=\"unavailable\"} 4\nmm 9\n";
        assert!((sum(text, "m") - 7.0).abs() < 1e-9);
        assert!((sum(text, "m{reason=\"unavailable\"}") - 4.0).abs() < 1e-9);
    }
}
