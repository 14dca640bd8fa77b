//! List: dead letters in order of arrival, the newest last.

use mailroom_domain::{ErrorCode, EventKind};
use sqlx::PgPool;

use super::{Letter, Row};
use crate::{Listed, StoreError};

/// Which dead letters; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Why they were buried.
    pub code: Option<ErrorCode>,
    /// Who delivered them.
    pub provider: Option<String>,
    /// The channel configuration they came to.
    pub endpoint: Option<String>,
    /// What they tell of.
    pub kind: Option<EventKind>,
}

/// Up to `size` dead letters after the one with this arrival, in order of arrival.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    after: Option<i64>,
    size: u32,
) -> Result<Listed<Letter>, StoreError> {
    // Each lane gives its first few by its index; so a page costs the same however many there are.
    let rows = sqlx::query_as!(
        Row,
        r#"
        select f.*
        from generate_series(0, 255) as l(lane)
        cross join lateral (
            select e.id, e.arrival, e.channel, e.provider, e.endpoint, e.kind, e.provider_message_id, e.error_code,
                   e.error_message, e.attempt_count, e.created_at, e.updated_at
            from messaging.inbound_events e
            where e.lane = l.lane and e.status = 'dead_letter' and e.arrival > $1
              and ($2::text is null or e.error_code = $2)
              and ($3::text is null or e.provider = $3)
              and ($4::text is null or e.endpoint = $4)
              and ($5::text is null or e.kind = $5)
            order by e.arrival
            limit $6
        ) f
        order by f.arrival
        limit $6
        "#,
        after.unwrap_or(i64::MIN),
        filter.code.map(ErrorCode::as_str),
        filter.provider.as_deref(),
        filter.endpoint.as_deref(),
        filter.kind.map(EventKind::as_str),
        i64::from(size) + 1,
    )
    .fetch_all(pool)
    .await?;
    let letters = rows.into_iter().map(Letter::try_from).collect::<Result<_, _>>()?;
    Ok(Listed::cut(letters, size))
}
