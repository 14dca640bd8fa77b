//! How a process is asked to stop, and when asking becomes cutting off.
//!
//! ```text
//! signal ── requested ── drain delay ── drained ── ... ── deadline or second signal ── forced
//! ```

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::config::ShutdownConfig;
use crate::health::Health;

/// The request to stop, in three steps. Clones share it; each step holds those before it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    requested: CancellationToken,
    drained: CancellationToken,
    forced: CancellationToken,
}

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop, as the first signal does.
    pub fn request(&self) {
        self.requested.cancel();
    }

    /// Says that load balancers have had their time, as the end of the drain delay does.
    pub fn drain(&self) {
        self.requested.cancel();
        self.drained.cancel();
    }

    /// Cuts off, as the second signal and the deadline do.
    pub fn force(&self) {
        self.drain();
        self.forced.cancel();
    }

    /// Waits for the request: take no new work from the queue, finish what was begun.
    pub async fn requested(&self) {
        self.requested.cancelled().await;
    }

    /// Waits until the drain delay after the request is over: a server stops accepting now.
    pub async fn drained(&self) {
        self.drained.cancelled().await;
    }

    /// Waits for the cut-off: give up at once.
    pub async fn forced(&self) {
        self.forced.cancelled().await;
    }

    /// Whether the request was made.
    pub fn is_requested(&self) -> bool {
        self.requested.is_cancelled()
    }

    /// Whether work is being cut off.
    pub fn is_forced(&self) -> bool {
        self.forced.is_cancelled()
    }

    /// A token cancelled with the request, for what takes tokens. Cancelling it asks nobody else.
    pub fn soft_token(&self) -> CancellationToken {
        self.requested.child_token()
    }

    /// A token cancelled with the cut-off. Cancelling it cuts off nobody else.
    pub fn hard_token(&self) -> CancellationToken {
        self.forced.child_token()
    }
}

/// Turns signals and times into the steps of `stop`, and `health` into draining at the first of them.
pub(crate) async fn supervise(
    stop: Stop,
    health: Health,
    config: ShutdownConfig,
    mut signals: Receiver<&'static str>,
) {
    tokio::select! {
        Some(signal) = signals.recv() => tracing::info!(signal, "asked to stop"),
        () = stop.requested() => tracing::info!("stopping"),
    }
    health.drain();
    stop.request();

    let asked = Instant::now();
    let after = |time: Duration| sleep_until(asked + time);
    let drain = async {
        after(config.drain_delay()).await;
        stop.drain();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = drain => {}
        () = after(config.deadline()) => {
            tracing::error!(deadline_ms = config.deadline_ms, "work was not finished by the deadline: cutting it off");
        }
        Some(signal) = signals.recv() => tracing::warn!(signal, "asked again: cutting off"),
        () = stop.forced() => {}
    }
    stop.force();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc::{self, Sender};
    use tokio::time::timeout;

    use super::{Stop, supervise};
    use crate::config::ShutdownConfig;
    use crate::health::Health;

    const SOON: Duration = Duration::from_secs(5);

    fn supervised(drain_delay_ms: u64, deadline_ms: u64) -> (Stop, Health, Sender<&'static str>) {
        let (stop, health) = (Stop::new(), Health::new());
        let (signals, received) = mpsc::channel(4);
        let config = ShutdownConfig {
            drain_delay_ms,
            deadline_ms,
        };
        tokio::spawn(supervise(stop.clone(), health.clone(), config, received));
        (stop, health, signals)
    }

    #[tokio::test]
    async fn first_signal_asks_and_drains_second_cuts_off() {
        let (stop, health, signals) = supervised(60_000, 60_000);
        assert!(!stop.is_requested() && !health.readiness().draining);
        signals.send("SIGTERM").await.unwrap();
        timeout(SOON, stop.requested()).await.unwrap();
        assert!(health.readiness().draining);
        assert!(timeout(Duration::from_millis(50), stop.drained()).await.is_err());
        signals.send("SIGINT").await.unwrap();
        timeout(SOON, stop.forced()).await.unwrap();
        timeout(SOON, stop.drained()).await.unwrap();
    }

    #[tokio::test]
    async fn drain_delay_comes_before_the_deadline() {
        let (stop, _health, signals) = supervised(20, 60_000);
        signals.send("SIGTERM").await.unwrap();
        timeout(SOON, stop.drained()).await.unwrap();
        assert!(timeout(Duration::from_millis(50), stop.forced()).await.is_err());
    }

    #[tokio::test]
    async fn deadline_cuts_off() {
        let (stop, _health, signals) = supervised(60_000, 20);
        signals.send("SIGTERM").await.unwrap();
        timeout(SOON, stop.forced()).await.unwrap();
    }

    #[tokio::test]
    async fn a_service_may_ask_for_itself() {
        let (stop, health, signals) = supervised(0, 60_000);
        drop(signals); // no signals any more: neither a request nor a cut-off
        assert!(
            timeout(Duration::from_millis(50), stop.requested())
                .await
                .is_err()
        );
        stop.request();
        timeout(SOON, stop.drained()).await.unwrap();
        assert!(health.readiness().draining && !stop.is_forced());
    }

    #[tokio::test]
    async fn tokens_follow_but_do_not_lead() {
        let stop = Stop::new();
        stop.soft_token().cancel();
        assert!(!stop.is_requested());
        let (soft, hard) = (stop.soft_token(), stop.hard_token());
        stop.request();
        assert!(soft.is_cancelled() && !hard.is_cancelled());
        stop.force();
        assert!(hard.is_cancelled());
    }
}
