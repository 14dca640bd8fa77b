//! Load over HTTP. In an open loop each request has its own time, and its latency counts from then, whatever became of
//! those before it; without a rate, each connection sends as soon as it is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::error::BenchError;
use crate::figures::Quantiles;
use crate::wire::Wire;

/// No answer is waited for longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What to send.
#[derive(Debug, Clone)]
pub struct Load {
    /// Whom.
    pub to: SocketAddr,
    /// Over how many connections.
    pub connections: u32,
    /// Requests a second; as fast as answers come without.
    pub rate: Option<f64>,
    /// For how long.
    pub span: Duration,
    /// How many at most.
    pub events: u64,
    /// To how many conversations in turn.
    pub conversations: u64,
    /// Of about how many bytes each.
    pub bytes: usize,
    /// Tells these events from those of other runs.
    pub run: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Answered with 2xx.
    pub acknowledged: u64,
    /// Answered otherwise, or not at all.
    pub otherwise: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Of those that were acknowledged.
    pub latency: Quantiles,
}

impl Load {
    /// Sends it all.
    ///
    /// # Errors
    /// [`BenchError::Task`] for a defect.
    pub async fn send(self) -> Result<Answered, BenchError> {
        let load = Arc::new(self);
        let next = Arc::new(AtomicU64::new(0));
        let begin = Instant::now();
        let mut senders = JoinSet::new();
        for _ in 0..load.connections {
            let (load, next) = (Arc::clone(&load), Arc::clone(&next));
            senders.spawn(async move { load.sender(begin, &next).await });
        }
        let (mut times, mut otherwise) = (Vec::new(), 0);
        while let Some(sent) = senders.join_next().await {
            let (answered, failed) = sent?;
            times.extend(answered);
            otherwise += failed;
        }
        Ok(Answered {
            acknowledged: u64::try_from(times.len()).unwrap_or(u64::MAX),
            otherwise,
            seconds: begin.elapsed().as_secs_f64(),
            latency: Quantiles::of(times),
        })
    }

    async fn sender(&self, begin: Instant, next: &AtomicU64) -> (Vec<Duration>, u64) {
        let (mut wire, mut times, mut otherwise) = (Wire::new(self.to, PATIENCE), Vec::new(), 0);
        loop {
            let number = next.fetch_add(1, Relaxed);
            let due = match self.rate {
                Some(rate) => begin + Duration::from_secs_f64(as_f64(number) / rate),
                None => Instant::now(),
            };
            if number >= self.events || due >= begin + self.span {
                return (times, otherwise);
            }
            sleep_until(due).await;
            match wire.post("/api/webhooks/sms", &self.body(number)).await {
                Ok(reply) if (200..300).contains(&reply.status) => times.push(due.elapsed()),
                _ => otherwise += 1,
            }
        }
    }

    /// An SMS; its text makes it as long as asked for.
    fn body(&self, number: u64) -> String {
        let from = number % self.conversations.max(1);
        // Later ones are said later, as in life: each is the latest of its conversation.
        let (minute, second, millis) = (number / 60_000 % 60, number / 1_000 % 60, number % 1_000);
        let head = format!(
            r#"{{"from":"+1555{from:07}","to":"+15550199000","type":"sms","attachments":null,"timestamp":"2024-11-01T14:{minute:02}:{second:02}.{millis:03}Z","messaging_provider_id":"{}-{number}","body":""#,
            self.run
        );
        let text = "Your parcel is at the door. ";
        let room = self.bytes.saturating_sub(head.len() + 2);
        let text: String = text.chars().cycle().take(room).collect();
        format!(r#"{head}{text}"}}"#)
    }
}

fn as_f64(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_and_as_long_as_asked_for() {
        let load = Load {
            to: ([127, 0, 0, 1], 1).into(),
            connections: 1,
            rate: None,
            span: Duration::ZERO,
            events: 1,
            conversations: 10,
            bytes: 1_000,
            run: "r".to_owned(),
        };
        let body = load.body(17);
        assert_eq!(body.len(), 1_000);
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&value["from"], &value["messaging_provider_id"]),
            (&"+15550000007".into(), &"r-17".into())
        );
    }
}
