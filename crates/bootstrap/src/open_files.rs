//! How many files and connections a process may have open: systems grant few at first and more on demand.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks for as many as the system lets us have. Those are the ones it counts, whoever started the process.
pub(crate) fn raise() {
    let granted = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: granted.maximum,
        ..granted
    };
    // Where it is refused, the limit is what it was, and `limit` says so.
    let _ = setrlimit(Resource::Nofile, wanted);
}

/// How many there may be; `None` for any number.
pub fn limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
