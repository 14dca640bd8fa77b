//! A database of its own for each test, and the real programs to run on it.

mod database;
mod detour;
mod environment;
mod output;
mod own_server;
mod pooler;
mod program;
mod running;

pub use database::TestDatabase;
pub use detour::Detours;
pub use environment::{bin_dir, postgres_bin, server_url};
pub use own_server::OwnServer;
pub use pooler::{Pooler, Prepared};
pub use program::TestProgram;
pub use running::RunningProgram;
