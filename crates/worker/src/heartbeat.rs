//! The heartbeat: renews the leases on a connection of its own, so that no amount of work can starve it, and
//! lets go of everything before the lease ends when it cannot renew.

use std::time::Duration;

use mailroom_bootstrap::health::Check;
use mailroom_domain::WorkerId;
use mailroom_store::{Pool, lane};
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use crate::{holdings::Holdings, measures};

/// Renews until `end` is dropped; the beat under way then is the last.
pub(crate) async fn beat(
    pool: Pool,
    worker: WorkerId,
    lease: Duration,
    holdings: Holdings,
    database: Check,
    mut end: oneshot::Receiver<()>,
) {
    let mut ticks = interval(lease / 5);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Counted from before the statement went out: the database's lease cannot end earlier.
    let mut renewed_at = Instant::now();
    loop {
        tokio::select! {
            biased;
            _ = &mut end => return,
            _ = ticks.tick() => {}
        }
        let asked_at = Instant::now();
        // A tenth early, so that a claim is never begun on a lease that ends meanwhile.
        let ends_at = renewed_at + lease.mul_f32(0.9);
        match timeout_at(
            ends_at.max(asked_at + lease / 5),
            lane::heartbeat(&pool, worker, lease),
        )
        .await
        {
            Ok(Ok(pulse)) => {
                renewed_at = asked_at;
                database.pass();
                let lost = holdings.reconcile(&pulse, asked_at);
                if lost > 0 {
                    tracing::warn!(lanes = lost, "lanes were lost to other workers");
                }
                measures::lanes(pulse.held.len(), lost);
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "heartbeat failed");
                database.fail(error.to_string());
            }
            Err(_) => database.fail("the heartbeat got no answer in time"),
        }
        if Instant::now() >= renewed_at + lease.mul_f32(0.9) {
            let lost = holdings.clear();
            if lost > 0 {
                tracing::warn!(
                    lanes = lost,
                    "the lease could not be renewed; all lanes are let go"
                );
                measures::lanes(0, lost);
            }
        }
    }
}
