//! What can go wrong with recorded traffic, apart from what the mailroom does wrong.

/// Why the recording could not be read, or the gateway not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrafficError {
    /// A recorded request does not parse.
    #[error("{file} line {line} is no recorded request: {source}")]
    Line {
        /// The file's name.
        file: &'static str,
        /// Counted from 1.
        line: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The expectations do not parse.
    #[error("expected.json: {0}")]
    Expected(serde_json::Error),
    /// A recorded request names an event but cannot be read as one.
    #[error("the recorded request {name} cannot be read as an event: {why}")]
    Unreadable {
        /// The request's name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// No HTTP client can be had on this system.
    #[error("no HTTP client: {0}")]
    Client(reqwest::Error),
    /// The gateway did not answer a question, or not in the contract's form.
    #[error("GET {path}: {source}")]
    Get {
        /// What was asked for.
        path: String,
        /// What the client said.
        source: reqwest::Error,
    },
    /// A list never ended.
    #[error("GET {path}: more than {pages} pages")]
    Endless {
        /// The list.
        path: String,
        /// How many pages were read.
        pages: usize,
    },
}
