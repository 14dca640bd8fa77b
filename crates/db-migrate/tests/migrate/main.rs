//! `db-migrate` as it is run: the real program against a real, empty database for each test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod baseline;
mod before;
mod command;
mod concurrent;
mod connecting;
mod database;
mod help;
mod killed;
mod locks;
mod pooled;
mod readiness;
mod roles;
mod round_trip;
mod status;
mod up;
mod verify;
mod wait;
