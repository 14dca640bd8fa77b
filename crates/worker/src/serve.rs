//! Puts the worker together and runs it until it is told to stop.

use std::{collections::BTreeSet, time::Duration};

use mailroom_bootstrap::{config::Secret, health::Check, process::Context};
use mailroom_domain::WorkerId;
use mailroom_store::{LONGEST_STATEMENT, PgPool, PoolSettings, StoreError, lane, migration, pool, reconnect};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::{
    config::WorkerConfig,
    desk::Desk,
    forget, gauges,
    hand::Hand,
    heartbeat::beat,
    holdings::Holdings,
    measures,
    paused::Paused,
    settle::within,
    wake::{self, Bell},
};

/// How long the heartbeat under way is waited for at the end.
const LAST_BEAT: Duration = Duration::from_secs(1);

/// Works until asked to stop, then settles what it holds and gives its lanes back.
///
/// # Errors
/// [`StoreError`] when the settings are wrong. A database that is away is waited for.
pub async fn serve(config: WorkerConfig, context: Context, mut randomness: StdRng) -> Result<(), StoreError> {
    measures::describe();
    let work = work_pool(&config)?;
    let url = &config.database.url;
    let claims = claims_pool(&config)?;
    let heartbeats = own_connection(&config, url, "mailroom-worker heartbeat")?;
    let looks = own_connection(&config, url, "mailroom-worker gauges")?;
    let wakes = own_connection(&config, config.database.direct_url(), "mailroom-worker wake-ups")?;

    let database = context.health.check("database");
    let schema = context.health.check("schema");
    tokio::select! {
        () = until_usable(&work, &database, &schema) => {}
        () = context.stop.requested() => return Ok(()),
    }

    let worker = WorkerId::new(randomness.random());
    tracing::info!(worker_id = %worker, "working");
    let (holdings, bell) = (Holdings::default(), Bell::default());
    // Say so before taking lanes, so that the first share is already a fair one.
    if let Ok(pulse) = within(lane::heartbeat(&heartbeats, worker, config.work.lease())).await {
        holdings.reconcile(&pulse);
    }
    let (beats_on, end) = oneshot::channel();
    let beating = tokio::spawn(beat(
        heartbeats,
        worker,
        config.work.lease(),
        holdings.clone(),
        database,
        end,
    ));
    tokio::spawn(wake::listen(wakes, bell.clone()));
    tokio::spawn(forget::keep(looks.clone()));
    tokio::spawn(gauges::keep(looks, work.clone()));
    let policy = config.retry.policy();
    let hands = (0..config.work.hands).map(|_| {
        let own = StdRng::from_rng(&mut randomness);
        Hand::new(claims.clone(), work.clone(), worker, config.work, policy, own)
    });
    let mut desk = Desk {
        hands: hands.collect(),
        work: work.clone(),
        worker,
        config: config.work,
        policy,
        holdings,
        bell,
        paused: Paused::default(),
        replayed: BTreeSet::new(),
        randomness,
    };
    desk.work(&context.stop).await;
    // A beat that is heard after we signed off would sign us on again.
    drop(beats_on);
    let _ = timeout(LAST_BEAT, beating).await;
    // Without this the lanes come free when their lease ends.
    if let Err(error) = within(lane::leave(&work, worker)).await {
        tracing::warn!(%error, "lanes could not be given back; their lease ends by itself");
    }
    Ok(())
}

/// Waits until the database answers and its schema is one this release can use.
async fn until_usable(pool: &PgPool, database: &Check, schema: &Check) {
    loop {
        reconnect::until_reachable(pool, |error| {
            tracing::warn!(%error, "waiting for the database");
            database.fail(error.to_string());
        })
        .await;
        database.pass();
        match timeout(LONGEST_STATEMENT, migration::state(pool)).await {
            Ok(Ok(state)) if state.is_usable() => return schema.pass(),
            Ok(Ok(_)) => schema.fail("migrations are pending or damaged; run `db-migrate status`"),
            Ok(Err(_)) | Err(_) => schema.fail("the schema cannot be read"),
        }
        sleep(Duration::from_secs(1)).await;
    }
}

fn work_pool(config: &WorkerConfig) -> Result<PgPool, StoreError> {
    pool(PoolSettings {
        url: config.database.url.expose(),
        application_name: "mailroom-worker",
        max_connections: config.database.max_connections,
        min_connections: 0,
        acquire_timeout: config.database.acquire_timeout(),
        fresh_plans: true,
        durable: true,
    })
}

/// Claims are made here: they need not outlive a crash of the server.
fn claims_pool(config: &WorkerConfig) -> Result<PgPool, StoreError> {
    pool(PoolSettings {
        url: config.database.url.expose(),
        application_name: "mailroom-worker claims",
        max_connections: config.work.hands,
        min_connections: 0,
        acquire_timeout: config.database.acquire_timeout(),
        fresh_plans: true,
        durable: false,
    })
}

/// A connection for one duty, that no other work can hold up.
fn own_connection(config: &WorkerConfig, url: &Secret, application_name: &str) -> Result<PgPool, StoreError> {
    pool(PoolSettings {
        url: url.expose(),
        application_name,
        max_connections: 1,
        min_connections: 0,
        acquire_timeout: config.database.acquire_timeout(),
        fresh_plans: true,
        durable: true,
    })
}
