//! The store's operations against a real PostgreSQL, a database for each test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod claim;
mod claim_at_once;
mod claim_due;
mod conflicts;
mod crew;
mod crew_settles;
mod depth;
mod files;
mod finish;
mod finish_refused;
mod heartbeat;
mod history;
mod lanes;
mod late_commit;
mod letters;
mod machine;
mod model;
mod operators;
mod parking;
mod plan;
mod plan_reads;
mod read_only;
mod reap;
mod record;
mod record_at_once;
mod record_refused;
mod rules;
mod rules_of_providers;
mod set_aside;
mod stage;
mod statuses;
mod talk;
mod tokens;
mod wake;
mod way_back;
mod whole;
