//! Latency: from the provider's request to its 202, and from the 202 to the message in the API, at a steady rate.
//!
//! Open loop: each event is sent at its own time whatever became of those before it, and its time counts from when
//! it should have been sent, so that a stall is felt by every event that met it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::load::Load;
use super::report::Report;
use crate::cli::Bench;
use crate::error::DevError;
use crate::randomness::random_hex;
use mailroom_bench::figures::Quantiles;

/// Conversations written to in turn.
const CONVERSATIONS: usize = 50;
/// Pause between two looks whether a message is there.
const LOOK_AGAIN: Duration = Duration::from_micros(500);
/// No message may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One round.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Measured {
    /// From when an event should have been sent to its 202.
    pub(super) answered: Quantiles,
    /// From the 202 to the first answer of the API that counts the message.
    pub(super) visible: Quantiles,
}

/// Sends `rate` events a second for `seconds`, and watches for each message.
pub(super) async fn measure(base_url: &str, rate: u32, seconds: u32) -> Result<Measured, DevError> {
    let load = Arc::new(Load::new(base_url, random_hex()?)?);
    let events = rate as usize * seconds as usize;
    let conversations = Arc::new(prepare(&load, events).await?);
    let begin = Instant::now() + Duration::from_millis(200);
    let mut samples = JoinSet::new();
    for event in 0..events {
        let due = begin
            + Duration::from_secs_f64(f64::from(u32::try_from(event).unwrap_or(u32::MAX)) / f64::from(rate));
        let (load, conversations) = (Arc::clone(&load), Arc::clone(&conversations));
        samples.spawn(async move {
            sleep_until(due).await;
            let conversation = event % CONVERSATIONS;
            load.send(conversation, event).await?;
            let answered = Instant::now();
            let (id, before) = &conversations[&conversation];
            // Its conversation is in order, so with it there are so many. A page of one message is asked for: whoever looks
            // again and again should not be most of what the machine is busy with.
            let with_it = before + u64::try_from(event / CONVERSATIONS).unwrap_or_default() + 1;
            while load.count(id).await? < with_it {
                if answered.elapsed() > PATIENCE {
                    return Err(DevError::Failed("a message never became visible".into()));
                }
                sleep(LOOK_AGAIN).await;
            }
            Ok((answered - due, answered.elapsed()))
        });
    }
    let (mut answered, mut visible) = (Vec::with_capacity(events), Vec::with_capacity(events));
    while let Some(sample) = samples.join_next().await {
        let (to_answer, to_visible) =
            sample.map_err(|error| DevError::Failed(format!("a sample was lost: {error}")))??;
        answered.push(to_answer);
        visible.push(to_visible);
    }
    Ok(Measured {
        answered: Quantiles::of(answered),
        visible: Quantiles::of(visible),
    })
}

/// Makes sure each conversation exists; its id, and how many messages it has.
async fn prepare(load: &Load, events: usize) -> Result<HashMap<usize, (String, u64)>, DevError> {
    for conversation in 0..CONVERSATIONS {
        load.send(conversation, events + conversation).await?;
    }
    let until = Instant::now() + PATIENCE;
    loop {
        let ids = load.conversations(CONVERSATIONS).await?;
        if ids.len() == CONVERSATIONS {
            sleep(Duration::from_millis(500)).await; // until the last of the first messages are counted
            let mut counted = HashMap::new();
            for (number, id) in ids {
                let count = load.count(&id).await?;
                counted.insert(number, (id, count));
            }
            return Ok(counted);
        }
        if Instant::now() > until {
            return Err(DevError::Failed("the first messages never became visible".into()));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The figures of its rounds.
pub(super) fn report(rounds: &[Measured], wishes: &Bench, durability: &impl Serialize) -> Report {
    let about = json!({"rate_per_second": wishes.rate, "durability": durability, "rounds": rounds});
    let mut report = Report::new("latency", &about);
    report.row("202 to visible, p95", " ms", rounds, |round| round.visible.p95);
    report.row("202 to visible, p50", " ms", rounds, |round| round.visible.p50);
    report.row("request to 202, p95", " ms", rounds, |round| round.answered.p95);
    report.row("request to 202, p50", " ms", rounds, |round| round.answered.p50);
    report
}
