//! Puts the worker together and runs it until it is told to stop.

use std::{collections::BTreeSet, time::Duration};

use mailroom_bootstrap::{health::Check, process::Context};
use mailroom_domain::WorkerId;
use mailroom_store::{LONGEST_STATEMENT, Pool, StoreError, lane, migration, reconnect};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

use crate::{
    config::WorkerConfig,
    desk::Desk,
    forget, gauges,
    hand::Hand,
    heartbeat::beat,
    holdings::Holdings,
    measures,
    pace::Pace,
    paused::Paused,
    pools::Pools,
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
    let Pools {
        work,
        claims,
        few,
        heartbeats,
        looks,
        wakes,
    } = Pools::new(&config)?;

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
    let asked_at = Instant::now();
    if let Ok(pulse) = within(lane::heartbeat(&heartbeats, worker, config.work.lease())).await {
        holdings.reconcile(&pulse, asked_at);
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
        Hand::new(
            claims.clone(),
            few.clone(),
            work.clone(),
            worker,
            config.work,
            policy,
            own,
        )
    });
    let mut desk = Desk {
        hands: hands.collect(),
        work: work.clone(),
        worker,
        pace: Pace::new(config.work.batch),
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
async fn until_usable(pool: &Pool, database: &Check, schema: &Check) {
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
