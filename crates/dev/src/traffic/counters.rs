//! How many events the gateway says it recorded, and how many it knew already.

use serde::Serialize;

use super::{Gateway, TrafficError};

/// The gateway's two counters, summed over their labels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counters {
    /// Events written down for the first time.
    pub(crate) recorded: u64,
    /// Events that were there already.
    pub(crate) duplicate: u64,
}

impl Counters {
    /// Asks the gateway.
    ///
    /// # Errors
    /// [`TrafficError::Get`] when its admin port does not answer.
    pub(crate) async fn read(gateway: &Gateway) -> Result<Self, TrafficError> {
        Ok(Self::parse(&gateway.admin_text("/metrics").await?))
    }

    fn parse(exposition: &str) -> Self {
        Self {
            recorded: sum(exposition, "mailroom_events_recorded_total"),
            // With another content they are duplicates as well.
            duplicate: sum(exposition, "mailroom_events_duplicate_total")
                + sum(exposition, "mailroom_events_conflicting_total"),
        }
    }

    /// What was added since `before`. A restarted gateway counts from zero again.
    pub(crate) fn since(self, before: Self) -> Self {
        let added = |now: u64, then: u64| now.checked_sub(then).unwrap_or(now);
        Self {
            recorded: added(self.recorded, before.recorded),
            duplicate: added(self.duplicate, before.duplicate),
        }
    }

    /// Both together: every accepted event is one or the other.
    pub(crate) fn total(self) -> u64 {
        self.recorded + self.duplicate
    }
}

/// The sum of a counter over its labels in Prometheus' text format.
fn sum(exposition: &str, name: &str) -> u64 {
    exposition
        .lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with(['{', ' ']))
        .filter_map(|rest| {
            rest.rsplit_once(['}', ' '])
                .and_then(|(_, value)| value.trim().parse::<u64>().ok())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_summed_over_labels_and_nothing_else() {
        let text = "# HELP mailroom_events_recorded_total Events recorded.\n\
                    # TYPE mailroom_events_recorded_total counter\n\
                    mailroom_events_recorded_total{provider=\"twilio\",channel=\"sms\"} 40\n\
                    mailroom_events_recorded_total{provider=\"contract }\"} 2\n\
                    mailroom_events_recorded_total_other 7\n\
                    mailroom_events_duplicate_total 5\n";
        let counters = Counters::parse(text);
        assert_eq!(
            counters,
            Counters {
                recorded: 42,
                duplicate: 5
            }
        );
        assert_eq!(counters.total(), 47);
    }

    #[test]
    fn a_restarted_gateway_counts_from_zero() {
        let now = Counters {
            recorded: 3,
            duplicate: 9,
        };
        let before = Counters {
            recorded: 100,
            duplicate: 4,
        };
        assert_eq!(
            now.since(before),
            Counters {
                recorded: 3,
                duplicate: 5
            }
        );
    }
}
