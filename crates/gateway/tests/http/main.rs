//! The gateway as providers and applications meet it: the real program, over HTTP, on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod accepted;
mod accounts;
mod answer;
mod bad_bodies;
mod bad_requests;
mod canaries;
mod database_away;
mod duplicates;
mod explain;
mod grouping;
mod handshakes;
mod hang_up;
mod healthcheck;
mod hostile;
mod house;
mod large_bodies;
mod locked_table;
mod measures;
mod own;
mod paging;
mod paging_refused;
mod providers_bound;
mod providers_kept;
mod providers_refused;
mod providers_taken;
mod refusals;
mod replica;
mod settings;
mod several_hosts;
mod slow_bodies;
mod socket;
mod specification;
mod stopping;
mod talk;
mod twilio_kept;
mod twilio_recorded;
mod twilio_refused;
mod twilio_signing;
mod unsigned;
mod unusual_text;
