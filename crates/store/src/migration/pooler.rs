//! Tells a session of our own from one lent by a pooler for each transaction.
//!
//! A pooler gives a quiet client's server session to the next one that asks. So while a second client keeps a
//! transaction open, the first one's questions are answered by another server process, or the second was
//! given the very process that answered the first. Against PostgreSQL itself neither can happen.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

use super::error::MigrationError;
use super::target::Target;

/// Other clients of a busy pooler may put everything back in place for a moment, hardly five times.
const ROUNDS: usize = 5;

/// Refuses `session` when it is lent.
pub(super) async fn refuse(target: &Target, session: &mut PgConnection) -> Result<(), MigrationError> {
    let mut other = target.connect().await?;
    let mut seen = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let before = answered_by(session).await?;
        other.execute(sqlx::raw_sql("begin")).await?;
        let meanwhile = answered_by(&mut other).await?;
        if before == meanwhile {
            return Err(MigrationError::Pooled {
                place: target.to_string(),
            });
        }
        let after = answered_by(session).await?;
        other.execute(sqlx::raw_sql("rollback")).await?;
        seen.push([before, meanwhile, after]);
    }
    // The answer is in; how the second session ends does not matter any more.
    drop(other.close().await);
    if is_lent(&seen) {
        return Err(MigrationError::Pooled {
            place: target.to_string(),
        });
    }
    Ok(())
}

/// Whether the server processes that answered give a pooler away: `[session, other, session]` of each round.
fn is_lent(rounds: &[[i32; 3]]) -> bool {
    let Some(&[ours, others, _]) = rounds.first() else {
        return false;
    };
    ours == others || rounds.iter().any(|round| *round != [ours, others, ours])
}

/// By the simple protocol: prepared statements do not work through some poolers.
async fn answered_by(session: &mut PgConnection) -> Result<i32, MigrationError> {
    let row = session
        .fetch_one(sqlx::raw_sql("select pg_backend_pid()"))
        .await?;
    Ok(row.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::is_lent;

    #[test]
    fn two_constant_processes_are_no_pooler() {
        assert!(!is_lent(&[[1, 2, 1], [1, 2, 1]]));
    }

    #[test]
    fn one_process_for_both_is() {
        assert!(is_lent(&[[1, 1, 2]]));
    }

    #[test]
    fn a_process_that_changes_is() {
        assert!(is_lent(&[[1, 2, 3]]));
        assert!(is_lent(&[[1, 2, 1], [2, 1, 2]]));
        assert!(is_lent(&[[1, 2, 1], [1, 3, 1]]));
    }
}
