//! Forgetting: what was remembered for a time only goes when that time is over.

use std::time::Duration;

use mailroom_store::{Pool, token};

use crate::settle::within;

/// How often to look.
const EVERY: Duration = Duration::from_hours(1);
/// Longer than any endpoint takes a signature for (`endpoints.NAME.tolerance_s`, at most 7 days), twice over: it counts
/// both ways.
const TOKENS_FOR: Duration = Duration::from_hours(15 * 24);

/// Forgets for ever. Several workers at it do not wait for each other.
pub(crate) async fn keep(pool: Pool) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        loop {
            match within(token::forget(&pool, TOKENS_FOR)).await {
                Ok(0) => break,
                Ok(tokens) => tracing::info!(tokens, "request tokens forgotten"),
                Err(error) => {
                    tracing::warn!(%error, "old request tokens cannot be forgotten");
                    break;
                }
            }
        }
    }
}
