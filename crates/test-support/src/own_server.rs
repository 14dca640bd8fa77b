//! A PostgreSQL server of a test's own: to have it set otherwise than the others' server, to follow it, or to take it away.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::postgres_bin;

/// The password of the superuser `postgres`.
const PASSWORD: &str = "hush-hush";

/// A server that runs; dropping it kills it, and its files go.
#[derive(Debug)]
pub struct OwnServer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl OwnServer {
    /// Starts one with these files (by name) beside its data, and these settings, which may name them. `None`, said aloud,
    /// where the tests run on somebody else's server, and where PostgreSQL was built without what a setting needs.
    ///
    /// # Panics
    /// When it does not start; its log is part of the message.
    pub fn start(files: &[(&str, &str)], settings: impl Fn(&Path) -> Vec<String>) -> Option<Self> {
        let (bin, folder) = (bin()?, folder());
        let home = folder.path().join("server");
        let account = account(folder.path());
        for (name, text) in [("password", PASSWORD)].iter().chain(files) {
            let file = home.join(name);
            fs::write(&file, text).expect("a new file");
            restrict(&file, 0o600, account);
        }
        restrict(&home, 0o700, account);
        let data = home.join("data");
        let mut make = command(&bin, "initdb", account);
        make.args(["--username=postgres", "--auth=password", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--pwfile"])
            .arg(home.join("password"))
            .arg("--pgdata")
            .arg(&data);
        run(&mut make);
        Self::launch(folder, &data, settings(&home))
    }

    /// Starts a standby that follows this one. `None`, said aloud, where `pg_basebackup` is missing.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub fn follow(&self) -> Option<Self> {
        let bin = bin()?;
        if !bin.join("pg_basebackup").exists() {
            eprintln!("skipped: pg_basebackup is not among PostgreSQL's programs here");
            return None;
        }
        let folder = folder();
        let home = folder.path().join("server");
        let account = account(folder.path());
        restrict(&home, 0o700, account);
        let data = home.join("data");
        let mut copy = command(&bin, "pg_basebackup", account);
        copy.args([
            "--no-sync",
            "--checkpoint=fast",
            "--write-recovery-conf",
            "--pgdata",
        ])
        .arg(&data)
        .args(["--dbname", &self.url("postgres")]);
        run(&mut copy);
        Self::launch(folder, &data, Vec::new())
    }

    fn launch(folder: TempDir, data: &Path, settings: Vec<String>) -> Option<Self> {
        let bin = bin().expect("it was there a moment ago");
        let (port, log) = (free_port(), folder.path().join("log"));
        let mut server = command(&bin, "postgres", account(folder.path()));
        server.arg("-D").arg(data);
        let own = [
            "listen_addresses=localhost",
            "unix_socket_directories=",
            "fsync=off",
        ];
        let own = own.map(str::to_owned).into_iter().chain([format!("port={port}")]);
        for setting in own.chain(settings) {
            server.args(["-c", &setting]);
        }
        server.stderr(fs::File::create(&log).expect("a new file"));
        let child = server.spawn().expect("postgres starts");
        let mut server = Self { child, port, folder };
        for _ in 0..600 {
            if is_ready(data) {
                return Some(server);
            }
            if matches!(server.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        assert!(
            said.contains("not supported by this build"),
            "postgres is not ready: {said}"
        );
        eprintln!("skipped: this PostgreSQL was built without what the test needs");
        None
    }

    /// The URL of one of its databases, with the right to do anything.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@localhost:{}/{database}",
            self.port
        )
    }

    /// The same by another name of this machine, and with parameters.
    pub fn url_by(&self, host: &str, database: &str, parameters: &str) -> String {
        format!(
            "postgres://postgres:{PASSWORD}@{host}:{}/{database}?{parameters}",
            self.port
        )
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A folder that goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // At once, and with all of its processes.
            let _ = kill_process(pid, Signal::QUIT);
        }
        drop(self.child.wait());
    }
}

fn bin() -> Option<PathBuf> {
    let bin = postgres_bin();
    if bin.is_none() {
        eprintln!("skipped: PostgreSQL's own programs are not known here");
    }
    bin
}

/// A folder that PostgreSQL's account may look into, with another that will be its own.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a new folder");
    fs::create_dir(folder.path().join("server")).expect("a new folder");
    restrict(folder.path(), 0o755, None);
    folder
}

fn restrict(path: &Path, mode: u32, account: Option<(u32, u32)>) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    if let Some((user, group)) = account {
        chown(path, Some(user), Some(group)).expect("we are root");
    }
}

fn run(command: &mut Command) {
    let done = command
        .stdout(Stdio::piped())
        .output()
        .expect("it can be started");
    assert!(done.status.success(), "{command:?}: {done:?}");
}

fn command(bin: &Path, program: &str, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(bin.join(program));
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", bin)
        // A relocated build must load its own libraries.
        .env("LD_LIBRARY_PATH", bin.join("../lib"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .process_group(0);
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

/// PostgreSQL refuses to run as root, so root lends it another account.
fn account(folder: &Path) -> Option<(u32, u32)> {
    if folder.metadata().expect("it is there").uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("every system has it");
    ["postgres", "nobody"].into_iter().find_map(|wanted| {
        users.lines().find_map(|user| {
            let mut fields = user.split(':').skip_while(|field| *field != wanted);
            Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
        })
    })
}

/// Whether it takes connections; that it listens does not say so, while it recovers. The server's own file says it in its eighth
/// line (miscadmin.h, `LOCK_FILE_LINE_PM_STATUS`).
fn is_ready(data: &Path) -> bool {
    let said = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    said.lines()
        .nth(7)
        .is_some_and(|state| ["ready", "standby"].contains(&state.trim()))
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it listens").port()
}
