//! A set's bookkeeping: which migrations a database says were applied, in a table inside the set's schema.

use sqlx::migrate::Migrate;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::plan::{Applied, Plan, plan};
use super::set::Set;

/// Where the database stands in the set. A database that never saw it has nothing applied.
///
/// By the simple protocol, so that it can be asked through a pooler as well.
pub(super) async fn read(session: &mut PgConnection, set: &Set) -> Result<Plan, sqlx::Error> {
    let applied = if exists(session, set).await? {
        applied(session, set).await?
    } else {
        Vec::new()
    };
    Ok(plan(&set.known(), &applied))
}

/// Makes schema and table where they are missing. Asked first, for a role that may not create schemas can
/// still migrate one that was made for it.
pub(super) async fn open(session: &mut PgConnection, set: &Set) -> Result<(), sqlx::migrate::MigrateError> {
    if exists(session, set).await? {
        return Ok(());
    }
    let schema = format!("select to_regnamespace('{}') is not null", set.name());
    if !session
        .fetch_one(sqlx::raw_sql(AssertSqlSafe(schema)))
        .await?
        .try_get::<bool, _>(0)?
    {
        session.create_schema_if_not_exists(set.name()).await?;
    }
    session.ensure_migrations_table(&set.book()).await
}

async fn exists(session: &mut PgConnection, set: &Set) -> Result<bool, sqlx::Error> {
    let question = format!("select to_regclass('{}') is not null", set.book());
    session
        .fetch_one(sqlx::raw_sql(AssertSqlSafe(question)))
        .await?
        .try_get(0)
}

async fn applied(session: &mut PgConnection, set: &Set) -> Result<Vec<Applied>, sqlx::Error> {
    let question = format!(
        "select version, description, checksum, success from {} order by version",
        set.book()
    );
    let rows = session.fetch_all(sqlx::raw_sql(AssertSqlSafe(question))).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Applied {
                version: row.try_get("version")?,
                name: row.try_get("description")?,
                checksum: row.try_get("checksum")?,
                finished: row.try_get("success")?,
            })
        })
        .collect()
}
