//! Puts the worker together and runs it until it is told to stop.

use std::time::Duration;

use mailroom_bootstrap::{health::Check, process::Context};
use mailroom_domain::WorkerId;
use mailroom_store::{PgPool, PoolSettings, StoreError, lane, migration, pool, reconnect};
use rand::{RngExt, rngs::StdRng};
use tokio::time::sleep;

use crate::{
    config::WorkerConfig,
    desk::Desk,
    gauges,
    heartbeat::beat,
    holdings::Holdings,
    measures,
    settle::within,
    wake::{self, Bell},
};

/// Works until asked to stop, then settles what it holds and gives its lanes back.
///
/// # Errors
/// [`StoreError`] when the settings are wrong. A database that is away is waited for.
pub async fn serve(config: WorkerConfig, context: Context, mut randomness: StdRng) -> Result<(), StoreError> {
    measures::describe();
    let work = pool_for(
        &config,
        "mailroom-worker",
        config.database.max_connections,
        true,
        false,
    )?;
    let heartbeats = pool_for(&config, "mailroom-worker heartbeat", 1, true, false)?;
    let looks = pool_for(&config, "mailroom-worker gauges", 1, true, false)?;
    let wakes = pool_for(&config, "mailroom-worker wake-ups", 1, false, true)?;

    let database = context.health.check("database");
    let schema = context.health.check("schema");
    tokio::select! {
        () = until_usable(&work, &database, &schema) => {}
        () = context.stop.requested() => return Ok(()),
    }

    let worker = WorkerId::new(randomness.random());
    tracing::info!(worker_id = %worker, "working");
    let (holdings, bell) = (Holdings::default(), Bell::default());
    let beating = tokio::spawn(beat(
        heartbeats,
        worker,
        config.work.lease(),
        holdings.clone(),
        database,
    ));
    tokio::spawn(wake::listen(wakes, bell.clone()));
    tokio::spawn(gauges::keep(looks, work.clone()));
    let mut desk = Desk {
        pool: work.clone(),
        worker,
        config: config.work,
        policy: config.retry.policy(),
        holdings,
        bell,
        randomness,
    };
    desk.work(&context.stop).await;
    beating.abort();
    // Without this the lanes come free when their lease ends.
    if let Err(error) = within(lane::leave(&work, worker)).await {
        tracing::warn!(%error, "lanes could not be given back; their lease ends by itself");
    }
    Ok(())
}

/// Waits until the database answers and its schema is one this release can use.
async fn until_usable(pool: &PgPool, database: &Check, schema: &Check) {
    loop {
        reconnect::until_reachable(pool, |error| database.fail(error.to_string())).await;
        database.pass();
        match migration::state(pool).await {
            Ok(state) if state.is_usable() => return schema.pass(),
            Ok(_) => schema.fail("migrations are pending or damaged; run `db-migrate status`"),
            Err(_) => schema.fail("the schema cannot be read"),
        }
        sleep(Duration::from_secs(1)).await;
    }
}

fn pool_for(
    config: &WorkerConfig,
    application_name: &str,
    max_connections: u32,
    fresh_plans: bool,
    direct: bool,
) -> Result<PgPool, StoreError> {
    let url = if direct {
        config.database.direct_url()
    } else {
        &config.database.url
    };
    pool(PoolSettings {
        url: url.expose(),
        application_name,
        max_connections,
        acquire_timeout: config.database.acquire_timeout(),
        fresh_plans,
    })
}
