//! The queue as a small state machine: random histories in memory, and the same ones against PostgreSQL.
//!
//! `machine` is what the statements of the store do, and nothing else; `crew` is what workers know and which
//! statements they may give; an [`operation::Operation`] is what happens to one of them. Histories of operations run
//! in memory under the eyes of a `watch`, and what they gave is compared with what PostgreSQL makes of it.

mod call;
mod claims;
mod crew;
mod crew_settling;
mod database;
mod database_claims;
mod database_settling;
mod drain;
mod image;
mod lanes;
mod member;
mod mutants;
mod operation;
mod paths;
mod properties;
mod replay;
mod settling;
mod state;
mod watch;
