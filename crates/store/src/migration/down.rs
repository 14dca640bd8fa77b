//! Undoes migrations of one set, newest first.

use sqlx::migrate::{Migrate, Migration};
use sqlx::postgres::PgConnection;

use super::book;
use super::error::MigrationError;
use super::locked;
use super::plan::{Entry, Plan, Standing};
use super::progress::{Moved, Options, Progress, Watch};
use super::set::Set;
use super::state::standing;
use super::target::Target;
use super::up::{is_lock_timeout, sound};

/// What [`down`] would undo, newest first. Changes nothing.
///
/// # Errors
/// As [`down`], but for the lock.
pub async fn would_undo(target: &Target, set: &'static Set, to: i64) -> Result<Vec<Entry>, MigrationError> {
    let mut entries = Vec::new();
    for (set, plan) in standing(target, &[set]).await? {
        entries.extend(way_back(set, plan, to)?.into_iter().map(|(entry, _)| entry));
    }
    Ok(entries)
}

/// Undoes what was applied after version `to` (0: everything), newest first. The data in it is lost.
///
/// # Errors
/// When no session or lock can be had, the set is damaged, `to` is no version of it, a newer release applied
/// something, or the server refuses. What was undone before stays undone.
pub async fn down(
    target: &Target,
    set: &'static Set,
    to: i64,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Vec<Moved>, MigrationError> {
    let mut session = locked::open(target, options, watch).await?;
    let plan = book::read(&mut session, set).await?;
    let mut undone = Vec::new();
    for (entry, file) in way_back(set, plan, to)? {
        let moved = revert(&mut session, set, entry, file, options).await?;
        watch(&Progress::Undone(&moved));
        undone.push(moved);
    }
    locked::close(session).await;
    Ok(undone)
}

fn way_back(set: &Set, plan: Plan, to: i64) -> Result<Vec<(Entry, &'static Migration)>, MigrationError> {
    if to != 0 {
        set.has(to)?;
    }
    let plan = sound(set, plan)?;
    plan.entries
        .into_iter()
        .rev()
        .filter(|entry| entry.version > to && entry.standing != Standing::Pending)
        .map(|entry| match set.down_file(entry.version) {
            Some(file) => Ok((entry, file)),
            None => Err(MigrationError::NoWayBack {
                set: set.name(),
                version: entry.version,
            }),
        })
        .collect()
}

async fn revert(
    session: &mut PgConnection,
    set: &'static Set,
    entry: Entry,
    file: &Migration,
    options: &Options,
) -> Result<Moved, MigrationError> {
    let version = entry.version;
    locked::settle_for(session, file, options).await?;
    match session.revert(&set.book(), file).await {
        Ok(took) => Ok(Moved {
            set: set.name(),
            version,
            name: entry.name,
            took,
        }),
        // A person asked for this and can ask again: no second attempt on their behalf.
        Err(cause) if is_lock_timeout(&cause) => {
            let suspects = locked::oldest_transactions(session).await?;
            Err(MigrationError::Blocked {
                set: set.name(),
                version,
                attempts: 1,
                suspects,
            })
        }
        Err(cause) => Err(MigrationError::Failed {
            set: set.name(),
            version,
            alone: file.no_tx,
            cause,
        }),
    }
}
