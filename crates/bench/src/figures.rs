//! Figures of many samples: quantiles, and their spread over rounds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Quantiles of durations, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half are faster.
    pub p50: f64,
    /// 95 of 100 are faster.
    pub p95: f64,
    /// 99 of 100 are faster.
    pub p99: f64,
    /// None is slower.
    pub max: f64,
}

impl Quantiles {
    /// Of at least one sample (nearest rank); zeros of none.
    pub fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |percent: usize| {
            let rank = (samples.len() * percent).div_ceil(100).max(1);
            samples
                .get(rank - 1)
                .map_or(0.0, |sample| sample.as_secs_f64() * 1e3)
        };
        Self {
            p50: at(50),
            p95: at(95),
            p99: at(99),
            max: at(100),
        }
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "p50 {:.1}, p95 {:.1}, p99 {:.1}, max {:.1} ms",
            self.p50, self.p95, self.p99, self.max
        )
    }
}

/// One figure over several rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// That of the middle.
    pub median: f64,
    /// The most.
    pub max: f64,
}

impl Spread {
    /// Of at least one round; zeros of none.
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or_default();
        Self {
            min: at(0),
            median: at(figures.len() / 2),
            max: at(figures.len().saturating_sub(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let quantiles = Quantiles::of((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(
            quantiles,
            Quantiles {
                p50: 100.0,
                p95: 190.0,
                p99: 198.0,
                max: 200.0
            }
        );
        let one = Quantiles {
            p50: 7.0,
            p95: 7.0,
            p99: 7.0,
            max: 7.0,
        };
        assert_eq!(Quantiles::of(vec![Duration::from_millis(7)]), one);
        assert_eq!(
            Quantiles::of(Vec::new()),
            Quantiles {
                p50: 0.0,
                p95: 0.0,
                p99: 0.0,
                max: 0.0
            }
        );
    }

    #[test]
    fn a_spread_has_its_median() {
        assert_eq!(
            Spread::of([3.0, 1.0, 2.0].into_iter()),
            Spread {
                min: 1.0,
                median: 2.0,
                max: 3.0
            }
        );
    }
}
