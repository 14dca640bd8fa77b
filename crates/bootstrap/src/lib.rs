//! How every mailroom process starts, tells of itself and stops.
//!
//! A service's `main` is one call of [`process::run`]; tools that run once take [`config`], [`cli`] and
//! [`telemetry`] alone. Nothing in here knows what mailroom is for.

mod admin;
pub mod cli;
pub mod config;
pub mod health;
mod healthcheck;
pub mod metrics;
pub mod open_files;
mod panics;
pub mod process;
mod service;
mod signals;
pub mod stop;
pub mod telemetry;

pub use service::Service;
