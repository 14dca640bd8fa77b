//! How long an answer of the database is waited for. A line that went silent says nothing either way.

use std::time::Duration;

use tokio::time::timeout;

use crate::StoreError;

/// No statement of a running system takes nearly as long.
pub const LONGEST_STATEMENT: Duration = Duration::from_secs(10);

/// Waits for a statement, but not for ever. What it did stays unknown then.
///
/// # Errors
/// As the statement's; [`StoreError::Unavailable`] when it takes too long.
pub async fn within<T>(
    limit: Duration,
    statement: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(limit, statement).await.unwrap_or_else(|_| {
        Err(StoreError::Unavailable {
            reason: "no answer in time".to_owned(),
        })
    })
}
