//! Names of codes and kinds as arguments: known to the help, and refused when misspelt.

use clap::ValueEnum;
use mailroom_domain::{ErrorCode, EventKind};

/// Error codes as arguments.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Code {
    Unreadable,
    Unsupported,
    Refused,
    Unavailable,
    Panicked,
    Reaped,
}

/// Kinds of events as arguments.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    Message,
    Status,
    Notice,
    Quarantined,
}

impl From<Code> for ErrorCode {
    fn from(code: Code) -> Self {
        match code {
            Code::Unreadable => Self::Unreadable,
            Code::Unsupported => Self::Unsupported,
            Code::Refused => Self::Refused,
            Code::Unavailable => Self::Unavailable,
            Code::Panicked => Self::Panicked,
            Code::Reaped => Self::Reaped,
        }
    }
}

impl From<Kind> for EventKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Message => Self::Message,
            Kind::Status => Self::Status,
            Kind::Notice => Self::Notice,
            Kind::Quarantined => Self::Quarantined,
        }
    }
}
