//! What can go wrong.

/// A benchmark that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The database refused something.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// No socket.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A part of the benchmark ended before its time.
    #[error("a task ended before its time: {0}")]
    Task(#[from] tokio::task::JoinError),
}
