//! What the gateway counts. Every series stands from the first scrape.

use mailroom_domain::NewEvent;
use mailroom_store::{PgPool, event::Recorded};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

const RECORDED: &str = "mailroom_events_recorded_total";
const DUPLICATE: &str = "mailroom_events_duplicate_total";
const NOT_RECORDED: &str = "mailroom_events_not_recorded_total";
const SET_EVENTS: &str = "mailroom_recording_set_events";
const SETS: &str = "mailroom_recording_sets_total";
const REQUESTS: &str = "mailroom_requests_total";
const REQUEST_DURATION: &str = "mailroom_request_duration_seconds";
const POOL: &str = "mailroom_pool_connections";

/// Describes every series and makes those with known labels start at zero.
pub(crate) fn describe(routes: &[&'static str], reasons: &[&'static str]) {
    describe_counter!(RECORDED, "Events written down, by provider and channel.");
    describe_counter!(DUPLICATE, "Events delivered again, by provider and channel.");
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
    describe_gauge!(POOL, "Database connections, by state.");
    for (provider, channel) in [
        ("direct", "sms"),
        ("direct", "mms"),
        ("direct", "email"),
        ("twilio", "sms"),
        ("twilio", "mms"),
    ] {
        counter!(RECORDED, "provider" => provider, "channel" => channel).increment(0);
        counter!(DUPLICATE, "provider" => provider, "channel" => channel).increment(0);
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
    };
    counter!(name, "provider" => event.provider.clone(), "channel" => event.channel.as_str()).increment(1);
}

pub(crate) fn not_recorded(reason: &'static str) {
    counter!(NOT_RECORDED, "reason" => reason).increment(1);
}

pub(crate) fn request(route: &str, outcome: &'static str, seconds: f64) {
    counter!(REQUESTS, "route" => route.to_owned(), "outcome" => outcome).increment(1);
    histogram!(REQUEST_DURATION, "route" => route.to_owned()).record(seconds);
}

pub(crate) fn pool(pool: &PgPool) {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    gauge!(POOL, "state" => "idle").set(idle);
    gauge!(POOL, "state" => "used").set(pool.size().saturating_sub(idle));
}
