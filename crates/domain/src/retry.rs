//! When an event that failed is tried again, and when it is not.

use std::time::Duration;

/// Exponential back-off with full jitter (the delay is drawn evenly from nothing up to the bound, which
/// spreads a herd best).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The bound of the first retry's delay; it doubles with each.
    pub base: Duration,
    /// No bound grows beyond this.
    pub cap: Duration,
    /// How often an event is tried again before it is buried.
    pub max_retries: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(500),
            cap: Duration::from_mins(5),
            max_retries: 5,
        }
    }
}

/// What becomes of an event whose attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after this long.
    RetryAfter(Duration),
    /// Its attempts are spent.
    Bury,
}

impl RetryPolicy {
    /// What comes after attempt number `attempt` (from 1) failed. `jitter` is drawn evenly from 0 to 1.
    pub fn after(&self, attempt: u32, jitter: f64) -> Next {
        if attempt > self.max_retries {
            return Next::Bury;
        }
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let bound = self.base.saturating_mul(doubled).min(self.cap);
        Next::RetryAfter(bound.mul_f64(jitter.clamp(0.0, 1.0)))
    }

    /// How long to wait while the database itself cannot: up to what comes before the last retry, whatever the attempt.
    pub fn while_unwell(&self, jitter: f64) -> Duration {
        match self.after(self.max_retries, jitter) {
            Next::RetryAfter(delay) => delay,
            Next::Bury => Duration::ZERO,
        }
    }

    /// The delay after each attempt that may still be retried, first to last, one draw of jitter for each:
    /// what the reaper hands to the database, which alone knows how many attempts an event has had.
    pub fn schedule(&self, mut jitter: impl FnMut() -> f64) -> Vec<Duration> {
        (1..=self.max_retries)
            .map_while(|attempt| match self.after(attempt, jitter()) {
                Next::RetryAfter(delay) => Some(delay),
                Next::Bury => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_retries_then_the_dead_letter() {
        let policy = RetryPolicy::default();
        let bounds: Vec<_> = policy.schedule(|| 1.0).iter().map(Duration::as_millis).collect();
        assert_eq!(bounds, [500, 1000, 2000, 4000, 8000]);
        assert_eq!(policy.after(6, 0.5), Next::Bury);
        assert_eq!(policy.while_unwell(1.0), Duration::from_secs(8));
    }

    proptest! {
        #[test]
        fn a_delay_stays_within_its_bound(attempt in 0_u32..200, jitter in -1.0_f64..2.0, max_retries in 0_u32..200) {
            let policy = RetryPolicy { max_retries, ..RetryPolicy::default() };
            match policy.after(attempt, jitter) {
                Next::Bury => prop_assert!(attempt > max_retries),
                Next::RetryAfter(delay) => {
                    prop_assert!(attempt <= max_retries && delay <= policy.cap);
                    let bound = policy.base.as_secs_f64() * 2_f64.powi(i32::try_from(attempt).unwrap() - 1).max(1.0);
                    prop_assert!(delay.as_secs_f64() <= bound + 1e-9);
                }
            }
        }
    }
}
