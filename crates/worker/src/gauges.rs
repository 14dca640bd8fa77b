//! Gauges: how much waits in the database, looked at every few seconds, away from the work.

use std::time::Duration;

use mailroom_store::{PgPool, queue};

use crate::{measures, settle::within};

const EVERY: Duration = Duration::from_secs(5);

/// Looks for ever.
pub(crate) async fn keep(pool: PgPool, working_pool: PgPool) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        measures::pool(&working_pool);
        match within(queue::depth(&pool)).await {
            Ok(depth) => measures::gauges(&depth),
            Err(error) => tracing::debug!(%error, "the queue's depth cannot be read"),
        }
    }
}
