//! What is counted of reads.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

const READS: &str = "mailroom_reads_total";
const STALENESS: &str = "mailroom_replica_staleness_seconds";

/// Describes the series and makes them stand at zero; that of the replica where there is one.
pub(super) fn describe(has_replica: bool) {
    describe_counter!(
        READS,
        "Pages that applications read, by where from: the database (`primary`) or its `replica`."
    );
    for from in ["primary", "replica"] {
        counter!(READS, "from" => from).increment(0);
    }
    if has_replica {
        describe_gauge!(
            STALENESS,
            Unit::Seconds,
            "How far the replica may be behind the database; infinite while nobody knows."
        );
        staleness(None);
    }
}

pub(super) fn read(from: &'static str) {
    counter!(READS, "from" => from).increment(1);
}

pub(super) fn staleness(staleness: Option<Duration>) {
    gauge!(STALENESS).set(staleness.map_or(f64::INFINITY, |staleness| staleness.as_secs_f64()));
}
