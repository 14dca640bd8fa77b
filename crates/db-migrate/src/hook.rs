//! What is run before anything is applied, and must succeed.

use std::process::{Command, Stdio};

use crate::answer::tell;
use crate::database_url;
use crate::failure::Failure;

/// Runs a shell command with the URL as `DATABASE_URL`. What it prints goes to stderr: stdout is for the answer.
pub(crate) fn run(command: &str, url: &str) -> Result<(), Failure> {
    tell(format_args!("running before the migrations: {command}"));
    let failed = |why: String| Failure::Hook {
        command: command.to_owned(),
        why,
    };
    let mut shell = Command::new("sh");
    for variable in database_url::variables() {
        // Whatever led to this database, the hook is to see one URL and no other.
        shell.env_remove(&variable).env_remove(format!("{variable}_FILE"));
    }
    let ended = shell
        .args(["-c", command])
        .env("DATABASE_URL", url)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|cause| failed(cause.to_string()))?;
    if ended.success() {
        return Ok(());
    }
    Err(failed(ended.to_string()))
}
