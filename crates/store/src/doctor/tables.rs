//! The tables of the messaging schema: how large, how full of dead rows, and when they were last looked after.

use chrono::{DateTime, Utc};

use super::{Session, answered};
use crate::StoreError;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, in the schema `messaging`.
    pub name: String,
    /// Rows that live, by the statistics.
    pub live: i64,
    /// Rows that died and were not cleared away yet, by the statistics.
    pub dead: i64,
    /// When they were last cleared away, by anybody.
    pub vacuumed_at: Option<DateTime<Utc>>,
    /// When the planner's statistics were last made, by anybody.
    pub analyzed_at: Option<DateTime<Utc>>,
    /// Whether autovacuum leaves it alone, by a setting of the table itself.
    pub is_left_alone: bool,
    /// On disk, with its indexes.
    pub bytes: i64,
}

impl Session {
    /// All of them, the largest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        let found = sqlx::query_as!(
            Table,
            r#"
            select c.relname::text as "name!", coalesce(s.n_live_tup, 0) as "live!", coalesce(s.n_dead_tup, 0) as "dead!",
                   greatest(s.last_vacuum, s.last_autovacuum) as vacuumed_at,
                   greatest(s.last_analyze, s.last_autoanalyze) as analyzed_at,
                   exists (select from pg_options_to_table(c.reloptions) o
                           where o.option_name = 'autovacuum_enabled' and not o.option_value::boolean) as "is_left_alone!",
                   coalesce(pg_total_relation_size(c.oid), 0) as "bytes!"
            from pg_class c
            left join pg_stat_user_tables s on s.relid = c.oid
            where c.relnamespace = to_regnamespace('messaging') and c.relkind = 'r'
            order by 7 desc, 1
            "#,
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }
}
