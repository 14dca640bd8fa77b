//! Whether somebody tends every lane, and how much waits in them.

use super::{Session, answered};
use crate::{
    StoreError,
    queue::{self, Depth},
};

/// Who tends lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tending {
    /// Workers whose lease runs.
    pub workers: i64,
    /// Lanes that nobody tends.
    pub untended: i64,
}

impl Session {
    /// Counts them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tending(&mut self) -> Result<Tending, StoreError> {
        let found = sqlx::query_as!(
            Tending,
            r#"
            select (select count(*) from messaging.workers where lease_until > now()) as "workers!",
                   (select count(*) from messaging.lanes where owner is null or lease_until <= now()) as "untended!"
            "#,
        );
        answered(async { Ok(found.fetch_one(&mut self.0).await?) }).await
    }

    /// How much waits; see [`queue::depth`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn depth(&mut self) -> Result<Depth, StoreError> {
        answered(queue::depth(&mut self.0, queue::COUNTED_AT_MOST)).await
    }
}
