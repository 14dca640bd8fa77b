//! Gauges: how much waits in the database, looked at every few seconds, away from the work.

use std::time::Duration;

use mailroom_store::{Pool, queue};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{measures, settle::within};

const EVERY: Duration = Duration::from_secs(5);
/// Looking may take so much of the time: a fiftieth of one connection. Where somebody holds a snapshot, what died since
/// stands in the way of counting, and a look takes seconds.
const OF_THE_TIME: u32 = 50;
/// A gauge is no older than this, whatever looking takes.
const AT_LEAST_EVERY: Duration = Duration::from_mins(1);

/// Looks for ever.
pub(crate) async fn keep(pool: Pool, working_pool: Pool) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rest_until = Instant::now();
    loop {
        ticks.tick().await;
        measures::pool(&working_pool);
        let begun = Instant::now();
        if begun < rest_until {
            continue;
        }
        match within(queue::depth(&pool, queue::COUNTED_AT_MOST)).await {
            Ok(depth) => measures::gauges(&depth),
            Err(error) => tracing::debug!(%error, "the queue's depth cannot be read"),
        }
        rest_until = begun + (begun.elapsed() * OF_THE_TIME).min(AT_LEAST_EVERY);
    }
}
