//! Looks whether a database is what its bookkeeping says: nothing edited, half done, broken, missing or added by hand.

use std::collections::BTreeSet;

use sqlx::{Connection, Executor, Row, postgres::PgConnection};

use super::book;
use super::error::MigrationError;
use super::plan::{Plan, SchemaState};
use super::set::Set;
use super::target::Target;

/// What this release's migrations make, a line for each thing. `cargo dev prepare` writes it.
const SHAPE: &str = include_str!("shape.txt");
const ASK: &str = include_str!("shape.sql");

/// What is wrong with one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The set.
    pub set: &'static str,
    /// Where the migrations stand.
    pub plan: Plan,
    /// Indexes that a broken `create index concurrently` left: they cost writes and serve no reads.
    pub invalid_indexes: Vec<String>,
    /// What the migrations make and is not there.
    pub missing: Vec<String>,
    /// What is there and no migration made.
    pub added: Vec<String>,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.invalid_indexes.is_empty()
            && self.missing.is_empty()
            && self.added.is_empty()
            && self.plan.state().is_usable()
    }
}

/// Looks at each of `sets`. Takes no lock and changes nothing. What a newer release made is not known here, and a set that is
/// behind lacks what it is to get: neither is compared with what this release makes.
///
/// # Errors
/// When the database cannot be reached or asked.
pub async fn verify(target: &Target, sets: &[&'static Set]) -> Result<Vec<Verified>, MigrationError> {
    let mut session = target.connect().await?;
    let mut verified = Vec::with_capacity(sets.len());
    for &set in sets {
        let plan = book::read(&mut session, set).await?;
        let (missing, added) = match plan.state() {
            SchemaState::Current => drift(SHAPE, &shape(&mut session, set).await?, set),
            _ => (Vec::new(), Vec::new()),
        };
        verified.push(Verified {
            set: set.name(),
            plan,
            invalid_indexes: invalid_indexes(&mut session, set).await?,
            missing,
            added,
        });
    }
    drop(session.close().await);
    Ok(verified)
}

/// The shape of a database, as [`verify`] compares it.
///
/// # Errors
/// When the database cannot be reached or asked.
pub async fn shape_of(target: &Target, sets: &[Set]) -> Result<String, MigrationError> {
    let mut session = target.connect().await?;
    let mut lines = Vec::new();
    for set in sets {
        lines.extend(shape(&mut session, set).await?);
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

async fn shape(session: &mut PgConnection, set: &Set) -> Result<Vec<String>, sqlx::Error> {
    let rows = session.fetch_all(sqlx::query(ASK).bind(set.name())).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// The indexes that this release's migrations make in a schema, each with its table.
#[cfg(feature = "queries")]
pub(crate) fn indexes(schema: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let (beginning, place) = (format!("{schema} index CREATE "), format!("{schema}."));
    SHAPE.lines().filter_map(move |line| {
        let made = line.strip_prefix(&beginning)?;
        let (name, on) = made.split_once("INDEX ")?.1.split_once(" ON ")?;
        Some((on.strip_prefix(&place)?.split_once(' ')?.0, name))
    })
}

fn drift(expected: &str, found: &[String], set: &Set) -> (Vec<String>, Vec<String>) {
    let prefix = format!("{} ", set.name());
    let expected: BTreeSet<&str> = expected
        .lines()
        .filter(|line| line.starts_with(&prefix))
        .collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let only = |these: &BTreeSet<&str>, those: &BTreeSet<&str>| {
        these.difference(those).map(|line| (*line).to_owned()).collect()
    };
    (only(&expected, &found), only(&found, &expected))
}

async fn invalid_indexes(session: &mut PgConnection, set: &Set) -> Result<Vec<String>, sqlx::Error> {
    let rows = session
        .fetch_all(
            sqlx::query(
                "select i.indexrelid::regclass::text from pg_index i
                 join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = $1 and not (i.indisvalid and i.indisready) order by 1",
            )
            .bind(set.name()),
        )
        .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

#[cfg(all(test, feature = "queries"))]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_read_with_its_table() {
        let read: Vec<_> = indexes("messaging").collect();
        assert!(read.contains(&("inbound_events", "inbound_events_provider_message")));
        assert!(read.contains(&("conversations", "conversations_by_activity")));
        let lines = SHAPE.lines().filter(|line| line.starts_with("messaging index "));
        assert_eq!(read.len(), lines.count());
    }
}
