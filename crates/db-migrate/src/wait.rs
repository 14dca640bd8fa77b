//! `wait`: until somebody else has applied this release's migrations.

use std::time::Duration;

use mailroom_store::migration::{self, MigrationError, Plan, SchemaState, Set};
use serde_json::json;
use tokio::time::Instant;

use crate::answer::{Answer, tell};
use crate::failure::Failure;
use crate::place::Place;

const POLL: Duration = Duration::from_millis(500);

pub(crate) async fn wait(
    places: &[Place],
    at_least: Option<i64>,
    timeout: Duration,
) -> Result<Answer, Failure> {
    if let Some(version) = at_least {
        for set in places.iter().flat_map(|place| &place.sets) {
            set.has(version)?; // it would be waited for in vain, or not at all
        }
    }
    let start = Instant::now();
    let mut told = String::new();
    loop {
        let mut in_the_way = None;
        for place in places {
            if in_the_way.is_none() {
                in_the_way = obstacle(migration::standing(&place.target, &place.sets).await, at_least)?;
            }
        }
        let waited = start.elapsed();
        let Some(obstacle) = in_the_way else {
            return Ok(done(places, at_least, waited));
        };
        if waited >= timeout {
            return Err(obstacle.into_failure(waited));
        }
        let line = obstacle.line();
        if line != told {
            tell(format_args!("waiting: {line}"));
            told = line;
        }
        tokio::time::sleep(POLL.min(timeout.saturating_sub(waited))).await;
    }
}

/// What stands in the way, and may go away by itself.
enum Obstacle {
    Pending(String),
    Unreachable(MigrationError),
}

impl Obstacle {
    fn line(&self) -> String {
        match self {
            Self::Pending(pending) => format!("pending: {pending}"),
            Self::Unreachable(refusal) => refusal.to_string(),
        }
    }

    fn into_failure(self, waited: Duration) -> Failure {
        match self {
            Self::Pending(pending) => Failure::WaitTimeout { waited, pending },
            Self::Unreachable(MigrationError::Database(refusal)) => Failure::WaitTimeout {
                waited,
                pending: refusal.to_string(),
            },
            Self::Unreachable(refusal) => refusal.into(),
        }
    }
}

/// Damage, and whatever else does not go away by itself, is a failure at once.
fn obstacle(
    asked: Result<Vec<(&'static Set, Plan)>, MigrationError>,
    at_least: Option<i64>,
) -> Result<Option<Obstacle>, MigrationError> {
    let plans = match asked {
        Ok(plans) => plans,
        Err(refusal) if refusal.is_not_yet() => return Ok(Some(Obstacle::Unreachable(refusal))),
        Err(refusal) => return Err(refusal),
    };
    let mut pending = Vec::new();
    for (set, plan) in plans {
        if let SchemaState::Damaged { damage } = plan.state() {
            return Err(MigrationError::Damaged {
                set: set.name(),
                damage,
            });
        }
        for version in plan.pending_to(at_least) {
            pending.push(format!("{} {version}", set.name()));
        }
    }
    Ok((!pending.is_empty()).then(|| Obstacle::Pending(pending.join(", "))))
}

fn done(places: &[Place], at_least: Option<i64>, waited: Duration) -> Answer {
    let sets = places.iter().flat_map(|place| &place.sets);
    let names: Vec<_> = sets.map(|set| set.name()).collect();
    let what = at_least.map_or_else(
        || "all migrations of this release".to_owned(),
        |version| format!("the migrations up to {version}"),
    );
    Answer {
        text: format!("{}: {what} are applied", names.join(", ")),
        json: json!({
            "command": "wait",
            "sets": names,
            "waited_milliseconds": u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        }),
        exit: 0,
    }
}
