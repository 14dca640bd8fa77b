//! Connections whose server must prove who it is: `sslmode=verify-full` with a private authority, to a real server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod certificates;
mod refused;
mod server;
mod trusted;
