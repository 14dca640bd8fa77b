//! Takes webhooks in, writes them down once, answers after the commit; reads conversations back.
//!
//! A request goes `routes` -> `body` -> a provider's adapter -> `recorder` (concurrent requests share one
//! INSERT) -> answer.

mod announcer;
mod app;
mod body;
pub mod config;
mod cursor;
mod endpoints;
mod error;
mod ids;
mod measures;
mod negotiation;
mod observe;
mod page;
mod recorder;
mod routes;
mod serve;
mod trace;
mod watch;

pub use serve::{ServeError, serve};
