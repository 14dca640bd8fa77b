//! The store's operations against a real PostgreSQL, a database for each test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod claim;
mod claim_at_once;
mod claim_due;
mod crew;
mod crew_settles;
mod depth;
mod finish;
mod finish_refused;
mod heartbeat;
mod history;
mod lanes;
mod late_commit;
mod model;
mod plan;
mod reap;
mod record;
mod record_at_once;
mod record_refused;
mod rules;
mod set_aside;
mod stage;
mod talk;
mod wake;
