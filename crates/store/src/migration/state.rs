//! Where a database stands, for those that only ask.

use sqlx::Connection;

use super::book;
use super::error::MigrationError;
use super::plan::{Plan, SchemaState};
use super::set::{Set, set};
use super::target::Target;
use crate::Pool;

/// Where the database of a running process stands in `messaging`, so that it is not ready until this
/// release's migrations are applied. Works through a pooler.
///
/// # Errors
/// [`MigrationError::Database`] when the database cannot be asked.
///
/// # Panics
/// Never: the set is embedded.
pub async fn state(pool: &Pool) -> Result<SchemaState, MigrationError> {
    let messaging = set("messaging").expect("the set is embedded");
    let mut session = pool.acquire().await?;
    Ok(book::read(session.session(), messaging).await?.state())
}

/// Where a database stands in each of `sets`. Takes no lock and changes nothing.
///
/// # Errors
/// When the database cannot be reached or asked.
pub async fn standing(
    target: &Target,
    sets: &[&'static Set],
) -> Result<Vec<(&'static Set, Plan)>, MigrationError> {
    let mut session = target.connect().await?;
    let mut plans = Vec::with_capacity(sets.len());
    for &set in sets {
        plans.push((set, book::read(&mut session, set).await?));
    }
    // What was asked for is here; a failed goodbye changes nothing.
    drop(session.close().await);
    Ok(plans)
}
