//! What the gateway counts. Every series stands from the first scrape.

use chrono::{DateTime, Utc};
use mailroom_domain::NewEvent;
use mailroom_providers::{Drift, Unverified};
use mailroom_store::{Pool, event::Recorded};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::{connection::CAUSES, endpoints::Endpoints};

const RECORDED: &str = "mailroom_events_recorded_total";
const DUPLICATE: &str = "mailroom_events_duplicate_total";
const CONFLICTING: &str = "mailroom_events_conflicting_total";
const QUARANTINED: &str = "mailroom_events_quarantined_total";
const UNVERIFIED: &str = "mailroom_requests_unverified_total";
const KEY_MATCHED: &str = "mailroom_endpoint_key_matched_timestamp_seconds";
const DRIFT: &str = "mailroom_shape_drift_total";
const REDACTED: &str = "mailroom_redactions_total";
const NOT_RECORDED: &str = "mailroom_events_not_recorded_total";
const REPEATED: &str = "mailroom_recordings_repeated_total";
const SET_EVENTS: &str = "mailroom_recording_set_events";
const SETS: &str = "mailroom_recording_sets_total";
const REQUESTS: &str = "mailroom_requests_total";
const REQUEST_DURATION: &str = "mailroom_request_duration_seconds";
/// An endpoint's keys in order.
const KEYS: [&str; 2] = ["current", "previous"];
const POOL: &str = "mailroom_pool_connections";
const POOL_LIMIT: &str = "mailroom_pool_connections_limit";
const BYTES_IN_FLIGHT: &str = "mailroom_bytes_in_flight";
const CUT: &str = "mailroom_connections_cut_total";

/// Describes every series and makes those with known labels start at zero.
pub(crate) fn describe(routes: &[&'static str], reasons: &[&'static str], endpoints: &Endpoints) {
    describe_counter!(RECORDED, "Events written down, by provider and channel.");
    describe_counter!(DUPLICATE, "Events delivered again, by provider and channel.");
    describe_counter!(
        CONFLICTING,
        "Events delivered again with another content, which is kept beside the first, by provider and channel."
    );
    describe_counter!(
        QUARANTINED,
        "Events that were verified but not understood, recorded as dead letters, by provider and channel."
    );
    describe_counter!(
        UNVERIFIED,
        "Requests that were not taken for genuine, by provider and cause."
    );
    describe_gauge!(
        KEY_MATCHED,
        Unit::Seconds,
        "When a key of an endpoint last fitted (`current` or `previous`), since 1970; 0 when it has not yet."
    );
    describe_counter!(
        DRIFT,
        "Fields and event types that this release does not know, by endpoint."
    );
    describe_counter!(
        REDACTED,
        "Places taken out of events before they were written down, by endpoint."
    );
    describe_counter!(
        REPEATED,
        "Sets written once more, since it was unknown whether they had been written."
    );
    counter!(REPEATED).increment(0);
    describe_counter!(NOT_RECORDED, "Events that could not be written down, by reason.");
    describe_histogram!(SET_EVENTS, "Events that shared one commit.");
    describe_counter!(SETS, "Commits of events.");
    describe_counter!(
        REQUESTS,
        "Requests, by route and outcome (`ok` or an error code)."
    );
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "From a request's head to its answer, by route."
    );
    describe_gauge!(POOL, "Database connections, by pool and state.");
    describe_gauge!(POOL_LIMIT, "Database connections that a pool may have.");
    describe_gauge!(
        BYTES_IN_FLIGHT,
        Unit::Bytes,
        "Bytes of bodies that have arrived and are not answered yet."
    );
    describe_counter!(
        CUT,
        "Connections cut off, by cause: idle, too slow, answers unread, or not HTTP."
    );
    gauge!(BYTES_IN_FLIGHT).set(0.0);
    for cause in CAUSES {
        counter!(CUT, "cause" => cause).increment(0);
    }
    let direct = ["sms", "mms", "email"].map(|channel| ("direct", channel));
    let configured = endpoints.all().flat_map(|(_, account)| {
        let provider = account.provider;
        provider
            .channels()
            .into_iter()
            .map(|channel| (provider.name(), channel.as_str()))
    });
    for (provider, channel) in direct.into_iter().chain(configured) {
        for name in [RECORDED, DUPLICATE, CONFLICTING, QUARANTINED] {
            counter!(name, "provider" => provider, "channel" => channel).increment(0);
        }
    }
    for (name, account) in endpoints.all() {
        for which in KEYS.iter().take(account.endpoint.keys.len()) {
            gauge!(KEY_MATCHED, "endpoint" => name.to_owned(), "key" => *which).set(0.0);
        }
        for what in ["field", "type"] {
            counter!(DRIFT, "endpoint" => name.to_owned(), "what" => what).increment(0);
        }
        counter!(REDACTED, "endpoint" => name.to_owned()).increment(0);
        for cause in Unverified::ALL {
            counter!(UNVERIFIED, "provider" => account.provider.name(), "cause" => cause.label())
                .increment(0);
        }
    }
    for reason in reasons {
        counter!(NOT_RECORDED, "reason" => *reason).increment(0);
    }
    counter!(SETS).increment(0);
    let _ = histogram!(SET_EVENTS);
    for route in routes {
        counter!(REQUESTS, "route" => *route, "outcome" => "ok").increment(0);
        // Registering a histogram is enough to make it stand at zero.
        let _ = histogram!(REQUEST_DURATION, "route" => *route);
    }
}

pub(crate) fn set_written(events: usize) {
    counter!(SETS).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "a set is far smaller than 2^52")]
    histogram!(SET_EVENTS).record(events as f64);
}

pub(crate) fn recorded(event: &NewEvent, outcome: Recorded) {
    let name = match outcome {
        Recorded::Recorded(_) => RECORDED,
        Recorded::AlreadyRecorded(_) => DUPLICATE,
        Recorded::Conflicting(_) => CONFLICTING,
    };
    let count = |name| {
        counter!(name, "provider" => event.provider.clone(), "channel" => event.channel.as_str())
            .increment(1);
    };
    count(name);
    if event.quarantine.is_some() && name == RECORDED {
        count(QUARANTINED);
    }
}

pub(crate) fn unverified(provider: &'static str, cause: Unverified) {
    counter!(UNVERIFIED, "provider" => provider, "cause" => cause.label()).increment(1);
}

pub(crate) fn key_matched(endpoint: &str, key: usize, now: DateTime<Utc>) {
    let Some(which) = KEYS.get(key) else { return };
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are far below 2^52"
    )]
    let seconds = now.timestamp_millis() as f64 / 1000.0;
    gauge!(KEY_MATCHED, "endpoint" => endpoint.to_owned(), "key" => *which).set(seconds);
}

pub(crate) fn drifted(endpoint: &str, drift: &Drift) {
    for (what, names) in [("field", &drift.fields), ("type", &drift.types)] {
        if !names.is_empty() {
            counter!(DRIFT, "endpoint" => endpoint.to_owned(), "what" => what).increment(names.len() as u64);
        }
    }
}

pub(crate) fn redacted(endpoint: &str, places: usize) {
    if places > 0 {
        counter!(REDACTED, "endpoint" => endpoint.to_owned()).increment(places as u64);
    }
}

pub(crate) fn repeated() {
    counter!(REPEATED).increment(1);
}

pub(crate) fn not_recorded(reason: &'static str) {
    counter!(NOT_RECORDED, "reason" => reason).increment(1);
}

pub(crate) fn request(route: &str, outcome: &'static str, seconds: f64) {
    counter!(REQUESTS, "route" => route.to_owned(), "outcome" => outcome).increment(1);
    histogram!(REQUEST_DURATION, "route" => route.to_owned()).record(seconds);
}

/// Connections of a pool; some that nobody uses lie on a shelf of it.
pub(crate) fn pool(name: &'static str, pool: &Pool, on_shelf: usize) {
    let idle = pool
        .idle()
        .saturating_add(u32::try_from(on_shelf).unwrap_or(u32::MAX));
    gauge!(POOL, "pool" => name, "state" => "idle").set(idle);
    gauge!(POOL, "pool" => name, "state" => "used").set(pool.size().saturating_sub(idle));
    gauge!(POOL_LIMIT, "pool" => name).set(pool.max_connections());
}

pub(crate) fn connection_cut(cause: &'static str) {
    counter!(CUT, "cause" => cause).increment(1);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a budget of bytes is far smaller than 2^52"
)]
pub(crate) fn bytes_held(bytes: usize) {
    gauge!(BYTES_IN_FLIGHT).increment(bytes as f64);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a budget of bytes is far smaller than 2^52"
)]
pub(crate) fn bytes_given_back(bytes: usize) {
    gauge!(BYTES_IN_FLIGHT).decrement(bytes as f64);
}
