//! Who the running program is: the name and version it gives in logs, metrics and `/version`.

/// Name, version and purpose of a program. Make it with `env!("CARGO_PKG_VERSION")` in the program itself.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The program's name, such as `mailroom-gateway`; also its default `service.name` in traces.
    pub name: &'static str,
    /// The version of the release it was built from.
    pub version: &'static str,
    /// One sentence for `--help`.
    pub about: &'static str,
}

impl Service {
    /// The commit it was built from, if the build was told (`MAILROOM_COMMIT` at compile time).
    pub const fn commit(&self) -> Option<&'static str> {
        option_env!("MAILROOM_COMMIT")
    }
}
