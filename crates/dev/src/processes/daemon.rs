//! A program of ours with its settings, which can be started, stopped, killed and started again.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::Role;
use crate::error::DevError;
use crate::runs::Run;

/// Longer than a graceful stop may take.
const STOPS_WITHIN: Duration = Duration::from_secs(15);

/// Its program and settings; running or not.
pub(crate) struct Daemon {
    pub(crate) name: String,
    program: PathBuf,
    arguments: Vec<String>,
    settings: Vec<(String, String)>,
    log: PathBuf,
    child: Option<Child>,
}

impl Daemon {
    /// One that does not run yet.
    pub(crate) fn new(run: &Run, name: String, program: PathBuf, settings: Vec<(String, String)>) -> Self {
        Self {
            log: run.log(&name),
            name,
            program,
            arguments: Vec::new(),
            settings,
            child: None,
        }
    }

    /// The same with arguments.
    pub(crate) fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self
    }

    /// Starts it; `variables` come on top of its settings.
    pub(crate) fn start(&mut self, run: &mut Run, variables: &[(&str, &str)]) -> Result<(), DevError> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(DevError::io(format!("open the log of {}", self.name)))?;
        let mut command = Command::new(&self.program);
        for (variable, _) in std::env::vars_os() {
            if variable
                .to_str()
                .is_some_and(|name| name.starts_with("MAILROOM_"))
            {
                command.env_remove(variable);
            }
        }
        let child = command
            .args(&self.arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .envs(variables.iter().copied())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(DevError::io(format!("start {}", self.name)))?;
        if let Some(pid) = child.id() {
            run.adopt(pid, Role::Group)?;
        }
        self.child = Some(child);
        Ok(())
    }

    /// Ends it with SIGKILL.
    pub(crate) async fn kill(&mut self, run: &mut Run) -> Result<(), DevError> {
        self.end(run, Signal::KILL).await
    }

    /// Ends it with SIGTERM, and fails when it does not stop by itself in time.
    pub(crate) async fn stop(&mut self, run: &mut Run) -> Result<(), DevError> {
        self.end(run, Signal::TERM).await
    }

    async fn end(&mut self, run: &mut Run, signal: Signal) -> Result<(), DevError> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let Some(pid) = child.id() else {
            return Ok(());
        };
        Role::Group.send(pid, signal);
        match timeout(STOPS_WITHIN, child.wait()).await {
            Ok(ended) => drop(ended.map_err(DevError::io(format!("wait for {}", self.name)))?),
            Err(_) => {
                return Err(DevError::Failed(format!(
                    "{} was asked to stop and still runs after {} s",
                    self.name,
                    STOPS_WITHIN.as_secs()
                )));
            }
        }
        run.release(pid)
    }

    /// Lets it stand still, or go on.
    pub(crate) fn stall(&self, stall: bool) {
        if let Some(pid) = self.pid() {
            Role::Group.send(pid, if stall { Signal::STOP } else { Signal::CONT });
        }
    }

    /// Its number, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Whether it ended although nobody asked it to.
    pub(crate) fn is_gone(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }
}
