//! The reconnect loop: waits until the database answers, at start and after it was lost. The one user of the
//! `backoff` crate (docs/adr/0007-backoff.md).

use std::time::Duration;

use backoff::{ExponentialBackoff, backoff::Backoff};

use crate::{LONGEST_STATEMENT, Pool, StoreError, hosts, read_only, within};

/// No answer to a ping is waited for longer: a line that went silent says nothing either way.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the database answers, and can write. When it does not, and its URL names several servers, the pools of this
/// process are led to the one that can.
///
/// # Errors
/// [`StoreError`] when it does not, or cannot.
pub async fn ping(pool: &Pool) -> Result<(), StoreError> {
    let answer = ask(pool).await;
    if answer.is_err() {
        hosts::look(hosts::Kind::Writers);
    }
    answer
}

async fn ask(pool: &Pool) -> Result<(), StoreError> {
    let asked =
        sqlx::query_scalar!(r#"select current_setting('transaction_read_only') = 'on' as "is_read_only!""#)
            .fetch_one(pool);
    if within(PATIENCE, async { Ok(asked.await?) }).await? {
        return Err(read_only::met());
    }
    Ok(())
}

/// Opens so many connections of a pool, for those who will ask for them.
///
/// # Errors
/// [`StoreError`] when one cannot be had; those that could are kept.
pub async fn open(pool: &Pool, connections: u32) -> Result<(), StoreError> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(within(LONGEST_STATEMENT, async { Ok(pool.acquire().await?) }).await?);
    }
    Ok(())
}

/// Waits until the database answers, asking again after growing, jittered pauses of 100 ms to 5 s, so that a
/// herd of processes does not return all at once. `failed` hears of each vain try.
pub async fn until_reachable(pool: &Pool, mut failed: impl FnMut(&StoreError)) {
    let mut pauses = ExponentialBackoff {
        initial_interval: Duration::from_millis(100),
        current_interval: Duration::from_millis(100),
        max_interval: Duration::from_secs(5),
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    };
    while let Err(error) = ping(pool).await {
        failed(&error);
        tokio::time::sleep(pauses.next_backoff().unwrap_or(Duration::from_secs(5))).await;
    }
}
