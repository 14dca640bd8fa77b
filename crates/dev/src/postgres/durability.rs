//! Whether a private server promises to survive a power cut.

/// How much a private server cares for its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production: the demo and every benchmark.
    Durable,
    /// Fast and forgetful: tests, whose data nobody wants back.
    Throwaway,
}

impl Durability {
    /// The settings that make it so.
    pub(crate) fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Durable => &["fsync=on", "synchronous_commit=on", "full_page_writes=on"],
            Self::Throwaway => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
        }
    }

    /// How the server asks for the password. Deriving a SCRAM proof takes an unoptimised client tens of
    /// milliseconds, which a suite of hundreds of connections feels; the line never leaves this machine.
    pub(super) fn authentication(self) -> &'static str {
        match self {
            Self::Durable => "scram-sha-256",
            Self::Throwaway => "password",
        }
    }
}
