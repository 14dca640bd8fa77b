//! Every adapter against requests in its provider's own documented shapes: signed, verified, split, read, tampered with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod account;
mod anything;
mod fixture;
mod flips;
mod keys;
mod laws;
mod refusals;
mod snapshots;
mod unsigned_bodies;
