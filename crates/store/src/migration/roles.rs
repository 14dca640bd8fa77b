//! Gives each program's role what it needs: `deploy/sql/roles.sql`, as it stands there.

use sqlx::postgres::PgConnection;
use sqlx::{Executor, Row};

use super::error::MigrationError;
use super::locked;
use super::progress::{Options, Watch};
use super::target::Target;

const FILE: &str = include_str!("../../../../deploy/sql/roles.sql");

/// A role of mailroom's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Whether somebody can log in with it, so that a program can.
    pub can_login: bool,
}

/// Makes the roles that are missing, and grants each what it needs and nothing else. In one transaction, and under the
/// lock of migrations: it may be called at any time, by any number.
///
/// # Errors
/// [`MigrationError::MayNot`] when the login may neither make roles nor grant, and whatever keeps a migration from
/// beginning.
pub async fn grant_roles(
    target: &Target,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Vec<Role>, MigrationError> {
    let mut session = locked::open(target, options, watch).await?;
    session.execute(sqlx::raw_sql(FILE)).await.map_err(refusal)?;
    let roles = roles(&mut session).await?;
    locked::close(session).await;
    Ok(roles)
}

fn refusal(cause: sqlx::Error) -> MigrationError {
    match &cause {
        sqlx::Error::Database(said) if said.code().as_deref() == Some("42501") => {
            MigrationError::MayNot { cause }
        }
        _ => cause.into(),
    }
}

async fn roles(session: &mut PgConnection) -> Result<Vec<Role>, sqlx::Error> {
    let rows = session
        .fetch_all(
            "select rolname::text, rolcanlogin from pg_roles
             where rolname in ('mailroom_owner', 'mailroom_gateway', 'mailroom_worker', 'mailroom_reader') order by 1",
        )
        .await?;
    let role = |row: &sqlx::postgres::PgRow| {
        Ok(Role {
            name: row.try_get(0)?,
            can_login: row.try_get(1)?,
        })
    };
    rows.iter().map(role).collect()
}
