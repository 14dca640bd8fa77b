//! Tokens: a request that its provider signed for one use is taken once, and its retry too.

use std::time::Duration;

use sqlx::PgExecutor;

use crate::{Pool, StoreError};

/// What a token tells of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It was never seen.
    First,
    /// It was seen with the same content: a retry.
    Same,
    /// It was seen with another content: a replay.
    Other,
}

/// Notes that a request with this token came, and says whether one came before. Of several at the same time one is
/// the first.
///
/// # Errors
/// [`StoreError`]; when it is unknown whether it was noted, asking again tells `Same` instead of `First`.
pub async fn claim_once(
    database: impl PgExecutor<'_>,
    provider: &str,
    token_hash: &[u8; 32],
    content_hash: &[u8; 32],
) -> Result<Use, StoreError> {
    let row = sqlx::query!(
        r#"
        insert into messaging.request_tokens as t (lane, provider, token_hash, content_hash, seen_at)
        values ($1, $2, $3, $4, now())
        on conflict (lane, provider, token_hash) do update
            set seen_at = excluded.seen_at, uses = least(t.uses, 1000000) + 1
        returning uses, content_hash
        "#,
        i16::from(token_hash[0]),
        provider,
        token_hash.as_slice(),
        content_hash.as_slice(),
    )
    .fetch_one(database)
    .await?;
    Ok(match row.uses {
        1 => Use::First,
        _ if row.content_hash == content_hash => Use::Same,
        _ => Use::Other,
    })
}

/// Forgets tokens that were not seen for this long, up to 10,000 at a time; how many. By then what they sign is too old
/// to be taken.
///
/// # Errors
/// [`StoreError`]; they are forgotten the next time.
pub async fn forget(pool: &Pool, unseen_for: Duration) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        r#"
        delete from messaging.request_tokens t
        using (
            select lane, provider, token_hash from messaging.request_tokens
            where seen_at < now() - make_interval(secs => $1)
            limit 10000
            for update skip locked
        ) old
        where t.lane = old.lane and t.provider = old.provider and t.token_hash = old.token_hash
        "#,
        unseen_for.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
