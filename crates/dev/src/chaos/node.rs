//! One PostgreSQL server of the world: started, killed, stalled and started again on the same port.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use mailroom_store::server::wait_until_ready;
use rustix::process::Signal;
use tokio::process::Child;

use crate::error::DevError;
use crate::postgres::{Account, Durability, Installation};
use crate::processes::Role;
use crate::runs::Run;

/// Longer than a crash recovery takes here.
const READY_WITHIN: Duration = Duration::from_mins(2);
/// What the standby needs, on top of what any server has.
const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "max_wal_size=2GB",
    "hot_standby=on",
    "wal_receiver_status_interval=1s",
    "wal_retrieve_retry_interval=200ms",
    "log_line_prefix=%m [%p] %a ",
    "timezone=UTC",
];

/// PostgreSQL's programs, the account they run under, and the password of the servers.
pub(super) struct Programs {
    pub(super) installation: Installation,
    pub(super) account: Option<Account>,
    pub(super) password: String,
}

impl Programs {
    /// Runs one of them to its end, with the password at hand.
    ///
    /// # Errors
    /// Its last words when it fails.
    pub(super) async fn run(&self, program: &str, arguments: &[&str]) -> Result<(), DevError> {
        let mut command = self.installation.command(program, self.account.as_ref());
        command
            .args(arguments)
            .env("PGPASSWORD", &self.password)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let output = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .output()
            .await
            .map_err(DevError::io(format!("start {program}")))?;
        if output.status.success() {
            return Ok(());
        }
        Err(DevError::Program {
            program: program.to_owned(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Whether one is there.
    pub(super) fn has(&self, program: &str) -> bool {
        self.installation.bin().join(program).exists()
    }
}

/// A server.
pub(super) struct Node {
    pub(super) data: PathBuf,
    pub(super) port: u16,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// One that does not run yet.
    pub(super) fn new(run: &Run, name: &str, data: PathBuf, port: u16) -> Self {
        Self {
            data,
            port,
            log: run.log(name),
            child: None,
        }
    }

    /// A URL of one of its databases, with the right to do anything.
    pub(super) fn url(&self, programs: &Programs, database: &str) -> String {
        format!(
            "postgres://postgres:{}@127.0.0.1:{}/{database}",
            programs.password, self.port
        )
    }

    /// Starts it and waits until it answers. After a kill the dead one's children may hold its memory for a moment, so
    /// it is tried again.
    pub(super) async fn start(&mut self, run: &mut Run, programs: &Programs) -> Result<(), DevError> {
        let until = tokio::time::Instant::now() + READY_WITHIN;
        loop {
            let mut child = self.spawn(programs)?;
            if let Some(pid) = child.id() {
                run.adopt(pid, Role::Postgres)?;
            }
            let url = self.url(programs, "postgres");
            tokio::select! {
                ready = wait_until_ready(&url, READY_WITHIN) => {
                    ready?;
                    if let Some(pid) = child.id() {
                        run.adopt(pid, Role::Postgres)?;
                    }
                    self.child = Some(child);
                    return Ok(());
                }
                _ = child.wait() => {
                    if tokio::time::Instant::now() > until {
                        let said = fs::read_to_string(&self.log).unwrap_or_default();
                        return Err(DevError::Program {
                            program: "postgres".into(),
                            said: crate::logs::tail(&said).to_owned(),
                        });
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn spawn(&self, programs: &Programs) -> Result<Child, DevError> {
        let what = || format!("open {}", self.log.display());
        let output = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(DevError::io(what()))?;
        let errors = output.try_clone().map_err(DevError::io(what()))?;
        let mut command = programs
            .installation
            .command("postgres", programs.account.as_ref());
        command.arg("-D").arg(&self.data);
        let port = format!("port={}", self.port);
        for setting in SETTINGS
            .iter()
            .copied()
            .chain([port.as_str()])
            .chain(Durability::Durable.settings().iter().copied())
        {
            command.arg("-c").arg(setting);
        }
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        tokio::process::Command::from(command)
            .spawn()
            .map_err(DevError::io("start postgres"))
    }

    /// Kills it and all its children at once, as a power cut would.
    pub(super) async fn kill(&mut self, run: &mut Run) -> Result<(), DevError> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        if let Some(pid) = child.id() {
            // The postmaster first, so that it cannot see its children die and clean up.
            let children = children(pid);
            Role::Postgres.send(pid, Signal::KILL);
            for child in children {
                Role::Postgres.send(child, Signal::KILL);
            }
            child.wait().await.map_err(DevError::io("wait for postgres"))?;
            run.release(pid)?;
        }
        Ok(())
    }

    /// Lets no file of it grow, or any again. It goes on, but whatever needs room in a table or writes one back fails.
    pub(super) async fn fill(&self, programs: &Programs, full: bool) -> Result<(), DevError> {
        let Some(pid) = self.child.as_ref().and_then(Child::id) else {
            return Ok(());
        };
        let limit = if full { FULL } else { "--fsize=unlimited:" };
        // New processes have it from the first, whose limit is therefore changed before the others'.
        for pid in std::iter::once(pid).chain(children(pid)) {
            // Under the account of the server: nobody else may, not even every root.
            let mut command = std::process::Command::new(PRLIMIT);
            if let Some(account) = &programs.account {
                account.lend(&mut command);
            }
            command.arg("--pid").arg(pid.to_string()).arg(limit);
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            let output = tokio::process::Command::from(command)
                .output()
                .await
                .map_err(DevError::io("start prlimit"))?;
            // One that has ended meanwhile needs no limit.
            if !output.status.success() && Path::new("/proc").join(pid.to_string()).exists() {
                return Err(DevError::Program {
                    program: PRLIMIT.to_owned(),
                    said: String::from_utf8_lossy(&output.stderr).into_owned(),
                });
            }
        }
        Ok(())
    }

    /// Lets a standby that stands still hear no more of what was sent to it, as when the line to the primary broke first.
    pub(super) fn stop_hearing(&self) {
        let Some(pid) = self.child.as_ref().and_then(Child::id) else {
            return;
        };
        for child in children(pid) {
            let says = fs::read(Path::new("/proc").join(child.to_string()).join("cmdline"));
            if says.is_ok_and(|says| String::from_utf8_lossy(&says).contains("walreceiver")) {
                Role::Postgres.send(child, Signal::TERM);
            }
        }
    }

    /// Lets one of its processes stand still, or go on; one that is not its own any more is left alone.
    pub(super) fn stall_one(&self, process: i32, stall: bool) {
        let process = process.unsigned_abs();
        let own = self.child.as_ref().and_then(Child::id).map(children);
        if own.is_some_and(|own| own.contains(&process)) {
            Role::Postgres.send(process, if stall { Signal::STOP } else { Signal::CONT });
        }
    }

    /// Lets all its processes stand still, or go on.
    pub(super) fn stall(&self, stall: bool) {
        if let Some(pid) = self.child.as_ref().and_then(Child::id) {
            // PostgreSQL gives each child a group of its own.
            let signal = if stall { Signal::STOP } else { Signal::CONT };
            for child in children(pid) {
                Role::Postgres.send(child, signal);
            }
            Role::Postgres.send(pid, signal);
        }
    }
}

/// What a file may grow to on a full disk: that of a piece of its log, which PostgreSQL writes over again and again. Its
/// tables are larger soon.
const FULL: &str = "--fsize=16777216:";
/// Of util-linux.
pub(super) const PRLIMIT: &str = "/usr/bin/prlimit";

/// The processes that this one started.
fn children(parent: u32) -> Vec<u32> {
    let tasks = Path::new("/proc").join(parent.to_string()).join("task");
    let Ok(tasks) = fs::read_dir(tasks) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}
