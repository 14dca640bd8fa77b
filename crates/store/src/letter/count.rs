//! Count: how many dead letters a filter means, by provider and code; nothing is touched.

use mailroom_domain::{ConversationKey, ErrorCode, EventKind};

use super::Filter;
use crate::{Pool, StoreError};

/// Dead letters of one provider and one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Who delivered them.
    pub provider: String,
    /// Why they were buried; also a code of another release.
    pub code: String,
    /// How many there are.
    pub letters: u64,
    /// The last of them in line.
    pub last_arrival: i64,
}

/// Counts the first `limit` dead letters in order of arrival, or all, by provider and code in that order.
///
/// # Errors
/// [`StoreError`].
pub async fn count(pool: &Pool, filter: &Filter, limit: Option<u64>) -> Result<Vec<Counted>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select f.provider as "provider!", coalesce(f.error_code, '') as "code!", count(*) as "letters!",
               max(f.arrival) as "last_arrival!"
        from (
            select e.provider, e.error_code, e.arrival
            from messaging.inbound_events e
            where e.lane = any($1::smallint[]) and e.status = 'dead_letter'
              and (e.discarded_at is not null) = $2
              and ($3::text is null or e.error_code = $3)
              and ($4::text is null or e.provider = $4)
              and ($5::text is null or e.endpoint = $5)
              and ($6::text is null or e.channel = $6)
              and ($7::text is null or e.kind = $7)
              and ($8::text is null or e.conversation_key = $8)
              and ($9::timestamptz is null or e.created_at >= $9)
              and ($10::timestamptz is null or e.created_at < $10)
            order by e.arrival
            limit $11
        ) f
        group by 1, 2
        order by 1, 2
        "#,
        &filter.lanes(),
        filter.discarded,
        filter.code.map(ErrorCode::as_str),
        filter.provider.as_deref(),
        filter.endpoint.as_deref(),
        filter.channel.map(|channel| channel.to_string()),
        filter.kind.map(EventKind::as_str),
        filter.conversation.as_ref().map(ConversationKey::as_str),
        filter.since,
        filter.until,
        limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX)),
    )
    .fetch_all(pool)
    .await?;
    let counted = rows.into_iter().map(|row| Counted {
        provider: row.provider,
        code: row.code,
        letters: row.letters.unsigned_abs(),
        last_arrival: row.last_arrival,
    });
    Ok(counted.collect())
}
