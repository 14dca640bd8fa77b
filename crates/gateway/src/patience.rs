//! How long a request's body is waited for.

use std::time::Duration;

use mailroom_bootstrap::stop::Stop;

use crate::config::ServerConfig;

/// How long a body is waited for.
#[derive(Debug)]
pub(crate) struct Patience {
    /// At most so long.
    timeout: Duration,
    /// Less, if after this time it comes more slowly than
    grace: Duration,
    /// so many bytes a second; 0 for any.
    rate: u32,
    /// And not while the process stops: a slow client must not hold that up.
    stop: Stop,
}

impl Patience {
    pub(crate) fn new(config: &ServerConfig, stop: Stop) -> Self {
        Self {
            timeout: config.body_timeout(),
            grace: Duration::from_millis(config.body_grace_ms),
            rate: config.min_body_rate,
            stop,
        }
    }

    /// For how long after its beginning a body is waited for of which so many bytes are there.
    pub(crate) fn allows(&self, bytes: usize) -> Duration {
        let Some(rate) = std::num::NonZeroU32::new(self.rate) else {
            return self.timeout;
        };
        let millis = (bytes as u64).saturating_mul(1_000) / u64::from(rate.get());
        self.timeout.min(self.grace + Duration::from_millis(millis))
    }

    /// Whether the process was asked to stop: what is answered from now on is the last on its connection.
    pub(crate) fn is_ending(&self) -> bool {
        self.stop.is_requested()
    }

    /// Ends a second after the process begins to stop.
    pub(crate) async fn stopping(&self) {
        self.stop.drained().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patience(rate: u32) -> Patience {
        let config = ServerConfig {
            body_timeout_ms: 10_000,
            body_grace_ms: 2_000,
            min_body_rate: rate,
            ..ServerConfig::default()
        };
        Patience::new(&config, Stop::new())
    }

    #[test]
    fn bytes_buy_time_up_to_the_limit() {
        let seconds = |bytes| patience(1_000).allows(bytes).as_secs();
        assert_eq!((seconds(0), seconds(1_000), seconds(5_999)), (2, 3, 7));
        assert_eq!((seconds(8_000), seconds(1 << 30)), (10, 10));
    }

    #[test]
    fn without_a_rate_there_is_only_the_limit() {
        assert_eq!(patience(0).allows(0).as_secs(), 10);
    }
}
