//! Through a real `PgBouncer` in transaction mode, where one is installed.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::command::run;
use crate::database::Database;

struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// None where `PgBouncer` is not installed.
    fn start(database: &Database, settings: &str) -> Option<Self> {
        let program = [
            "/usr/sbin/pgbouncer",
            "/usr/bin/pgbouncer",
            "/opt/homebrew/bin/pgbouncer",
        ]
        .into_iter()
        .find(|program| Path::new(program).exists())?;
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let address = database.address();
        let (host, server_port, user) = (address.host(), address.port(), address.user());
        let password = password(&database.url());
        fs::write(
            &file,
            format!(
                "[databases]\n* = host={host} port={server_port} user={user}{password}\n[pgbouncer]\n\
                 listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
                 pool_mode = transaction\n{settings}\n"
            ),
        )
        .unwrap();
        // It refuses to be root, so another user must be able to read its configuration.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let mut command = Command::new(program);
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = Self {
            child,
            port,
            _folder: folder,
        };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(pooler);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("pgbouncer did not start");
    }

    fn url(&self, database: &Database) -> String {
        format!(
            "postgres://{}@127.0.0.1:{}/{}",
            database.address().user(),
            self.port,
            database.name()
        )
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// ` password=...`, when the URL has one.
fn password(url: &str) -> String {
    let before_host = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split_once('@'))
        .map(|(user, _)| user);
    let password = before_host
        .and_then(|user| user.split_once(':'))
        .map(|(_, password)| password);
    password.map_or_else(String::new, |password| format!(" password='{password}'"))
}

/// The owner of our own process, as the system shows it.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[tokio::test]
async fn lent_sessions_are_refused_and_the_remedy_is_said() {
    let database = Database::empty().await;
    for pool_size in [1, 2, 20] {
        let settings =
            format!("ignore_startup_parameters = extra_float_digits\ndefault_pool_size = {pool_size}");
        let Some(pooler) = Pooler::start(&database, &settings) else {
            eprintln!("skipped: pgbouncer is not installed");
            return;
        };
        let said = run(&pooler.url(&database), &["up", "--output", "json"]).exits(6);
        assert_eq!(said.json()["error"]["code"], "pooled_connection", "{said:?}");
        assert!(said.stderr.contains("MAILROOM_DIRECT_DATABASE_URL"), "{said:?}");
        assert!(database.schema().await.is_empty(), "it migrated through a pooler");
        // Only asking works through it.
        run(&pooler.url(&database), &["status", "--check"]).exits(3);
        run(&database.url(), &["up"]).exits(0);
        run(&pooler.url(&database), &["wait", "--timeout", "0"]).exits(0);
        for set in ["messaging", "directory", "mailbox"] {
            run(&database.url(), &["down", "--set", set, "--to", "0", "--yes"]).exits(0);
        }
        database
            .execute(
                "drop schema messaging cascade; drop schema directory cascade; drop schema mailbox cascade",
            )
            .await;
    }
}

#[tokio::test]
async fn a_pooler_that_refuses_the_driver_is_known_by_it() {
    let database = Database::empty().await;
    let Some(pooler) = Pooler::start(&database, "") else {
        eprintln!("skipped: pgbouncer is not installed");
        return;
    };
    let said = run(&pooler.url(&database), &["up", "--output", "json"]).exits(6);
    assert_eq!(said.json()["error"]["code"], "pooled_connection", "{said:?}");
}
