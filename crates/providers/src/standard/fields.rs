//! Why a verified request is nothing that can be read.

/// Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// Its id is none that can be kept.
    #[error("the header `webhook-id` is missing or not an id")]
    BadId,
    /// Some other bytes.
    #[error("not JSON")]
    NotJson,
    /// A name that is none.
    #[error("`{0}` is not a name")]
    BadName(&'static str),
}
