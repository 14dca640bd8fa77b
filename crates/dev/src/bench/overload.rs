//! Overload: ten times as many requests as the gateway can record. Those that are let in keep their latency, the others
//! are sent away quickly, memory stays bounded, and afterwards all is as before.
//!
//! The gateway may write one event with each commit and no two at once: so its peak is low enough for a client on the same
//! machine to send ten times of it. Open loop: each request has its own time, and its latency counts from then.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::usage::Usage;
use crate::error::DevError;
use mailroom_bench::figures::Quantiles;
use mailroom_bench::wire::Wire;

/// Settings that keep the gateway's peak low.
pub(super) const SETTINGS: [(&str, &str); 2] = [
    ("MAILROOM__RECORDING__WRITERS", "1"),
    ("MAILROOM__RECORDING__MAX_EVENTS", "1"),
];
/// Connections that find out the peak, each sending as soon as it is answered.
const EAGER: usize = 16;
/// Connections of the open loop: enough for all requests that wait at any moment.
const CONNECTIONS: usize = 2_000;
/// How much more than the peak is offered.
const TIMES: f64 = 10.0;

/// No answer is waited for longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// 202: it is recorded.
    Admitted,
    /// 503, and when to come again.
    Refused,
    /// Anything else, or nothing.
    Wrong,
}

async fn post(wire: &mut Wire, body: &str) -> Answer {
    match wire.post("/api/webhooks/sms", body).await {
        Ok(reply) if reply.status == 202 => Answer::Admitted,
        Ok(reply) if reply.status == 503 && reply.says_when => Answer::Refused,
        _ => Answer::Wrong,
    }
}

/// What one phase came to.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Phase {
    /// Requests a second that were to be sent.
    pub(super) offered_per_second: f64,
    /// Requests a second that were answered, in whichever way.
    pub(super) answered_per_second: f64,
    /// Answered with 202.
    pub(super) admitted: usize,
    /// Answered with 503 and `Retry-After`.
    pub(super) refused: usize,
    /// Answered otherwise, or not at all.
    pub(super) wrong: usize,
    /// From when a request should have been sent to its 202, in milliseconds.
    pub(super) to_202: Quantiles,
    /// The same to its 503.
    pub(super) to_503: Quantiles,
}

/// What a round came to.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Measured {
    /// Events a second that 16 connections get recorded.
    pub(super) peak_per_second: f64,
    /// At half the peak.
    pub(super) before: Phase,
    /// At ten times the peak.
    pub(super) during: Phase,
    /// At half the peak again, from the moment on at which the overload ends.
    pub(super) after: Phase,
    /// The most memory that the gateway has held up to then, in MiB.
    pub(super) memory_mib: f64,
}

impl Measured {
    /// Whether every request was answered as it has to be.
    pub(super) const fn is_right(&self) -> bool {
        self.before.wrong + self.during.wrong + self.after.wrong == 0 && self.before.refused == 0
    }
}

/// Finds the peak, offers ten times as much, and looks how it is afterwards.
pub(super) async fn measure(
    gateway: SocketAddr,
    process: u32,
    run: &str,
    seconds: u32,
) -> Result<Measured, DevError> {
    let numbers = Arc::new(Numbers {
        run: run.to_owned(),
        next: AtomicUsize::new(0),
    });
    let span = Duration::from_secs(u64::from(seconds));
    let peak = peak(gateway, &numbers, span).await?;
    let before = offer(gateway, &numbers, peak / 2.0, span).await?;
    let during = offer(gateway, &numbers, peak * TIMES, span).await?;
    let after = offer(gateway, &numbers, peak / 2.0, span).await?;
    Ok(Measured {
        peak_per_second: peak,
        before,
        during,
        after,
        memory_mib: Usage::of(process)?.memory_mib,
    })
}

/// Gives each request an id of its own.
struct Numbers {
    run: String,
    next: AtomicUsize,
}

impl Numbers {
    fn body(&self) -> String {
        let number = self.next.fetch_add(1, Relaxed);
        json!({
            "from": format!("+1555{:07}", number % 1_000), "to": "+15550199000", "type": "sms", "attachments": null,
            "messaging_provider_id": format!("{}-{number}", self.run), "body": "overload", "timestamp": "2024-11-01T14:00:00Z",
        })
        .to_string()
    }
}

async fn peak(gateway: SocketAddr, numbers: &Arc<Numbers>, span: Duration) -> Result<f64, DevError> {
    let until = Instant::now() + span;
    let mut senders = JoinSet::new();
    for _ in 0..EAGER {
        let numbers = Arc::clone(numbers);
        senders.spawn(async move {
            let (mut wire, mut admitted) = (Wire::new(gateway, PATIENCE), 0_u32);
            while Instant::now() < until {
                if post(&mut wire, &numbers.body()).await == Answer::Admitted {
                    admitted += 1;
                }
            }
            admitted
        });
    }
    let admitted: u32 = senders.join_all().await.into_iter().sum();
    if admitted == 0 {
        return Err(DevError::Failed("the gateway records nothing".into()));
    }
    Ok(f64::from(admitted) / span.as_secs_f64())
}

async fn offer(
    gateway: SocketAddr,
    numbers: &Arc<Numbers>,
    rate: f64,
    span: Duration,
) -> Result<Phase, DevError> {
    let begin = Instant::now() + Duration::from_millis(100);
    let end = begin + span;
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (numbers, next) = (Arc::clone(numbers), Arc::clone(&next));
        senders.spawn(async move {
            let (mut wire, mut seen) = (Wire::new(gateway, PATIENCE), Vec::new());
            loop {
                let due = begin + Duration::from_secs_f64(as_f64(next.fetch_add(1, Relaxed)) / rate);
                // What could not be sent in time is no load any more.
                if due >= end || Instant::now() >= end {
                    return seen;
                }
                sleep_until(due).await;
                let answer = post(&mut wire, &numbers.body()).await;
                seen.push((answer, due.elapsed()));
            }
        });
    }
    let mut seen = Vec::new();
    while let Some(sender) = senders.join_next().await {
        seen.extend(sender.map_err(|_| DevError::Failed("a sender panicked".into()))?);
    }
    let took = begin.elapsed();
    let of = |wanted: Answer| -> Vec<Duration> {
        let those = seen.iter().filter(|(answer, _)| *answer == wanted);
        those.map(|(_, time)| *time).collect()
    };
    let (admitted, refused) = (of(Answer::Admitted), of(Answer::Refused));
    Ok(Phase {
        offered_per_second: rate,
        answered_per_second: as_f64(seen.len()) / took.as_secs_f64(),
        admitted: admitted.len(),
        refused: refused.len(),
        wrong: of(Answer::Wrong).len(),
        to_202: Quantiles::of(admitted),
        to_503: Quantiles::of(refused),
    })
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
