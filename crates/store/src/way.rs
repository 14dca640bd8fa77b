//! What lies between a program and PostgreSQL.

/// What a URL leads to. A pooler passes on no settings: how statements are planned, and whether commits are waited for, is then what
/// the server says for the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// PostgreSQL itself.
    Direct,
    /// A pooler in transaction mode that knows what its clients prepared: `PgBouncer` from 1.21 on, with
    /// `max_prepared_statements`.
    Pooler,
    /// One that does not. Each statement is prepared anew, in a transaction of its own: three exchanges more.
    PlainPooler,
}

impl Way {
    /// By the settings of these names.
    pub const fn new(pooled: bool, prepared_statements: bool) -> Self {
        match (pooled, prepared_statements) {
            (false, _) => Self::Direct,
            (true, true) => Self::Pooler,
            (true, false) => Self::PlainPooler,
        }
    }
}
