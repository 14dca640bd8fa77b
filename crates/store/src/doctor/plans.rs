//! How the server would find what hot statements look for: asked with `explain`, which runs nothing, of the part of each
//! that depends on an index.

use serde_json::Value;
use sqlx::types::Json;

use super::{Session, answered};
use crate::StoreError;

/// A table with fewer rows, by the planner's own count, is read fast in any way.
pub const LARGE: f64 = 10_000.0;

/// What looks for something, in which table, and the index that leads to it.
const LOOKUPS: [(&str, &str, &str, &str); 6] = [
    (
        "the next events of a lane (claim)",
        "inbound_events",
        "inbound_events_claimable",
        "explain (format json) select id from messaging.inbound_events
         where lane = 7 and status = 'received' and arrival > 0 order by arrival limit 100",
    ),
    (
        "retries that fall due (claim)",
        "inbound_events",
        "inbound_events_due",
        "explain (format json) select id from messaging.inbound_events
         where lane = 7 and status = 'error' and next_attempt_at <= now() order by next_attempt_at limit 100",
    ),
    (
        "an event by its id (finish)",
        "inbound_events",
        "inbound_events_pkey",
        "explain (format json) select status from messaging.inbound_events
         where lane = 7 and id = '07000000-0000-4000-8000-000000000000'",
    ),
    (
        "an event by its provider's id (record)",
        "inbound_events",
        "inbound_events_provider_message",
        "explain (format json) select id from messaging.inbound_events
         where channel = 'sms' and provider_message_id = 'none'",
    ),
    (
        "a conversation by its key (finish)",
        "conversations",
        "conversations_key",
        "explain (format json) select id from messaging.conversations where lane = 7 and key = 'none'",
    ),
    (
        "a page of messages",
        "messages",
        "messages_by_time",
        "explain (format json) select id from messaging.messages
         where lane = 7 and conversation_id = '07000000-0000-4000-8000-000000000000'
         order by \"timestamp\", arrival limit 50",
    ),
];

/// Something that is not looked for as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strayed {
    /// What is looked for.
    pub what: &'static str,
    /// In which table.
    pub table: &'static str,
    /// The index that leads to it.
    pub expected: &'static str,
    /// The index that would be used instead; `None` for the whole table.
    pub used: Option<String>,
}

impl Session {
    /// Those of [`LARGE`] tables whose plans do not use the index that was made for them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn strayed_plans(&mut self) -> Result<Vec<Strayed>, StoreError> {
        let large = self.large_tables().await?;
        let mut strayed = Vec::new();
        for (what, table, expected, explain) in LOOKUPS {
            if !large.iter().any(|name| name == table) {
                continue;
            }
            let asked = sqlx::query_scalar::<_, Json<Value>>(explain);
            let plan = answered(async { Ok(asked.fetch_one(&mut self.0).await?) }).await?;
            let used = index_in(&plan.0[0]["Plan"]);
            if used.as_deref() != Some(expected) {
                strayed.push(Strayed {
                    what,
                    table,
                    expected,
                    used,
                });
            }
        }
        Ok(strayed)
    }

    async fn large_tables(&mut self) -> Result<Vec<String>, StoreError> {
        let found = sqlx::query_scalar!(
            r#"
            select relname::text as "name!"
            from pg_class
            where relnamespace = to_regnamespace('messaging') and relkind = 'r' and reltuples >= $1::float8
            "#,
            LARGE,
        );
        answered(async { Ok(found.fetch_all(&mut self.0).await?) }).await
    }
}

/// The first index that a plan uses.
fn index_in(plan: &Value) -> Option<String> {
    if let Some(index) = plan["Index Name"].as_str() {
        return Some(index.to_owned());
    }
    plan["Plans"].as_array()?.iter().find_map(index_in)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_index_is_found_below_other_steps() {
        let plan = json!({"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [
            {"Node Type": "Index Scan", "Index Name": "by_name"}]}]});
        assert_eq!(index_in(&plan).as_deref(), Some("by_name"));
        assert_eq!(
            index_in(&json!({"Node Type": "Limit", "Plans": [{"Node Type": "Seq Scan"}]})),
            None
        );
    }
}
