//! Deadlocks: the database undoes one of two statements that wait for each other, and that one is done again.

use crate::StoreError;

/// A deadlock needs a duplicate delivered at the moment in which its first is settled; a second in a row is chance.
pub(crate) const MOST: u8 = 5;

/// Does a statement, and again where it was undone.
pub(crate) async fn again<T, F>(mut statement: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..MOST {
        match statement().await {
            Err(StoreError::Undone) => {}
            done => return done,
        }
    }
    statement().await
}
