//! One of mailroom's programs as a test wants it started.

use std::ffi::OsString;
use std::process::{Command, Output, Stdio};

use crate::detour;
use crate::environment::bin_dir;
use crate::running::RunningProgram;

/// A program to start: the real one, with nothing of this process's environment but the `PATH`.
#[derive(Debug, Clone)]
pub struct TestProgram {
    name: &'static str,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

impl TestProgram {
    /// The gateway on free ports of the loopback, with the rights of its role and no others.
    pub fn gateway(database_url: &str) -> Self {
        Self::service("mailroom-gateway", database_url, "mailroom_gateway")
            .env("MAILROOM__SERVER__LISTEN", "127.0.0.1:0")
    }

    /// A worker, with the rights of its role and no others; its admin listener is on a free port.
    pub fn worker(database_url: &str) -> Self {
        Self::service("mailroom-worker", database_url, "mailroom_worker")
    }

    /// `db-migrate`, to be given arguments and run with [`TestProgram::output`].
    pub fn db_migrate(database_url: &str) -> Self {
        Self::bare("db-migrate").env("DATABASE_URL", database_url)
    }

    /// Brings a database to the schema of this release, and gives the roles their rights there.
    ///
    /// # Panics
    /// Outside `cargo dev test`, or when it fails.
    pub async fn migrate(database_url: &str) {
        for command in ["up", "roles"] {
            let done = Self::db_migrate(database_url).arg(command).output().await;
            assert!(done.status.success(), "db-migrate {command}: {done:?}");
        }
    }

    fn service(name: &'static str, database_url: &str, role: &str) -> Self {
        let straight = as_role(database_url, role);
        let program = match detour::of(database_url, role) {
            None => Self::bare(name).env("DATABASE_URL", straight),
            Some(detour) => Self::bare(name)
                .env("DATABASE_URL", detour.url)
                .env("MAILROOM_DIRECT_DATABASE_URL", straight)
                .env("MAILROOM__DATABASE__POOLED", "true")
                .env(
                    "MAILROOM__DATABASE__PREPARED_STATEMENTS",
                    detour.prepared.to_string(),
                ),
        };
        program
            // Its addresses are read from its log.
            .env("RUST_LOG", "info")
            .env("MAILROOM__ADMIN__LISTEN", "127.0.0.1:0")
    }

    fn bare(name: &'static str) -> Self {
        Self {
            name,
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Sets an environment variable; the last one of a name counts.
    #[must_use]
    pub fn env(mut self, variable: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((variable.to_owned(), value.into()));
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The command, for a test that wants to start it in its own way.
    ///
    /// # Panics
    /// Outside `cargo dev test`.
    pub fn command(&self) -> Command {
        let mut command = Command::new(bin_dir().join(self.name));
        command.args(&self.arguments).env_clear().stdin(Stdio::null());
        for inherited in ["PATH", "TMPDIR", "RUST_BACKTRACE"] {
            if let Some(value) = std::env::var_os(inherited) {
                command.env(inherited, value);
            }
        }
        for (variable, value) in &self.environment {
            command.env(variable, value);
        }
        command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// Outside `cargo dev test`, or when it can not be started.
    pub async fn output(&self) -> Output {
        match tokio::process::Command::from(self.command())
            .kill_on_drop(true)
            .output()
            .await
        {
            Ok(output) => output,
            Err(error) => panic!("{} can not be started: {error}", self.name),
        }
    }

    /// Starts it and returns at once.
    ///
    /// # Panics
    /// Outside `cargo dev test`, or when it can not be started.
    pub fn spawn(&self) -> RunningProgram {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        match command.spawn() {
            Ok(child) => RunningProgram::new(self.name, child),
            Err(error) => panic!("{} can not be started: {error}", self.name),
        }
    }

    /// Starts it and waits until it says that it is ready.
    ///
    /// # Panics
    /// As [`TestProgram::spawn`], or when it is not ready in time; its log is part of the message.
    pub async fn start(&self) -> RunningProgram {
        let running = self.spawn();
        running.wait_ready().await;
        running
    }
}

/// The same URL, for sessions that begin as this role.
fn as_role(url: &str, role: &str) -> String {
    if url.is_empty() {
        return String::new();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options=-c%20role%3D{role}")
}
