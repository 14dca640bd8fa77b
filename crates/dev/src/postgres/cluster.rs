//! A private server: made, started on a free port of the loopback, watched, stopped.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mailroom_store::server::wait_until_ready;
use tokio::process::Child;

use super::initdb::{self, write_secret};
use super::{Account, Durability, Installation};
use crate::error::DevError;
use crate::logs::tail;
use crate::processes::Role;
use crate::randomness::random_hex;
use crate::runs::Run;

/// How long a new server may take until it answers.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How often another port is tried when somebody took the one we found free.
const PORTS_TO_TRY: u32 = 5;
/// Enough for a suite of tests that run at once, each with pools of its own.
const CONNECTIONS: u32 = 300;

/// A private server that runs.
pub(crate) struct Cluster {
    child: Child,
    port: u16,
    password: String,
    data: PathBuf,
    passfile: PathBuf,
    log: PathBuf,
}

impl Cluster {
    /// Makes and starts one in the directory of `run`.
    pub(crate) async fn start(
        run: &mut Run,
        installation: &Installation,
        account: Option<&Account>,
        durability: Durability,
    ) -> Result<Self, DevError> {
        let password = random_hex()?;
        let data = initdb::make(run, installation, account, durability, &password).await?;
        let log = run.log("postgres");
        for _ in 0..PORTS_TO_TRY {
            let port = free_port()?;
            let url = url(port, &password, "postgres");
            let mut child = spawn(installation, account, durability, &data, port, &log)?;
            if let Some(pid) = child.id() {
                run.adopt(pid, Role::Postgres)?;
            }
            tokio::select! {
                ready = wait_until_ready(&url, READY_WITHIN) => {
                    ready?;
                    if let Some(pid) = child.id() {
                        run.adopt(pid, Role::Postgres)?;
                    }
                    let passfile = run.directory().join("pgpass");
                    write_secret(&passfile, &format!("127.0.0.1:{port}:*:postgres:{password}\n"))?;
                    return Ok(Self { child, port, password, data, passfile, log });
                }
                ended = child.wait() => {
                    ended.map_err(DevError::io("wait for postgres"))?;
                    let said = fs::read_to_string(&log).unwrap_or_default();
                    if !said.contains("Address already in use") {
                        return Err(DevError::Program { program: "postgres".into(), said: tail(&said).to_owned() });
                    }
                }
            }
        }
        Err(DevError::Failed(format!(
            "no free port was left to us in {PORTS_TO_TRY} tries"
        )))
    }

    /// The URL of one of its databases, with the right to do anything.
    pub(crate) fn url(&self, database: &str) -> String {
        url(self.port, &self.password, database)
    }

    /// Its port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// A file with its password in the form that `PGPASSFILE` asks for.
    pub(crate) fn passfile(&self) -> &Path {
        &self.passfile
    }

    /// Waits for its end, which nobody asked for; gives its last words.
    pub(crate) async fn ended(&mut self) -> DevError {
        match self.child.wait().await {
            Ok(status) => {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                DevError::Failed(format!(
                    "postgres ended ({status}); the last lines of its log:\n{}",
                    tail(&log)
                ))
            }
            Err(source) => DevError::io("wait for postgres")(source),
        }
    }
}

fn spawn(
    installation: &Installation,
    account: Option<&Account>,
    durability: Durability,
    data: &Path,
    port: u16,
    log: &Path,
) -> Result<Child, DevError> {
    // Opened by us: the server's account need not be able to.
    let output = fs::File::create(log).map_err(DevError::io("open the log of the server"))?;
    let errors = output
        .try_clone()
        .map_err(DevError::io("open the log of the server"))?;
    let mut command = installation.command("postgres", account);
    command.arg("-D").arg(data);
    let port = format!("port={port}");
    let connections = format!("max_connections={CONNECTIONS}");
    let settings = [
        "listen_addresses=127.0.0.1",
        &port,
        &connections,
        // No socket: its path could be too long, and its folder not ours to write to.
        "unix_socket_directories=",
        "log_line_prefix=%m [%p] %a ",
        "timezone=UTC",
        "log_timezone=UTC",
    ];
    for setting in settings.iter().chain(durability.settings()) {
        command.arg("-c").arg(setting);
    }
    // A group of its own: Ctrl-C in the terminal is for us, who stop things in order.
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    tokio::process::Command::from(command)
        .spawn()
        .map_err(DevError::io("start postgres"))
}

fn url(port: u16, password: &str, database: &str) -> String {
    format!("postgres://postgres:{password}@127.0.0.1:{port}/{database}")
}

/// A port that is free now. Somebody may take it before the server does: the caller tries again.
fn free_port() -> Result<u16, DevError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(DevError::io("find a free port"))
}
