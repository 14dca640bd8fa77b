//! What the workers of a benchmark have done, as they tell it themselves: asking the database would cost it time.

use crate::error::DevError;

const PROCESSED: &str = "mailroom_events_processed_total";

/// Looks at workers.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) client: reqwest::Client,
    /// Their admin ports.
    pub(super) workers: Vec<u16>,
}

impl Watch {
    /// Events that all of them finished.
    pub(super) async fn processed(&self) -> Result<u64, DevError> {
        let lost = |error: reqwest::Error| DevError::Failed(format!("a worker did not answer: {error}"));
        let mut sum = 0;
        for port in &self.workers {
            let url = format!("http://127.0.0.1:{port}/metrics");
            let text = self
                .client
                .get(url)
                .send()
                .await
                .map_err(lost)?
                .text()
                .await
                .map_err(lost)?;
            sum += counted(&text);
        }
        Ok(sum)
    }
}

/// The sum of the counter over all its labels.
fn counted(metrics: &str) -> u64 {
    let lines = metrics.lines().filter(|line| line.starts_with(PROCESSED));
    let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    counts.sum()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let metrics = "# TYPE mailroom_events_processed_total counter\n\
                       mailroom_events_processed_total{channel=\"sms\"} 40\n\
                       mailroom_events_processed_total{channel=\"mms\"} 2\n\
                       mailroom_events_claimed_total 99\n";
        assert_eq!(counted(metrics), 42);
    }
}
