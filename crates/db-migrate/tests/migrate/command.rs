//! Runs the program and keeps what it said.

use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Its answer as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// Fails with everything that was said unless the exit code is this one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The program, with no database in its environment.
pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_db-migrate"));
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for variable in ["DATABASE_URL", "MAILROOM_DIRECT_DATABASE_URL"] {
        command
            .env_remove(variable)
            .env_remove(format!("{variable}_FILE"));
    }
    command.env("HOSTNAME", "pod-1");
    command
}

/// Runs it against a database.
pub(crate) fn run(url: &str, args: &[&str]) -> Said {
    program(args).env("DATABASE_URL", url).output().unwrap().into()
}

/// Starts it against a database.
pub(crate) fn start(url: &str, args: &[&str]) -> Child {
    program(args).env("DATABASE_URL", url).spawn().unwrap()
}

/// Waits for one that was started.
pub(crate) fn finish(child: Child) -> Said {
    child.wait_with_output().unwrap().into()
}
