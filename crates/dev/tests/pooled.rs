//! Gateways and workers behind a real PgBouncer in transaction mode: many clients, three connections to the server.

#![expect(clippy::unwrap_used, reason = "the functions here are parts of tests")]

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use mailroom_store::server::Address;
use mailroom_test_support::{TestDatabase, TestProgram};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

/// Older ones do not know which client prepared what.
const AT_LEAST: (u32, u32) = (1, 21);
const CLIENTS: usize = 64;
const CALLS: usize = 40;
const MESSAGES: usize = CLIENTS * CALLS;

struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// None where there is none that is new enough: `MAILROOM_PGBOUNCER`, else the one of the `PATH`.
    fn start(url: &str) -> Option<Self> {
        let database = Address::parse(url).unwrap();
        let password = password(url).map_or_else(String::new, |password| format!(" password='{password}'"));
        let program = env::var("MAILROOM_PGBOUNCER").unwrap_or_else(|_| "pgbouncer".to_owned());
        let version = version_of(&program)?;
        if version < AT_LEAST {
            eprintln!("skipped: PgBouncer {version:?} is older than {AT_LEAST:?}");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let (host, server_port, user) = (database.host(), database.port(), database.user());
        fs::write(
            &file,
            format!(
                "[databases]\n* = host={host} port={server_port} user={user}{password}\n[pgbouncer]\n\
                 listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
                 pool_mode = transaction\ndefault_pool_size = 3\nmax_prepared_statements = 200\n"
            ),
        )
        .unwrap();
        // It refuses to be root, so another user must be able to read its configuration.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let child = Command::new(program)
            .args(["-u", "nobody"])
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
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The password in a URL, if there is one.
fn password(url: &str) -> Option<&str> {
    let (before_host, _) = url.split_once("://")?.1.split_once('@')?;
    Some(before_host.split_once(':')?.1)
}

/// Major and minor, as it prints them: `PgBouncer 1.24.1`.
fn version_of(program: &str) -> Option<(u32, u32)> {
    let Ok(said) = Command::new(program).arg("--version").output() else {
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    let said = String::from_utf8(said.stdout).unwrap();
    let mut numbers = said.split([' ', '.', '\n']).filter_map(|part| part.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

fn sms(client: usize, call: usize) -> Value {
    json!({
        "from": format!("+1555020{client:04}"), "to": "+15550100000", "type": "sms",
        "messaging_provider_id": format!("pooled-{client}-{call}"), "body": format!("{call}"),
        "attachments": null, "timestamp": "2026-11-01T14:00:00Z",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_share_three_connections_and_nobody_notices() {
    let database = TestDatabase::create().await;
    let Some(pooler) = Pooler::start(database.url()) else {
        return;
    };
    let through = format!(
        "postgres://mailroom@127.0.0.1:{}/{}",
        pooler.port,
        database.name()
    );
    let behind = |program: TestProgram| {
        program
            .env("DATABASE_URL", through.as_str())
            .env("MAILROOM_DIRECT_DATABASE_URL", database.url())
            .env("MAILROOM__DATABASE__POOLED", "true")
            .env("MAILROOM__DATABASE__MAX_CONNECTIONS", "30")
            .env("MAILROOM__DATABASE__ACQUIRE_TIMEOUT_MS", "5000")
    };
    let gateway = TestProgram::gateway(database.url()).env("MAILROOM__PROFILE", "development");
    let gateway = behind(gateway).start().await;
    let workers = [
        behind(TestProgram::worker(database.url())).start().await,
        behind(TestProgram::worker(database.url())).start().await,
    ];
    let base = gateway.base_url().await;
    let http = reqwest::Client::new();
    let clients = (0..CLIENTS).map(|client| {
        let (http, base) = (http.clone(), base.clone());
        tokio::spawn(async move {
            for call in 0..CALLS {
                let url = format!("{base}/api/webhooks/sms");
                let answer = http.post(url).json(&sms(client, call)).send().await.unwrap();
                assert_eq!(answer.status(), 202);
                let page = http
                    .get(format!("{base}/api/conversations?pageSize=5"))
                    .send()
                    .await;
                assert_eq!(page.unwrap().status(), 200);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let count = async || {
        let page = http
            .get(format!("{base}/api/conversations?pageSize=200"))
            .send()
            .await;
        let page: Value = page.unwrap().json().await.unwrap();
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|one| one["message_count"].as_u64().unwrap())
            .sum::<u64>()
    };
    for _ in 0..600 {
        if count().await == MESSAGES as u64 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count().await, MESSAGES as u64);
    for program in workers.iter().chain([&gateway]) {
        let trouble = program
            .stderr_lines()
            .into_iter()
            .find(|line| line.contains("SQLSTATE"));
        assert_eq!(trouble, None);
    }
}
