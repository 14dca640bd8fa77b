//! A program under test: where it listens, what it wrote, and every signal a test may want to send.

use std::fmt::Display;
use std::process::{Child, ExitStatus};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::time::sleep;

use crate::output::Lines;

/// How long a program may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// A process may take so long to freeze.
const FROZEN_WITHIN: Duration = Duration::from_secs(10);
/// Pause between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What a program logs that asks for more than its role may.
const LACKS_A_RIGHT: &str = "SQLSTATE 42501";

/// A program that was started. Dropping it kills it, and fails the test if it ever lacked a right.
#[derive(Debug)]
pub struct RunningProgram {
    name: &'static str,
    may_lack_rights: bool,
    child: Mutex<Child>,
    pid: u32,
    lines: Lines,
    client: reqwest::Client,
}

impl RunningProgram {
    pub(crate) fn new(name: &'static str, mut child: Child) -> Self {
        let lines = child.stderr.take().map(Lines::collect).unwrap_or_default();
        Self {
            name,
            may_lack_rights: false,
            pid: child.id(),
            child: Mutex::new(child),
            lines,
            client: client(),
        }
    }

    /// For one that is there before its role has any right.
    #[must_use]
    pub fn before_its_rights(mut self) -> Self {
        self.may_lack_rights = true;
        self
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it wrote to standard error so far.
    pub fn stderr_lines(&self) -> Vec<String> {
        self.lines.so_far()
    }

    /// `http://host:port` of the public listener.
    ///
    /// # Panics
    /// It does not log one in time.
    pub async fn base_url(&self) -> String {
        self.address("listening").await
    }

    /// `http://host:port` of the admin listener.
    ///
    /// # Panics
    /// It does not log one in time.
    pub async fn admin_url(&self) -> String {
        self.address("admin listening").await
    }

    /// Waits until `/readyz` answers 200.
    ///
    /// # Panics
    /// It ends or is not ready in time; the message has its log.
    pub async fn wait_ready(&self) {
        let readyz = format!("{}/readyz", self.admin_url().await);
        let until = Instant::now() + READY_WITHIN;
        loop {
            let answer = match self
                .client
                .get(&readyz)
                .timeout(Duration::from_secs(2))
                .send()
                .await
            {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => answer.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            self.check_alive("was to become ready", until, &answer);
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Asks it to stop in good order (SIGTERM).
    pub fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Kills it on the spot (SIGKILL).
    pub fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// Freezes it (SIGSTOP): alive, and deaf when this returns.
    ///
    /// # Panics
    /// It does not freeze.
    pub fn pause(&self) {
        self.send(Signal::STOP);
        let until = Instant::now() + FROZEN_WITHIN;
        // The signal reaches one thread after the other; a busy machine lets some of them answer meanwhile.
        while !self.is_frozen() {
            assert!(Instant::now() < until, "{} does not freeze", self.name);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn is_frozen(&self) -> bool {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else {
            return false;
        };
        let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        matches!(waitid(WaitId::Pid(pid), stopped), Ok(Some(_)))
    }

    /// Lets it go on (SIGCONT).
    pub fn resume(&self) {
        self.send(Signal::CONT);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// It still runs after `within`; the message has its log.
    pub async fn wait_exit(&self, within: Duration) -> ExitStatus {
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(
                Instant::now() < until,
                "{} still runs after {within:?}\n{}",
                self.name,
                self.log()
            );
            sleep(LOOK_AGAIN).await;
        }
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.child.lock().ok()?.try_wait().ok()?
    }

    async fn address(&self, message: &str) -> String {
        let until = Instant::now() + READY_WITHIN;
        loop {
            if let Some(address) = self.lines.address(message) {
                return format!("http://{address}");
            }
            self.check_alive("was to log its address", until, message);
            sleep(LOOK_AGAIN).await;
        }
    }

    fn check_alive(&self, what: &str, until: Instant, last: impl Display) {
        if let Some(status) = self.ended() {
            panic!("{} {what}, but ended ({status})\n{}", self.name, self.log());
        }
        assert!(
            Instant::now() < until,
            "{} {what}, and did not in time ({last})\n{}",
            self.name,
            self.log()
        );
    }

    fn send(&self, signal: Signal) {
        // Waited for already: its number may be somebody else's by now.
        if self.ended().is_some() {
            return;
        }
        if let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) {
            // Gone in this very instant: what the test wanted, or what it will find out.
            let _ = kill_process(pid, signal);
        }
    }

    fn log(&self) -> String {
        self.stderr_lines().join("\n")
    }
}

/// A proxy of the developer's is not between us and our own child process.
fn client() -> reqwest::Client {
    match reqwest::Client::builder().no_proxy().build() {
        Ok(client) => client,
        Err(error) => panic!("no HTTP client: {error}"),
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            // Ended already: nothing to kill, and its status was collected.
            let _ = child.kill();
            let _ = child.wait();
        }
        let lines = self.lines.to_the_end();
        let lacking = lines.iter().find(|line| line.contains(LACKS_A_RIGHT));
        if let Some(line) = lacking
            && !self.may_lack_rights
            && !std::thread::panicking()
        {
            panic!(
                "{} lacks a right that it needs, see deploy/sql/roles.sql: {line}",
                self.name
            );
        }
    }
}
