//! Claims events in lanes and turns them into messages, in order and exactly once.
//!
//! `serve` puts it together; `desk` is the loop: tend lanes, claim, read, settle, wait for a wake-up. Heartbeats,
//! wake-ups and gauges run beside it on connections of their own. `tools` are the subcommands for operators.

mod agenda;
pub mod config;
mod dead_letters;
mod desk;
mod forget;
mod gauges;
mod hand;
mod hands;
mod heartbeat;
mod holdings;
mod measures;
mod pace;
mod parking;
mod paused;
mod pools;
mod reading;
mod serve;
mod settle;
mod tend;
pub mod tools;
mod trace;
mod wake;

pub use serve::serve;
