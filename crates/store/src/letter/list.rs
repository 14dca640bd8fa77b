//! List: dead letters in order of arrival, the newest last.

use mailroom_domain::{ConversationKey, ErrorCode, EventKind};

use super::{Filter, Letter, Row};
use crate::{Listed, Pool, StoreError};

/// Which part of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Only those after this arrival.
    pub after: Option<i64>,
    /// Only those up to this arrival.
    pub up_to: Option<i64>,
}

/// Up to `size` dead letters of a stretch, in order of arrival.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    pool: &Pool,
    filter: &Filter,
    stretch: Stretch,
    size: u32,
) -> Result<Listed<Letter>, StoreError> {
    // Each lane gives its first few by its index; so a page costs the same however many there are.
    let rows = sqlx::query_as!(
        Row,
        r#"
        select f.id as "id!", f.arrival as "arrival!", f.channel as "channel!", f.provider as "provider!",
               f.endpoint as "endpoint!", f.kind as "kind!", f.provider_message_id as "provider_message_id!",
               f.error_code, f.error_message, f.attempt_count as "attempt_count!", f.created_at as "created_at!",
               f.updated_at as "updated_at!", f.discarded_at, f.discarded_reason
        from unnest($1::smallint[]) as l(lane)
        cross join lateral (
            select e.id, e.arrival, e.channel, e.provider, e.endpoint, e.kind, e.provider_message_id, e.error_code,
                   e.error_message, e.attempt_count, e.created_at, e.updated_at, e.discarded_at, e.discarded_reason
            from messaging.inbound_events e
            where e.lane = l.lane and e.status = 'dead_letter' and e.arrival > $2 and e.arrival <= $3
              and (e.discarded_at is not null) = $4
              and ($5::text is null or e.error_code = $5)
              and ($6::text is null or e.provider = $6)
              and ($7::text is null or e.endpoint = $7)
              and ($8::text is null or e.channel = $8)
              and ($9::text is null or e.kind = $9)
              and ($10::text is null or e.conversation_key = $10)
              and ($11::timestamptz is null or e.created_at >= $11)
              and ($12::timestamptz is null or e.created_at < $12)
            order by e.arrival
            limit $13
        ) f
        order by f.arrival
        limit $13
        "#,
        &filter.lanes(),
        stretch.after.unwrap_or(i64::MIN),
        stretch.up_to.unwrap_or(i64::MAX),
        filter.discarded,
        filter.code.map(ErrorCode::as_str),
        filter.provider.as_deref(),
        filter.endpoint.as_deref(),
        filter.channel.map(|channel| channel.to_string()),
        filter.kind.map(EventKind::as_str),
        filter.conversation.as_ref().map(ConversationKey::as_str),
        filter.since,
        filter.until,
        i64::from(size) + 1,
    )
    .fetch_all(pool)
    .await?;
    let letters = rows.into_iter().map(Letter::try_from).collect::<Result<_, _>>()?;
    Ok(Listed::cut(letters, size))
}
