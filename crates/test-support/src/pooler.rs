//! `PgBouncer` in transaction mode before a server, where one is installed.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs};

use mailroom_store::server::Address;
use tempfile::TempDir;

use crate::own_server::free_port;

/// The first that knows which client prepared what.
const PREPARES_SINCE: (u32, u32) = (1, 21);

/// A pooler that runs; dropping it kills it.
#[derive(Debug)]
pub struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

/// What it does with prepared statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// It knows which client prepared what.
    Known,
    /// It does not: as all did before 1.21, and others do when they are told so.
    Unknown,
}

impl Pooler {
    /// Starts one before the server of this URL, whichever database is asked for. `session` is said on each of its connections;
    /// `settings` are lines of its configuration. `None`, said aloud, where none is installed that can do that:
    /// `MAILROOM_PGBOUNCER` names another than that of the `PATH`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(server: &str, prepared: Prepared, session: Option<&str>, settings: &str) -> Option<Self> {
        let (program, version) = installed()?;
        let prepared = match (prepared, version >= PREPARES_SINCE) {
            (Prepared::Known, true) => "max_prepared_statements = 200",
            (Prepared::Unknown, true) => "max_prepared_statements = 0",
            (Prepared::Unknown, false) => "",
            (Prepared::Known, false) => {
                eprintln!("skipped: PgBouncer {version:?} is older than {PREPARES_SINCE:?}");
                return None;
            }
        };
        let address = Address::parse(server).expect("the URL of a server");
        let (host, server_port, user) = (address.host(), address.port(), address.user());
        let password = password(server).map_or_else(String::new, |word| format!(" password='{word}'"));
        let port = free_port();
        let folder = tempfile::tempdir().expect("a folder for the pooler");
        let file = folder.path().join("pgbouncer.ini");
        let session = session.map_or_else(String::new, |sql| format!(" connect_query='{sql}'"));
        let text = format!(
            "[databases]\n* = host={host} port={server_port} user={user}{password}{session}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\n{prepared}\n{settings}\n"
        );
        fs::write(&file, text).expect("a new file");
        // It refuses to be root, so another user must be able to read its configuration.
        for (path, mode) in [(folder.path(), 0o755), (&file, 0o644)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
        }
        let mut command = Command::new(program);
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pgbouncer starts");
        let pooler = Self {
            child,
            port,
            _folder: folder,
        };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(pooler);
            }
            sleep(Duration::from_millis(50));
        }
        panic!("pgbouncer does not listen");
    }

    /// The URL of a database through it.
    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// Where it listens, on the loopback.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

/// The URL of a database through the pooler at this port.
pub(crate) fn url(port: u16, database: &str) -> String {
    format!("postgres://mailroom@127.0.0.1:{port}/{database}")
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Major and minor, as it prints them: `PgBouncer 1.24.1`.
fn installed() -> Option<(String, (u32, u32))> {
    let named = env::var("MAILROOM_PGBOUNCER").ok();
    // Debian keeps it where only root's PATH looks.
    let usual = ["pgbouncer", "/usr/sbin/pgbouncer"].map(str::to_owned);
    for program in named.into_iter().chain(usual) {
        let Ok(said) = Command::new(&program).arg("--version").output() else {
            continue;
        };
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let mut numbers = said.split([' ', '.', '\n']).filter_map(|part| part.parse().ok());
        let version = (numbers.next()?, numbers.next()?);
        return Some((program, version));
    }
    eprintln!("skipped: pgbouncer is not installed");
    None
}

/// The password in a URL, if there is one.
fn password(url: &str) -> Option<&str> {
    let (before_host, _) = url.split_once("://")?.1.split_once('@')?;
    Some(before_host.split_once(':')?.1)
}
