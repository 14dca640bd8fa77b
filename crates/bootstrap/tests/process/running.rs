//! Starts `examples/idle.rs`, asks its admin listener, signals it and reads its log.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub(crate) fn idle(settings: &[(&str, &str)]) -> Command {
    let tests = std::env::current_exe().unwrap(); // target/<profile>/deps/process-<hash>
    let profile: PathBuf = tests.parent().unwrap().parent().unwrap().to_owned();
    let mut command = Command::new(profile.join("examples/idle"));
    command
        .env_clear()
        .env("DATABASE_URL", "postgres://user:hush@nowhere/none")
        .env("MAILROOM__ADMIN__LISTEN", "127.0.0.1:0")
        .env("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "50")
        .envs(settings.iter().copied())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

pub(crate) struct Running {
    pub(crate) child: Child,
    stderr: BufReader<ChildStderr>,
    admin: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let mut child = idle(settings).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        stderr.read_line(&mut first).unwrap();
        let line: Value = serde_json::from_str(&first).unwrap();
        let admin = line["address"].as_str().unwrap().parse().unwrap();
        let running = Self { child, stderr, admin };
        running.until("/readyz", 200);
        running
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin
    }

    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.admin).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: admin\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    pub(crate) fn until(&self, path: &str, status: u16) -> String {
        let begun = Instant::now();
        loop {
            match self.get(path) {
                Some((found, body)) if found == status => return body,
                found => assert!(begun.elapsed() < Duration::from_secs(10), "{path} says {found:?}"),
            }
            sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Exit code, log lines, and how long it took.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<Value>, Duration) {
        let begun = Instant::now();
        let mut log = String::new();
        self.stderr.read_to_string(&mut log).unwrap();
        let code = self.child.wait().unwrap().code();
        assert!(!log.contains("hush"), "{log}");
        (
            code,
            log.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
            begun.elapsed(),
        )
    }
}

pub(crate) fn says(log: &[Value], message: &str) -> bool {
    log.iter().any(|line| line["message"] == message)
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
