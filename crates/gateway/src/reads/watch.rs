//! Looks how far the database has written its log, for those who read from its standby.

use std::time::{Duration, Instant};

use mailroom_store::{Pool, replica, within};
use tokio::time::MissedTickBehavior;

use super::looks::Looks;

const EVERY: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks for ever. While the database is away its standby is as fresh as it was, and read from until it is too old.
pub(crate) async fn watch(database: Pool, looks: Looks) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let asked_at = Instant::now();
        match within(PATIENCE, replica::written(&database)).await {
            Ok(position) => looks.written(asked_at, position),
            Err(error) => tracing::debug!(%error, "it is not known what the database has written"),
        }
    }
}
