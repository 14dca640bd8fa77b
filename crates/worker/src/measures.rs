//! What the worker counts. Every series stands from the first scrape.

use std::time::Duration;

use crate::paused::provider_names;
use mailroom_domain::ErrorCode;
use mailroom_store::{
    Pool,
    event::{Finished, Reaped},
    pause::Scope,
    queue::Depth,
};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

const QUEUED: &str = "mailroom_events_queued";
const CLAIMED: &str = "mailroom_events_claimed_total";
const PROCESSED: &str = "mailroom_events_processed_total";
const ERRORED: &str = "mailroom_events_errored_total";
const DEAD_LETTERED: &str = "mailroom_events_dead_lettered_total";
const REAPED: &str = "mailroom_events_reaped_total";
const CLAIMS_LOST: &str = "mailroom_claims_lost_total";
const OLDEST_DUE: &str = "mailroom_oldest_due_age_seconds";
const CLAIM_TO_FINISH: &str = "mailroom_claim_to_finish_seconds";
const RECEIVED_TO_VISIBLE: &str = "mailroom_received_to_visible_seconds";
const LANES: &str = "mailroom_lanes_held";
const LANES_LOST: &str = "mailroom_lanes_lost_total";
const PAUSED: &str = "mailroom_paused";
const POOL: &str = "mailroom_pool_connections";
const POOL_LIMIT: &str = "mailroom_pool_connections_limit";

/// Describes every series and makes them start at zero.
pub(crate) fn describe() {
    describe_gauge!(
        QUEUED,
        "Unfinished events in the whole database, by status, and those parked by a pause, counted to 100000."
    );
    describe_counter!(CLAIMED, "Events claimed.");
    describe_counter!(
        PROCESSED,
        "Events that were processed: became messages or statuses, or were noted."
    );
    describe_counter!(
        ERRORED,
        "Attempts that failed and will be made again, by error code."
    );
    describe_counter!(DEAD_LETTERED, "Events buried, by error code.");
    describe_counter!(REAPED, "Stale claims brought back from dead workers.");
    describe_counter!(CLAIMS_LOST, "Events that were no longer this worker's to settle.");
    describe_gauge!(
        OLDEST_DUE,
        Unit::Seconds,
        "How long the longest waiting due event has waited."
    );
    describe_histogram!(
        CLAIM_TO_FINISH,
        Unit::Seconds,
        "From an event's claim to its end."
    );
    describe_histogram!(
        RECEIVED_TO_VISIBLE,
        Unit::Seconds,
        "From an event's recording to its visible message."
    );
    describe_gauge!(LANES, "Lanes this worker holds.");
    describe_counter!(LANES_LOST, "Lanes lost to other workers or to an ended lease.");
    describe_gauge!(
        PAUSED,
        "1 for each provider that is paused, as far as this worker knows; `*` is the whole fleet."
    );
    describe_gauge!(POOL, "Database connections, by pool and state.");
    describe_gauge!(POOL_LIMIT, "Database connections that a pool may have.");
    for name in [CLAIMED, PROCESSED, REAPED, CLAIMS_LOST, LANES_LOST] {
        counter!(name).increment(0);
    }
    for code in ErrorCode::ALL {
        counter!(DEAD_LETTERED, "code" => code.as_str()).increment(0);
        if code.is_transient() {
            counter!(ERRORED, "code" => code.as_str()).increment(0);
        }
    }
    // Registering a histogram is enough to make it stand at zero.
    let _ = (histogram!(CLAIM_TO_FINISH), histogram!(RECEIVED_TO_VISIBLE));
    gauge!(LANES).set(0);
    gauges(&Depth::default());
    paused(&Scope::Everything, false);
    for provider in provider_names() {
        paused(&Scope::Provider(provider.to_owned()), false);
    }
    for state in ["idle", "used"] {
        gauge!(POOL, "pool" => "work", "state" => state).set(0);
    }
}

pub(crate) fn claimed(events: usize) {
    counter!(CLAIMED).increment(wide(events));
}

pub(crate) fn finished(finished: &[Finished]) {
    counter!(PROCESSED).increment(wide(finished.len()));
    let visible = histogram!(RECEIVED_TO_VISIBLE);
    for event in finished {
        visible.record(event.since_recorded);
    }
}

pub(crate) fn settled(events: usize, took: Duration) {
    let histogram = histogram!(CLAIM_TO_FINISH);
    for _ in 0..events {
        histogram.record(took);
    }
}

pub(crate) fn errored(code: ErrorCode, events: usize) {
    counter!(ERRORED, "code" => code.as_str()).increment(wide(events));
}

pub(crate) fn buried(code: ErrorCode, events: u64) {
    counter!(DEAD_LETTERED, "code" => code.as_str()).increment(events);
}

pub(crate) fn reaped(reaped: &Reaped) {
    counter!(REAPED).increment(reaped.retried + reaped.buried);
    counter!(ERRORED, "code" => ErrorCode::Reaped.as_str()).increment(reaped.retried);
    buried(ErrorCode::Reaped, reaped.buried);
}

pub(crate) fn claims_lost(events: usize) {
    counter!(CLAIMS_LOST).increment(wide(events));
}

pub(crate) fn lanes(held: usize, lost: usize) {
    gauge!(LANES).set(u32::try_from(held).unwrap_or(u32::MAX));
    counter!(LANES_LOST).increment(wide(lost));
}

pub(crate) fn gauges(depth: &Depth) {
    for (status, events) in [
        ("received", depth.received),
        ("processing", depth.processing),
        ("error", depth.error),
        ("parked", depth.parked),
        ("dead_letter", depth.dead_letter),
    ] {
        gauge!(QUEUED, "status" => status).set(u32::try_from(events).unwrap_or(u32::MAX));
    }
    gauge!(OLDEST_DUE).set(depth.oldest_due);
}

pub(crate) fn paused(scope: &Scope, paused: bool) {
    gauge!(PAUSED, "provider" => scope.as_str().to_owned()).set(u8::from(paused));
}

pub(crate) fn pool(pool: &Pool) {
    let idle = pool.idle();
    gauge!(POOL, "pool" => "work", "state" => "idle").set(idle);
    gauge!(POOL, "pool" => "work", "state" => "used").set(pool.size().saturating_sub(idle));
    gauge!(POOL_LIMIT, "pool" => "work").set(pool.max_connections());
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
