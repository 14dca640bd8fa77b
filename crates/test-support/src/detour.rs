//! The way of the whole suite to its server through poolers: `cargo dev test --through-pgbouncer`.

use std::env;

use mailroom_store::{Way, server::Address};

use crate::environment::server_url;
use crate::pooler::{self, Pooler, Prepared};

/// Ports of poolers by role, as `mailroom_gateway=6432,mailroom_worker=6433`.
const PORTS: &str = "MAILROOM_TEST_POOLERS";
/// Whether they know what was prepared: `true` or `false`.
const PREPARED: &str = "MAILROOM_TEST_POOLERS_PREPARE";

/// Whose connections they are when no program's: with all rights.
const NOBODY: &str = "";
/// Roles, and what their sessions begin with: a login would bring what `deploy/sql/roles.sql` sets for workers.
const ROLES: [(&str, &str); 3] = [
    (NOBODY, "set jit = off"),
    ("mailroom_gateway", "set role mailroom_gateway"),
    (
        "mailroom_worker",
        "set role mailroom_worker; set plan_cache_mode = force_custom_plan; set enable_seqscan = off; set jit = off",
    ),
];
/// Many small databases at once share the server. What is idle goes, or nobody could drop or copy a database.
const SETTINGS: &str =
    "default_pool_size = 3\nmax_client_conn = 2000\nserver_idle_timeout = 2\nquery_wait_timeout = 30";

/// A pooler for each role, for a run of the suite.
#[derive(Debug)]
pub struct Detours {
    poolers: Vec<(&'static str, Pooler)>,
    prepared: Prepared,
}

impl Detours {
    /// Starts them before a server; `None`, said aloud, where `PgBouncer` is not installed or cannot do that.
    pub fn start(server: &str, prepared: Prepared) -> Option<Self> {
        let mut poolers = Vec::new();
        for (role, session) in ROLES {
            poolers.push((role, Pooler::start(server, prepared, Some(session), SETTINGS)?));
        }
        Some(Self { poolers, prepared })
    }

    /// What the tests are told of them, as environment variables.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        let ports: Vec<String> = self
            .poolers
            .iter()
            .map(|(role, pooler)| format!("{role}={}", pooler.port()))
            .collect();
        [
            (PORTS, ports.join(",")),
            (PREPARED, (self.prepared == Prepared::Known).to_string()),
        ]
    }
}

/// Another way to a database.
#[derive(Debug)]
pub(crate) struct Detour {
    /// Through a pooler.
    pub(crate) url: String,
    /// Whether that knows what was prepared.
    pub(crate) prepared: bool,
}

/// The way a role is to take to a database of the tests' server. `None` straight on, as to other servers.
pub(crate) fn of(url: &str, role: &str) -> Option<Detour> {
    let ports = env::var(PORTS).ok()?;
    let port = ports
        .split(',')
        .find_map(|pair| pair.strip_prefix(role)?.strip_prefix('=')?.parse().ok())?;
    let (address, server) = (Address::parse(url).ok()?, Address::parse(&server_url()).ok()?);
    let is_same = (address.host(), address.port()) == (server.host(), server.port());
    is_same.then(|| Detour {
        url: pooler::url(port, address.database()),
        prepared: env::var(PREPARED).is_ok_and(|known| known == "true"),
    })
}

/// The same for a test's own pool, which has all rights.
pub(crate) fn for_pool(url: &str) -> (String, Way) {
    match of(url, NOBODY) {
        Some(detour) => (detour.url, Way::new(true, detour.prepared)),
        None => (url.to_owned(), Way::Direct),
    }
}
