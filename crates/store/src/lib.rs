//! The only SQL in mailroom: one file per operation, checked against the migrated schema at build time.

pub mod migration;
pub mod server;
