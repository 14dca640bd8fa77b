//! How far this database is from the end of its transaction numbers.

use super::{Session, answered};
use crate::StoreError;

/// Ages of the oldest numbers that are not frozen. At 2,147,483,647 nothing can be written any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// Of transactions.
    pub transactions: i32,
    /// Of groups of transactions that share a row's lock.
    pub multixacts: i32,
}

impl Session {
    /// Reads them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ages(&mut self) -> Result<Ages, StoreError> {
        let found = sqlx::query_as!(
            Ages,
            r#"
            select age(datfrozenxid) as "transactions!", mxid_age(datminmxid) as "multixacts!"
            from pg_database
            where datname = current_database()
            "#,
        );
        answered(async { Ok(found.fetch_one(&mut self.0).await?) }).await
    }
}
