//! Notes migrations as applied that are in the database already, without running them.

use sqlx::Executor;
use sqlx::migrate::Migrate;

use super::book;
use super::error::MigrationError;
use super::locked;
use super::plan::Standing;
use super::progress::{Options, Watch};
use super::set::Set;
use super::target::Target;

/// Writes down that everything up to version `to` is there. For a schema that was restored without its bookkeeping;
/// [`verify`](super::verify) says afterwards whether it is true.
///
/// # Errors
/// [`MigrationError::NotEmpty`] when anything is written down already, [`MigrationError::NoSuchVersion`], and whatever
/// keeps a migration from beginning.
pub async fn baseline(
    target: &Target,
    set: &'static Set,
    to: i64,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Vec<i64>, MigrationError> {
    set.has(to)?;
    let mut session = locked::open(target, options, watch).await?;
    let plan = book::read(&mut session, set).await?;
    if plan
        .entries
        .iter()
        .any(|entry| entry.standing != Standing::Pending)
    {
        return Err(MigrationError::NotEmpty { set: set.name() });
    }
    let failed = |version| {
        move |cause| MigrationError::Failed {
            set: set.name(),
            version,
            alone: false,
            cause,
        }
    };
    book::open(&mut session, set).await.map_err(failed(to))?;
    // All of it or nothing: half a book would be taken for one.
    session.execute(sqlx::raw_sql("begin")).await?;
    let mut noted = Vec::new();
    for version in plan.versions(Standing::Pending) {
        if let Some(file) = set.up_file(version)
            && version <= to
        {
            session.skip(&set.book(), file).await.map_err(failed(version))?;
            noted.push(version);
        }
    }
    session.execute(sqlx::raw_sql("commit")).await?;
    locked::close(session).await;
    Ok(noted)
}
