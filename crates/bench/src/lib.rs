//! Load for mailroom's benchmarks, and what people write by hand to compare it with. `cargo dev bench` runs the program
//! of this crate as a release build: a client that is slower than what it measures measures itself.

pub mod error;
pub mod figures;
pub mod fill;
pub mod handler;
pub mod latency;
pub mod load;
pub mod read;
pub mod sql_loop;
pub mod wire;
