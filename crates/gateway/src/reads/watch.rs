//! Watches how far a standby is behind.

use std::time::{Duration, Instant};

use mailroom_store::{PgPool, replica, within};
use tokio::time::MissedTickBehavior;

use super::{
    freshness::{Freshness, Looks},
    measures,
};

const EVERY: Duration = Duration::from_millis(250);
/// Who does not say in this time is not asked by others either.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why a standby is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    Away,
    NotAStandby,
}

/// Looks for ever: at the database, and at its standby, each on a connection of its own.
pub(crate) async fn watch(database: PgPool, standby: PgPool, freshness: Freshness) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut looks, mut known) = (Looks::default(), Ok(()));
    loop {
        ticks.tick().await;
        let asked_at = Instant::now();
        // While the database is away its standby stays as fresh as it was, and is asked until it is too old.
        if let Ok(position) = within(PATIENCE, replica::written(&database)).await {
            looks.written(asked_at, position);
        }
        let found = match within(PATIENCE, replica::replayed(&standby)).await {
            Ok(Some(position)) => {
                freshness.set(looks.replayed(position).or(freshness.as_of()));
                Ok(())
            }
            Ok(None) => Err(Unfit::NotAStandby),
            Err(error) => {
                tracing::debug!(%error, "the replica does not answer");
                mailroom_store::follow().await; // its URL may name others
                Err(Unfit::Away)
            }
        };
        if found.is_err() {
            freshness.set(None);
        }
        if found != known {
            tell(found);
        }
        known = found;
        measures::staleness(freshness.as_of().map(|as_of| as_of.elapsed()));
    }
}

fn tell(found: Result<(), Unfit>) {
    match found {
        Ok(()) => tracing::info!("the replica answers again"),
        Err(Unfit::Away) => {
            tracing::warn!("the replica does not answer; everything is read from the database");
        }
        Err(Unfit::NotAStandby) => tracing::warn!(
            "reads.replica_url leads to a server that is no standby, or no longer: everything is read from the database"
        ),
    }
}
