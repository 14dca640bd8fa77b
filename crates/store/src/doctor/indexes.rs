//! Whether the indexes that this release's migrations make are there, and whole.

use super::{Session, answered};
use crate::{StoreError, migration};

/// What is wrong with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not there.
    Missing,
    /// It is there and not used, since making it was broken off.
    Invalid,
}

/// An index that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadIndex {
    /// Its name.
    pub name: String,
    /// Its table's.
    pub table: String,
    /// What is wrong.
    pub fault: Fault,
}

impl Session {
    /// Indexes of this release that are not there, and all that are invalid.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bad_indexes(&mut self) -> Result<Vec<BadIndex>, StoreError> {
        let (tables, names): (Vec<_>, Vec<_>) = migration::indexes("messaging")
            .map(|(table, name)| (table.to_owned(), name.to_owned()))
            .unzip();
        let found = sqlx::query!(
            r#"
            with there as (
                select i.relname::text as name, t.relname::text as of_table, x.indisvalid and x.indisready as is_valid
                from pg_index x
                join pg_class i on i.oid = x.indexrelid
                join pg_class t on t.oid = x.indrelid
                where i.relnamespace = to_regnamespace('messaging')
            )
            select of_table as "table!", name as "name!", false as "is_missing!" from there where not is_valid
            union all
            select w.of_table, w.name, true
            from unnest($1::text[], $2::text[]) as w(of_table, name)
            where not exists (select from there t where t.name = w.name and t.of_table = w.of_table)
            order by 1, 2
            "#,
            &tables,
            &names,
        );
        let rows = answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await?;
        Ok(rows
            .into_iter()
            .map(|row| BadIndex {
                name: row.name,
                table: row.table,
                fault: if row.is_missing {
                    Fault::Missing
                } else {
                    Fault::Invalid
                },
            })
            .collect())
    }
}
