//! The built programs of the workspace, and the one-shot use of `db-migrate`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::error::DevError;
use crate::processes::Role;
use crate::runs::Run;
use crate::workspace::Workspace;

/// Programs by name.
#[derive(Debug)]
pub(crate) struct Programs(HashMap<String, PathBuf>);

impl Programs {
    /// Builds them; cargo knows what is fresh. `selection` is as on cargo's command line.
    pub(crate) async fn build(
        run: &mut Run,
        workspace: &Workspace,
        selection: &[&str],
    ) -> Result<Self, DevError> {
        let mut cargo = workspace.cargo();
        cargo
            .args(["build", "--bins", "--message-format=json-render-diagnostics"])
            .args(selection)
            .process_group(0)
            .stdout(Stdio::piped());
        let child = cargo.spawn().map_err(DevError::io("start cargo"))?;
        let pid = child.id();
        if let Some(pid) = pid {
            run.adopt(pid, Role::Group)?;
        }
        let output = child
            .wait_with_output()
            .await
            .map_err(DevError::io("wait for cargo"))?;
        if let Some(pid) = pid {
            run.release(pid)?;
        }
        if !output.status.success() {
            return Err(DevError::Failed("the programs do not build: see above".into()));
        }
        Ok(Self(executables(&String::from_utf8_lossy(&output.stdout))))
    }

    /// The file of one.
    pub(crate) fn path(&self, name: &str) -> Result<&Path, DevError> {
        self.0
            .get(name)
            .map(PathBuf::as_path)
            .ok_or_else(|| DevError::Failed(format!("cargo built no `{name}`")))
    }

    /// Brings a database to the schema of this tree with the real `db-migrate`.
    pub(crate) async fn migrate(&self, run: &mut Run, url: &str) -> Result<(), DevError> {
        self.db_migrate(run, url, &["up"]).await
    }

    /// Runs the real `db-migrate` to its end.
    pub(crate) async fn db_migrate(
        &self,
        run: &mut Run,
        url: &str,
        arguments: &[&str],
    ) -> Result<(), DevError> {
        let mut command = tokio::process::Command::new(self.path("db-migrate")?);
        command
            .args(arguments)
            // By the environment: the URL holds a password, and a command line is for everybody to read.
            .env("DATABASE_URL", url)
            .env_remove("MAILROOM_DIRECT_DATABASE_URL")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().map_err(DevError::io("start db-migrate"))?;
        let pid = child.id();
        if let Some(pid) = pid {
            run.adopt(pid, Role::Group)?;
        }
        let output = child
            .wait_with_output()
            .await
            .map_err(DevError::io("wait for db-migrate"))?;
        if let Some(pid) = pid {
            run.release(pid)?;
        }
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(DevError::Program {
            program: format!("db-migrate {}", arguments.join(" ")),
            said,
        })
    }
}

/// The executables in cargo's messages.
fn executables(messages: &str) -> HashMap<String, PathBuf> {
    messages
        .lines()
        .filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, PathBuf::from(message["executable"].as_str()?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_where_cargo_says() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"target\":{\"kind\":[\"lib\"],\"name\":\"a\"},\"executable\":null}\n",
            "{\"reason\":\"compiler-artifact\",\"target\":{\"kind\":[\"bin\"],\"name\":\"b\"},\"executable\":\"/t/b\"}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\n",
        );
        let programs = Programs(executables(messages));
        assert_eq!(programs.path("b").unwrap(), Path::new("/t/b"));
        assert!(programs.path("a").unwrap_err().to_string().contains("no `a`"));
    }
}
