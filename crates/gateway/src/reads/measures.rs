//! What is counted of reads.

use metrics::{counter, describe_counter};

const READS: &str = "mailroom_reads_total";
const PASSED_OVER: &str = "mailroom_replica_passed_over_total";

/// Describes the series and makes them stand at zero; those of the replica where there is one.
pub(super) fn describe(has_replica: bool) {
    describe_counter!(
        READS,
        "Pages that applications read, large ones in pieces, by where from: the database (`primary`) or its `replica`."
    );
    for from in ["primary", "replica"] {
        counter!(READS, "from" => from).increment(0);
    }
    if has_replica {
        describe_counter!(PASSED_OVER, "Reads for which the replica was not fit, by cause.");
        for cause in ["behind", "failed", "not_a_standby", "unknown"] {
            counter!(PASSED_OVER, "cause" => cause).increment(0);
        }
    }
}

pub(super) fn read(from: &'static str) {
    counter!(READS, "from" => from).increment(1);
}

pub(super) fn passed_over(cause: &'static str) {
    counter!(PASSED_OVER, "cause" => cause).increment(1);
}
