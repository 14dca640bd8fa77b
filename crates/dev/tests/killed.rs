//! Whatever becomes of `cargo dev`, neither its server nor its directory outlives it.

#![expect(clippy::unwrap_used, reason = "the functions here are parts of tests")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mailroom-dev");
/// Nobody, on every system that has one by number.
const NOBODY: u32 = 65_534;

/// A server that stands in a temporary folder of its own.
struct Standing {
    child: Child,
    server: u32,
    guard: Option<u32>,
    directory: PathBuf,
}

/// `cargo dev` with the PostgreSQL that this suite runs on, if it is one of programs.
fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_remove("DATABASE_URL").current_dir("/");
    if let Some(bin) = std::env::var_os("MAILROOM_TEST_PG_BIN") {
        command.env("MAILROOM_PG_BIN", bin);
    }
    command
}

fn temp_for(user: Option<u32>) -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).unwrap();
    chown(temp.path(), user, user).unwrap();
    temp
}

fn stand(temp: &Path, user: Option<u32>) -> Standing {
    let mut command = program();
    command.args(["postgres", "--throwaway"]).env("TMPDIR", temp);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(
        line.contains("psql -h 127.0.0.1"),
        "it says how to open the server: {line}"
    );
    let directory = run_directories(temp).pop().expect("a run has a directory");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(directory.join("manifest.json")).unwrap()).unwrap();
    let server = manifest["processes"][0]["process"]["pid"].as_u64().unwrap();
    let guard = processes_with(&format!("guard\0{}", directory.display()));
    Standing {
        child,
        server: u32::try_from(server).unwrap(),
        guard: guard.first().copied(),
        directory,
    }
}

fn run_directories(temp: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(temp).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("mailroom-dev-")
        })
        .collect()
}

fn processes_with(words: &str) -> Vec<u32> {
    let Ok(all) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = all
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(words)
    })
    .collect()
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// Alive, and not only waiting for somebody to take note of its end.
fn lives(pid: u32) -> bool {
    let state = Command::new("sh")
        .args([
            "-c",
            &format!("cat /proc/{pid}/stat 2>/dev/null || ps -o stat= -p {pid}"),
        ])
        .output()
        .unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    !(state.trim().is_empty() || state.contains(") Z ") || state.trim().starts_with('Z'))
}

fn eventually(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !so() {
        assert!(Instant::now() < until, "{what}, within 30 s");
        std::thread::sleep(Duration::from_millis(25));
    }
}

fn nothing_is_left(standing: &Standing) {
    eventually("the server ends", || !lives(standing.server));
    eventually("the directory goes", || !standing.directory.exists());
}

/// Ourselves and, when we are root, somebody ordinary as well.
fn users() -> Vec<Option<u32>> {
    let doctor = program().arg("doctor").output().unwrap();
    if !doctor.status.success() {
        println!(
            "skipped: the tests run on a server that was given, and there are no programs to start another"
        );
        return Vec::new();
    }
    let mut users = vec![None];
    if geteuid().is_root() {
        let reachable = Command::new(PROGRAM)
            .arg("--version")
            .uid(NOBODY)
            .gid(NOBODY)
            .output();
        if reachable.is_ok_and(|output| output.status.success()) {
            users.push(Some(NOBODY));
        } else {
            println!("skipped for an ordinary user: the build folder is closed to it");
        }
    }
    users
}

#[test]
fn a_kill_leaves_neither_server_nor_directory() {
    for user in users() {
        let temp = temp_for(user);
        let mut standing = stand(temp.path(), user);
        assert!(lives(standing.server));
        standing.child.kill().unwrap();
        standing.child.wait().unwrap();
        nothing_is_left(&standing);
    }
}

#[test]
fn sigterm_stops_it_in_good_order() {
    for user in users() {
        let temp = temp_for(user);
        let mut standing = stand(temp.path(), user);
        signal(standing.child.id(), Signal::TERM);
        assert!(standing.child.wait().unwrap().success());
        assert!(
            !lives(standing.server) && !standing.directory.exists(),
            "all is gone before it says goodbye"
        );
    }
}

#[test]
fn what_a_killed_guard_could_not_clear_the_next_start_does() {
    if users().is_empty() {
        return;
    }
    let temp = temp_for(None);
    let mut killed = stand(temp.path(), None);
    let Some(guard) = killed.guard else {
        println!("skipped: this system has no /proc to find the guard in");
        return;
    };
    signal(guard, Signal::KILL);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    assert!(
        lives(killed.server) && killed.directory.exists(),
        "nobody is left to clear up"
    );
    let mut next = stand(temp.path(), None);
    assert!(!lives(killed.server) && !killed.directory.exists());
    assert!(lives(next.server));
    signal(next.child.id(), Signal::INT);
    assert!(next.child.wait().unwrap().success());
    nothing_is_left(&next);
}
