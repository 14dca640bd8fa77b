//! `wait`: until somebody else has applied this release's migrations.

use std::time::Duration;

use mailroom_store::migration::{self, MigrationError, Plan, SchemaState, Set, Standing, Target};
use serde_json::json;
use tokio::time::Instant;

use crate::answer::{Answer, tell};
use crate::failure::Failure;

const POLL: Duration = Duration::from_millis(500);

pub(crate) async fn wait(
    target: &Target,
    sets: &[&'static Set],
    timeout: Duration,
) -> Result<Answer, Failure> {
    let start = Instant::now();
    let mut told = String::new();
    loop {
        let obstacle = obstacle(migration::standing(target, sets).await)?;
        let waited = start.elapsed();
        let Some(obstacle) = obstacle else {
            return Ok(done(sets, waited));
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
            Self::Unreachable(refusal) => refusal.into(),
        }
    }
}

/// Damage, and whatever else does not go away by itself, is a failure at once.
fn obstacle(
    asked: Result<Vec<(&'static Set, Plan)>, MigrationError>,
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
        for version in plan.versions(Standing::Pending) {
            pending.push(format!("{} {version}", set.name()));
        }
    }
    Ok((!pending.is_empty()).then(|| Obstacle::Pending(pending.join(", "))))
}

fn done(sets: &[&'static Set], waited: Duration) -> Answer {
    let names: Vec<_> = sets.iter().map(|set| set.name()).collect();
    Answer {
        text: format!("{}: all migrations of this release are applied", names.join(", ")),
        json: json!({
            "command": "wait",
            "sets": names,
            "waited_milliseconds": u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        }),
        exit: 0,
    }
}
