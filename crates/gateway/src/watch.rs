//! Watches the database for readiness: it answers, and its schema is one this release can use.

use std::{sync::Arc, time::Duration};

use mailroom_bootstrap::health::Check;
use mailroom_store::{LONGEST_STATEMENT, Pool, migration, reconnect};
use tokio::time::timeout;

use crate::{measures, reads::Reads};

const EVERY: Duration = Duration::from_secs(1);

/// Looks every second, for ever, on connections of its own pool, so that load cannot make a sound process look
/// sick.
///
/// At first, and whenever the database was away, it opens what the working pool needs at any moment: the first requests,
/// which may be many, would wait for handshakes otherwise, and some in vain.
pub(crate) async fn watch(
    own_pool: Pool,
    (working_pool, needed): (Pool, u32),
    reads: Arc<Reads>,
    database: Check,
    schema: Check,
) {
    let mut ticks = tokio::time::interval(EVERY);
    let (mut usable, mut was_away) = (false, true);
    let mut logged = None;
    loop {
        ticks.tick().await;
        measures::pool("recording", &working_pool, 0);
        for (name, shelf) in reads.shelves() {
            shelf.tidy();
            measures::pool(name, shelf.pool(), shelf.len());
        }
        let answers = match reconnect::ping(&own_pool).await {
            Ok(()) if was_away && !is_in_full_use(&working_pool) => {
                reconnect::open(&working_pool, needed).await
            }
            answers => answers,
        };
        was_away = answers.is_err();
        if was_away {
            usable = false; // what comes back may have been restored, or be another
        } else if !usable {
            usable = is_usable(&own_pool, &schema).await;
        }
        match answers {
            Ok(()) => {
                if logged.take().is_some() {
                    tracing::info!("the database is back");
                }
                database.pass();
            }
            Err(error) => {
                let why = error.to_string();
                database.fail(why.clone());
                if logged.as_ref() != Some(&why) {
                    tracing::warn!(%error, "not ready without the database"); // once for each reason
                    logged = Some(why);
                }
            }
        }
    }
}

/// Whether this release can use the schema. Once it could, it is not asked again while the database stays: releases only add to it
/// while an older one runs.
async fn is_usable(pool: &Pool, schema: &Check) -> bool {
    match timeout(LONGEST_STATEMENT, migration::state(pool)).await {
        Ok(Ok(state)) if state.is_usable() => {
            schema.pass();
            return true;
        }
        Ok(Ok(_)) => schema.fail("migrations are pending or damaged; run `db-migrate status`"),
        Ok(Err(_)) | Err(_) => schema.fail("the schema cannot be read"),
    }
    false
}

/// Whether nothing could be opened: then nobody waits for a handshake either.
fn is_in_full_use(pool: &Pool) -> bool {
    pool.idle() == 0 && pool.size() >= pool.max_connections()
}
