//! Takes webhooks in, writes them down once, answers after the commit; reads conversations back.
//!
//! A request goes `routes` -> `body` -> a provider's adapter -> `recorder` (concurrent requests share one
//! INSERT) -> answer.

mod announcer;
mod app;
mod body;
mod certificates;
mod clock;
pub mod config;
mod connection;
mod cursor;
mod endpoints;
mod error;
pub mod explain;
mod fetch;
mod head;
mod ids;
mod in_flight;
mod measures;
mod negotiation;
mod observe;
mod outside;
mod page;
mod patience;
mod pools;
mod reads;
mod recorder;
mod routes;
mod serve;
mod server;
mod trace;
mod watch;

pub use clock::Clock;
pub use serve::{ServeError, serve};
