//! Applies what is pending, each migration once, however many try.

use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migration};
use sqlx::postgres::PgConnection;

use super::book;
use super::error::MigrationError;
use super::locked;
use super::plan::{Plan, SchemaState, Standing};
use super::progress::{Moved, Options, Progress, Watch};
use super::set::Set;
use super::target::Target;

/// How often a migration is tried that cannot lock a table, with a pause that grows by [`PAUSE`].
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The set.
    pub set: &'static str,
    /// What was applied now, oldest first.
    pub applied: Vec<Moved>,
    /// How many were applied before.
    pub before: usize,
    /// Versions that a newer release applied.
    pub newer: Vec<i64>,
}

/// Applies the pending migrations of `sets`, in order. Nothing is applied when any set is damaged.
///
/// # Errors
/// When no session or lock can be had, a set is damaged, or a migration fails. What was applied before
/// stays; the next run goes on from there.
pub async fn up(
    target: &Target,
    sets: &[&'static Set],
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Vec<Raised>, MigrationError> {
    for set in sets {
        options.to.map_or(Ok(()), |to| set.has(to))?;
    }
    let mut session = locked::open(target, options, watch).await?;
    let mut plans = Vec::with_capacity(sets.len());
    for &set in sets {
        plans.push((set, sound(set, book::read(&mut session, set).await?)?));
    }
    let mut raised = Vec::with_capacity(sets.len());
    for (set, plan) in plans {
        let mut applied = Vec::new();
        for version in plan.pending_to(options.to) {
            let moved = apply(&mut session, set, version, options, watch).await?;
            watch(&Progress::Applied(&moved));
            applied.push(moved);
        }
        raised.push(Raised {
            set: set.name(),
            applied,
            before: plan.versions(Standing::Applied).len(),
            newer: plan.versions(Standing::Newer),
        });
    }
    locked::close(session).await;
    Ok(raised)
}

/// The plan, unless it shows damage.
pub(super) fn sound(set: &Set, plan: Plan) -> Result<Plan, MigrationError> {
    match plan.state() {
        SchemaState::Damaged { damage } => Err(MigrationError::Damaged {
            set: set.name(),
            damage,
        }),
        _ => Ok(plan),
    }
}

async fn apply(
    session: &mut PgConnection,
    set: &'static Set,
    version: i64,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Moved, MigrationError> {
    let file = set.up_file(version).ok_or_else(|| MigrationError::Failed {
        set: set.name(),
        version,
        alone: false,
        cause: MigrateError::VersionNotPresent(version),
    })?;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let cause = match attempt_once(session, set, file, options).await {
            Ok(took) => {
                return Ok(Moved {
                    set: set.name(),
                    version,
                    name: file.description.to_string(),
                    took,
                });
            }
            Err(cause) => cause,
        };
        if !is_lock_timeout(&cause) {
            return Err(MigrationError::Failed {
                set: set.name(),
                version,
                alone: file.no_tx,
                cause,
            });
        }
        // Without a transaction, half of it may be done: somebody has to look before it is tried again.
        if attempt == ATTEMPTS || file.no_tx {
            let suspects = locked::oldest_transactions(session).await?;
            return Err(MigrationError::Blocked {
                set: set.name(),
                version,
                attempts: attempt,
                suspects,
            });
        }
        watch(&Progress::Blocked {
            set: set.name(),
            version,
            attempt,
        });
        tokio::time::sleep(PAUSE * attempt).await;
    }
}

async fn attempt_once(
    session: &mut PgConnection,
    set: &Set,
    file: &Migration,
    options: &Options,
) -> Result<Duration, MigrateError> {
    book::open(session, set).await?;
    locked::settle_for(session, file, options).await?;
    session.apply(&set.book(), file).await
}

/// Whether the server gave up waiting for a lock (55P03).
pub(super) fn is_lock_timeout(cause: &MigrateError) -> bool {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = cause else {
        return false;
    };
    matches!(cause, sqlx::Error::Database(said) if said.code().as_deref() == Some("55P03"))
}
