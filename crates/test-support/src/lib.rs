//! A database of its own for each test, and the real programs to run on it.

mod database;
mod environment;
mod output;
mod own_server;
mod program;
mod running;

pub use database::TestDatabase;
pub use environment::{bin_dir, postgres_bin, server_url};
pub use own_server::OwnServer;
pub use program::TestProgram;
pub use running::RunningProgram;
